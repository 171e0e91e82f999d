//! The links of new versions.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use grounds_core::{Link, SourceKind};
use jiff::civil::Date;

use super::super::references::{Home, Names, References, Resolver, TargetIndex};
use super::super::report::{ImportReport, UnresolvedReference};
use super::{Known, NewVersion};

/// `None` where a document has no text at all.
type Indexes = HashMap<(usize, Date), Option<Arc<TargetIndex>>>;

/// Finds the links of new versions among themselves and to known ones.
pub(super) struct Linker<'l> {
    names: &'l Names,
    new_versions: &'l [(usize, NewVersion)],
    known: &'l Known<'l>,
    /// Units by document and by the date they are asked for.
    indexes: RefCell<Indexes>,
}

impl<'l> Linker<'l> {
    pub(super) fn new(names: &'l Names, new_versions: &'l [(usize, NewVersion)], known: &'l Known<'l>) -> Self {
        Self { names, new_versions, known, indexes: RefCell::default() }
    }

    /// The links of one version, of the references in its text, where `index` has its own units; what they came to is entered in the report.
    pub(super) fn links(
        &self,
        version: &NewVersion,
        references: &References,
        index: &TargetIndex,
        report: &mut ImportReport,
    ) -> Vec<Link> {
        let parsed = &version.parsed;
        let Some(document) = self.names.position_of(&parsed.document.id) else { return Vec::new() };
        let targets: Vec<usize> = parsed.targets.iter().filter_map(|target| self.names.position(target)).collect();
        let missing: Vec<&str> =
            parsed.targets.iter().filter(|target| self.names.position(target).is_none()).map(String::as_str).collect();
        if !missing.is_empty() {
            report.notes.push(format!("it refers to {}, which the workspace does not have", missing.join(", ")));
        }
        let is_regulation =
            |named: &usize| *named != document && self.names.document(*named).kind == SourceKind::Regulation;
        let outside_count = references.named_outside.values().copied().max().unwrap_or(0);
        // A text that names another act more often speaks of that one when it says "the Regulation".
        let named = references.named.iter().filter(|(_, count)| **count >= outside_count).map(|(named, _)| *named);
        let named: Vec<usize> = named.filter(is_regulation).collect();
        let only_named = match named.as_slice() {
            [only] if parsed.document.kind != SourceKind::Regulation && targets.is_empty() => Some(*only),
            _ => None,
        };
        if let Some(only) = only_named {
            let label = self.names.document(only).label();
            report
                .notes
                .push(format!("references without a document are read as references to {label}, the only act named"));
        }
        let home = Home { document, kind: parsed.document.kind, index, targets: &targets, only_named, named: &named };
        let index_of = Box::new(|document| self.index(document, version.validity.from));
        let mut resolver = Resolver { names: self.names, home: &home, index_of };
        let mut links = Vec::new();
        let mut seen = BTreeSet::new();
        for reference in &references.found {
            let resolved = resolver.resolve(reference);
            let printed =
                || reference.span.of(&parsed.text).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some(external) = resolved.external {
                *report.external_references.entry(external).or_insert(0) += 1;
            }
            if resolved.is_unresolved {
                report.unresolved_references.push(UnresolvedReference {
                    text: printed(),
                    line: parsed.source_line(reference.span.start),
                    from: parsed.units[reference.unit].pinpoint.clone(),
                });
            }
            for draft in resolved.links {
                if !seen.insert((draft.span, draft.to_document.clone(), draft.to_unit.clone())) {
                    continue;
                }
                links.push(Link {
                    kind: draft.kind,
                    from_document: parsed.document.id.clone(),
                    from_version: version.id.clone(),
                    from_unit: parsed.units[draft.unit].id.clone(),
                    span: draft.span,
                    to_document: draft.to_document,
                    to_unit: draft.to_unit,
                });
            }
        }
        report.links_resolved = links.len();
        links
    }

    /// The units of a document in force on `date`, else of any version.
    fn index(&self, document: usize, date: Date) -> Option<Arc<TargetIndex>> {
        if let Some(index) = self.indexes.borrow().get(&(document, date)) {
            return index.clone();
        }
        let index = self.tree(document, date).map(|tree| Arc::new(TargetIndex::new(tree)));
        self.indexes.borrow_mut().insert((document, date), index.clone());
        index
    }

    fn tree(&self, document: usize, date: Date) -> Option<Arc<crate::locate::UnitTree>> {
        let id = &self.names.document(document).id;
        let mut new =
            self.new_versions.iter().map(|(_, version)| version).filter(|version| version.parsed.document.id == *id);
        if let Some(version) = new.clone().find(|version| version.validity.contains(date)) {
            return Some(Arc::clone(&version.tree));
        }
        if let Some(tree) = (self.known.units)(id, date) {
            return Some(tree);
        }
        if let Some(version) = new.next_back() {
            return Some(Arc::clone(&version.tree));
        }
        let dates =
            self.known.versions.iter().filter(|version| version.document == *id).filter_map(|version| version.validity);
        dates.map(|validity| validity.from).max().and_then(|date| (self.known.units)(id, date))
    }
}
