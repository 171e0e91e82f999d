//! Search beside what one would otherwise put together in Python, on the same questions in the same run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use grounds::models::{Memory, Model, TrainingSettings};
use grounds::{Estimate, LearnedRanking, RetrievalSet};
use serde::Deserialize;
use serde_json::json;

use super::{Indexed, half_and_most};
use crate::store::peer::Peer;

/// Every so many questions one is asked; the others teach.
const ASKED_EVERY: usize = 5;
/// How many times ours must be contained in the time of a ranker learned in Python that ranks about as well.
const TIMES_FASTER: f64 = 10.0;
/// Rankers learned in Python.
const LEARNED: [&str; 2] = ["bm25s + LightGBM, 11 numbers", "scipy + LightGBM, the whole recipe"];
/// Searches by words and vectors at once.
const DATABASES: [&str; 2] = ["LanceDB", "Qdrant"];
const FILES: [&str; 3] = ["corpus.jsonl", "queries.jsonl", "qrels.tsv"];

/// How one side did.
struct Side {
    name: &'static str,
    recall: Estimate,
    map: Estimate,
    p50_ms: f64,
    p99_ms: f64,
}

#[derive(Deserialize)]
struct Timed {
    rankings: Vec<Vec<u32>>,
    seconds: Vec<f64>,
    /// What learning took before, where it was not kept.
    #[serde(default)]
    fit_s: Option<f64>,
}

/// Measures; whether every goal holds. The vectors of passages and what peers learned are kept in `keep` for another run.
pub(crate) fn run(data: &Path, keep: Option<&Path>) -> anyhow::Result<bool> {
    let temporary = tempfile::tempdir()?;
    let folder = data.join("retrieval/obliqa-dev");
    let divided = Divided::new(&folder, temporary.path())?;
    let training = RetrievalSet::read(&divided.training)?;
    let indexed = Indexed::of(RetrievalSet::read(&divided.asked)?)?;
    let asked = &indexed.set;
    let passages = Arc::new(asked.collection(&indexed.view)?);
    let trained = training.train(&passages, &TrainingSettings::STANDARD, &mut ())?;
    let model = Model::from_bytes(&trained.model.to_bytes())?;
    let learned = LearnedRanking::new(passages, &model, Memory::On)?;
    let mut sides =
        vec![ours("Grounds, without labels", &indexed, None)?, ours("Grounds, trained", &indexed, Some(&learned))?];
    let mut peer = Peer::start("retrieval", temporary.path())?;
    let keep = keep.map(|keep| keep.display().to_string());
    peer.ask("read", json!({ "texts": divided.texts, "titles": divided.titles, "keep": keep }))?;
    let request = json!({ "questions": divided.questions, "gold": divided.gold, "asked": divided.asked_texts });
    for name in LEARNED.into_iter().chain(DATABASES) {
        let timed: Timed = serde_json::from_value(peer.ask(name, request.clone())?.result)?;
        if let Some(fit_s) = timed.fit_s {
            println!("{name}: learned in {fit_s:.0} s");
        }
        let rankings = timed.rankings.into_iter().map(|ranking| ranking.into_iter().map(|at| (at, 0.0)).collect());
        let mut times_ms: Vec<f64> = timed.seconds.iter().map(|seconds| seconds * 1e3).collect();
        times_ms.sort_by(f64::total_cmp);
        sides.push(side(name, asked, &rankings.collect::<Vec<_>>(), &times_ms));
    }
    println!(
        "| {} of ObliQA's questions, asked one by one | recall@10 | map@10 | half within | 99 of 100 within |",
        asked.question_count()
    );
    println!("|---|---|---|---|---|");
    for side in &sides {
        println!(
            "| {} | {:.3} | {:.3} | {:.1} ms | {:.1} ms |",
            side.name, side.recall.mean, side.map.mean, side.p50_ms, side.p99_ms
        );
    }
    Ok(judge(&sides))
}

impl Side {
    /// Whether it may rank as well as `other`: neither mean lies below the 95% interval of the other's.
    fn may_equal(&self, other: &Side) -> bool {
        self.recall.mean >= other.recall.low && self.map.mean >= other.map.low
    }

    fn is_better_than(&self, other: &Side) -> bool {
        self.recall.mean > other.recall.mean && self.map.mean > other.map.mean
    }

    /// How many times its half of the questions fit into the time of the other's.
    fn times_as_fast_as(&self, other: &Side) -> f64 {
        other.p50_ms / self.p50_ms
    }
}

fn judge(sides: &[Side]) -> bool {
    let [plain, trained, rest @ ..] = sides else { return false };
    let (learned, databases) = rest.split_at(LEARNED.len());
    let mut holds = judge_learned(plain, trained, learned);
    for database in databases {
        let ratio = plain.times_as_fast_as(database);
        let is_better = ratio > 1.0 && plain.is_better_than(database);
        println!(
            "{} without labels, beside {}: {ratio:.1} times as fast (goal 1) at better figures",
            verdict(is_better),
            database.name
        );
        holds &= is_better;
    }
    holds
}

/// Every ranker learned in Python that may rank as well as ours is one to be faster than; of one that surely ranks worse only the ratio is told,
/// for what ranks worse can always be made faster. Without one to compare with, the goal is missed.
fn judge_learned(plain: &Side, trained: &Side, learned: &[Side]) -> bool {
    let (equals, worse): (Vec<_>, Vec<_>) = learned.iter().partition(|ranker| ranker.may_equal(trained));
    let mut holds = !equals.is_empty();
    for ranker in equals {
        let ratio = trained.times_as_fast_as(ranker);
        let is_faster = ratio >= TIMES_FASTER && trained.may_equal(ranker);
        println!(
            "{} trained, beside {}, which ranks about as well (ours: recall {:+.3}, map {:+.3}): {ratio:.1} times as fast (goal {TIMES_FASTER})",
            verdict(is_faster),
            ranker.name,
            trained.recall.mean - ranker.recall.mean,
            trained.map.mean - ranker.map.mean,
        );
        holds &= is_faster;
    }
    for ranker in worse {
        let than_plain = if plain.is_better_than(ranker) { "worse" } else { "not worse in both figures" };
        println!(
            "no goal trained, beside {}, which surely ranks worse (ours: recall {:+.3}, map {:+.3}): {:.1} times as fast; it ranks {than_plain} \
             than Grounds without labels, which is {:.1} times as fast",
            ranker.name,
            trained.recall.mean - ranker.recall.mean,
            trained.map.mean - ranker.map.mean,
            trained.times_as_fast_as(ranker),
            plain.times_as_fast_as(ranker),
        );
    }
    holds
}

fn verdict(holds: bool) -> &'static str {
    if holds { "holds " } else { "MISSED" }
}

fn ours(name: &'static str, indexed: &Indexed, learned: Option<&LearnedRanking>) -> anyhow::Result<Side> {
    let (rankings, times_ms) = indexed.ask(learned)?;
    Ok(side(name, &indexed.set, &rankings, &times_ms))
}

/// `times_ms` are in order.
fn side(name: &'static str, set: &RetrievalSet, rankings: &[Vec<(u32, f64)>], times_ms: &[f64]) -> Side {
    let figures = set.figures(rankings, |_| true);
    let (p50_ms, p99_ms) = half_and_most(times_ms);
    Side { name, recall: figures.recall, map: figures.map, p50_ms, p99_ms }
}

/// The questions in two folders of one corpus, and all of it as peers take it.
struct Divided {
    asked: PathBuf,
    training: PathBuf,
    texts: Vec<String>,
    titles: Vec<String>,
    questions: Vec<String>,
    /// Positions in the corpus that answer each of `questions`.
    gold: Vec<Vec<usize>>,
    asked_texts: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

impl Divided {
    fn new(folder: &Path, into: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
        };
        let [corpus, queries, qrels] = [read(FILES[0])?, read(FILES[1])?, read(FILES[2])?];
        let lines = |text: &str| text.lines().map(serde_json::from_str).collect::<Result<Vec<Line>, _>>();
        let (entries, all) = (lines(&corpus)?, lines(&queries)?);
        let places: HashMap<&str, usize> = entries.iter().map(|entry| entry.id.as_str()).zip(0..).collect();
        let mut gold: HashMap<&str, Vec<usize>> = HashMap::new();
        for line in qrels.lines().skip(1) {
            let mut cells = line.split('\t');
            if let (Some(question), Some(place)) = (cells.next(), cells.next().and_then(|entry| places.get(entry))) {
                gold.entry(question).or_default().push(*place);
            }
        }
        let is_asked = |at: usize| at % ASKED_EVERY == 0;
        let (asked, training) = (into.join("asked"), into.join("training"));
        for (part, of_part) in [(&asked, true), (&training, false)] {
            std::fs::create_dir(part)?;
            std::fs::write(part.join(FILES[0]), &corpus)?;
            let own = queries.lines().enumerate().filter(|(at, _)| is_asked(*at) == of_part);
            std::fs::write(part.join(FILES[1]), own.map(|(_, line)| format!("{line}\n")).collect::<String>())?;
            // Judgements of questions that the folder does not have are left out by whoever reads it.
            std::fs::write(part.join(FILES[2]), &qrels)?;
        }
        let judged = all.iter().enumerate().filter(|(_, question)| gold.contains_key(question.id.as_str()));
        let (ask, teach): (Vec<_>, Vec<_>) = judged.partition(|(at, _)| is_asked(*at));
        Ok(Self {
            asked,
            training,
            questions: teach.iter().map(|(_, question)| question.text.clone()).collect(),
            gold: teach.iter().map(|(_, question)| gold[question.id.as_str()].clone()).collect(),
            asked_texts: ask.iter().map(|(_, question)| question.text.clone()).collect(),
            titles: entries.iter().map(|entry| entry.title.clone()).collect(),
            texts: entries.into_iter().map(|entry| entry.text).collect(),
        })
    }
}
