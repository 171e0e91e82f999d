//! Retrieval: a question in, ranked units with the way each was found out.
//!
//! Candidates come from text search, from citations in the question, and from one step along links of the best of those;
//! they are put in one order and cut to the number asked for.

mod parts;
mod coverage;
mod citations;
mod abbreviations;
mod links;
mod bridges;
mod descriptions;
mod analysed;
mod collection;
mod learned;
mod nearness;
mod explain;

use std::collections::BTreeMap;

use grounds_core::{Evidence, FoundBy, Hit, PassageRow, Question, SourceKind, UnitId, UnitKind, VersionId};
use grounds_store::TermStatistics;

use crate::error::GroundsError;
use crate::retrieve::parts::Searched;
use crate::view::View;

pub(crate) use abbreviations::is_explained;
pub use citations::{CitedInQuestion, cited_in};
pub use collection::{PassageCollection, collection};
pub(crate) use collection::{collection_hearing, collection_with_keys, key, language};
pub(crate) use descriptions::Descriptions;
pub use explain::{HitExplanation, explain};
pub use learned::LearnedRanking;
pub(crate) use nearness::{Nearness, embedded_texts, embedded_texts_of};

/// How candidates become a ranking. Chosen on public questions about one regulation, see `bench/README.md`.
#[derive(Clone, Copy, Debug)]
pub struct RetrieveParameters {
    /// How many passages text search proposes, at least.
    pub candidate_count: usize,
    /// A further passage of a provision that already has a hit counts this much of its score.
    pub same_provision_factor: f64,
    /// The same for narratives, questions of several sentences: they need many provisions, and each only once.
    pub narrative_provision_factor: f64,
    /// Recitals, preambles and notes explain but do not bind: they count this much of their score.
    pub explaining_factor: f64,
    /// A linked provision gets this much of the score of the hit it is linked with.
    pub link_factor: f64,
    /// Links of this many best hits are followed.
    pub link_source_count: usize,
    /// So many passages of decisions and interpretations are asked what they cite.
    pub bridge_count: usize,
    /// The provision for which most of these speak gets this much of the best score on top of its own.
    pub bridge_factor: f64,
    /// The provision that the question's words describe best gets this much of the best score on top of its own.
    pub description_factor: f64,
    /// The same for narratives, which name few of the words of the provisions they need.
    pub narrative_description_factor: f64,
    /// A passage whose vector is that of the question gets this much of the best score by words on top of its own, and others by their cosine.
    pub vector_factor: f64,
}

impl RetrieveParameters {
    /// The measured choice.
    pub const DEFAULT: Self = Self {
        candidate_count: 200,
        same_provision_factor: 0.95,
        narrative_provision_factor: 0.5,
        explaining_factor: 0.3,
        link_factor: 0.3,
        link_source_count: 3,
        bridge_count: 60,
        bridge_factor: 0.5,
        description_factor: 0.35,
        narrative_description_factor: 2.0,
        vector_factor: 1.0,
    };

    /// These for a narrative.
    fn for_narrative(self) -> Self {
        Self {
            same_provision_factor: self.narrative_provision_factor,
            description_factor: self.narrative_description_factor,
            ..self
        }
    }
}

/// A candidate on its way to become a hit.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) passage: PassageRow,
    /// The article or recital it belongs to.
    pub(crate) provision: (VersionId, UnitId),
    pub(crate) score: f64,
    pub(crate) found_by: Vec<FoundBy>,
    /// Words of the question it contains.
    pub(crate) matched: Vec<String>,
}

/// Finds the units that best support `question`, best first, at the question's date in this view's snapshot.
///
/// At most `question.hit_count_max` hits; none is not an error. Cost: one text search, and the units of the versions that hits are in.
///
/// # Errors
/// Those of the store.
pub fn retrieve(view: &View, question: &Question) -> Result<Evidence, GroundsError> {
    retrieve_with(view, question, RetrieveParameters::DEFAULT)
}

/// As [`retrieve`], with other parameters: for measuring them. Ranks by the kept model where there is one, see [`View::learned`].
///
/// # Errors
/// Those of the store.
pub fn retrieve_with(
    view: &View,
    question: &Question,
    parameters: RetrieveParameters,
) -> Result<Evidence, GroundsError> {
    let learned = view.learned(question.at.as_of)?;
    retrieve_by(view, question, parameters, learned.as_deref())
}

/// As [`retrieve_with`], by a trained model where there is one; without one it is the same.
///
/// # Errors
/// Those of the store.
pub fn retrieve_by(
    view: &View,
    question: &Question,
    parameters: RetrieveParameters,
    learned: Option<&LearnedRanking>,
) -> Result<Evidence, GroundsError> {
    let mut searched = search(view, question, parameters, learned)?;
    let written_out = abbreviations::written_out(view, question, &searched.unknown_words())?;
    if !written_out.is_empty() {
        let text = abbreviations::replaced(&question.text, &written_out);
        searched = search(view, &Question { text, ..question.clone() }, parameters, learned)?;
    }
    let (coverage, unknown_words) = (searched.coverage(), searched.unknown_words());
    let mut hits = Vec::new();
    for candidate in searched.ranked.into_iter().take(question.hit_count_max) {
        hits.extend(hit(view, candidate)?);
    }
    let word_count = searched.terms.len();
    Ok(Evidence { question: question.clone(), hits, word_count, coverage, unknown_words, written_out })
}

/// Ranked candidates, and what of the question was looked for.
struct Ranked {
    ranked: Vec<Candidate>,
    terms: Vec<TermStatistics>,
    /// Words of the question that passages too far down have.
    passed_over: Vec<Vec<String>>,
}

impl Ranked {
    fn matched(&self) -> Vec<&Vec<String>> {
        self.ranked.iter().map(|candidate| &candidate.matched).chain(&self.passed_over).collect()
    }

    fn coverage(&self) -> f64 {
        coverage::coverage(&self.matched(), &self.terms)
    }

    fn unknown_words(&self) -> Vec<String> {
        coverage::unknown_words(&self.matched(), &self.terms)
    }
}

/// Finds candidates in every way and puts them in one order.
fn search(
    view: &View,
    question: &Question,
    parameters: RetrieveParameters,
    learned: Option<&LearnedRanking>,
) -> Result<Ranked, GroundsError> {
    // A model hears the whole question and weighs its parts; what its sentences find by words would only disturb its order.
    let sentences = if learned.is_none() { parts::of_narrative(&question.text) } else { Vec::new() };
    let parameters = if sentences.is_empty() { parameters } else { parameters.for_narrative() };
    let Searched { mut candidates, terms, passed_over } =
        parts::search(view, question, &sentences, parameters, learned)?;
    citations::add(view, question, &mut candidates)?;
    links::add(view, question, parameters, &mut candidates)?;
    let best = candidates.iter().map(|candidate| candidate.score).fold(0.0, f64::max);
    bridges::add(view, question, parameters.bridge_factor * best, parameters.bridge_count, &mut candidates)?;
    descriptions::add(view, question, parameters.description_factor * best, &mut candidates)?;
    let ranked = spread_over_provisions(candidates, parameters.same_provision_factor);
    Ok(Ranked { ranked, terms, passed_over })
}

/// The kinds of documents that apply provisions, or say what they mean.
const APPLYING: [SourceKind; 2] = [SourceKind::Precedent, SourceKind::Interpretation];

/// Whether a unit of this name explains, and does not bind.
fn explains(provision: &UnitId) -> bool {
    let kinds = [UnitKind::Recital, UnitKind::Preamble, UnitKind::Note, UnitKind::Final];
    kinds.iter().any(|kind| provision.0.split('_').next() == Some(kind.prefix()))
}

pub(crate) fn provision_of(
    view: &View,
    version: &VersionId,
    unit: &UnitId,
) -> Result<(VersionId, UnitId), GroundsError> {
    let text = view.text(version)?;
    let provision = text.as_ref().and_then(|text| text.tree.get(unit).map(|unit| text.tree.provision(unit).id.clone()));
    Ok((version.clone(), provision.unwrap_or_else(|| unit.clone())))
}

/// Orders candidates by score, further passages of one provision counting less and less: ten hits should not be ten paragraphs of one article.
fn spread_over_provisions(mut candidates: Vec<Candidate>, factor: f64) -> Vec<Candidate> {
    order(&mut candidates);
    let mut seen: BTreeMap<(VersionId, UnitId), i32> = BTreeMap::new();
    for candidate in &mut candidates {
        let count = seen.entry(candidate.provision.clone()).or_insert(0);
        candidate.score *= factor.powi(*count);
        *count += 1;
    }
    order(&mut candidates);
    candidates
}

/// Best first; equal scores in document order, so that the ranking is the same on every machine.
fn order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        let place = |candidate: &Candidate| (candidate.passage.version.clone(), candidate.passage.ordinal);
        b.score.total_cmp(&a.score).then_with(|| place(a).cmp(&place(b)))
    });
}

fn hit(view: &View, candidate: Candidate) -> Result<Option<Hit>, GroundsError> {
    let passage = candidate.passage;
    let Some(text) = view.text(&passage.version)? else { return Ok(None) };
    let (Some(document), Some(words)) = (view.document(&passage.document), passage.span.of(&text.version.text)) else {
        return Ok(None);
    };
    Ok(Some(Hit {
        document: passage.document.clone(),
        title: document.title.clone(),
        kind: document.kind,
        unit: passage.unit,
        pinpoint: passage.pinpoint,
        version: passage.version,
        start: passage.span.start,
        end: passage.span.end,
        text: words.to_owned(),
        score: candidate.score,
        found_by: candidate.found_by,
    }))
}
