//! One step along links of the best hits: what they cite, and what cites them.

use std::collections::BTreeSet;

use grounds_core::{DocumentId, FoundBy, LinkKind, Question, UnitId};

use crate::error::GroundsError;
use crate::retrieve::{Candidate, RetrieveParameters, citations};
use crate::view::View;

/// A unit reached by a link from a hit.
struct Reached {
    document: DocumentId,
    unit: UnitId,
    kind: LinkKind,
    from: String,
    score: f64,
}

/// Adds or raises the passages linked with the best candidates.
pub(crate) fn add(
    view: &View,
    question: &Question,
    parameters: RetrieveParameters,
    candidates: &mut Vec<Candidate>,
) -> Result<(), GroundsError> {
    let mut sources: Vec<&Candidate> = candidates.iter().collect();
    sources.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut provisions = BTreeSet::new();
    let mut reached = Vec::new();
    for source in sources {
        if provisions.len() == parameters.link_source_count {
            break;
        }
        if provisions.insert(source.provision.clone()) {
            reached.extend(cited_by(view, source, parameters.link_factor)?);
        }
    }
    for Reached { document, unit, kind, from, score } in reached {
        let wanted = question.documents.is_empty() || question.documents.contains(&document);
        let kind_fits = question.kinds.is_empty()
            || view.document(&document).is_some_and(|document| question.kinds.contains(&document.kind));
        if !wanted || !kind_fits {
            continue;
        }
        let Some(text) = view.text_in_force(&document, question.at.as_of)? else { continue };
        let Some(unit) = text.tree.get(&unit) else { continue };
        // A link to a chapter or a whole document says too little about any one passage.
        if unit.kind.is_numbered_throughout() || text.tree.provision(unit).id != unit.id {
            citations::add_passages(view, &text, unit, score, &FoundBy::Link { from, kind }, candidates)?;
        }
    }
    Ok(())
}

/// The units that a candidate's passage cites, in other provisions than its own.
fn cited_by(view: &View, source: &Candidate, factor: f64) -> Result<Vec<Reached>, GroundsError> {
    let passage = &source.passage;
    let links = view.links_from(&passage.version)?;
    let mut seen = BTreeSet::new();
    let mut reached = Vec::new();
    for link in links.iter() {
        if !passage.span.contains(link.span) || !seen.insert((link.to_document.clone(), link.to_unit.clone())) {
            continue;
        }
        reached.push(Reached {
            document: link.to_document.clone(),
            unit: link.to_unit.clone(),
            kind: link.kind,
            from: passage.pinpoint.clone(),
            score: source.score * factor,
        });
    }
    Ok(reached)
}
