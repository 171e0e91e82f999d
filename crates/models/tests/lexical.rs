//! BM25F with pairs against the formula written down plainly.

use std::collections::BTreeSet;

use grounds_models::{LexicalSettings, Scored};
use proptest::prelude::*;

use crate::small::{Written, collection, words};

const SETTINGS: LexicalSettings = LexicalSettings::STANDARD;

/// The fields of every passage, straight from the documentation: terms, weight and b.
fn fields(passages: &[Written], at: usize) -> Vec<(Vec<&str>, f32, f32)> {
    let body = |at: usize| words(&passages[at].text);
    let same = |other: usize| passages[other].document == passages[at].document;
    let mut above = Vec::new();
    let mut parent = passages[at].parent;
    for _ in 0..SETTINGS.ancestor_count_max {
        let Some(ancestor) = parent else { break };
        above.extend(body(ancestor as usize).into_iter().take(SETTINGS.ancestor_terms_max));
        parent = passages[ancestor as usize].parent;
    }
    let previous = if at > 0 && same(at - 1) { body(at - 1) } else { Vec::new() };
    let next = if at + 1 < passages.len() && same(at + 1) { body(at + 1) } else { Vec::new() };
    let is_heading = |other: &usize| (1..=SETTINGS.heading_terms_max).contains(&body(*other).len());
    let heading = (0..at).rev().take_while(|other| same(*other)).find(is_heading).map(body).unwrap_or_default();
    vec![
        (body(at), SETTINGS.body_weight, SETTINGS.body_b),
        (above, SETTINGS.headings_weight, SETTINGS.other_b),
        (words(&passages[at].title), SETTINGS.title_weight, SETTINGS.other_b),
        (previous, SETTINGS.neighbour_weight, SETTINGS.other_b),
        (next, SETTINGS.neighbour_weight, SETTINGS.other_b),
        (heading, SETTINGS.last_heading_weight, SETTINGS.other_b),
    ]
}

fn idf(count: usize, df: usize) -> f32 {
    (1.0 + (count as f32 - df as f32 + 0.5) / (df as f32 + 0.5)).ln()
}

fn saturated(frequency: f32) -> f32 {
    frequency * (SETTINGS.k1 + 1.0) / (SETTINGS.k1 + frequency)
}

fn pairs(text: &str) -> Vec<(&str, &str)> {
    words(text).windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The score of every passage, one formula after the other.
fn naive(passages: &[Written], question: &[&str]) -> Vec<f32> {
    let count = passages.len();
    let all: Vec<_> = (0..count).map(|at| fields(passages, at)).collect();
    let average = |field: usize| all.iter().map(|fields| fields[field].0.len()).sum::<usize>() as f32 / count as f32;
    let pair_average = passages.iter().map(|passage| pairs(&passage.text).len()).sum::<usize>() as f32 / count as f32;
    let known: BTreeSet<&str> = all.iter().flatten().flat_map(|field| field.0.iter().copied()).collect();
    let terms: BTreeSet<&str> = question.iter().copied().collect();
    let asked_pairs: BTreeSet<(&str, &str)> = question.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let score = |at: usize| {
        let mut score = 0.0;
        for term in &terms {
            let mut frequency = 0.0;
            for (field, (field_terms, weight, b)) in all[at].iter().enumerate() {
                let tf = field_terms.iter().filter(|other| *other == term).count() as f32;
                if tf > 0.0 {
                    frequency += weight * tf / (1.0 - b + b * field_terms.len() as f32 / average(field));
                }
            }
            let df = passages.iter().filter(|passage| words(&passage.text).contains(term)).count();
            score += idf(count, df) * saturated(frequency);
        }
        for pair in asked_pairs.iter().filter(|pair| known.contains(pair.0) && known.contains(pair.1)) {
            let own = pairs(&passages[at].text);
            let tf = own.iter().filter(|other| *other == pair).count() as f32;
            if tf > 0.0 {
                let df = passages.iter().filter(|passage| pairs(&passage.text).contains(pair)).count();
                let norm = 1.0 - SETTINGS.body_b + SETTINGS.body_b * own.len() as f32 / pair_average;
                score += SETTINGS.pair_weight * idf(count, df) * saturated(tf / norm);
            }
        }
        score
    };
    in_context(passages, &(0..count).map(score).collect::<Vec<f32>>())
}

/// Adds what the best of the document and the best around it score; nothing where a passage shares nothing.
fn in_context(passages: &[Written], alone: &[f32]) -> Vec<f32> {
    let reach = SETTINGS.surroundings_reach as usize;
    let score = |at: usize| {
        let same = |other: &usize| passages[*other].document == passages[at].document;
        let mut document: Vec<f32> = (0..alone.len()).filter(same).map(|other| alone[other]).collect();
        document.sort_by(|a, b| b.total_cmp(a));
        let best = document.iter().take(SETTINGS.document_best_count).sum::<f32>();
        let around = (at.saturating_sub(reach)..alone.len().min(at + reach + 1)).filter(|other| *other != at);
        let around = around.filter(same).map(|other| alone[other]).fold(0.0, f32::max);
        let document = SETTINGS.document_weight * best / SETTINGS.document_best_count as f32;
        alone[at] + document + SETTINGS.surroundings_weight * around
    };
    (0..alone.len()).map(|at| if alone[at] > 0.0 { score(at) } else { 0.0 }).collect()
}

fn text(words_max: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec("[a-f]", 0..words_max).prop_map(|words| words.join(" "))
}

fn passages() -> impl Strategy<Value = Vec<Written>> {
    let passage = (text(14), text(3), any::<bool>(), any::<prop::sample::Index>());
    proptest::collection::vec(passage, 1..25).prop_map(|drawn| {
        let mut passages: Vec<Written> = Vec::new();
        let mut first = 0;
        for (at, (text, title, is_new, parent)) in drawn.into_iter().enumerate() {
            if is_new {
                first = at;
            }
            let parent = (at > first).then(|| (first + parent.index(at - first)) as u32);
            passages.push(Written { document: first as u32, parent, text, title });
        }
        passages
    })
}

proptest! {
    #[test]
    fn scores_are_those_of_the_formula(passages in passages(), question in text(6)) {
        let question = words(&question);
        let expected = naive(&passages, &question);
        let found = collection(&passages, 1).search(&question, passages.len());
        for Scored { passage, score } in &found {
            let expected = expected[*passage as usize];
            prop_assert!((score - expected).abs() <= 1e-4 * expected.max(1.0), "{passage}: {score}, {expected}");
        }
        prop_assert_eq!(found.len(), expected.iter().filter(|score| **score > 0.0).count());
        prop_assert!(found.is_sorted_by(|a, b| (b.score, a.passage) <= (a.score, b.passage)));
    }

    #[test]
    fn threads_and_cuts_change_nothing(passages in passages(), question in text(6), k in 0usize..30) {
        let question = words(&question);
        let all = collection(&passages, 1).search(&question, passages.len());
        let cut = collection(&passages, 3).search(&question, k);
        prop_assert_eq!(&cut[..], &all[..k.min(all.len())]);
    }
}
