//! `grounds eval`

mod classify;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use grounds::models::{Memory, Model, Progress, TrainingSettings};
use grounds::{
    Estimate, Figures, GroundsError, LearnedRanking, PassageCollection, RetrievalSet, TextVectors, View, Workspace,
};
use grounds_core::Embed;
use serde_json::{Map, Value, json};

use crate::args::{EvalRetrievalArguments, GlobalArguments};
use crate::exit::Outcome;
use crate::{clock, embedding, render};

pub(crate) use classify::run as classify;

/// Figures look at so many hits.
const HIT_COUNT: usize = 10;
/// A run for other programs has so many.
const RUN_HIT_COUNT: usize = 100;

/// What was measured besides the figures.
#[derive(Default)]
struct Cost {
    index_s: f64,
    train_s: f64,
    /// Where texts were to be embedded.
    embed_s: Option<f64>,
    model_bytes: usize,
    /// Of each question, in order of time.
    latencies_ms: Vec<f64>,
}

pub(crate) fn retrieval(global: &GlobalArguments, arguments: &EvalRetrievalArguments) -> anyhow::Result<Outcome> {
    let embedder = arguments.embed.as_deref().map(embedding::open).transpose()?;
    let set = RetrievalSet::read(&arguments.folder)?;
    let training = arguments.train.as_deref().map(RetrievalSet::read).transpose()?;
    let mut cost = Cost::default();
    let start = Instant::now();
    let mut indexed = Indexed::new(&set)?;
    // The first search lists what is visible.
    set.ranking(&indexed.view, 0, HIT_COUNT, None)?;
    cost.index_s = start.elapsed().as_secs_f64();
    if let Some(embedder) = &embedder {
        let start = Instant::now();
        embed(global, arguments, &set, &mut indexed.view, embedder)?;
        cost.embed_s = Some(start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    let passages = training.as_ref().map(|_| set.collection(&indexed.view).map(Arc::new)).transpose()?;
    cost.index_s += start.elapsed().as_secs_f64();
    let model = match (&training, &passages) {
        (Some(training), Some(passages)) => {
            let other = if training.has_corpus_of(&set) { None } else { Some(Indexed::new(training)?) };
            let other = other.map(|mut other| {
                if let Some(embedder) = &embedder {
                    embed(global, arguments, training, &mut other.view, embedder)?;
                }
                anyhow::Ok(training.collection(&other.view)?)
            });
            let own = other.transpose()?;
            Some(train(global, own.as_ref().unwrap_or(passages), training, &mut cost)?)
        }
        _ => None,
    };
    let memory = if arguments.no_memory { Memory::Off } else { Memory::On };
    let learned = passages.as_ref().zip(model.as_ref());
    let learned =
        learned.map(|(passages, model)| LearnedRanking::new(Arc::clone(passages), model, memory)).transpose()?;
    let hit_count = if arguments.run.is_some() { RUN_HIT_COUNT } else { HIT_COUNT };
    let mut rankings = Vec::with_capacity(set.question_count());
    for question in 0..set.question_count() {
        let start = Instant::now();
        rankings.push(set.ranking(&indexed.view, question, hit_count, learned.as_ref())?);
        cost.latencies_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }
    cost.latencies_ms.sort_by(f64::total_cmp);
    if let Some(path) = &arguments.run {
        std::fs::write(path, set.trec_run(&rankings)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let figures = set.figures(&rankings, |_| true);
    let unseen = training.as_ref().filter(|_| arguments.unseen).map(|training| {
        let is_unseen = set.unseen(training);
        set.figures(&rankings, |question| is_unseen[question])
    });
    let body = report(&set, &figures, unseen.as_ref(), &cost);
    if global.json {
        render::print_json(&body)?;
    } else {
        render::print(&lines(&arguments.folder, &set, (&figures, unseen.as_ref()), &body))?;
    }
    Ok(Outcome::Done)
}

/// A set in a workspace that is removed with it.
struct Indexed {
    view: View,
    _workspace: Workspace,
    _directory: tempfile::TempDir,
}

impl Indexed {
    fn new(set: &RetrievalSet) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir().context("a temporary workspace cannot be made")?;
        let workspace = Workspace::create(&directory.path().join(".grounds"))?;
        set.import(&workspace, clock::now())?;
        Ok(Self { view: workspace.view(None)?, _workspace: workspace, _directory: directory })
    }
}

/// Trains on a set's questions over the passages of its own corpus, which often is the one that is asked, and reads the model as it would be stored.
fn train(
    global: &GlobalArguments,
    passages: &PassageCollection,
    training: &RetrievalSet,
    cost: &mut Cost,
) -> anyhow::Result<Model> {
    let start = Instant::now();
    let trained = render::progress::with_bar(global.json, |progress| {
        Ok(training.train(passages, &TrainingSettings::STANDARD, &mut Bar(progress))?)
    })?;
    cost.train_s = start.elapsed().as_secs_f64();
    let bytes = trained.model.to_bytes();
    cost.model_bytes = bytes.len();
    Ok(Model::from_bytes(&bytes).map_err(GroundsError::from)?)
}

/// Embeds the corpus, and lets the view use the vectors.
fn embed(
    global: &GlobalArguments,
    arguments: &EvalRetrievalArguments,
    set: &RetrievalSet,
    view: &mut View,
    model: &Arc<dyn Embed>,
) -> anyhow::Result<()> {
    let texts = set.embedded_texts(view)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut vectors = TextVectors::new(&**model);
    embedding::embed(global.json, &**model, &texts, &mut vectors, arguments.vectors.as_deref())?;
    view.use_vectors(Arc::new(vectors), Arc::clone(model))?;
    // The first question binds the vectors to the passages.
    set.ranking(view, 0, HIT_COUNT, None)?;
    Ok(())
}

/// Tells a training's steps to a bar.
struct Bar<'b>(&'b mut dyn FnMut(grounds::Progress));

impl Progress for Bar<'_> {
    fn step(&mut self, done: usize, total: usize, what: &'static str) {
        (self.0)(grounds::Progress { step: what, done: done as u64, total: total as u64 });
    }
}

/// The figures in the order in which they are told.
fn named(figures: &Figures) -> [(&'static str, Estimate); 5] {
    [
        ("recall@10", figures.recall),
        ("map@10", figures.map),
        ("ndcg@10", figures.ndcg),
        ("all_gold@10", figures.all_gold),
        ("all_gold@10_multi", figures.all_gold_multi),
    ]
}

/// The figures with their intervals.
fn figures_json(figures: &Figures) -> Map<String, Value> {
    let mut body = Map::new();
    let mut intervals = Map::new();
    for (name, estimate) in named(figures) {
        body.insert(name.to_owned(), json!(estimate.mean));
        intervals.insert(name.to_owned(), json!([estimate.low, estimate.high]));
    }
    body.insert("intervals_95".to_owned(), Value::Object(intervals));
    body.insert("questions".to_owned(), json!(figures.question_count));
    body.insert("questions_multi".to_owned(), json!(figures.multi_count));
    body
}

fn report(set: &RetrievalSet, figures: &Figures, unseen: Option<&Figures>, cost: &Cost) -> Value {
    let mut body = figures_json(figures);
    let latency = json!({ "p50": percentile(&cost.latencies_ms, 0.5), "p99": percentile(&cost.latencies_ms, 0.99) });
    let oddities = set.oddities;
    for (name, value) in [
        ("entries", json!(set.entry_count())),
        ("index_s", json!(cost.index_s)),
        ("train_s", json!(cost.train_s)),
        ("latency_ms", latency),
        ("model_bytes", json!(cost.model_bytes)),
        ("rss_bytes", json!(most_memory_bytes())),
        (
            "oddities",
            json!({
                "questions_without_gold": oddities.questions_without_gold,
                "gold_of_unknown_questions": oddities.gold_of_unknown_questions,
                "gold_missing_in_corpus": oddities.gold_missing_in_corpus,
                "empty_entries": oddities.empty_entries,
                "repeated_entries": oddities.repeated_entries,
            }),
        ),
    ] {
        body.insert(name.to_owned(), value);
    }
    if let Some(embed_s) = cost.embed_s {
        body.insert("embed_s".to_owned(), json!(embed_s));
    }
    if let Some(unseen) = unseen {
        body.insert("unseen".to_owned(), Value::Object(figures_json(unseen)));
    }
    Value::Object(body)
}

fn lines(folder: &Path, set: &RetrievalSet, (figures, unseen): (&Figures, Option<&Figures>), body: &Value) -> String {
    let (questions, entries) = (figures.question_count, set.entry_count());
    let mut lines = vec![format!("{questions} questions about {entries} entries of {}", folder.display())];
    lines.extend(named(figures).map(of_estimate));
    for name in ["index_s", "train_s", "embed_s", "latency_ms", "model_bytes", "rss_bytes"] {
        lines.extend(body.get(name).map(|value| format!("{name:<18} {value}")));
    }
    for (name, count) in body["oddities"].as_object().into_iter().flatten().filter(|(_, count)| **count != json!(0)) {
        lines.push(format!("{:<18} {count}", name.replace('_', " ")));
    }
    if let Some(unseen) = unseen {
        lines.push(format!("{} questions none of whose gold was gold in training", unseen.question_count));
        // Figures of no questions are no figures.
        lines.extend(named(unseen).map(of_estimate).into_iter().filter(|_| unseen.question_count > 0));
    }
    lines.join("\n")
}

fn of_estimate((name, estimate): (&str, Estimate)) -> String {
    format!("{name:<18} {:.4}  [{:.4}, {:.4}]", estimate.mean, estimate.low, estimate.high)
}

/// The value that so large a share of sorted values does not exceed; 0 where there is none.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or_default()
}

/// The most memory that the process has had, where the system tells: Linux.
fn most_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
