//! The units of an act: recitals, divisions, articles, paragraphs, points.

use grounds_core::UnitKind;

use super::super::super::numbering;
use super::super::super::outline::Gap;
use super::super::role::{Role, role};
use super::Writer;

impl Writer<'_, '_> {
    pub(super) fn recital(&mut self, index: usize) {
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

    pub(super) fn division(&mut self, index: usize) {
        let title = self.tree.child(index, "TITLE");
        let label = title.and_then(|title| self.tree.child(title, "TI")).map(|ti| self.tree.plain(ti, &["NOTE"]));
        let subtitle = title.and_then(|title| self.tree.child(title, "STI")).map(|sti| self.tree.plain(sti, &["NOTE"]));
        let label = label.unwrap_or_default();
        let (kind, number, heading) = match numbering::heading(&label) {
            Some(found) => (
                found.kind,
                found.number.into_owned(),
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

    pub(super) fn annex(&mut self, index: usize) {
        let title = self.tree.child(index, "TITLE");
        let label = title.map(|title| self.tree.plain(title, &["NOTE"])).unwrap_or_default();
        let (number, heading) = match numbering::heading(&label).filter(|found| found.kind == UnitKind::Annex) {
            Some(found) => (found.number.into_owned(), label[found.rest_start..].to_owned()),
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

    pub(super) fn article(&mut self, index: usize) {
        let tree = self.tree;
        let label = tree.child(index, "TI.ART");
        let heading = tree.child(index, "STI.ART");
        let printed = label.map(|label| tree.plain(label, &["NOTE"])).unwrap_or_default();
        let identifier = tree.attribute(index, "IDENTIFIER").unwrap_or_default().trim_start_matches('0').to_owned();
        let number = numbering::heading(&printed).map_or(identifier, |found| found.number.into_owned());
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

    pub(super) fn paragraph(&mut self, index: usize) {
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

    pub(super) fn item(&mut self, index: usize) {
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

    pub(super) fn numbered(&mut self, index: usize, kind: UnitKind) {
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
}

/// A printed number without the punctuation around it.
fn digits(label: &str) -> String {
    let number: String = label.chars().filter(|character| character.is_alphanumeric()).collect();
    number.chars().take(16).collect()
}
