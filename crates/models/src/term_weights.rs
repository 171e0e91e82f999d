//! How much more or less a term says about which passage answers than its rarity promises.

use crate::adam::Adam;
use crate::collection::{Collection, PassageIndex};
use crate::lexical::{LexicalSums, Scored, best_of};
use crate::parallel::map_blocks;
use crate::question::AskedTerms;

/// How many passages, best without labels, a question learns from.
const LIST_LENGTH: usize = 100;
/// How many of them look most like answers.
const NEGATIVE_COUNT: usize = 30;
const EPOCH_COUNT: usize = 40;
const RATE: f32 = 0.05;
/// Pulls weights towards those of rarity alone.
const DECAY: f32 = 2e-4;
/// Questions whose slopes are added up before those of others.
const QUESTION_BLOCK: usize = 128;

/// What a question's terms are worth in the passages that are best without labels.
#[derive(Clone, Debug)]
pub(crate) struct LearningList {
    /// Gold or not, of each passage; empty where no gold passage is listed.
    is_gold: Vec<bool>,
    /// For each passage, the score of each term of the question.
    scores: Vec<f32>,
    /// For each passage, what pairs add to the scores of terms.
    additions: Vec<f32>,
    gold_count: usize,
    /// Passages that look like answers and are none.
    pub(crate) negatives: Vec<PassageIndex>,
}

impl LearningList {
    /// The list of a question. No gold passage is added that ranking without labels lost.
    pub(crate) fn new(
        collection: &Collection,
        sums: &mut LexicalSums,
        asked: &AskedTerms,
        gold: &[PassageIndex],
    ) -> Self {
        sums.sum_up(collection, asked);
        let alone = |passage: &PassageIndex| Scored { passage: *passage, score: sums.alone(collection, *passage) };
        let best = best_of(sums.terms.touched().iter().map(alone), LIST_LENGTH);
        let is_gold: Vec<bool> = best.iter().map(|one| gold.contains(&one.passage)).collect();
        let gold_count = is_gold.iter().filter(|is_gold| **is_gold).count();
        let others = best.iter().take(NEGATIVE_COUNT).map(|one| one.passage).filter(|passage| !gold.contains(passage));
        let negatives = others.collect();
        if gold_count == 0 {
            return Self { is_gold: Vec::new(), scores: Vec::new(), additions: Vec::new(), gold_count, negatives };
        }
        let width = asked.unique.len();
        let mut scores = vec![0.0; best.len() * width];
        let mut by_passage: Vec<(PassageIndex, usize)> =
            best.iter().enumerate().map(|(at, one)| (one.passage, at)).collect();
        by_passage.sort_unstable();
        for (column, term) in asked.unique.iter().enumerate() {
            for impact in collection.impacts.of(*term as usize) {
                if let Ok(found) = by_passage.binary_search_by_key(&impact.passage, |one| one.0) {
                    scores[by_passage[found].1 * width + column] = impact.score;
                }
            }
        }
        let additions = best.iter().map(|one| one.score - sums.terms.of(one.passage)).collect();
        Self { is_gold, scores, additions, gold_count, negatives }
    }
}

/// Fits a factor for each term, by which its scores are multiplied; pairs add what they add without labels.
///
/// The loss is that of a softmax over each question's list, averaged over its gold passages (Cao et al., *Learning to Rank:
/// From Pairwise Approach to Listwise Approach*, 2007), with a learned temperature. Terms no question has keep 1.
pub(crate) fn fit(term_count: usize, questions: &[(&AskedTerms, &LearningList)], threads: usize) -> Vec<f32> {
    // The last value is the temperature.
    let mut values = vec![0.0f32; term_count + 1];
    let mut adam = Adam::new(values.len());
    let learned: Vec<_> = questions.iter().filter(|(_, list)| list.gold_count > 0).collect();
    for _ in 0..EPOCH_COUNT {
        let blocks = map_blocks(
            learned.len(),
            QUESTION_BLOCK,
            threads,
            || (),
            |(), block| {
                let mut slopes: Vec<(usize, f32)> = Vec::new();
                for (asked, list) in &learned[block] {
                    add_slopes(&values, asked, list, &mut slopes);
                }
                slopes
            },
        );
        let mut gradient = vec![0.0; values.len()];
        for (at, slope) in blocks.into_iter().flatten() {
            gradient[at] += slope / learned.len() as f32;
        }
        for (slope, value) in gradient.iter_mut().zip(&values[..term_count]) {
            *slope += DECAY * value;
        }
        adam.step(&mut values, &gradient, RATE, 0.0);
    }
    values.truncate(term_count);
    values.iter().map(|value| value.exp()).collect()
}

/// Adds the slopes of one question's loss.
fn add_slopes(values: &[f32], asked: &AskedTerms, list: &LearningList, slopes: &mut Vec<(usize, f32)>) {
    let width = asked.unique.len();
    let factors: Vec<f32> = asked.unique.iter().map(|term| values[*term as usize].exp()).collect();
    let temperature_at = values.len() - 1;
    let temperature = 0.5 * values[temperature_at].exp();
    let rows = list.scores.chunks_exact(width);
    let weighted = |row: &[f32]| row.iter().zip(&factors).map(|(a, b)| a * b).sum::<f32>();
    let mut shares: Vec<f32> =
        rows.clone().zip(&list.additions).map(|(row, addition)| temperature * (weighted(row) + addition)).collect();
    let logits = shares.clone();
    softmax(&mut shares);
    let mut slope_by_term = vec![0.0; width];
    let mut temperature_slope = 0.0;
    for (at, row) in rows.enumerate() {
        let target = if list.is_gold[at] { 1.0 / list.gold_count as f32 } else { 0.0 };
        let slope = shares[at] - target;
        temperature_slope += slope * logits[at];
        for (sum, score) in slope_by_term.iter_mut().zip(row) {
            *sum += slope * temperature * score;
        }
    }
    for ((term, factor), slope) in asked.unique.iter().zip(&factors).zip(&slope_by_term) {
        slopes.push((*term as usize, slope * factor));
    }
    slopes.push((temperature_at, temperature_slope));
}

/// Turns logits into shares that add up to 1.
pub(crate) fn softmax(values: &mut [f32]) {
    let highest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for value in values.iter_mut() {
        *value = (*value - highest).exp();
        total += *value;
    }
    for value in values {
        *value /= total;
    }
}
