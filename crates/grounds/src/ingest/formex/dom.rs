//! The elements of an XML document as a tree in one vector.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::ImportError;
use super::super::ledger::Ledger;

/// Deeper documents are refused, so that walking the tree cannot exhaust the stack.
pub(crate) const DEPTH_MAX: usize = 100;

/// A piece of a document.
pub(crate) enum Node {
    Element(Element),
    Text(Text),
}

/// An element with what is in it.
pub(crate) struct Element {
    pub(crate) name: String,
    /// Where its attributes stand in the source.
    attributes: Range<usize>,
    pub(crate) children: Vec<usize>,
}

/// Characters between tags.
pub(crate) struct Text {
    /// Where they stand in the source.
    pub(crate) range: Range<usize>,
    /// What they mean, where that is not what stands there.
    pub(crate) resolved: Option<String>,
}

/// A document; the first node is the root element.
pub(crate) struct Tree<'a> {
    pub(crate) source: &'a str,
    pub(crate) nodes: Vec<Node>,
}

impl<'a> Tree<'a> {
    pub(crate) fn element(&self, index: usize) -> Option<&Element> {
        match &self.nodes[index] {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        }
    }

    pub(crate) fn name(&self, index: usize) -> &str {
        self.element(index).map_or("", |element| element.name.as_str())
    }

    pub(crate) fn children(&self, index: usize) -> &[usize] {
        self.element(index).map_or(&[], |element| element.children.as_slice())
    }

    /// The first child element with this name.
    pub(crate) fn child(&self, index: usize, name: &str) -> Option<usize> {
        self.children(index).iter().copied().find(|child| self.name(*child) == name)
    }

    /// The first element with this name at or below `index`, in document order.
    pub(crate) fn descendant(&self, index: usize, name: &str) -> Option<usize> {
        if self.name(index) == name {
            return Some(index);
        }
        self.children(index).iter().find_map(|child| self.descendant(*child, name))
    }

    /// The value of an attribute, its entities left as they are: those read here have none.
    pub(crate) fn attribute(&self, index: usize, name: &str) -> Option<&'a str> {
        let mut rest = &self.source[self.element(index)?.attributes.clone()];
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, tail) = after[1..].split_once(quote)?;
            if key.trim() == name {
                return Some(value);
            }
            rest = tail;
        }
        None
    }

    /// The text of an element with its white space collapsed, without what `leave_out` names.
    pub(crate) fn plain(&self, index: usize, leave_out: &[&str]) -> String {
        let mut text = String::new();
        self.collect(index, leave_out, &mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn collect(&self, index: usize, leave_out: &[&str], text: &mut String) {
        match &self.nodes[index] {
            Node::Text(node) => match &node.resolved {
                Some(resolved) => text.push_str(resolved),
                None => text.push_str(&self.source[node.range.clone()]),
            },
            Node::Element(element) if leave_out.contains(&element.name.as_str()) => {}
            Node::Element(element) => {
                text.push_str(&super::role::quotation_mark(self, index).map(String::from).unwrap_or_default());
                for child in &element.children {
                    self.collect(*child, leave_out, text);
                }
                if matches!(element.name.as_str(), "P" | "TI" | "STI") {
                    text.push(' ');
                }
            }
        }
    }
}

/// Reads `source`; tags, instructions and comments are entered in the ledger, text is left to the writer.
///
/// Entities are never fetched: those of XML itself are resolved, others stay as they are printed.
pub(crate) fn read<'a>(file: &str, source: &'a str, ledger: &mut Ledger) -> Result<Tree<'a>, ImportError> {
    let mut reader = Reader::from_str(source);
    reader.config_mut().allow_dangling_amp = true;
    let mut tree = Tree { source, nodes: Vec::new() };
    let mut open: Vec<usize> = Vec::new();
    let mut position = 0;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| xml_error(file, source, reader.error_position() as usize, error.to_string()))?;
        let range = position..(reader.buffer_position() as usize).clamp(position, source.len());
        position = range.end;
        match event {
            Event::Start(start) => {
                ledger.structural(range.clone());
                if open.len() >= DEPTH_MAX {
                    let line = line_at(source, range.start);
                    return Err(ImportError::TooDeep { file: file.to_owned(), line, depth_max: DEPTH_MAX });
                }
                let name = start.name();
                open.push(add_element(&mut tree, &open, name.as_ref(), &range));
            }
            Event::Empty(empty) => {
                ledger.structural(range.clone());
                let name = empty.name();
                add_element(&mut tree, &open, name.as_ref(), &range);
            }
            Event::End(_) => {
                ledger.structural(range);
                open.pop();
            }
            Event::Text(_) => add_text(&mut tree, &open, range, None, ledger),
            Event::CData(data) => {
                // `<![CDATA[` and `]]>` frame the characters.
                let inside = range.start + 9..range.start + 9 + data.len();
                ledger.structural(range);
                add_text(&mut tree, &open, inside, None, ledger);
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                let resolved = character
                    .map(String::from)
                    .or_else(|| quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned));
                add_text(&mut tree, &open, range, resolved, ledger);
            }
            Event::Comment(_) => ledger.dropped(range, "comments"),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) => ledger.structural(range),
            Event::Eof => break,
        }
    }
    match open.last() {
        Some(index) => {
            let message = format!("the file ends inside <{}>", tree.name(*index));
            Err(xml_error(file, source, source.len(), message))
        }
        None if tree.nodes.is_empty() => Err(xml_error(file, source, 0, "there is no element".to_owned())),
        None => Ok(tree),
    }
}

fn add_element(tree: &mut Tree<'_>, open: &[usize], name: &str, range: &Range<usize>) -> usize {
    let index = tree.nodes.len();
    // `<` and the name come first, and `>` or `/>` last.
    let start = (range.start + 1 + name.len()).min(range.end);
    tree.nodes.push(Node::Element(Element {
        name: name.to_owned(),
        attributes: start..range.end,
        children: Vec::new(),
    }));
    attach(tree, open, index);
    index
}

fn add_text(tree: &mut Tree<'_>, open: &[usize], range: Range<usize>, resolved: Option<String>, ledger: &mut Ledger) {
    if open.is_empty() {
        let is_blank = tree.source[range.clone()].trim().is_empty();
        if is_blank {
            ledger.structural(range)
        } else {
            ledger.dropped(range, "text outside the document")
        }
        return;
    }
    let index = tree.nodes.len();
    tree.nodes.push(Node::Text(Text { range, resolved }));
    attach(tree, open, index);
}

fn attach(tree: &mut Tree<'_>, open: &[usize], index: usize) {
    if let Some(Node::Element(parent)) = open.last().map(|parent| &mut tree.nodes[*parent]) {
        parent.children.push(index);
    }
}

fn line_at(source: &str, byte: usize) -> usize {
    1 + source.as_bytes()[..byte.min(source.len())].iter().filter(|byte| **byte == b'\n').count()
}

fn xml_error(file: &str, source: &str, byte: usize, message: String) -> ImportError {
    let byte = byte.min(source.len());
    ImportError::Xml { file: file.to_owned(), line: line_at(source, byte), byte, message }
}

/// A text node as it is to be written.
pub(crate) fn meaning<'t>(tree: &'t Tree<'_>, text: &'t Text) -> Cow<'t, str> {
    match &text.resolved {
        Some(resolved) => Cow::Borrowed(resolved),
        None => Cow::Borrowed(&tree.source[text.range.clone()]),
    }
}
