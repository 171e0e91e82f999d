//! Text classifiers from 200 labels, beside the two that one would otherwise pick; and whether sets of classes miss as rarely as they say.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Context as _;
use grounds_models::{ClassifySettings, Example, RepresentationBuilder, train_classifier};
use grounds_store::analyse_with_characters;
use serde::Deserialize;
use serde_json::json;

use crate::store::peer::Peer;

/// Labels that are learned from.
const EXAMPLE_COUNT: usize = 200;
/// Texts that are asked about in each split.
const ASKED_COUNT_MAX: usize = 2_000;
/// Random splits, unless `--splits` says otherwise.
const SPLIT_COUNT: u64 = 20;
/// Classes with fewer texts are left out, and all but the largest.
const CLASS_TEXT_COUNT_MIN: usize = 25;
const CLASS_COUNT_MAX: usize = 12;
/// How often sets may miss the right class.
const ERROR_RATES: [f64; 2] = [0.1, 0.2];

/// Texts with their classes, and the texts of the corpus they are about.
struct Task {
    name: &'static str,
    language: &'static str,
    corpus: Vec<String>,
    texts: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

/// Measures; whether every goal holds.
pub(crate) fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    let split_count = match options {
        [] => SPLIT_COUNT,
        [name, count] if name == "--splits" => count.parse().context("--splits takes a number")?,
        _ => anyhow::bail!("bench/run classify DATA [--splits COUNT]"),
    };
    let temporary = tempfile::tempdir()?;
    let mut peer = Peer::start("classify", temporary.path())?;
    let mut holds = true;
    for task in tasks(data)? {
        holds &= measure(&task, split_count, &mut peer)?;
    }
    println!("classify: {}", if holds { "every goal holds" } else { "a goal is missed" });
    Ok(holds)
}

fn measure(task: &Task, split_count: u64, peer: &mut Peer) -> anyhow::Result<bool> {
    let terms = |text: &str| analyse_with_characters(text, task.language);
    let corpus: Vec<Vec<String>> = task.corpus.iter().map(|text| terms(text)).collect();
    let (mut ours, mut tfidf, mut fasttext) = (Vec::new(), Vec::new(), Vec::new());
    let mut missed: [Vec<f64>; ERROR_RATES.len()] = Default::default();
    let mut seconds = 0.0;
    for split in 0..split_count {
        let order = shuffled(task.texts.len(), split);
        let (examples, asked) = order.split_at(EXAMPLE_COUNT.min(order.len() / 2));
        let asked = &asked[..asked.len().min(ASKED_COUNT_MAX)];
        let mut texts = RepresentationBuilder::default();
        corpus.iter().for_each(|terms| texts.push(terms));
        let examples: Vec<&(String, String)> = examples.iter().map(|at| &task.texts[*at]).collect();
        let labelled: Vec<Example> =
            examples.iter().map(|(text, class)| Example { terms: terms(text), class: class.clone() }).collect();
        let start = std::time::Instant::now();
        let trained = train_classifier(texts, &labelled, ClassifySettings::STANDARD)?;
        seconds += start.elapsed().as_secs_f64();
        let right: Vec<&str> = asked.iter().map(|at| task.texts[*at].1.as_str()).collect();
        let mut found = Vec::with_capacity(asked.len());
        let mut misses = [0.0; ERROR_RATES.len()];
        for (at, right) in asked.iter().zip(&right) {
            let terms = terms(&task.texts[*at].0);
            for (rate, misses) in ERROR_RATES.iter().zip(&mut misses) {
                let prediction = trained.classifier.predict(&terms, *rate);
                *misses += f64::from(u8::from(!prediction.set.iter().any(|class| class == right)));
            }
            found.push(trained.classifier.predict(&terms, 0.1).classes[0].class.clone());
        }
        misses.iter().zip(&mut missed).for_each(|(misses, shares)| shares.push(misses / asked.len() as f64));
        ours.push(macro_f1(&right, &found));
        let request = json!({
            "is_chinese": task.language == "zh",
            "texts": examples.iter().map(|(text, _)| text).collect::<Vec<_>>(),
            "classes": examples.iter().map(|(_, class)| class).collect::<Vec<_>>(),
            "asked": asked.iter().map(|at| &task.texts[*at].0).collect::<Vec<_>>(),
        });
        for (action, figures) in [("tfidf", &mut tfidf), ("fasttext", &mut fasttext)] {
            let found: Vec<String> = serde_json::from_value(peer.ask(action, request.clone())?.result)?;
            figures.push(macro_f1(&right, &found));
        }
    }
    let [ours, tfidf, fasttext] = [ours, tfidf, fasttext].map(|figures| mean(&figures));
    let is_better = ours > tfidf && ours > fasttext;
    println!(
        "{} {}: macro-F1 {ours:.4}, scikit-learn {tfidf:.4}, fastText {fasttext:.4}; {:.1} s a training",
        verdict(is_better),
        task.name,
        seconds / split_count as f64
    );
    let mut holds = is_better;
    for (rate, shares) in ERROR_RATES.iter().zip(&missed) {
        let share = mean(shares);
        let error = 2.0 * deviation(shares) / (shares.len() as f64).sqrt();
        let is_kept = share <= rate + error;
        println!(
            "{} {}: sets that may miss {rate} miss {share:.4} (2 standard errors: {error:.4})",
            verdict(is_kept),
            task.name
        );
        holds &= is_kept;
    }
    Ok(holds)
}

fn verdict(holds: bool) -> &'static str {
    if holds { "holds " } else { "MISSED" }
}

/// The tasks: whose rulebook a question or a passage is of, whose law.
fn tasks(data: &Path) -> anyhow::Result<Vec<Task>> {
    let rulebooks = read(&data.join("retrieval/obliqa-dev"), |title| title.split(' ').next().unwrap_or_default())?;
    let laws = read(&data.join("retrieval/lecoqa-train"), |title| title.split('第').next().unwrap_or_default())?;
    let task = |name, language, corpus: &[(String, String)], texts: Vec<(String, String)>| Task {
        name,
        language,
        corpus: corpus.iter().map(|(text, _)| text.clone()).collect(),
        texts: largest(texts),
    };
    // Headings say nothing.
    let sentences = rulebooks.0.iter().filter(|(text, _)| text.split(' ').count() >= 12).cloned().collect();
    Ok(vec![
        task("rulebook of a question", "en", &rulebooks.0, rulebooks.1),
        task("rulebook of a passage", "en", &rulebooks.0, sentences),
        task("law of a question", "zh", &laws.0, laws.1),
        task("law of an article", "zh", &laws.0, laws.0.clone()),
    ])
}

type Labelled = Vec<(String, String)>;

/// Texts of the corpus and questions, each with its class; that of a question is the one of most of its gold.
fn read(folder: &Path, class: impl Fn(&str) -> &str) -> anyhow::Result<(Labelled, Labelled)> {
    let lines = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let entries = |name: &str| -> anyhow::Result<Vec<Entry>> {
        lines(name)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    };
    let corpus = entries("corpus.jsonl")?;
    let classes: HashMap<&str, &str> = corpus.iter().map(|entry| (entry.id.as_str(), class(&entry.title))).collect();
    let qrels = lines("qrels.tsv")?;
    let mut gold: HashMap<&str, BTreeMap<&str, usize>> = HashMap::new();
    for line in qrels.lines().skip(1) {
        let mut columns = line.split('\t');
        if let (Some(question), Some(entry)) = (columns.next(), columns.next())
            && let Some(class) = classes.get(entry)
        {
            *gold.entry(question).or_default().entry(class).or_default() += 1;
        }
    }
    let questions = entries("queries.jsonl")?.into_iter().filter_map(|entry| {
        let (class, _) = gold.get(entry.id.as_str())?.iter().max_by_key(|(_, count)| **count)?;
        Some((entry.text, (*class).to_owned()))
    });
    let questions = questions.collect();
    let texts = corpus.iter().map(|entry| (entry.text.clone(), class(&entry.title).to_owned())).collect();
    Ok((texts, questions))
}

/// The texts of the largest classes.
fn largest(texts: Labelled) -> Labelled {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    texts.iter().for_each(|(_, class)| *counts.entry(class.clone()).or_default() += 1);
    let mut counts: Vec<(String, usize)> =
        counts.into_iter().filter(|(_, count)| *count >= CLASS_TEXT_COUNT_MIN).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(CLASS_COUNT_MAX);
    texts.into_iter().filter(|(_, class)| counts.iter().any(|(own, _)| own == class)).collect()
}

/// The mean over the classes of `right` of the harmonic mean of precision and recall.
fn macro_f1(right: &[&str], found: &[String]) -> f64 {
    let mut counts: BTreeMap<&str, [f64; 3]> = BTreeMap::new();
    for (right, found) in right.iter().zip(found) {
        counts.entry(right).or_default()[0] += 1.0;
        counts.entry(found).or_default()[1] += 1.0;
        counts.entry(right).or_default()[2] += f64::from(u8::from(right == found));
    }
    let f1: Vec<f64> =
        counts.values().filter(|count| count[0] > 0.0).map(|count| 2.0 * count[2] / (count[0] + count[1])).collect();
    mean(&f1)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0).max(1.0)).sqrt()
}

/// The numbers below `count` in a random order that the seed decides (xorshift64*, Vigna 2016).
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let number = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        order.swap(at, usize::try_from(number % (at as u64 + 1)).unwrap_or_default());
    }
    order
}
