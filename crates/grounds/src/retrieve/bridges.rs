//! Decisions and interpretations as bridges: what those cite that read like the question is probably what the question is about.
//!
//! A narrative names few of the words of the provisions it needs, but shares many with decisions about similar facts, and these name the provisions.

use std::collections::BTreeMap;

use grounds_core::{DocumentId, FoundBy, LinkKind, Question, SourceKind, UnitId};
use grounds_store::TextQuery;

use crate::error::GroundsError;
use crate::retrieve::{APPLYING, Candidate, citations, provision_of};
use crate::view::View;

/// How much speaks for a provision.
#[derive(Default)]
struct Vote {
    weight: f64,
    /// The passage that speaks most for it, how much, and what its link means.
    best: Option<(String, f64, LinkKind)>,
}

/// Raises the passages of provisions that are cited where words match the question, asking `passage_count` passages: the one that most speak for gets
/// `most_score`.
pub(crate) fn add(
    view: &View,
    question: &Question,
    most_score: f64,
    passage_count: usize,
    candidates: &mut Vec<Candidate>,
) -> Result<(), GroundsError> {
    let has_bridges = view.documents().iter().any(|document| APPLYING.contains(&document.kind));
    if !has_bridges || most_score <= 0.0 {
        return Ok(());
    }
    let votes = votes(view, question, passage_count)?;
    let most = votes.values().map(|vote| vote.weight).fold(0.0, f64::max);
    for ((document, unit), vote) in votes {
        let Some((from, _, kind)) = vote.best else { continue };
        let Some(text) = view.text_in_force(&document, question.at.as_of)? else { continue };
        let Some(unit) = text.tree.get(&unit) else { continue };
        let score = most_score * vote.weight / most;
        let provision = (text.version.id.clone(), text.tree.provision(unit).id.clone());
        let found_by = FoundBy::Link { from, kind };
        // The provision's best passage carries the vote; the others only say how they were found.
        let own = candidates.iter_mut().filter(|candidate| candidate.provision == provision);
        match own.max_by(|a, b| a.score.total_cmp(&b.score)) {
            Some(candidate) => {
                candidate.score += score;
                candidate.found_by.push(found_by);
            }
            None => citations::add_passages(view, &text, unit, score, &found_by, candidates)?,
        }
    }
    Ok(())
}

/// What the best bridges cite, by provision's document and unit.
fn votes(
    view: &View,
    question: &Question,
    passage_count: usize,
) -> Result<BTreeMap<(DocumentId, UnitId), Vote>, GroundsError> {
    let query = TextQuery {
        text: question.text.clone(),
        language: None,
        kinds: APPLYING.to_vec(),
        documents: Vec::new(),
        passage_count_max: passage_count,
    };
    let hits = view.reader().search(&query, question.at.as_of)?.hits;
    let best = hits.first().map_or(1.0, |hit| hit.score);
    let mut votes: BTreeMap<(DocumentId, UnitId), Vote> = BTreeMap::new();
    for hit in hits {
        let passage = hit.passage.row;
        let weight = (hit.score / best).powi(2);
        let links = view.links_from(&passage.version)?;
        let own = links.iter().filter(|link| passage.span.contains(link.span));
        let mut cited: Vec<(DocumentId, UnitId, LinkKind)> = Vec::new();
        for link in own {
            let wanted = question.documents.is_empty() || question.documents.contains(&link.to_document);
            let of_kind = view.document(&link.to_document).is_some_and(|document| {
                document.kind == SourceKind::Regulation
                    && (question.kinds.is_empty() || question.kinds.contains(&document.kind))
            });
            if !wanted || !of_kind {
                continue;
            }
            let Some(text) = view.text_in_force(&link.to_document, question.at.as_of)? else { continue };
            let (_, provision) = provision_of(view, &text.version.id, &link.to_unit)?;
            let is_provision = text.tree.get(&provision).is_some_and(|unit| unit.kind.is_numbered_throughout());
            if is_provision && !cited.iter().any(|(_, unit, _)| *unit == provision) {
                cited.push((link.to_document.clone(), provision, link.kind));
            }
        }
        // One that cites many says little of each.
        let share = weight / (cited.len().max(1) as f64).sqrt();
        for (document, unit, kind) in cited {
            let vote = votes.entry((document, unit)).or_default();
            vote.weight += share;
            if vote.best.as_ref().is_none_or(|(_, known, _)| share > *known) {
                vote.best = Some((passage.pinpoint.clone(), share, kind));
            }
        }
    }
    Ok(votes)
}
