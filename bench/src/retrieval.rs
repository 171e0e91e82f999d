//! Retrieval on three public sets of questions, without labels and trained, and how long a question takes.

mod trained;
mod held_out;
mod peers;
mod hearing;

pub(crate) use peers::run as run_peers;

use std::path::Path;
use std::time::Instant;

use grounds::{Estimate, Figures, LearnedRanking, RetrievalSet, View, Workspace};

/// Figures look at so many hits.
const HIT_COUNT: usize = 10;

/// A set, and what its figures should reach at least.
struct Goal {
    folder: &'static str,
    figures: &'static [(&'static str, fn(&Figures) -> Estimate, f64)],
    /// Milliseconds that half of the questions and 99 of 100 may take.
    latency_ms: Option<(f64, f64)>,
}

const RECALL: fn(&Figures) -> Estimate = |figures| figures.recall;
const MAP: fn(&Figures) -> Estimate = |figures| figures.map;
const NDCG: fn(&Figures) -> Estimate = |figures| figures.ndcg;
const ALL_GOLD_MULTI: fn(&Figures) -> Estimate = |figures| figures.all_gold_multi;

const GOALS: [Goal; 3] = [
    Goal {
        folder: "obliqa-dev",
        figures: &[("recall@10", RECALL, 0.80), ("map@10", MAP, 0.665), ("all_gold@10_multi", ALL_GOLD_MULTI, 0.0)],
        latency_ms: Some((3.0, 10.0)),
    },
    Goal {
        folder: "lecoqa-train",
        figures: &[("recall@10", RECALL, 0.50), ("ndcg@10", NDCG, 0.0)],
        latency_ms: Some((15.0, 15.0)),
    },
    Goal { folder: "scifact-train", figures: &[("recall@10", RECALL, 0.0), ("ndcg@10", NDCG, 0.70)], latency_ms: None },
];

/// Figures without labels; with `--train`, of training; with `--held-out`, of whole trainings on questions that they did not have.
pub(crate) fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    match options {
        [] => {}
        [option] if option == "--train" => return trained::run(data),
        [option, options @ ..] if option == "--held-out" => return held_out::run(data, options),
        _ => anyhow::bail!(
            "bench/run retrieval DATA [--train | --held-out [--only SET] [--cuts COUNT] [--parts COUNT] [--labels COUNT] [--keep FILE] [--against FILE] [--vectors DIRECTORY]]"
        ),
    }
    let (mut holds, mut reached) = (true, Vec::new());
    for goal in &GOALS {
        let indexed = Indexed::new(data, goal.folder)?;
        let (rankings, _) = indexed.ask(None)?;
        let figures = indexed.set.figures(&rankings, |_| true);
        for (name, figure, least) in goal.figures {
            let Estimate { mean, low, high } = figure(&figures);
            let verdict = if mean >= *least { "" } else { "  below the goal" };
            println!("{} {name}: {mean:.4} [{low:.4}, {high:.4}], goal {least}{verdict}", goal.folder);
            holds &= mean >= *least;
            reached.push(format!("{} {name} {mean:.4}", goal.folder));
        }
    }
    println!("retrieval without labels: {}", reached.join(", "));
    Ok(holds)
}

/// Figures of trained rankings with their intervals, in one line.
fn told(figures: &Figures) -> String {
    let all = [("recall@10", RECALL), ("map@10", MAP), ("ndcg@10", NDCG), ("all_gold@10_multi", ALL_GOLD_MULTI)];
    let told = all.map(|(name, figure)| {
        let Estimate { mean, low, high } = figure(figures);
        format!("{name} {mean:.4} [{low:.4}, {high:.4}]")
    });
    told.join(", ")
}

/// How long a question takes.
pub(crate) fn run_latency(data: &Path) -> anyhow::Result<bool> {
    let (mut holds, mut reached) = (true, Vec::new());
    for goal in &GOALS {
        let indexed = Indexed::new(data, goal.folder)?;
        let (_, times_ms) = indexed.ask(None)?;
        let (p50, p99) = half_and_most(&times_ms);
        println!(
            "{}: {} entries indexed in {:.2} s; a question {p50:.2} ms, 99 of 100 within {p99:.2} ms",
            goal.folder,
            indexed.set.entry_count(),
            indexed.index_s
        );
        holds &= goal.latency_ms.is_none_or(|(half, most)| p50 <= half && p99 <= most);
        reached.push(format!("{} p50 {p50:.2} ms p99 {p99:.2} ms", goal.folder));
    }
    println!("latency: {}", reached.join(", "));
    Ok(holds)
}

/// What half of the questions take at most, and what 99 of 100; their times are in order.
fn half_and_most(times_ms: &[f64]) -> (f64, f64) {
    let at = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share) as usize];
    (at(0.5), at(0.99))
}

/// A set in a workspace of its own.
struct Indexed {
    set: RetrievalSet,
    view: View,
    index_s: f64,
    _workspace: Workspace,
    _temporary: tempfile::TempDir,
}

impl Indexed {
    fn new(data: &Path, folder: &str) -> anyhow::Result<Self> {
        Self::of(RetrievalSet::read(&data.join("retrieval").join(folder))?)
    }

    fn of(set: RetrievalSet) -> anyhow::Result<Self> {
        let temporary = tempfile::tempdir()?;
        let start = Instant::now();
        let workspace = Workspace::create(&temporary.path().join(".grounds"))?;
        set.import(&workspace, "2026-01-01T00:00Z".parse()?)?;
        let view = workspace.view(None)?;
        set.ranking(&view, 0, HIT_COUNT, None)?;
        let index_s = start.elapsed().as_secs_f64();
        Ok(Self { set, view, index_s, _workspace: workspace, _temporary: temporary })
    }

    /// Every question's ranking, by a model where there is one, and their times in order, in milliseconds.
    fn ask(&self, learned: Option<&LearnedRanking>) -> anyhow::Result<(Vec<Vec<(u32, f64)>>, Vec<f64>)> {
        let (mut rankings, mut times_ms) = (Vec::new(), Vec::new());
        for question in 0..self.set.question_count() {
            let start = Instant::now();
            rankings.push(self.set.ranking(&self.view, question, HIT_COUNT, learned)?);
            times_ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times_ms.sort_by(f64::total_cmp);
        Ok((rankings, times_ms))
    }
}
