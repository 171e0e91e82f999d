//! From references as read to the units they name.

use std::collections::HashMap;
use std::sync::Arc;

use grounds_core::{DocumentId, LinkKind, SourceKind, Span, UnitId, UnitKind};

use super::super::numbering;
use super::{Names, Reference, Step, Target};
use crate::locate::UnitTree;

/// The units of one version, to be found by number.
#[derive(Clone, Debug)]
pub(crate) struct TargetIndex {
    tree: Arc<UnitTree>,
    position_of: HashMap<UnitId, usize>,
    by_number: HashMap<(UnitKind, String), usize>,
    child: HashMap<(usize, String), usize>,
    subparagraphs: HashMap<usize, Vec<usize>>,
}

impl TargetIndex {
    /// Cost: linear in the number of units.
    pub(crate) fn new(tree: Arc<UnitTree>) -> Self {
        let units = tree.units();
        let position_of: HashMap<UnitId, usize> =
            units.iter().enumerate().map(|(index, unit)| (unit.id.clone(), index)).collect();
        let mut by_number = HashMap::new();
        let mut child = HashMap::new();
        let mut subparagraphs: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, unit) in units.iter().enumerate() {
            let parent = unit.parent.as_ref().and_then(|parent| position_of.get(parent)).copied();
            let number = unit.number.to_lowercase();
            let is_provision_part =
                parent.is_some_and(|parent| matches!(units[parent].kind, UnitKind::Article | UnitKind::Annex));
            if unit.kind != UnitKind::Paragraph || !is_provision_part {
                by_number.entry((unit.kind, number.clone())).or_insert(index);
            }
            if let Some(parent) = parent {
                if unit.kind == UnitKind::Subparagraph {
                    subparagraphs.entry(parent).or_default().push(index);
                } else {
                    child.entry((parent, number)).or_insert(index);
                }
            }
        }
        Self { tree, position_of, by_number, child, subparagraphs }
    }

    fn id(&self, position: usize) -> &UnitId {
        &self.tree.units()[position].id
    }

    fn parent(&self, position: usize) -> Option<usize> {
        self.tree.units()[position].parent.as_ref().and_then(|parent| self.position_of.get(parent)).copied()
    }

    /// A unit and what it is part of, from itself upward.
    fn ancestry(&self, position: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(position), |position| self.parent(*position))
    }

    fn kind(&self, position: usize) -> UnitKind {
        self.tree.units()[position].kind
    }

    /// The unit with this number; "Chapter 4" finds Chapter IV, and the other way round.
    fn numbered(&self, kind: UnitKind, number: &str) -> Option<usize> {
        let found = |number: String| self.by_number.get(&(kind, number)).copied();
        found(number.to_owned()).or_else(|| {
            matches!(kind, UnitKind::Chapter | UnitKind::Part | UnitKind::Annex).then_some(())?;
            match number.parse::<u32>() {
                Ok(value) if value < 100 => found(numbering::roman_numeral(value)),
                Ok(_) => None,
                Err(_) => found(numbering::roman(number)?.to_string()),
            }
        })
    }

    fn descend(&self, from: usize, steps: &[Step]) -> Option<usize> {
        steps.iter().try_fold(from, |position, step| self.step(position, step))
    }

    fn step(&self, from: usize, step: &Step) -> Option<usize> {
        let subparagraphs = self.subparagraphs.get(&from).map_or(&[][..], Vec::as_slice);
        if step.kind == Some(UnitKind::Subparagraph) {
            let found = subparagraphs.iter().copied().find(|unit| self.tree.units()[*unit].number == step.number);
            // The first one belongs to the unit itself.
            return found.or((step.number == "1").then_some(from));
        }
        let child = |parent: usize| self.child.get(&(parent, step.number.clone())).copied();
        child(from).or_else(|| subparagraphs.iter().find_map(|subparagraph| child(*subparagraph)))
    }
}

/// Whether a citation from outside can name its unit: "paragraph 59" of a law names none, so it is a slip of the reader.
fn is_citable(steps: &[Step]) -> bool {
    let kind = steps.first().and_then(|step| step.kind);
    kind.is_some_and(|kind| matches!(kind, UnitKind::Article | UnitKind::Recital | UnitKind::Annex | UnitKind::Chapter))
}

/// The text that cites.
pub(crate) struct Home<'h> {
    /// Its position among the names.
    pub(crate) document: usize,
    pub(crate) kind: SourceKind,
    pub(crate) index: &'h TargetIndex,
    /// Documents it says it is about.
    pub(crate) targets: &'h [usize],
    /// The only regulation it names, if it does not say.
    pub(crate) only_named: Option<usize>,
    /// Regulations it names.
    pub(crate) named: &'h [usize],
}

impl Home<'_> {
    /// Whether "Article 5" without more means an article of this very text.
    fn is_law(&self) -> bool {
        self.kind == SourceKind::Regulation && self.targets.is_empty()
    }
}

/// A link that does not know yet which version it is from.
#[derive(Clone, Debug)]
pub(crate) struct LinkDraft {
    pub(crate) unit: usize,
    pub(crate) span: Span,
    pub(crate) kind: LinkKind,
    pub(crate) to_document: DocumentId,
    pub(crate) to_unit: UnitId,
}

/// What a reference came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) links: Vec<LinkDraft>,
    /// Whether it names a unit that should be there and is not.
    pub(crate) is_unresolved: bool,
    /// The work outside the workspace that it names.
    pub(crate) external: Option<String>,
}

/// Gives the units of a document in force on the date of the citing text.
pub(crate) type IndexOf<'r> = dyn FnMut(usize) -> Option<Arc<TargetIndex>> + 'r;

/// Resolves the references of one text.
pub(crate) struct Resolver<'r> {
    pub(crate) names: &'r Names,
    pub(crate) home: &'r Home<'r>,
    pub(crate) index_of: Box<IndexOf<'r>>,
}

impl Resolver<'_> {
    /// The links that a reference makes.
    pub(crate) fn resolve(&mut self, reference: &Reference) -> Resolved {
        let is_whole = reference.anchor.is_none()
            && reference
                .provisions
                .first()
                .and_then(|steps| steps.first())
                .and_then(|step| step.kind)
                .is_some_and(|kind| matches!(kind, UnitKind::Article | UnitKind::Recital | UnitKind::Chapter));
        match &reference.target {
            Target::External(name) => Resolved { external: Some(name.clone()), ..Resolved::default() },
            Target::Unclear => Resolved::default(),
            Target::Known(document) if *document != self.home.document => self.elsewhere(reference, &[*document], true),
            Target::Home | Target::Known(_) => self.here(reference),
            Target::Noun(noun) => match self.work_called(noun) {
                Some(document) => self.elsewhere(reference, &[document], true),
                None => Resolved { external: Some(noun.clone()), ..Resolved::default() },
            },
            Target::Unnamed if self.home.is_law() || (reference.points_here && !is_whole) => self.here(reference),
            Target::Unnamed if !is_whole => Resolved::default(),
            Target::Unnamed if !self.home.targets.is_empty() => {
                let targets = self.home.targets.to_vec();
                self.elsewhere(reference, &targets, true)
            }
            Target::Unnamed => match self.home.only_named {
                // Where another act was named last, the article is one of that.
                Some(_) if matches!(reference.named_before, Some(Target::External(_))) => Resolved::default(),
                Some(document) => self.elsewhere(reference, &[document], false),
                None => Resolved::default(),
            },
        }
    }

    /// "the Code": the target, or the named document, whose title has that noun.
    fn work_called(&self, noun: &str) -> Option<usize> {
        let has_noun = |document: &&usize| {
            let document = self.names.document(**document);
            document.title.split(|c: char| !c.is_alphanumeric()).any(|word| word == noun)
        };
        if let Some(target) = self.home.targets.iter().find(has_noun) {
            return Some(*target);
        }
        let mut named = self.home.named.iter().filter(has_noun);
        named.next().filter(|_| named.next().is_none()).copied()
    }

    /// A reference to a unit of the text itself.
    fn here(&self, reference: &Reference) -> Resolved {
        let mut resolved = Resolved::default();
        for steps in &reference.provisions {
            match self.locate_here(reference, steps) {
                Some(unit) if unit != reference.unit => {
                    resolved.links.push(self.link(reference, self.home.document, self.home.index.id(unit)));
                }
                Some(_) => {}
                None => resolved.is_unresolved = true,
            }
        }
        resolved
    }

    fn locate_here(&self, reference: &Reference, steps: &[Step]) -> Option<usize> {
        let index = self.home.index;
        if let Some(anchor) = reference.anchor {
            let base = index.ancestry(reference.unit).find(|unit| index.kind(*unit) == anchor)?;
            return index.descend(base, steps);
        }
        let (first, rest) = steps.split_first()?;
        let start = match first.kind {
            Some(UnitKind::Paragraph) => {
                let mut around = index.ancestry(reference.unit);
                let provision = around.find(|unit| matches!(index.kind(*unit), UnitKind::Article | UnitKind::Annex));
                match provision {
                    Some(provision) => index.step(provision, first),
                    None => index.numbered(UnitKind::Paragraph, &first.number),
                }
            }
            Some(UnitKind::Section) => {
                let near = index.ancestry(reference.unit).find_map(|unit| {
                    let found = index.step(unit, first)?;
                    (index.kind(found) == UnitKind::Section).then_some(found)
                });
                near.or_else(|| index.numbered(UnitKind::Section, &first.number))
            }
            Some(
                kind @ (UnitKind::Article | UnitKind::Recital | UnitKind::Chapter | UnitKind::Annex | UnitKind::Part),
            ) => index.numbered(kind, &first.number),
            Some(UnitKind::Subparagraph) => {
                // It is one of the paragraph's, or the article's where that has no paragraphs.
                let around = index.ancestry(reference.unit);
                let mut around =
                    around.filter(|unit| matches!(index.kind(*unit), UnitKind::Paragraph | UnitKind::Article));
                around.find_map(|unit| index.descend(unit, steps))
            }
            _ => index.ancestry(reference.unit).find_map(|unit| index.step(unit, first)),
        };
        if first.kind == Some(UnitKind::Subparagraph) {
            return start;
        }
        index.descend(start?, rest)
    }

    /// A reference to units of the first of `documents` that has them.
    fn elsewhere(&mut self, reference: &Reference, documents: &[usize], is_certain: bool) -> Resolved {
        let mut resolved = Resolved::default();
        for steps in &reference.provisions {
            let found = documents.iter().find_map(|document| {
                let index = (self.index_of)(*document)?;
                let (first, rest) = steps.split_first()?;
                let start = index.numbered(first.kind?, &first.number)?;
                let unit = index.descend(start, rest)?;
                Some((*document, index.id(unit).clone()))
            });
            match found {
                Some((document, unit)) => resolved.links.push(self.link(reference, document, &unit)),
                None => resolved.is_unresolved |= is_certain && is_citable(steps),
            }
        }
        resolved
    }

    fn link(&self, reference: &Reference, document: usize, unit: &UnitId) -> LinkDraft {
        let target = self.names.document(document);
        let kind = match self.home.kind {
            _ if document == self.home.document || target.kind != SourceKind::Regulation => LinkKind::Cites,
            SourceKind::Regulation if self.home.targets.contains(&document) => LinkKind::Amends,
            SourceKind::Interpretation => LinkKind::Interprets,
            SourceKind::Precedent => LinkKind::Applies,
            SourceKind::Regulation | SourceKind::Reference => LinkKind::Cites,
        };
        LinkDraft {
            unit: reference.unit,
            span: reference.span,
            kind,
            to_document: target.id.clone(),
            to_unit: unit.clone(),
        }
    }
}
