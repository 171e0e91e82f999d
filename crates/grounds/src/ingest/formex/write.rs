//! From Formex elements to text and units.

use grounds_core::UnitKind;

use super::super::ledger::Ledger;
use super::super::numbering;
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

    fn recital(&mut self, index: usize) {
        let number =
            self.tree.descendant(index, "NO.P").map(|label| digits(&self.tree.plain(label, &[]))).unwrap_or_default();
        self.open(UnitKind::Recital, &number);
        self.outline.gap(Gap::Block);
        let numbered = self.tree.child(index, "NP").unwrap_or(index);
        let label = self.tree.child(numbered, "NO.P");
        if let Some(label) = label {
            self.label_line(label);
        }
        if numbered == index {
            self.flow_without(index, label);
        } else {
            for child in self.tree.children(index) {
                if *child == numbered {
                    self.flow_without(*child, label);
                } else {
                    self.walk_or_inline(*child);
                }
            }
        }
        self.close();
    }

    fn division(&mut self, index: usize) {
        let title = self.tree.child(index, "TITLE");
        let label = title.and_then(|title| self.tree.child(title, "TI")).map(|ti| self.tree.plain(ti, &["NOTE"]));
        let subtitle = title.and_then(|title| self.tree.child(title, "STI")).map(|sti| self.tree.plain(sti, &["NOTE"]));
        let label = label.unwrap_or_default();
        let (kind, number, heading) = match numbering::heading(&label) {
            Some(found) => (
                found.kind,
                found.number.to_owned(),
                [&label[found.rest_start..], &subtitle.unwrap_or_default()].join(" "),
            ),
            None => (UnitKind::Section, String::new(), [label.as_str(), &subtitle.unwrap_or_default()].join(" ")),
        };
        self.open(kind, &number);
        if self.quoted == 0 {
            self.outline.set_heading(heading.trim());
        }
        self.outline.gap(Gap::Block);
        if let Some(title) = title {
            self.label_flow(title, Gap::Line);
        }
        self.outline.gap(Gap::Block);
        self.flow_without(index, title);
        self.close();
    }

    fn annex(&mut self, index: usize) {
        let title = self.tree.child(index, "TITLE");
        let label = title.map(|title| self.tree.plain(title, &["NOTE"])).unwrap_or_default();
        let (number, heading) = match numbering::heading(&label).filter(|found| found.kind == UnitKind::Annex) {
            Some(found) => (found.number.to_owned(), label[found.rest_start..].to_owned()),
            None => (String::new(), label.clone()),
        };
        self.open(UnitKind::Annex, &number);
        if self.quoted == 0 {
            self.outline.set_heading(&heading);
        }
        self.outline.gap(Gap::Block);
        if let Some(title) = title {
            self.label_flow(title, Gap::Line);
        }
        self.outline.gap(Gap::Block);
        self.flow_without(index, title);
        self.close();
    }

    fn article(&mut self, index: usize) {
        let tree = self.tree;
        let label = tree.child(index, "TI.ART");
        let heading = tree.child(index, "STI.ART");
        let printed = label.map(|label| tree.plain(label, &["NOTE"])).unwrap_or_default();
        let identifier = tree.attribute(index, "IDENTIFIER").unwrap_or_default().trim_start_matches('0').to_owned();
        let number = numbering::heading(&printed).map_or(identifier, |found| found.number.to_owned());
        self.open(UnitKind::Article, &number);
        if let Some(heading) = heading.filter(|_| self.quoted == 0) {
            self.outline.set_heading(&tree.plain(heading, &["NOTE"]));
        }
        self.outline.gap(Gap::Block);
        for title in [label, heading].into_iter().flatten() {
            self.label_flow(title, Gap::Line);
            self.outline.gap(Gap::Line);
        }
        self.outline.gap(Gap::Block);
        let mut alinea_count = 0;
        for child in tree.children(index) {
            if Some(*child) == label || Some(*child) == heading {
                continue;
            }
            self.alinea_or_other(*child, &mut alinea_count);
        }
        self.close();
    }

    fn paragraph(&mut self, index: usize) {
        let tree = self.tree;
        let label = tree.child(index, "NO.PARAG");
        let number = label.map(|label| digits(&tree.plain(label, &["NOTE"]))).unwrap_or_default();
        self.open(UnitKind::Paragraph, &number);
        self.outline.gap(self.gap_here());
        if let Some(label) = label {
            self.label_line(label);
        }
        let mut alinea_count = 0;
        for child in tree.children(index) {
            if Some(*child) != label {
                self.alinea_or_other(*child, &mut alinea_count);
            }
        }
        self.close();
    }

    /// The first unnumbered paragraph belongs to the unit around it; the others are units.
    fn alinea_or_other(&mut self, index: usize, alinea_count: &mut usize) {
        if role(self.tree, index) != Role::Alinea {
            return self.walk_or_inline(index);
        }
        *alinea_count += 1;
        if *alinea_count == 1 {
            return self.flow(index, self.gap_here());
        }
        self.open(UnitKind::Subparagraph, &alinea_count.to_string());
        self.flow(index, self.gap_here());
        self.close();
    }

    fn item(&mut self, index: usize) {
        let tree = self.tree;
        match tree.child(index, "NP") {
            Some(numbered) => {
                for child in tree.children(index) {
                    if *child == numbered {
                        self.numbered(*child, self.point_kind());
                    } else {
                        self.walk_or_inline(*child);
                    }
                }
            }
            None => {
                // Indents have no number; their place in the list is what people cite them by.
                self.open(self.point_kind(), "");
                self.outline.gap(Gap::Line);
                if self.quoted == 0 {
                    self.outline.label(|outline| outline.push_inserted("–"));
                    self.outline.space_after_label();
                }
                self.flow(index, Gap::Line);
                self.close();
            }
        }
    }

    fn point_kind(&self) -> UnitKind {
        let is_inside = self.outline.open_kinds().any(|kind| matches!(kind, UnitKind::Point | UnitKind::Subpoint));
        if is_inside { UnitKind::Subpoint } else { UnitKind::Point }
    }

    fn numbered(&mut self, index: usize, kind: UnitKind) {
        let tree = self.tree;
        let label = tree.child(index, "NO.P");
        let printed = label.map(|label| tree.plain(label, &["NOTE"])).unwrap_or_default();
        let number = digits(&printed);
        let is_paragraph = matches!(self.outline.kind(), UnitKind::Annex | UnitKind::Section) && printed.ends_with('.');
        self.open(if is_paragraph { UnitKind::Paragraph } else { kind }, &number);
        self.outline.gap(Gap::Line);
        if let Some(label) = label {
            self.label_line(label);
        }
        self.flow_without(index, label);
        self.close();
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
        let Writer { tree, source, outline, ledger, notes, note_count, quoted } = self;
        outline.label(|outline| {
            let mut inner =
                Writer { tree, source, outline, ledger, notes: Vec::new(), note_count: *note_count, quoted: 1 };
            inner.flow(index, gap);
            notes.append(&mut inner.notes);
            *note_count = inner.note_count;
        });
        let _ = quoted;
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

/// A printed number without the punctuation around it.
fn digits(label: &str) -> String {
    let number: String = label.chars().filter(|character| character.is_alphanumeric()).collect();
    number.chars().take(16).collect()
}
