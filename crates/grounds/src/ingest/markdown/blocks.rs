//! From lines to blocks: headings, paragraphs, list items, code.

use std::ops::Range;

use super::super::ledger::Ledger;
use super::super::numbering;

/// A heading, a paragraph, an item of a bulleted list, or a block of code.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// 1 to 6 for headings.
    pub(crate) heading_level: Option<usize>,
    /// Whether it is written as it stands.
    pub(crate) is_code: bool,
    /// Where its bullet stands, if it has one.
    pub(crate) bullet: Option<Range<usize>>,
    /// How many columns its first line is indented, its bullet included.
    pub(crate) indent: usize,
    /// Its lines without indentation, markers and line ends.
    pub(crate) lines: Vec<Range<usize>>,
}

impl Block {
    /// The first line of its source.
    pub(crate) fn content<'a>(&self, source: &'a str) -> Option<&'a str> {
        self.lines.first().map(|line| &source[line.clone()])
    }
}

const TAB_COLUMNS: usize = 4;

/// Splits `source` from `start` on. Everything that is not in a line of a block is entered in the ledger as structural.
pub(crate) fn split(source: &str, start: usize, ledger: &mut Ledger) -> Vec<Block> {
    ledger.structural(start..source.len());
    let mut splitter = Splitter { source, blocks: Vec::new(), is_open: false, fence: None };
    let mut position = start;
    for line in source[start..].split_inclusive('\n') {
        splitter.line(position, line);
        position += line.len();
    }
    splitter.blocks
}

struct Splitter<'a> {
    source: &'a str,
    blocks: Vec<Block>,
    /// Whether the next line may go on with the last block.
    is_open: bool,
    fence: Option<(u8, usize)>,
}

impl Splitter<'_> {
    fn line(&mut self, position: usize, line: &str) {
        let content = line.trim_end();
        if self.fence.is_some() {
            return self.code_line(position, line, content);
        }
        let (indent, text_start) = indentation(content);
        let text = &content[text_start..];
        let start = position + text_start;
        let end = position + content.len();
        if text.is_empty() {
            self.is_open = false;
        } else if let Some(fence) = fence(text) {
            self.fence = Some(fence);
            self.begin(Block { heading_level: None, is_code: true, bullet: None, indent, lines: Vec::new() });
        } else if let Some((level, range)) = atx_heading(text) {
            let line = start + range.start..start + range.end;
            self.begin(Block { heading_level: Some(level), is_code: false, bullet: None, indent, lines: vec![line] });
            self.is_open = false;
        } else if let Some(level) = self.setext_level(text) {
            if let Some(last) = self.blocks.last_mut() {
                last.heading_level = Some(level);
            }
            self.is_open = false;
        } else if is_rule(text) {
            self.is_open = false;
        } else {
            self.text_line(start..end, text, indent);
        }
    }

    fn text_line(&mut self, range: Range<usize>, text: &str, indent: usize) {
        if let Some(rest) = text.strip_prefix('>') {
            let skipped = text.len() - rest.trim_start().len();
            if rest.trim().is_empty() {
                self.is_open = false;
                return;
            }
            return self.text_line(range.start + skipped..range.end, &text[skipped..], indent);
        }
        if let Some(length) = bullet(text) {
            let rest = &text[length..];
            let skipped = length + rest.len() - rest.trim_start().len();
            let line = range.start + skipped..range.end;
            self.begin(Block {
                heading_level: None,
                is_code: false,
                bullet: Some(range.start..range.start + text.chars().next().map_or(1, char::len_utf8)),
                indent: indent + skipped,
                lines: vec![line],
            });
            return;
        }
        let goes_on = self.is_open && !self.begins_item(text);
        match self.blocks.last_mut().filter(|_| goes_on) {
            Some(last) => last.lines.push(range),
            None => {
                self.begin(Block { heading_level: None, is_code: false, bullet: None, indent, lines: vec![range] });
            }
        }
    }

    /// Whether a label at the beginning of a line begins a block although no empty line is before it.
    fn begins_item(&self, text: &str) -> bool {
        let is_label = numbering::label(text).is_some_and(|label| label.shape != numbering::Shape::Bare);
        if !is_label && numbering::han_heading(text).is_none() {
            return false;
        }
        let before =
            self.blocks.last().and_then(|block| block.lines.last()).map_or("", |line| &self.source[line.clone()]);
        numbering::ends_item(before)
    }

    fn code_line(&mut self, position: usize, line: &str, content: &str) {
        let Some((character, length)) = self.fence else { return };
        let text = content.trim_start();
        let run = text.bytes().take_while(|byte| *byte == character).count();
        if run >= length && run == text.len() {
            self.fence = None;
            self.is_open = false;
            return;
        }
        let end = position + line.trim_end_matches(['\n', '\r']).len();
        if let Some(block) = self.blocks.last_mut() {
            block.lines.push(position..end);
        }
    }

    fn begin(&mut self, block: Block) {
        self.blocks.push(block);
        self.is_open = true;
    }

    /// A line of `=` or `-` under one line of text makes it a heading.
    fn setext_level(&self, text: &str) -> Option<usize> {
        let last = self.blocks.last().filter(|block| self.is_open && !block.is_code && block.lines.len() == 1)?;
        last.bullet.is_none().then_some(())?;
        let only = |character: char| text.chars().all(|c| c == character);
        match text {
            _ if text.len() >= 3 && only('=') => Some(1),
            _ if text.len() >= 3 && only('-') => Some(2),
            _ => None,
        }
    }
}

/// The columns and bytes of white space at the beginning of a line.
fn indentation(line: &str) -> (usize, usize) {
    let mut columns = 0;
    for (position, character) in line.char_indices() {
        match character {
            ' ' | '\u{a0}' => columns += 1,
            '\t' => columns += TAB_COLUMNS - columns % TAB_COLUMNS,
            c if c.is_whitespace() => columns += 1,
            _ => return (columns, position),
        }
    }
    (columns, line.len())
}

fn fence(text: &str) -> Option<(u8, usize)> {
    let character = text.bytes().next().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let length = text.bytes().take_while(|byte| *byte == character).count();
    (length >= 3 && !text[length..].contains('`')).then_some((character, length))
}

/// The level of `## Heading ##`, and where its text is.
fn atx_heading(text: &str) -> Option<(usize, Range<usize>)> {
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &text[level..];
    let is_heading = (1..=6).contains(&level) && rest.starts_with([' ', '\t']);
    is_heading.then_some(())?;
    let closed = rest.trim_end_matches('#');
    let content = if closed.ends_with([' ', '\t']) { closed } else { rest };
    let start = text.len() - rest.trim_start().len();
    let end = (level + content.trim_end().len()).max(start.min(text.len()));
    (end > start).then_some((level, start..end))
}

/// `---`, `***`, `* * *`
fn is_rule(text: &str) -> bool {
    let mut characters = text.chars().filter(|c| !c.is_whitespace());
    let Some(first) = characters.next().filter(|c| matches!(c, '-' | '*' | '_')) else { return false };
    let mut count = 1;
    for character in characters {
        if character != first {
            return false;
        }
        count += 1;
    }
    count >= 3
}

/// The bytes of a bullet with one space after it.
fn bullet(text: &str) -> Option<usize> {
    let character = text.chars().next().filter(|c| matches!(c, '-' | '*' | '+' | '•' | '–' | '—'))?;
    let length = character.len_utf8();
    text[length..].starts_with([' ', '\t', '\u{a0}']).then_some(length)
}
