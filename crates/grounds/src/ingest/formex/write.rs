//! From Formex elements to text and units.

mod unit;

use grounds_core::UnitKind;

use super::super::ledger::Ledger;
use super::super::outline::{Gap, Outline};
use super::dom::{Node, Tree, meaning};
use super::role::{Role, quotation_mark, role};

/// Writes the whole document.
pub(crate) fn write(tree: &Tree<'_>, source: &str, outline: &mut Outline, ledger: &mut Ledger) {
    let mut writer = Writer { tree, source, outline, ledger, notes: Vec::new(), note_count: 0, quoted: 0 };
    match role(tree, 0) {
        Role::Annex => writer.walk(0),
        _ => writer.flow(0, Gap::Block),
    }
    writer.write_notes();
}

struct Writer<'t, 'a> {
    tree: &'t Tree<'a>,
    source: &'t str,
    outline: &'t mut Outline,
    ledger: &'t mut Ledger,
    /// Footnotes met in the block that is being written.
    notes: Vec<usize>,
    note_count: usize,
    /// How many quotations are open: units inside are someone else's.
    quoted: usize,
}

impl Writer<'_, '_> {
    /// Writes the children of an element: runs of inline nodes as blocks of text, others by their role.
    fn flow(&mut self, index: usize, gap: Gap) {
        let tree = self.tree;
        let mut in_text = false;
        for child in tree.children(index) {
            let is_inline = tree.element(*child).is_none() || matches!(role(tree, *child), Role::Inline | Role::Note);
            if !in_text && self.is_blank(*child) {
                // Layout between elements is no text, and separates nothing.
                self.inline(*child);
            } else if is_inline {
                if !in_text {
                    self.outline.gap(gap);
                    in_text = true;
                }
                self.inline(*child);
            } else {
                if in_text {
                    self.write_notes();
                    in_text = false;
                }
                self.walk(*child);
            }
        }
        if in_text {
            self.write_notes();
        }
    }

    fn is_blank(&self, index: usize) -> bool {
        match &self.tree.nodes[index] {
            Node::Text(text) => text.resolved.is_none() && self.source[text.range.clone()].trim().is_empty(),
            Node::Element(_) => false,
        }
    }

    fn walk(&mut self, index: usize) {
        match role(self.tree, index) {
            Role::Bibliographic => self.drop(index, "bibliographic metadata"),
            Role::Title if self.outline.kind() == UnitKind::Root => {
                self.outline.gap(Gap::Block);
                self.label_flow(index, Gap::Line);
            }
            Role::Preamble => self.unit(UnitKind::Preamble, "", index, Gap::Block),
            Role::Final => self.unit(UnitKind::Final, "", index, Gap::Block),
            Role::Recital => self.recital(index),
            Role::Division => self.division(index),
            Role::Annex => self.annex(index),
            Role::Article => self.article(index),
            Role::Paragraph => self.paragraph(index),
            Role::Alinea | Role::Transparent | Role::Title => self.flow(index, self.gap_here()),
            Role::Item => self.item(index),
            Role::Numbered => self.numbered(index, UnitKind::Point),
            Role::Label => {
                self.outline.gap(self.gap_here());
                self.inline_children(index);
                self.outline.space_after_label();
            }
            Role::Quoted => {
                self.quoted += 1;
                self.flow(index, Gap::Line);
                self.quoted -= 1;
            }
            Role::Correction => self.unit(UnitKind::Section, "", index, Gap::Block),
            Role::Row => self.row(index),
            Role::Block | Role::Inline | Role::Note => self.flow(index, self.gap_here()),
        }
    }

    /// What separates two blocks where the writer stands.
    fn gap_here(&self) -> Gap {
        match self.outline.kind() {
            UnitKind::Point | UnitKind::Subpoint | UnitKind::Recital | UnitKind::Note => Gap::Line,
            _ if self.quoted > 0 => Gap::Line,
            _ => Gap::Block,
        }
    }

    /// Writes an element as a unit without label.
    fn unit(&mut self, kind: UnitKind, number: &str, index: usize, gap: Gap) {
        let is_unit = self.quoted == 0;
        if is_unit {
            self.outline.open(kind, number);
        }
        self.flow(index, gap);
        if is_unit {
            self.outline.close();
        }
    }

    fn row(&mut self, index: usize) {
        self.outline.gap(Gap::Line);
        for (nth, cell) in self.tree.children(index).to_vec().into_iter().enumerate() {
            if nth > 0 && self.tree.element(cell).is_some() {
                self.outline.space_after_label();
            }
            self.walk_or_inline(cell);
        }
    }

    /// Writes the children of an element except the one that was written before.
    fn flow_without(&mut self, index: usize, written: Option<usize>) {
        let tree = self.tree;
        for child in tree.children(index) {
            if Some(*child) != written {
                self.walk_or_inline(*child);
            }
        }
        self.write_notes();
    }

    fn walk_or_inline(&mut self, index: usize) {
        match role(self.tree, index) {
            Role::Inline | Role::Note => self.inline(index),
            _ => self.walk(index),
        }
    }

    /// Writes an element as (part of) the label of the open unit, on lines of its own.
    fn label_flow(&mut self, index: usize, gap: Gap) {
        if self.quoted > 0 {
            return self.flow(index, gap);
        }
        let Writer { tree, source, outline, ledger, notes, note_count, .. } = self;
        outline.label(|outline| {
            let mut inner =
                Writer { tree, source, outline, ledger, notes: Vec::new(), note_count: *note_count, quoted: 1 };
            inner.flow(index, gap);
            notes.append(&mut inner.notes);
            *note_count = inner.note_count;
        });
        self.write_notes();
    }

    /// Writes a label that its text follows on the same line.
    fn label_line(&mut self, index: usize) {
        self.label_flow(index, Gap::None);
        self.outline.space_after_label();
    }

    fn open(&mut self, kind: UnitKind, number: &str) {
        if self.quoted == 0 {
            self.outline.open(kind, number);
        }
    }

    fn close(&mut self) {
        self.write_notes();
        if self.quoted == 0 {
            self.outline.close();
        }
    }

    fn inline_children(&mut self, index: usize) {
        for child in self.tree.children(index) {
            self.inline(*child);
        }
    }

    /// Writes a piece of a line; a footnote waits for the end of the block, so that sentences stay whole.
    fn inline(&mut self, index: usize) {
        let tree = self.tree;
        match &tree.nodes[index] {
            Node::Text(text) => match &text.resolved {
                None => self.outline.push_flowing(self.source, text.range.clone(), self.ledger),
                Some(_) => {
                    self.outline.push_resolved(&meaning(tree, text), self.source, text.range.clone(), self.ledger)
                }
            },
            Node::Element(element) if element.name == "NOTE" => self.notes.push(index),
            Node::Element(_) => {
                if let Some(mark) = quotation_mark(tree, index) {
                    self.outline.push_generated(mark, self.source, self.ledger);
                }
                self.inline_children(index);
            }
        }
    }

    /// Writes the footnotes of the block that ended.
    fn write_notes(&mut self) {
        if self.quoted > 0 {
            // They are written where the quotation or the label ends.
            return;
        }
        for note in std::mem::take(&mut self.notes) {
            self.note_count += 1;
            let number = self.note_count.to_string();
            self.outline.gap(Gap::Line);
            self.outline.open(UnitKind::Note, &number);
            self.outline.label(|outline| outline.push_inserted(&format!("[{number}]")));
            self.outline.space_after_label();
            self.flow(note, Gap::Line);
            self.outline.close();
            self.outline.gap(Gap::Line);
        }
    }

    fn drop(&mut self, index: usize, reason: &'static str) {
        match &self.tree.nodes[index] {
            Node::Text(text) if self.source[text.range.clone()].trim().is_empty() => {
                self.ledger.structural(text.range.clone());
            }
            Node::Text(text) => self.ledger.dropped(text.range.clone(), reason),
            Node::Element(element) => {
                for child in &element.children {
                    self.drop(*child, reason);
                }
            }
        }
    }
}
