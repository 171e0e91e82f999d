//! Retrieval trained on the questions of each set, each judged by what the others teach.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use grounds::models::{HeldOut, Memory, TrainingReport, TrainingSettings};
use grounds::{Estimate, LearnedRanking};

use super::{ALL_GOLD_MULTI, Indexed, MAP, NDCG, RECALL, half_and_most, told};

/// Seconds that a training may take on two processors.
const TRAIN_S_MAX: f64 = 300.0;
/// Bytes that a model may have.
const MODEL_BYTES_MAX: usize = 20_000_000;

/// Which part of a training's report: with memory or without, all questions or those whose gold nobody asked about before.
type Part = fn(&TrainingReport) -> &HeldOut;
const ON: Part = |report| &report.with_memory;
const OFF: Part = |report| &report.without_memory;

/// A figure with its name, whether it is of unseen questions only, and what it should reach at least.
type FigureGoal = (&'static str, Part, bool, fn(&grounds::Figures) -> Estimate, f64);

/// A set, and what a model trained on it should reach.
struct Goal {
    folder: &'static str,
    figures: &'static [FigureGoal],
    /// Milliseconds that half of the questions and 99 of 100 may take.
    latency_ms: Option<(f64, f64)>,
}

const GOALS: [Goal; 3] = [
    Goal {
        folder: "obliqa-dev",
        figures: &[
            ("recall@10", ON, false, RECALL, 0.865),
            ("map@10", ON, false, MAP, 0.74),
            ("all_gold@10_multi", ON, false, ALL_GOLD_MULTI, 0.42),
            ("unseen recall@10", ON, true, RECALL, 0.933),
            ("unseen map@10", ON, true, MAP, 0.82),
            ("unseen recall@10 without memory", OFF, true, RECALL, 0.933),
            ("unseen map@10 without memory", OFF, true, MAP, 0.82),
        ],
        latency_ms: Some((3.0, 10.0)),
    },
    Goal {
        folder: "lecoqa-train",
        figures: &[
            ("recall@10", ON, false, RECALL, 0.74),
            ("unseen recall@10", ON, true, RECALL, 0.69),
            ("unseen recall@10 without memory", OFF, true, RECALL, 0.69),
        ],
        latency_ms: Some((15.0, 15.0)),
    },
    Goal {
        folder: "scifact-train",
        figures: &[("unseen ndcg@10", ON, true, NDCG, 0.73), ("unseen ndcg@10 without memory", OFF, true, NDCG, 0.73)],
        latency_ms: None,
    },
];

/// Figures of training.
pub(crate) fn run(data: &Path) -> anyhow::Result<bool> {
    let (mut holds, mut reached) = (true, Vec::new());
    for goal in &GOALS {
        let indexed = Indexed::new(data, goal.folder)?;
        let passages = Arc::new(indexed.set.collection(&indexed.view)?);
        let start = Instant::now();
        let trained = indexed.set.train(&passages, &TrainingSettings::STANDARD, &mut ())?;
        let train_s = start.elapsed().as_secs_f64();
        for (name, part, is_unseen, figure, least) in goal.figures {
            let part = part(&trained.report);
            let Estimate { mean, low, high } = figure(if *is_unseen { &part.unseen } else { &part.all });
            let verdict = if mean >= *least { "" } else { "  below the goal" };
            println!("{} {name}: {mean:.4} [{low:.4}, {high:.4}], goal {least}{verdict}", goal.folder);
            holds &= mean >= *least;
            reached.push(format!("{} {name} {mean:.4}", goal.folder));
        }
        print_all(goal.folder, &trained.report);
        let model_bytes = trained.model.to_bytes().len();
        let learned = LearnedRanking::new(passages, &trained.model, Memory::On)?;
        let (_, times_ms) = indexed.ask(Some(&learned))?;
        let (p50, p99) = half_and_most(&times_ms);
        println!(
            "{}: trained in {train_s:.0} s, model of {:.1} MB; a question {p50:.2} ms, 99 of 100 within {p99:.2} ms",
            goal.folder,
            model_bytes as f64 / 1e6
        );
        holds &= train_s <= TRAIN_S_MAX && model_bytes <= MODEL_BYTES_MAX;
        holds &= goal.latency_ms.is_none_or(|(half, most)| p50 <= half && p99 <= most);
    }
    println!("retrieval trained, cross-validated: {}", reached.join(", "));
    Ok(holds)
}

/// Every figure of a report, with and without labels.
fn print_all(folder: &str, report: &TrainingReport) {
    let rankings = [
        ("no labels", &report.zero_labels),
        ("memory off", &report.without_memory),
        ("memory on", &report.with_memory),
    ];
    for (name, held_out) in rankings {
        for (which, figures) in [("all", &held_out.all), ("unseen", &held_out.unseen)] {
            println!("  {folder}, {name}, {which} questions: {}", told(figures));
        }
    }
}
