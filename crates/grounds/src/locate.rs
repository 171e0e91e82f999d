//! From a citation as people write it to the unit it names.

use std::collections::{BTreeMap, HashMap};

use grounds_core::{Pinpoint, Step, StepKind, Unit, UnitId, UnitKind};

/// The units of one version with their children, for walking down.
#[derive(Clone, Debug)]
pub struct UnitTree {
    units: Vec<Unit>,
    position_of: HashMap<UnitId, usize>,
    children_of: BTreeMap<UnitId, Vec<usize>>,
}

impl UnitTree {
    /// Builds the tree of one version's units, given in document order.
    pub fn new(units: Vec<Unit>) -> Self {
        let mut position_of = HashMap::with_capacity(units.len());
        let mut children_of: BTreeMap<UnitId, Vec<usize>> = BTreeMap::new();
        for (position, unit) in units.iter().enumerate() {
            position_of.insert(unit.id.clone(), position);
            if let Some(parent) = &unit.parent {
                children_of.entry(parent.clone()).or_default().push(position);
            }
        }
        Self { units, position_of, children_of }
    }

    /// All units in document order.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The unit with this name.
    pub fn get(&self, id: &UnitId) -> Option<&Unit> {
        self.position_of.get(id).map(|position| &self.units[*position])
    }

    /// The direct parts of a unit, in order.
    pub fn children(&self, id: &UnitId) -> impl Iterator<Item = &Unit> + Clone {
        self.children_of.get(id).into_iter().flatten().map(|position| &self.units[*position])
    }

    /// The unit and everything it is part of, from itself upward.
    pub fn ancestry<'a>(&'a self, unit: &'a Unit) -> impl Iterator<Item = &'a Unit> {
        std::iter::successors(Some(unit), |unit| unit.parent.as_ref().and_then(|parent| self.get(parent)))
    }

    /// The article, recital, annex, section or numbered paragraph of a decision that `unit` belongs to: what a reader would call "the
    /// provision". The unit itself where there is none above it.
    pub fn provision<'a>(&'a self, unit: &'a Unit) -> &'a Unit {
        self.ancestry(unit).find(|unit| unit.kind.is_numbered_throughout()).unwrap_or(unit)
    }

    /// The smallest unit whose span contains the byte at `offset`.
    pub fn smallest_at(&self, offset: u32) -> Option<&Unit> {
        // Units are in document order, so the last one that contains the offset is the deepest.
        self.units.iter().rev().find(|unit| unit.span.start <= offset && offset < unit.span.end)
    }

    /// The unit that `pinpoint` names, whatever its document; `None` where there is none.
    ///
    /// Bracketed numbers match any kind of child, through unnumbered subparagraphs; articles, recitals, annexes, chapters and sections are found at
    /// any depth.
    pub fn find(&self, pinpoint: &Pinpoint) -> Option<&Unit> {
        let mut current = self.units.first()?;
        for step in &pinpoint.steps {
            current = self.step(current, step)?;
        }
        Some(current)
    }

    fn step<'a>(&'a self, from: &'a Unit, step: &Step) -> Option<&'a Unit> {
        let numbered = |unit: &&Unit| unit.number.eq_ignore_ascii_case(&step.number);
        let kind = match step.kind {
            StepKind::Subparagraph => {
                let nth: usize = step.number.parse().ok()?;
                let mut children = self.children(&from.id).filter(|unit| unit.kind == UnitKind::Subparagraph);
                let found = children.clone().find(numbered);
                // A unit that begins with its first subparagraph, and may have no other, counts those below it from the second.
                let has_paragraphs = || self.children(&from.id).any(|unit| unit.kind == UnitKind::Paragraph);
                let may_begin_so = nth == 1 && matches!(from.kind, UnitKind::Article | UnitKind::Paragraph);
                let begins_with_it = may_begin_so
                    && children.clone().next().map_or_else(|| !has_paragraphs(), |unit| unit.number == "2");
                return match found {
                    None if begins_with_it => Some(from),
                    None => children.nth(nth.checked_sub(1)?),
                    found => found,
                };
            }
            StepKind::Point | StepKind::Any => return self.numbered_child(from, step),
            kind => kind.unit_kind()?,
        };
        let inside = |unit: &&Unit| from.span.contains(unit.span) && unit.id != from.id;
        let of_kind = |kind| self.units.iter().filter(move |unit| unit.kind == kind).filter(inside).find(numbered);
        // "§ 33" is an article of a German law, and a section of others; what is named within a chapter is one.
        let may_be_article = kind == UnitKind::Section && from.kind == UnitKind::Root;
        of_kind(kind).or_else(|| may_be_article.then(|| of_kind(UnitKind::Article)).flatten())
    }

    fn numbered_child<'a>(&'a self, from: &'a Unit, step: &Step) -> Option<&'a Unit> {
        let numbered = |unit: &&Unit| unit.number.eq_ignore_ascii_case(&step.number);
        if let Some(child) = self.children(&from.id).filter(|unit| unit.kind != UnitKind::Subparagraph).find(numbered) {
            return Some(child);
        }
        let unnumbered = |unit: &&Unit| {
            unit.kind == UnitKind::Subparagraph
                || (step.kind == StepKind::Point && matches!(unit.kind, UnitKind::Paragraph | UnitKind::Point))
        };
        self.children(&from.id).filter(unnumbered).find_map(|child| self.children(&child.id).find(numbered))
    }
}
