//! What whole trainings find for questions that none of their parts had: the questions are cut into parts, five of them where nothing else is asked for, and
//! each is judged by a training on the others, or on some of their questions. A training's own report costs a fifth of the time, but what its folds tell
//! each other flatters it.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use grounds::models::{Memory, Model, TrainingSettings};
use grounds::{Estimate, Figures, LearnedRanking, Outcome};

use super::{GOALS, Indexed, told};

/// Into so many parts the questions of a set are cut where nothing else is asked for.
const CUT_COUNT: usize = 5;
const RANKINGS: [&str; 3] = ["no labels", "memory off", "memory on"];

/// What is asked for.
struct Options {
    only: Option<String>,
    /// Into how many parts the questions are cut.
    cut_count: usize,
    /// How many of the parts are judged; `None`: all.
    part_count: Option<usize>,
    /// How many questions of the other parts teach; `None`: all.
    label_count: Option<usize>,
    /// Where each question's outcomes are kept.
    keep: Option<PathBuf>,
    /// Outcomes that were kept before, to compare with.
    against: Option<PathBuf>,
    /// Where the vectors of passages and questions are, a file a set: rankings hear them.
    vectors: Option<PathBuf>,
}

impl Options {
    fn folders(&self) -> anyhow::Result<Vec<&'static str>> {
        let mut folders: Vec<&str> = GOALS.iter().map(|goal| goal.folder).collect();
        let all = folders.join(", ");
        folders.retain(|folder| self.only.as_deref().is_none_or(|only| only == *folder));
        anyhow::ensure!(!folders.is_empty(), "--only takes one of {all}");
        Ok(folders)
    }
}

/// How a question was answered.
#[derive(Clone, Copy)]
struct Judged {
    outcome: Outcome,
    is_unseen: bool,
}

/// Outcomes by set, ranking and question.
type Kept = HashMap<(String, String, String), Outcome>;

/// Trains, asks and tells. There is no goal but that nobody is worse off with memory than without labels.
pub(crate) fn run(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    let options = parsed(options)?;
    let before = options.against.as_deref().map(read).transpose()?;
    let (mut holds, mut reached, mut kept) = (true, Vec::new(), String::new());
    for folder in options.folders()? {
        let mut indexed = Indexed::new(data, folder)?;
        if let Some(vectors) = &options.vectors {
            indexed.hear(&vectors.join(format!("{folder}.vectors")))?;
        }
        let (judged, ids) = judge(&indexed, folder, &options)?;
        for (name, of_ranking) in RANKINGS.iter().zip(&judged) {
            print(folder, name, of_ranking);
            for (id, Judged { outcome, .. }) in ids.iter().zip(of_ranking) {
                let Outcome { recall, average_precision, ndcg, all_gold, is_multi, .. } = outcome;
                writeln!(
                    kept,
                    "{folder}\t{name}\t{id}\t{recall}\t{average_precision}\t{ndcg}\t{all_gold}\t{is_multi}"
                )?;
            }
            if let Some(before) = &before {
                compare(folder, name, &ids, of_ranking, before);
            }
        }
        let [plain, _, on] = judged.each_ref().map(|of_ranking| figures(of_ranking, false));
        holds &= on.map.mean >= plain.map.mean;
        reached.push(format!("{folder} recall@10 {:.4} map@10 {:.4}", on.recall.mean, on.map.mean));
    }
    if let Some(path) = &options.keep {
        std::fs::write(path, kept).with_context(|| format!("writing {}", path.display()))?;
    }
    println!("retrieval trained, held out from everything: {}", reached.join(", "));
    Ok(holds)
}

fn parsed(options: &[String]) -> anyhow::Result<Options> {
    let mut parsed = Options {
        only: None,
        cut_count: CUT_COUNT,
        part_count: None,
        label_count: None,
        keep: None,
        against: None,
        vectors: None,
    };
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().with_context(|| format!("{option} needs a value"))?;
        let number = || value.parse().with_context(|| format!("{option} {value}"));
        match option.as_str() {
            "--only" => parsed.only = Some(value.clone()),
            "--cuts" => parsed.cut_count = number()?,
            "--parts" => parsed.part_count = Some(number()?),
            "--labels" => parsed.label_count = Some(number()?),
            "--keep" => parsed.keep = Some(value.into()),
            "--against" => parsed.against = Some(value.into()),
            "--vectors" => parsed.vectors = Some(value.into()),
            _ => anyhow::bail!(
                "{option} is not known; there are --only, --cuts, --parts, --labels, --keep, --against and --vectors"
            ),
        }
    }
    anyhow::ensure!(parsed.cut_count >= 2, "--cuts is at least 2");
    let of_parts = 1..=parsed.cut_count;
    anyhow::ensure!(
        parsed.part_count.is_none_or(|count| of_parts.contains(&count)),
        "--parts is from 1 to {}",
        parsed.cut_count
    );
    Ok(parsed)
}

/// The outcomes of each ranking's questions, part after part, and the ids of these questions.
fn judge(indexed: &Indexed, folder: &str, options: &Options) -> anyhow::Result<([Vec<Judged>; 3], Vec<String>)> {
    let (set, view) = (&indexed.set, &indexed.view);
    anyhow::ensure!(options.cut_count <= set.question_count(), "--cuts is at most {}", set.question_count());
    let (cut_count, part_count) = (options.cut_count, options.part_count.unwrap_or(options.cut_count));
    let passages = Arc::new(set.collection(view)?);
    let (mut judged, mut ids) = ([Vec::new(), Vec::new(), Vec::new()], Vec::new());
    for part in 0..part_count {
        let start = Instant::now();
        let teaching = teaching(set.question_count(), cut_count, part, options.label_count);
        let training = set.with_questions(|question| teaching.contains(&question));
        let is_unseen = set.unseen(&training);
        let trained = training.train(&passages, &TrainingSettings::STANDARD, &mut ())?;
        let model = Model::from_bytes(&trained.model.to_bytes())?;
        let learned = |memory| LearnedRanking::new(Arc::clone(&passages), &model, memory);
        let rankings = [None, Some(learned(Memory::Off)?), Some(learned(Memory::On)?)];
        let asked = (part..set.question_count()).step_by(cut_count);
        for (learned, judged) in rankings.iter().zip(&mut judged) {
            for question in asked.clone() {
                let ranking = set.ranking(view, question, super::HIT_COUNT, learned.as_ref())?;
                let outcome = set.outcome(question, &ranking);
                judged.push(Judged { outcome, is_unseen: is_unseen[question] });
            }
        }
        ids.extend(asked.map(|question| set.question_id(question).to_owned()));
        println!("{folder}, part {} of {part_count}: {:.0} s", part + 1, start.elapsed().as_secs_f64());
    }
    Ok((judged, ids))
}

/// The questions that teach where `part` is judged: of those of the other parts all, or so many from everywhere.
fn teaching(question_count: usize, cut_count: usize, part: usize, label_count: Option<usize>) -> HashSet<usize> {
    let stride = stride(question_count);
    let spread = (0..question_count).map(|step| step * stride % question_count);
    spread.filter(|question| question % cut_count != part).take(label_count.unwrap_or(usize::MAX)).collect()
}

/// Steps of so many come to each of `count` questions, and first to some from everywhere: about the golden section of all.
fn stride(count: usize) -> usize {
    let shares_no_factor = |stride: &usize| {
        let (mut one, mut other) = (*stride, count);
        while other > 0 {
            (one, other) = (other, one % other);
        }
        one == 1
    };
    (count * 5 / 8..).find(shares_no_factor).unwrap_or(1)
}

fn figures(judged: &[Judged], only_unseen: bool) -> Figures {
    let counted = judged.iter().filter(|one| one.is_unseen || !only_unseen);
    Figures::of(&counted.map(|one| one.outcome).collect::<Vec<_>>())
}

fn print(folder: &str, name: &str, judged: &[Judged]) {
    for (which, only_unseen) in [("all", false), ("unseen", true)] {
        let figures = figures(judged, only_unseen);
        println!("{folder}, {name}, {} {which} questions: {}", figures.question_count, told(&figures));
    }
}

/// How much higher each figure is than it was, question by question.
fn compare(folder: &str, name: &str, ids: &[String], judged: &[Judged], before: &Kept) {
    let key = |id: &String| (folder.to_owned(), name.to_owned(), id.clone());
    let pairs: Vec<(&Judged, &Outcome)> =
        ids.iter().zip(judged).filter_map(|(id, one)| Some((one, before.get(&key(id))?))).collect();
    for (which, only_unseen) in [("all", false), ("unseen", true)] {
        let gain = |of: fn(&Outcome) -> f64, counts: fn(&Outcome) -> bool| {
            let counted = pairs.iter().filter(|(one, _)| (one.is_unseen || !only_unseen) && counts(&one.outcome));
            let Estimate { mean, low, high } =
                Estimate::of(&counted.map(|(one, before)| of(&one.outcome) - of(before)).collect::<Vec<_>>());
            format!("{mean:+.4} [{low:+.4}, {high:+.4}]")
        };
        println!(
            "  beside before, {which}, {} pairs: recall@10 {}, map@10 {}, ndcg@10 {}, all_gold@10_multi {}",
            pairs.iter().filter(|(one, _)| one.is_unseen || !only_unseen).count(),
            gain(|one| one.recall, |_| true),
            gain(|one| one.average_precision, |_| true),
            gain(|one| one.ndcg, |_| true),
            gain(|one| one.all_gold, |one| one.is_multi),
        );
    }
}

/// Outcomes that [`run`] kept.
fn read(path: &Path) -> anyhow::Result<Kept> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let outcome = |line: &str| -> Option<((String, String, String), Outcome)> {
        let cells: Vec<&str> = line.split('\t').collect();
        let [folder, name, id, recall, average_precision, ndcg, all_gold, is_multi] = cells[..] else { return None };
        let outcome = Outcome {
            recall: recall.parse().ok()?,
            average_precision: average_precision.parse().ok()?,
            ndcg: ndcg.parse().ok()?,
            all_gold: all_gold.parse().ok()?,
            is_multi: is_multi.parse().ok()?,
        };
        Some(((folder.to_owned(), name.to_owned(), id.to_owned()), outcome))
    };
    let read = |line| outcome(line).with_context(|| format!("{}: not a line of kept outcomes: {line}", path.display()));
    text.lines().map(read).collect()
}
