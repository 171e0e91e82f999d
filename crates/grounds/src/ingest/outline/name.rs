//! What units are called: their names within the version, and their citations.

use std::collections::{HashMap, HashSet};

use grounds_core::{Span, UnitId, UnitKind};

use super::super::parsed::ParsedUnit;
use super::{Draft, hash};

/// Gives each unit its name, unique in the version, and its citation.
pub(super) fn name_units(drafts: &[Draft], text: &str) -> Vec<ParsedUnit> {
    let mut units: Vec<ParsedUnit> = Vec::with_capacity(drafts.len());
    let mut uses_of: HashMap<UnitId, u32> = HashMap::new();
    let mut siblings: HashMap<(usize, UnitKind), u32> = HashMap::new();
    let paragraphs_are_unique = are_paragraphs_unique(drafts);
    for draft in drafts {
        let start = draft.start.unwrap_or(draft.end);
        let body = draft.body.unwrap_or(if draft.body_awaited { draft.end } else { start });
        let (id, pinpoint, number) = match draft.parent {
            None => (UnitId::root(), String::new(), String::new()),
            Some(parent) => {
                let ordinal = siblings.entry((parent, draft.kind)).or_insert(0);
                *ordinal += 1;
                let number = if draft.number.is_empty() { ordinal.to_string() } else { draft.number.clone() };
                let id = units[parent].id.child(draft.kind, &number);
                let pinpoint = pinpoint(&units[parent], draft.kind, &number, paragraphs_are_unique);
                // People cite indents and unnumbered sections by their place, so that is their number.
                let is_cited_by_place = !matches!(draft.kind, UnitKind::Preamble | UnitKind::Final | UnitKind::Annex);
                (id, pinpoint, if is_cited_by_place { number } else { draft.number.clone() })
            }
        };
        let id = unique(id, &mut uses_of);
        let span = Span::new(start, draft.end.max(start));
        units.push(ParsedUnit {
            id,
            parent: draft.parent.map(|parent| units[parent].id.clone()),
            kind: draft.kind,
            number,
            heading: draft.heading.clone(),
            pinpoint,
            span,
            body: Span::new(body.max(start), draft.end.max(body).max(start)),
            hash: hash(span.of(text).unwrap_or_default()),
        });
    }
    units
}

fn unique(id: UnitId, uses_of: &mut HashMap<UnitId, u32>) -> UnitId {
    let uses = uses_of.entry(id.clone()).or_insert(0);
    *uses += 1;
    if *uses == 1 {
        return id;
    }
    let candidate = UnitId(format!("{}_{uses}", id.0));
    // `point_1` repeated must not take the name of a printed `point_1_2`.
    unique(candidate, uses_of)
}

/// Whether numbered paragraphs outside articles and annexes have numbers of their own through the document.
fn are_paragraphs_unique(drafts: &[Draft]) -> bool {
    let mut seen = HashSet::new();
    drafts
        .iter()
        .filter(|draft| draft.kind == UnitKind::Paragraph)
        .filter(|draft| {
            draft.parent.is_some_and(|parent| !matches!(drafts[parent].kind, UnitKind::Article | UnitKind::Annex))
        })
        .all(|draft| seen.insert(draft.number.as_str()))
}

/// The citation of a unit below `parent`, in the form that `Pinpoint` writes.
fn pinpoint(parent: &ParsedUnit, kind: UnitKind, number: &str, paragraphs_are_unique: bool) -> String {
    let above = parent.pinpoint.as_str();
    let below = |step: String| if above.is_empty() { step } else { format!("{above} {step}") };
    let is_division = matches!(parent.kind, UnitKind::Part | UnitKind::Chapter | UnitKind::Section | UnitKind::Annex);
    match kind {
        UnitKind::Root => String::new(),
        UnitKind::Preamble => "preamble".to_owned(),
        UnitKind::Final => "final".to_owned(),
        UnitKind::Recital => format!("recital {number}"),
        UnitKind::Article => format!("art. {number}"),
        UnitKind::Annex => format!("annex {number}"),
        UnitKind::Note => format!("note {number}"),
        UnitKind::Part | UnitKind::Chapter | UnitKind::Section => {
            let step = format!("{} {number}", kind.prefix());
            if is_division { below(step) } else { step }
        }
        UnitKind::Paragraph => match parent.kind {
            UnitKind::Article => format!("{above}({number})"),
            UnitKind::Annex => below(format!("para. {number}")),
            _ if is_division && !paragraphs_are_unique => below(format!("para. {number}")),
            _ => format!("para. {number}"),
        },
        UnitKind::Subparagraph => below(format!("subpara. {number}")),
        UnitKind::Point | UnitKind::Subpoint if above.is_empty() => format!("point {number}"),
        UnitKind::Point | UnitKind::Subpoint => format!("{above}({number})"),
    }
}
