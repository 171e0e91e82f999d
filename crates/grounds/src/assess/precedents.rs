//! Similar decisions: what was decided on facts told in like words, about the same provisions, and of the same kinds as the workspace's classifiers say.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{DocumentId, Grounds, Money, PassageRow, Precedent, SanctionSpread, SourceKind, Span, UnitId};
use grounds_models::ClassProbability;
use grounds_store::{TermStatistics, TextHit, TextQuery};

use crate::answer::{quote, sentences};
use crate::assess::Context;
use crate::error::GroundsError;
use crate::matter::Matter;
use crate::view::{Text, View};

/// How many decisions an assessment shows.
const PRECEDENT_COUNT_MAX: usize = 5;

/// How much of the similarity comes from words; the rest from provisions in common.
const WORDS_SHARE: f64 = 0.5;

/// Decisions below this are not similar.
const SIMILARITY_MIN: f64 = 0.15;

/// How much of the similarity of similar decisions comes from classifiers, where there are any.
const CLASSES_SHARE: f64 = 0.3;

/// The decisions most similar to the matter among those decided by its date, most similar first.
pub(crate) fn similar(context: &Context<'_>, matter: &Matter) -> Result<Vec<Precedent>, GroundsError> {
    let provisions = provisions_at_stake(context);
    let narrative = format!("{}\n{}", matter.title, matter.narrative_text());
    let result = context.view.reader().search(
        &TextQuery {
            text: narrative.clone(),
            language: None,
            kinds: vec![SourceKind::Precedent],
            documents: Vec::new(),
            passage_count_max: 400,
        },
        context.case.as_of,
    )?;
    let mut by_document: BTreeMap<DocumentId, Vec<TextHit>> = BTreeMap::new();
    for hit in result.hits {
        by_document.entry(hit.passage.row.document.clone()).or_default().push(hit);
    }
    let mut found = Vec::new();
    for hits in by_document.into_values() {
        found.extend(compare(context, &provisions, &hits, &result.terms)?);
    }
    found.retain(|precedent| precedent.similarity >= SIMILARITY_MIN);
    compare_classes(context, &narrative, &mut found)?;
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.document.cmp(&b.document)));
    found.truncate(PRECEDENT_COUNT_MAX);
    Ok(found)
}

/// The units that the rules for the claims asked for cite, with a name for people.
fn provisions_at_stake(context: &Context<'_>) -> BTreeMap<(DocumentId, UnitId), String> {
    let asked = |rule: &&grounds_core::Rule| {
        rule.in_force.contains(context.case.as_of) && context.goals.iter().any(|goal| goal.predicate == rule.claim)
    };
    let mut found = BTreeMap::new();
    for citation in context.program().rules.iter().filter(asked).flat_map(|rule| &rule.cites) {
        found.insert((citation.document.clone(), citation.unit.clone()), citation.pinpoint.clone());
    }
    found
}

/// The decision that `hits` are passages of, best first, compared with the matter.
fn compare(
    context: &Context<'_>,
    provisions: &BTreeMap<(DocumentId, UnitId), String>,
    hits: &[TextHit],
    terms: &[TermStatistics],
) -> Result<Option<Precedent>, GroundsError> {
    let Some(best) = hits.first().map(|hit| &hit.passage.row) else { return Ok(None) };
    let view = context.view;
    let (Some(text), Some(document)) = (view.text(&best.version)?, view.document(&best.document)) else {
        return Ok(None);
    };
    let matched: BTreeSet<&str> = hits.iter().flat_map(|hit| hit.matched.iter().map(String::as_str)).collect();
    let total: f64 = terms.iter().map(|term| term.idf).sum();
    let common: f64 = terms.iter().filter(|term| matched.contains(term.surface.as_str())).map(|term| term.idf).sum();
    let words = if total > 0.0 { common / total } else { 0.0 };
    let shared = shared_provisions(view, &text, provisions)?;
    #[expect(clippy::cast_precision_loss, reason = "few provisions")]
    let provision_share = if provisions.is_empty() { 0.0 } else { shared.len() as f64 / provisions.len() as f64 };
    let similarity = WORDS_SHARE * words + (1.0 - WORDS_SHARE) * provision_share;
    let stated = |name: &str| document.metadata.get(name).cloned().unwrap_or_default();
    let mut grounds: Vec<Grounds> = passage_quote(view, &text, best).into_iter().collect();
    grounds.extend(sanction_quote(view, &text, &stated("sanction")).filter(|quote| !grounds.contains(quote)));
    Ok(Some(Precedent {
        document: document.id.clone(),
        title: document.title.clone(),
        decided: stated("decided"),
        sanction: stated("sanction"),
        similarity: rounded(similarity),
        shared_provisions: shared,
        shared_classes: Vec::new(),
        grounds,
    }))
}

/// Rounded so that the figure printed is the figure compared.
fn rounded(similarity: f64) -> f64 {
    (similarity * 1000.0).round() / 1000.0
}

/// Lets the workspace's classifiers say how like the matter each decision is: by the mean over them of how far the probabilities they give to both overlap
/// (Bhattacharyya 1943: 1 where they are the same, 0 where no class is possible for both). What is similar at all, words and provisions say.
fn compare_classes(context: &Context<'_>, narrative: &str, found: &mut [Precedent]) -> Result<(), GroundsError> {
    let classifiers = if found.is_empty() { Vec::new() } else { context.view.classifiers()? };
    if classifiers.is_empty() {
        return Ok(());
    }
    let of_matter: Vec<Vec<ClassProbability>> =
        classifiers.iter().map(|(_, classifier)| classifier.class_probabilities(narrative)).collect();
    for precedent in found {
        let Some(text) = context.view.text_in_force(&precedent.document, context.case.as_of)? else { continue };
        let mut overlap = 0.0;
        for ((task, classifier), of_matter) in classifiers.iter().zip(&of_matter) {
            let of_decision = classifier.class_probabilities(&text.version.text);
            overlap += overlap_of(of_matter, &of_decision);
            if let (Some(first), Some(same)) = (of_matter.first(), of_decision.first())
                && first.class == same.class
            {
                precedent.shared_classes.push(format!("{task}: {}", first.class));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "few classifiers")]
        let overlap = overlap / classifiers.len() as f64;
        precedent.similarity = rounded((1.0 - CLASSES_SHARE) * precedent.similarity + CLASSES_SHARE * overlap);
    }
    Ok(())
}

/// The sum over the classes of the root of the product of both probabilities.
fn overlap_of(a: &[ClassProbability], b: &[ClassProbability]) -> f64 {
    let of_class = |class: &ClassProbability| {
        let same = b.iter().find(|other| other.class == class.class);
        same.map_or(0.0, |other| (class.probability * other.probability).sqrt())
    };
    a.iter().map(of_class).sum()
}

/// Provisions at stake that the decision refers to, or refers to a part of.
fn shared_provisions(
    view: &View,
    text: &Text,
    provisions: &BTreeMap<(DocumentId, UnitId), String>,
) -> Result<Vec<String>, GroundsError> {
    let cited: BTreeSet<(DocumentId, UnitId)> = view
        .reader()
        .links_from(&text.version.id)?
        .into_iter()
        .map(|link| (link.row.to_document, link.row.to_unit))
        .collect();
    let is_cited = |(document, unit): &(DocumentId, UnitId)| {
        let is_part = |other: &(DocumentId, UnitId)| {
            other.0 == *document && (other.1 == *unit || other.1.0.starts_with(&format!("{unit}__")))
        };
        cited.iter().any(is_part)
    };
    let mut shared: Vec<String> =
        provisions.iter().filter(|(unit, _)| is_cited(unit)).map(|(_, pinpoint)| pinpoint.clone()).collect();
    shared.dedup();
    Ok(shared)
}

/// The first sentences of the passage that matches best.
fn passage_quote(view: &View, text: &Text, passage: &PassageRow) -> Option<Grounds> {
    let words = passage.span.of(&text.version.text)?;
    let sentences = sentences(words);
    let end = sentences.get(1).or(sentences.first())?.end;
    let unit = text.tree.get(&passage.unit)?;
    quote(view, text, unit, Span { start: passage.span.start, end: passage.span.start + end })
}

/// The sentence that states the sanction, where the decision's text has its words; the last one, for decisions end with what they order.
fn sanction_quote(view: &View, text: &Text, sanction: &str) -> Option<Grounds> {
    if sanction.is_empty() {
        return None;
    }
    let position = u32::try_from(text.version.text.rfind(sanction)?).ok()?;
    let unit = text.tree.smallest_at(position)?;
    let words = unit.span.of(&text.version.text)?;
    let inside =
        |sentence: &Span| unit.span.start + sentence.start <= position && position < unit.span.start + sentence.end;
    let sentence = sentences(words).into_iter().find(inside)?;
    let span = Span { start: unit.span.start + sentence.start, end: unit.span.start + sentence.end };
    quote(view, text, unit, span)
        .filter(|quote| matches!(quote, Grounds::Quote { text, .. } if text.contains(sanction)))
}

/// How the sanctions of `precedents` are spread, in the currency most of them have; `None` where none states money.
pub(crate) fn spread(precedents: &[Precedent]) -> Option<SanctionSpread> {
    let mut by_currency: BTreeMap<String, Vec<Money>> = BTreeMap::new();
    for money in precedents.iter().filter_map(|precedent| Money::parse(&precedent.sanction).ok()) {
        by_currency.entry(money.currency.clone()).or_default().push(money);
    }
    let mut most = by_currency.into_values().max_by_key(Vec::len)?;
    most.sort_by_key(|money| money.minor);
    let (least, median, greatest) = (most.first()?, most.get((most.len() - 1) / 2)?, most.last()?);
    Some(SanctionSpread {
        count: most.len(),
        least: least.to_string(),
        median: median.to_string(),
        greatest: greatest.to_string(),
    })
}
