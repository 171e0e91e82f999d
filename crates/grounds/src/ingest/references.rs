//! From references in the text ("point (b) of Article 6(1)") to links.

mod grammar;
mod tokens;
mod names;
mod read;
mod han;
mod resolve;

use std::collections::BTreeMap;

use grounds_core::{Span, UnitKind};

pub(crate) use names::Names;
pub(crate) use resolve::{Home, Resolver, TargetIndex};

use super::parsed::Parsed;
use super::passages::children;

/// One step down in a reference. A number in brackets names whatever child has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: Option<UnitKind>,
    pub(crate) number: String,
}

/// Which document a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// It names none.
    Unnamed,
    /// "of this Regulation".
    Home,
    /// A document of the workspace, by its position among the names.
    Known(usize),
    /// "of the Regulation", "of the Code": the noun, for whatever document that is here.
    Noun(String),
    /// A work that is not in the workspace, as printed.
    External(String),
    /// "of that Regulation", and nothing was named before.
    Unclear,
}

/// A reference as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The position of the unit it stands in.
    pub(crate) unit: usize,
    pub(crate) span: Span,
    pub(crate) target: Target,
    /// The work named last before it.
    pub(crate) named_before: Option<Target>,
    /// The provisions it names, each from the top down. Empty where it names its own surroundings ("this Article").
    pub(crate) provisions: Vec<Vec<Step>>,
    /// The unit around it that the first step is meant in: "this Article", "of this paragraph".
    pub(crate) anchor: Option<UnitKind>,
    /// "paragraph 12 above".
    pub(crate) points_here: bool,
}

/// What a text refers to.
#[derive(Clone, Debug, Default)]
pub(crate) struct References {
    pub(crate) found: Vec<Reference>,
    /// Documents of the workspace that the text names, by position, with how often.
    pub(crate) named: BTreeMap<usize, usize>,
    /// Works outside the workspace that it names by number, with how often.
    pub(crate) named_outside: BTreeMap<String, usize>,
}

/// What was named last, for "that Regulation".
#[derive(Clone, Debug, Default)]
pub(crate) struct LastNamed {
    any: Option<Target>,
    /// By the noun in lower case.
    of_noun: BTreeMap<String, Target>,
}

/// Finds all references in a text. Cost: linear in its length.
pub(crate) fn find(parsed: &Parsed, names: &Names) -> References {
    let grammar = grammar::for_language(&parsed.document.language);
    let mut references = References::default();
    let mut last_named = LastNamed::default();
    let children = children(&parsed.units);
    let context = han::Context::new(names, &parsed.units, &children);
    let is_han = han::is_read(&parsed.document.language);
    for (index, unit) in parsed.units.iter().enumerate() {
        let mut position = unit.body.start as usize;
        let mut segments = Vec::new();
        for child in &children[index] {
            let span = parsed.units[*child].span;
            segments.push(position..span.start as usize);
            position = span.end as usize;
        }
        segments.push(position..unit.body.end as usize);
        for segment in segments {
            if is_han {
                han::read(&parsed.text, segment, index, &context, &mut references);
            } else if segment.start < segment.end {
                let reader = read::Segment::new(&parsed.text, segment, grammar, names);
                reader.read(index, &mut references, &mut last_named);
            }
        }
    }
    references
}
