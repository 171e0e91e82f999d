//! BM25F as the book has it: slow, from rows and words alone, sharing only the analysis with the store.

use std::collections::BTreeMap;

use grounds_core::{Document, Row, Table};
use grounds_store::{Bm25fParameters, analyse};

use crate::model::State;
use crate::tables::on;

/// A passage as a list of terms for each field: text, headings, pinpoint, titles.
struct Passage {
    language: String,
    fields: [Vec<String>; 4],
}

/// The key and score of every passage that matches, best first, ties by key.
pub(crate) fn ranking(state: &State, number: u16, query: &str) -> Vec<(String, f64)> {
    let passages = visible(state, number);
    let mut averages = [0.0; 4];
    for (field, average) in averages.iter_mut().enumerate() {
        let lengths: usize = passages.values().map(|passage| passage.fields[field].len()).sum();
        *average = lengths as f64 / passages.len() as f64;
    }
    let mut scores: BTreeMap<&String, f64> = BTreeMap::new();
    let mut words: Vec<&str> = query.split(' ').collect();
    words.dedup();
    for word in words {
        let term = |passage: &Passage| analyse(word, &passage.language).into_iter().next().map(|token| token.term);
        let with: Vec<_> = passages
            .iter()
            .filter_map(|(key, passage)| {
                let term = term(passage)?;
                let count = |field: &Vec<String>| field.iter().filter(|found| **found == term).count() as f64;
                let counts = [0, 1, 2, 3].map(|field| count(&passage.fields[field]));
                (counts.iter().sum::<f64>() > 0.0).then_some((key, passage, counts))
            })
            .collect();
        let df = with.iter().filter(|(_, _, counts)| counts[0] + counts[1] > 0.0).count() as f64;
        let all = passages.len() as f64;
        for (key, passage, counts) in with {
            *scores.entry(key).or_default() += part(&averages, passage, counts, all, df);
        }
    }
    let mut ranking: Vec<(String, f64)> = scores.into_iter().map(|(key, score)| (key.clone(), score)).collect();
    ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranking
}

fn part(averages: &[f64; 4], passage: &Passage, counts: [f64; 4], all: f64, df: f64) -> f64 {
    let p = Bm25fParameters::STANDARD;
    let weights = [p.text_weight, p.headings_weight, p.pinpoint_weight, p.title_weight];
    let bs = [p.text_b, p.other_b, p.other_b, p.other_b];
    let mut frequency = 0.0;
    for field in (0..4).filter(|field| counts[*field] > 0.0) {
        let norm = 1.0 - bs[field] + bs[field] * passage.fields[field].len() as f64 / averages[field];
        frequency += weights[field] * counts[field] / norm;
    }
    (1.0 + (all - df + 0.5) / (df + 0.5)).ln() * frequency * (p.k1 + 1.0) / (p.k1 + frequency)
}

fn visible(state: &State, number: u16) -> BTreeMap<String, Passage> {
    let by_key = |table: Table| on(state, table, number).into_iter().map(|row| (row.key(), row)).collect();
    let versions: BTreeMap<String, Row> = by_key(Table::Versions);
    let documents: BTreeMap<String, Row> = by_key(Table::Documents);
    let mut passages = BTreeMap::new();
    for row in on(state, Table::Passages, number) {
        let Row::Passage(passage) = &row else { continue };
        let Some(Row::Version(version)) = versions.get(&passage.version.0) else { continue };
        let Some(Row::Document(document)) = documents.get(&version.document.0) else { continue };
        let Document { title, short_titles, language, .. } = document;
        let terms = |text: &str| analyse(text, language).into_iter().map(|token| token.term).collect::<Vec<_>>();
        let text = passage.span.of(&version.text).expect("the model's spans are inside");
        let titles = terms(&format!("{title} {}", short_titles.join(" ")));
        let fields = [terms(text), terms(&passage.headings), terms(&passage.pinpoint), titles];
        passages.insert(row.key(), Passage { language: language.clone(), fields });
    }
    passages
}
