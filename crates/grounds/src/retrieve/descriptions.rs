//! What describes provisions: their own passages, and the passages of decisions and interpretations that cite them.
//!
//! As the words of links describe a page, those around citations describe a provision, in the words of whoever applies it. A provision's description
//! is scored like a passage, by the same formula, each document that cites it counting as much as one of its own passages.

use std::collections::{BTreeMap, HashMap};

use grounds_core::{DocumentId, FoundBy, Link, LinkKind, PassageRow, Question, SourceKind, UnitId, VersionId};
use grounds_store::{Bm25fParameters, TextQuery, WordPlaces};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::{APPLYING, Candidate, citations, explains};
use crate::view::{Text, View};

/// The descriptions of all provisions in force on a day, of what one view sees.
#[derive(Debug, Default)]
pub(crate) struct Descriptions {
    provisions: Vec<Described>,
    /// In order of place.
    describing: Vec<Describing>,
    /// For each visible passage, by place, where its part of `describing` begins; and the end.
    starts: Vec<usize>,
    /// The pinpoints of passages that cite, by place.
    pinpoints: HashMap<u32, String>,
}

/// A provision that binds.
#[derive(Debug)]
struct Described {
    document: DocumentId,
    provision: (VersionId, UnitId),
    /// How many passages describe it; those of one document that cites it count 1 together.
    passage_count: f64,
}

/// That a passage describes a provision.
#[derive(Clone, Copy, Debug)]
struct Describing {
    place: u32,
    provision: usize,
    weight: f64,
    /// What its link means; `None` for the provision's own passages.
    link: Option<LinkKind>,
}

/// How well words describe a provision.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    score: f64,
    /// The passage that cites it and has most of the words, how much of them, and what its link means.
    best: Option<(u32, f64, LinkKind)>,
}

/// Raises the provisions that the question's words describe: the one they describe best gets `most_score`.
///
/// Cost: where the question's words stand, and a few steps for each such passage.
pub(crate) fn add(
    view: &View,
    question: &Question,
    most_score: f64,
    candidates: &mut Vec<Candidate>,
) -> Result<(), GroundsError> {
    if most_score <= 0.0 {
        return Ok(());
    }
    let descriptions = view.descriptions(question.at.as_of)?;
    let is_wanted = |described: &Described| {
        let document = &described.document;
        (question.documents.is_empty() || question.documents.contains(document))
            && (question.kinds.is_empty() || question.kinds.contains(&SourceKind::Regulation))
    };
    if !descriptions.provisions.iter().any(is_wanted) {
        return Ok(());
    }
    let words = view.reader().word_places(&TextQuery::of_words(&question.text), question.at.as_of)?;
    let fits = descriptions.fits(&words);
    let mut wanted: Vec<(&Described, &Fit)> = descriptions.provisions.iter().zip(&fits).collect();
    wanted.retain(|(described, fit)| fit.score > 0.0 && is_wanted(described));
    wanted.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    let Some(most) = wanted.first().map(|(_, fit)| fit.score) else { return Ok(()) };
    let known = by_provision(candidates);
    for (rank, (described, fit)) in wanted.into_iter().enumerate() {
        let score = most_score * fit.score / most;
        let found_by = descriptions.found_by(fit);
        match known.get(&described.provision) {
            Some(own) => raise(candidates, own, score, found_by.as_ref()),
            // One that neither its own words nor a citation led to.
            None if rank < question.hit_count_max => {
                let Some(text) = view.text(&described.provision.0)? else { continue };
                let (Some(unit), Some(found_by)) = (text.tree.get(&described.provision.1), found_by) else { continue };
                citations::add_passages(view, &text, unit, score, &found_by, candidates)?;
            }
            None => {}
        }
    }
    Ok(())
}

/// Adds `score` to the best of a provision's candidates, and to the others as much of it as they have of the best one's score: a description says which
/// provision is meant, and their own words which of its passages.
fn raise(candidates: &mut [Candidate], own: &[usize], score: f64, found_by: Option<&FoundBy>) {
    let best = own.iter().map(|at| candidates[*at].score).fold(0.0, f64::max);
    for at in own.iter().filter(|_| best > 0.0) {
        let candidate = &mut candidates[*at];
        candidate.score += score * candidate.score / best;
        let is_known = found_by.is_none_or(|found_by| candidate.found_by.contains(found_by));
        candidate.found_by.extend(found_by.filter(|_| !is_known).cloned());
    }
}

/// The candidates of each provision.
fn by_provision(candidates: &[Candidate]) -> HashMap<(VersionId, UnitId), Vec<usize>> {
    let mut known: HashMap<(VersionId, UnitId), Vec<usize>> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        known.entry(candidate.provision.clone()).or_default().push(at);
    }
    known
}

impl Descriptions {
    /// Reads what describes the provisions in force on `as_of`; nothing where the view sees no decision or interpretation.
    pub(crate) fn of(view: &View, as_of: Date) -> Result<Self, GroundsError> {
        let mut reading = Reading { view, as_of, described: Self::default(), known: HashMap::new(), found: Vec::new() };
        let applying: Vec<&DocumentId> =
            view.documents().iter().filter(|document| APPLYING.contains(&document.kind)).map(|of| &of.id).collect();
        if applying.is_empty() {
            return Ok(reading.described);
        }
        let mut laws: BTreeMap<DocumentId, std::rc::Rc<Text>> = BTreeMap::new();
        for document in view.documents().iter().filter(|document| document.kind == SourceKind::Regulation) {
            if let Some(text) = view.text_in_force(&document.id, as_of)? {
                reading.add_law(&text)?;
                laws.insert(document.id.clone(), text);
            }
        }
        for document in applying {
            reading.add_citing(document, &laws)?;
        }
        Ok(reading.finish())
    }

    /// How well words describe each provision.
    fn fits(&self, words: &[WordPlaces]) -> Vec<Fit> {
        let parameters = Bm25fParameters::STANDARD;
        let sum: f64 = self.provisions.iter().map(|described| described.passage_count).sum();
        let average = sum / self.provisions.len().max(1) as f64;
        let length = |described: &Described| {
            1.0 - parameters.text_b + parameters.text_b * described.passage_count / average.max(f64::MIN_POSITIVE)
        };
        let lengths: Vec<f64> = self.provisions.iter().map(length).collect();
        let mut fits = vec![Fit::default(); self.provisions.len()];
        let mut counts = vec![0.0; self.provisions.len()];
        // How much of the words each passage has.
        let mut parts = vec![0.0; self.starts.len()];
        for word in words {
            let weight = word.factor * word.statistics.idf;
            for describing in word.places.iter().flat_map(|place| self.of_place(*place)) {
                counts[describing.provision] += describing.weight;
            }
            for place in &word.places {
                if let Some(part) = parts.get_mut(*place as usize) {
                    *part += weight;
                }
            }
            for ((fit, count), length) in fits.iter_mut().zip(&mut counts).zip(&lengths) {
                fit.score += weight * parameters.saturated(*count / length);
                *count = 0.0;
            }
        }
        for describing in &self.describing {
            let (part, fit) = (parts[describing.place as usize], &mut fits[describing.provision]);
            if let Some(link) = describing.link
                && fit.best.map_or(0.0, |(_, most, _)| most) < part
            {
                fit.best = Some((describing.place, part, link));
            }
        }
        fits
    }

    fn of_place(&self, place: u32) -> &[Describing] {
        let place = place as usize;
        match (self.starts.get(place), self.starts.get(place + 1)) {
            (Some(start), Some(end)) => &self.describing[*start..*end],
            _ => &[],
        }
    }

    /// What a hit tells of it.
    fn found_by(&self, fit: &Fit) -> Option<FoundBy> {
        let (place, _, kind) = fit.best?;
        Some(FoundBy::Link { from: self.pinpoints.get(&place)?.clone(), kind })
    }
}

/// Descriptions while they are read.
struct Reading<'v> {
    view: &'v View,
    as_of: Date,
    described: Descriptions,
    /// Positions of provisions.
    known: HashMap<(VersionId, UnitId), usize>,
    found: Vec<Describing>,
}

impl Reading<'_> {
    /// Adds a regulation's provisions, each described by its own passages.
    fn add_law(&mut self, text: &Text) -> Result<(), GroundsError> {
        let passages = self.passages(&text.version.id)?;
        for (place, passage) in passages {
            if let Some(provision) = self.provision(text, &passage.unit) {
                self.describe(Describing { place, provision, weight: 1.0, link: None });
            }
        }
        Ok(())
    }

    /// Adds a document's passages that cite provisions of `laws`.
    fn add_citing(
        &mut self,
        document: &DocumentId,
        laws: &BTreeMap<DocumentId, std::rc::Rc<Text>>,
    ) -> Result<(), GroundsError> {
        let Some(version) = self.view.reader().version_in_force(document, self.as_of)? else { return Ok(()) };
        let links = self.view.links_from(&version.row.id)?;
        let links: Vec<&Link> = links.iter().filter(|link| laws.contains_key(&link.to_document)).collect();
        if links.is_empty() {
            return Ok(());
        }
        // For each provision the passages that cite it, each once.
        let mut citing: BTreeMap<usize, BTreeMap<u32, LinkKind>> = BTreeMap::new();
        for (place, passage) in self.passages(&version.row.id)? {
            for link in links.iter().filter(|link| passage.span.contains(link.span)) {
                if let Some(provision) = self.provision(&laws[&link.to_document], &link.to_unit) {
                    citing.entry(provision).or_default().entry(place).or_insert(link.kind);
                    self.described.pinpoints.entry(place).or_insert_with(|| passage.pinpoint.clone());
                }
            }
        }
        for (provision, places) in citing {
            let weight = 1.0 / places.len() as f64;
            for (place, link) in places {
                self.describe(Describing { place, provision, weight, link: Some(link) });
            }
        }
        Ok(())
    }

    fn describe(&mut self, describing: Describing) {
        self.described.provisions[describing.provision].passage_count += describing.weight;
        self.found.push(describing);
    }

    /// The visible passages of a version, with their places.
    fn passages(&self, version: &VersionId) -> Result<Vec<(u32, PassageRow)>, GroundsError> {
        let reader = self.view.reader();
        let rows: Vec<PassageRow> = reader.passages(version)?.into_iter().map(|stored| stored.row).collect();
        let names: Vec<(VersionId, u32)> = rows.iter().map(|row| (row.version.clone(), row.ordinal)).collect();
        let places = reader.passage_places(self.as_of, &names)?;
        Ok(places.into_iter().zip(rows).filter_map(|(place, row)| Some((place?, row))).collect())
    }

    /// The position of the provision that has a unit, where it is one that binds.
    fn provision(&mut self, text: &Text, unit: &UnitId) -> Option<usize> {
        let unit = text.tree.provision(text.tree.get(unit)?);
        if !unit.kind.is_numbered_throughout() || explains(&unit.id) {
            return None;
        }
        let provision = (text.version.id.clone(), unit.id.clone());
        let provisions = &mut self.described.provisions;
        Some(*self.known.entry(provision.clone()).or_insert_with(|| {
            provisions.push(Described { document: text.version.document.clone(), provision, passage_count: 0.0 });
            provisions.len() - 1
        }))
    }

    fn finish(mut self) -> Descriptions {
        // The sort is stable: equal places keep the order in which documents are read, which is that of their names.
        self.found.sort_by_key(|describing| describing.place);
        let place_count = self.found.last().map_or(0, |last| last.place as usize + 1);
        let mut starts = vec![0; place_count + 1];
        for describing in &self.found {
            starts[describing.place as usize + 1] += 1;
        }
        for place in 0..place_count {
            starts[place + 1] += starts[place];
        }
        Descriptions { describing: self.found, starts, ..self.described }
    }
}
