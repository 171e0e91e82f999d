//! How much effort which share of the true nearest takes: measured on vectors of the table itself, when an index is built.

use super::bits::RowBits;
use super::metric::{DistanceFrom, Metric};
use super::nearest::Nearest;
use super::parts::{Order, Parts};
use super::probe::{Cost, Effort, nearest};
use super::rotation::Rotation;
use crate::parallel::map_in_parallel;

/// So many rows are looked for.
const QUESTION_COUNT_MAX: usize = 400;
/// Of so many rows one at most is looked for.
const ROWS_PER_QUESTION: usize = 20;
/// So many neighbours of each.
const NEIGHBOUR_COUNT: usize = 10;
/// So many questions read the vectors together.
const TOGETHER_COUNT: usize = 25;
/// Vectors that stay in a processor's cache while several questions are compared with them.
const CHUNK_ROW_COUNT: usize = 64;
/// The efforts that are tried, least first.
const REACHES: [f32; 12] = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 2.0];
const DEVIATION_COUNTS: [f32; 4] = [0.5, 1.0, 1.75, 3.0];
/// More than this is not aimed at.
const RECALL_MAX: f32 = 0.995;

/// An effort and what it found of the nearest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) order: Order,
    pub(super) effort: Effort,
    /// The mean share of the ten nearest that were found.
    pub(super) recall: f32,
    /// The share that it is at least, with a probability of 95%, for questions like those measured.
    pub(super) recall_at_least: f32,
}

/// Which orders an index answers in, and by which metric each is measured.
pub(super) fn orders(has_norms: bool) -> &'static [(Metric, Order)] {
    match has_norms {
        true => &[(Metric::Euclidean, Order::Square), (Metric::Dot, Order::Dot), (Metric::Cosine, Order::Cosine)],
        // Of vectors of one length all metrics have the same order.
        false => &[(Metric::Euclidean, Order::Square)],
    }
}

/// The rows among `listed` that are looked for, in order. No centre may be drawn from them: lists lie better around what placed them than around what is asked later.
pub(super) fn questions(listed: &[u32]) -> Vec<u32> {
    let count = QUESTION_COUNT_MAX.min(listed.len() / ROWS_PER_QUESTION);
    (0..count).map(|at| listed[at * listed.len() / count]).collect()
}

/// The efforts worth making: each finds more than those before, and costs more. `listed` are the rows in lists, in order.
pub(super) fn calibrate(parts: &Parts<'_>, rotation: &Rotation, listed: &[u32]) -> Vec<Measured> {
    let questions = questions(listed);
    let mut measured = Vec::new();
    for (metric, order) in orders(parts.shape.has_norms) {
        let truths = true_nearest(parts, &questions, listed, *metric);
        let mut tried = Vec::new();
        'efforts: for reach in REACHES {
            for deviation_count in DEVIATION_COUNTS {
                let effort = Effort { reach, deviation_count };
                let result = measure(parts, rotation, &questions, &truths, (*metric, *order), effort);
                tried.push(result);
                if result.0.recall >= RECALL_MAX {
                    break 'efforts;
                }
            }
        }
        measured.extend(worth_making(tried));
    }
    measured
}

/// The nearest rows of each question but itself.
fn true_nearest(parts: &Parts<'_>, questions: &[u32], listed: &[u32], metric: Metric) -> Vec<Vec<u32>> {
    let groups: Vec<&[u32]> = questions.chunks(TOGETHER_COUNT).collect();
    let of_group = map_in_parallel(&groups, 0, |group| {
        let vector = |row: &u32| parts.vector(*row as usize);
        let distances: Vec<DistanceFrom> = group.iter().map(|row| DistanceFrom::new(metric, vector(row))).collect();
        let mut nearest: Vec<Nearest> = group.iter().map(|_| Nearest::new(NEIGHBOUR_COUNT)).collect();
        for rows in listed.chunks(CHUNK_ROW_COUNT) {
            for ((question, distance), nearest) in group.iter().zip(&distances).zip(&mut nearest) {
                let others = rows.iter().filter(|row| *row != question);
                distance.to_all(others.map(|row| (*row, vector(row))), |row, distance| nearest.offer(distance, row));
            }
        }
        let rows = |nearest: Nearest| nearest.finish().into_iter().map(|(_, row)| row).collect();
        nearest.into_iter().map(rows).collect::<Vec<Vec<u32>>>()
    });
    of_group.into_iter().flatten().collect()
}

fn measure(
    parts: &Parts<'_>,
    rotation: &Rotation,
    questions: &[u32],
    truths: &[Vec<u32>],
    order: (Metric, Order),
    effort: Effort,
) -> (Measured, f64) {
    let row_count = parts.vectors.len() / parts.dimension_count;
    let numbered: Vec<(usize, &[u32])> = questions.chunks(TOGETHER_COUNT).enumerate().collect();
    let found = map_in_parallel(&numbered, 0, |(at, questions)| {
        let mut visible = RowBits::of(row_count, |_| true);
        let mut of_questions = Vec::with_capacity(questions.len());
        for (question, truth) in questions.iter().zip(&truths[at * TOGETHER_COUNT..]) {
            visible.remove(*question as usize);
            let vector = parts.vector(*question as usize);
            let distance = DistanceFrom::new(order.0, vector);
            let by = (&distance, order.1);
            let (found, cost) = nearest(parts, rotation, vector, by, NEIGHBOUR_COUNT, effort, Some(&visible));
            visible.insert(*question as usize);
            // Of those as far as the last any will do.
            let hit_count = found.iter().filter(|(_, row)| truth.contains(row)).count();
            of_questions.push((hit_count as f64 / truth.len().clamp(1, NEIGHBOUR_COUNT) as f64, cost));
        }
        of_questions
    });
    let found: Vec<(f64, Cost)> = found.into_iter().flatten().collect();
    let count = found.len().max(1) as f64;
    let mean = found.iter().map(|(recall, _)| recall).sum::<f64>() / count;
    let variance = found.iter().map(|(recall, _)| (recall - mean) * (recall - mean)).sum::<f64>() / count;
    let at_least = mean - 1.64 * (variance / count).sqrt();
    let cost = found.iter().map(|(_, cost)| cost.estimate(parts)).sum::<f64>();
    (Measured { order: order.1, effort, recall: mean as f32, recall_at_least: at_least as f32 }, cost)
}

/// Leaves out what costs more than something that finds as much.
fn worth_making(mut tried: Vec<(Measured, f64)>) -> Vec<Measured> {
    tried.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.recall_at_least.total_cmp(&a.0.recall_at_least)));
    let mut worth: Vec<Measured> = Vec::new();
    for (measured, _) in tried {
        if worth.last().is_none_or(|last| measured.recall_at_least > last.recall_at_least) {
            worth.push(measured);
        }
    }
    worth
}
