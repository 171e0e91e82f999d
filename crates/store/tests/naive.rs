//! BM25F as the book has it: slow, from rows and words alone, sharing only the analysis with the store.

use std::collections::BTreeMap;

use grounds_core::{Document, Row, Table};
use grounds_store::{Bm25fParameters, analyse};

use crate::model::State;
use crate::tables::on;

/// A passage as a list of terms for each field: text, headings, pinpoint, titles.
struct Passage {
    key: String,
    document: String,
    version: String,
    language: String,
    fields: [Vec<String>; 4],
}

/// The key and score of every passage that matches, best first, ties by key.
pub(crate) fn ranking(state: &State, number: u16, query: &str) -> Vec<(String, f64)> {
    let passages = visible(state, number);
    let own: Vec<f64> = own_scores(&passages, query);
    let p = Bm25fParameters::STANDARD;
    let mut ranking = Vec::new();
    for (at, passage) in passages.iter().enumerate() {
        let matches = query.split(' ').any(|word| {
            let term = analyse(word, &passage.language).into_iter().next().map(|token| token.term);
            term.is_some_and(|term| passage.fields.iter().any(|field| field.contains(&term)))
        });
        if !matches {
            continue;
        }
        let of = |same: &dyn Fn(usize) -> bool| -> Vec<f64> {
            (0..own.len()).filter(|other| same(*other)).map(|other| own[other]).collect()
        };
        let mut best = of(&|other| passages[other].document == passage.document);
        best.sort_by(|a, b| b.total_cmp(a));
        let around = of(&|other| other != at && other.abs_diff(at) <= 5 && passages[other].version == passage.version);
        let of_document = p.document_share * best.iter().take(5).sum::<f64>() / 5.0;
        let score = own[at] + of_document + p.surroundings_share * around.into_iter().fold(0.0, f64::max);
        ranking.push((passage.key.clone(), score));
    }
    ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranking
}

/// What the words and pairs of words add up to in each passage.
fn own_scores(passages: &[Passage], query: &str) -> Vec<f64> {
    let mut words: Vec<&str> = query.split(' ').collect();
    words.dedup();
    let term =
        |word: &str, passage: &Passage| analyse(word, &passage.language).into_iter().next().map(|token| token.term);
    let mut own = vec![0.0; passages.len()];
    for word in &words {
        let wanted: Vec<_> = passages.iter().map(|passage| term(word, passage).map(|term| vec![term])).collect();
        add(passages, &wanted, 1.0, &mut own);
    }
    for (first, from) in words.iter().enumerate() {
        for (second, to) in words.iter().enumerate().skip(first + 1) {
            let between = &words[first + 1..second];
            let wanted: Vec<_> = passages
                .iter()
                .map(|passage| {
                    let is_next = between.iter().all(|word| term(word, passage).is_none());
                    is_next.then(|| Some(vec![term(from, passage)?, term(to, passage)?])).flatten()
                })
                .collect();
            add(passages, &wanted, Bm25fParameters::STANDARD.word_pair_factor, &mut own);
        }
    }
    own
}

/// Adds what a sequence of terms, for each passage as in its language, adds.
fn add(passages: &[Passage], wanted: &[Option<Vec<String>>], factor: f64, own: &mut [f64]) {
    let p = Bm25fParameters::STANDARD;
    let (weights, bs) = (
        [p.text_weight, p.headings_weight, p.pinpoint_weight, p.title_weight],
        [p.text_b, p.other_b, p.other_b, p.other_b],
    );
    let averages = [0, 1, 2, 3].map(|field| {
        passages.iter().map(|passage| passage.fields[field].len()).sum::<usize>() as f64 / passages.len() as f64
    });
    // How often it stands in a field; citations have no pairs.
    let count = |at: usize, field: usize| -> f64 {
        let Some(wanted) = &wanted[at] else { return 0.0 };
        let is_pair_of_citation = field == 2 && wanted.len() > 1;
        let found = passages[at].fields[field].windows(wanted.len()).filter(|found| found == wanted).count();
        if is_pair_of_citation { 0.0 } else { found as f64 }
    };
    let part = |at: usize, field: usize, weight: f64| -> f64 {
        let length = passages[at].fields[field].len() as f64;
        let found = count(at, field);
        if found > 0.0 { weight * found / (1.0 - bs[field] + bs[field] * length / averages[field]) } else { 0.0 }
    };
    let df = (0..passages.len()).filter(|at| count(*at, 0) + count(*at, 1) > 0.0).count() as f64;
    let idf = (1.0 + (passages.len() as f64 - df + 0.5) / (df + 0.5)).ln();
    for at in 0..passages.len() {
        let mut frequency = 0.0;
        for field in 0..4 {
            let siblings = passages.iter().filter(|other| other.document == passages[at].document).count() as f64;
            let weight = if field == 3 { weights[3] / siblings.sqrt() } else { weights[field] };
            frequency += part(at, field, weight);
        }
        for neighbour in [at.checked_sub(1), Some(at + 1)].into_iter().flatten() {
            if passages.get(neighbour).is_some_and(|other| other.version == passages[at].version) {
                frequency += p.neighbour_weight * part(neighbour, 0, weights[0]);
            }
        }
        own[at] += factor * idf * frequency * (p.k1 + 1.0) / (p.k1 + frequency);
    }
}

fn visible(state: &State, number: u16) -> Vec<Passage> {
    let by_key = |table: Table| on(state, table, number).into_iter().map(|row| (row.key(), row)).collect();
    let versions: BTreeMap<String, Row> = by_key(Table::Versions);
    let documents: BTreeMap<String, Row> = by_key(Table::Documents);
    let mut passages = Vec::new();
    for row in on(state, Table::Passages, number) {
        let Row::Passage(passage) = &row else { continue };
        let Some(Row::Version(version)) = versions.get(&passage.version.0) else { continue };
        let Some(Row::Document(document)) = documents.get(&version.document.0) else { continue };
        let Document { title, short_titles, language, .. } = document;
        let terms = |text: &str| analyse(text, language).into_iter().map(|token| token.term).collect::<Vec<_>>();
        let text = passage.span.of(&version.text).expect("the model's spans are inside");
        let titles = terms(&format!("{title} {}", short_titles.join(" ")));
        let fields = [terms(text), terms(&passage.headings), terms(&passage.pinpoint), titles];
        let (key, document, version) = (row.key(), version.document.0.clone(), passage.version.0.clone());
        passages.push(Passage { key, document, version, language: language.clone(), fields });
    }
    // In the order in which passages stand: that of keys.
    passages.sort_by(|a, b| a.key.cmp(&b.key));
    passages
}
