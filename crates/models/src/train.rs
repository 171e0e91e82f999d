//! Learns from labelled questions, each judged by what was learned from others.

use crate::bytes::{Reader, Writer, checksum};
use crate::candidates::{Components, Scratch};
use crate::collection::Collection;
use crate::embeddings::{Embeddings, Example};
use crate::error::ModelsError;
use crate::features::FeatureTable;
use crate::heads::{FirstScores, Heads, Memory, first_scores, order, set_table, table};
use crate::lexical::{LexicalSums, Sums};
use crate::memory;
use crate::metrics::Outcome;
use crate::model::Model;
use crate::network::RankedList;
use crate::parallel::map_blocks;
use crate::question::{AskedTerms, Question, check_gold};
use crate::random::Random;
use crate::report::{Judged, TrainingReport};
use crate::set_stage::{SetScratch, SetTable};
use crate::stages::{
    FirstStage, fit_set, read_embeddings, read_first, read_trees, write_embeddings, write_first, write_trees,
};
use crate::term_weights::{self, LearningList};
use crate::translation::Translation;
use crate::trees::Trees;

/// Fewer labelled questions teach nothing that could be tested.
pub const QUESTION_COUNT_MIN: usize = 40;
/// Parts into which the questions are cut; each is judged by what the others teach.
const FOLD_COUNT: usize = 5;
/// Candidates that a question's list has in training; more cost time and teach nothing.
const LIST_LENGTH: usize = 100;
/// Questions that one thread handles at a time.
const QUESTION_BLOCK: usize = 16;
const STATE_MAGIC: &[u8; 8] = b"GRNDSTRN";

/// How to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrainingSettings {
    /// Everything random comes from this number.
    pub seed: u64,
    /// Whether terms get places in a space, which helps a little and doubles the time of a small training.
    pub embeddings: bool,
    /// On how many threads; the model is the same for any number.
    pub threads: usize,
}

impl TrainingSettings {
    /// One seed for everybody, on two threads.
    pub const STANDARD: TrainingSettings = TrainingSettings { seed: 1, embeddings: true, threads: 2 };
}

/// Who is told how far a training is, and may stop it.
pub trait Progress {
    /// `done` of `total` steps are done, and `what` comes next. Steps of one training take about the same time.
    fn step(&mut self, done: usize, total: usize, what: &'static str);

    /// Whether the training shall stop; asked at every step.
    fn is_stopped(&self) -> bool {
        false
    }

    /// What is learned so far, from which [`train`] can go on; handed over at every step that took long.
    fn keep(&mut self, state: &[u8]) {
        let _ = state;
    }
}

/// Nobody is told, and nothing stops.
impl Progress for () {
    fn step(&mut self, _: usize, _: usize, _: &'static str) {}
}

/// A trained model, and how good it is on questions it was not trained on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trained {
    /// Learned from all questions.
    pub model: Model,
    /// What models learned from four fifths of the questions say about the rest.
    pub report: TrainingReport,
}

/// Learns to rank the passages of `collection` from labelled questions.
///
/// Term weights, translation and memory are learned out of fold: the rankers see each question as if it were new, and so do
/// the figures of the report (stacking: Wolpert, *Stacked Generalization*, 1992). Questions without gold are left out.
/// `state` is what an earlier training with the same arguments handed to [`Progress::keep`]; the result is the same, to the
/// bit, with and without it, and for any number of threads. Cost: see docs/models.md; memory: about 60 kB a question.
///
/// # Errors
/// `TooFewQuestions`, `UnknownGold` (the caller's questions), `Stopped`, `ForeignState` (the caller's state), `DamagedModel`
/// (the state's bytes).
pub fn train(
    collection: &Collection,
    questions: &[Question],
    settings: &TrainingSettings,
    state: Option<&[u8]>,
    progress: &mut dyn Progress,
) -> Result<Trained, ModelsError> {
    check_gold(collection, questions)?;
    let questions: Vec<&Question> = questions.iter().filter(|question| !question.gold.is_empty()).collect();
    if questions.len() < QUESTION_COUNT_MIN {
        let question_count_min = QUESTION_COUNT_MIN;
        return Err(ModelsError::TooFewQuestions { question_count: questions.len(), question_count_min });
    }
    let mut training = Training::new(collection, questions, *settings);
    if let Some(state) = state {
        training.resume(state)?;
    }
    training.fit_embeddings(progress)?;
    training.describe(progress)?;
    training.fit_first_stages(progress)?;
    training.describe_sets();
    training.fit_set_stages(progress)?;
    training.finish(progress)
}

/// What takes long to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Embeddings,
    First,
    Set,
}

/// Something that is learned, with or without memory, and which fold it is not learned from; none for what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Job {
    stage: Stage,
    memory: Memory,
    left_out: Option<usize>,
}

#[derive(Clone, Debug)]
enum Fitted {
    Embeddings(Embeddings),
    First(FirstStage),
    Set(Trees),
}

struct Training<'c> {
    collection: &'c Collection,
    settings: TrainingSettings,
    questions: Vec<&'c Question>,
    asked: Vec<AskedTerms>,
    lists: Vec<LearningList>,
    folds: Vec<usize>,
    tables: Vec<FeatureTable>,
    is_unseen: Vec<bool>,
    /// By memory on, then off.
    firsts: [Vec<FirstScores>; 2],
    sets: [Vec<SetTable>; 2],
    jobs: Vec<(Job, Option<Fitted>)>,
    done: usize,
}

const MEMORIES: [Memory; 2] = [Memory::On, Memory::Off];

impl<'c> Training<'c> {
    fn new(collection: &'c Collection, questions: Vec<&'c Question>, settings: TrainingSettings) -> Self {
        let asked: Vec<AskedTerms> =
            questions.iter().map(|question| AskedTerms::new(collection, &question.terms)).collect();
        let lists = map_blocks(questions.len(), QUESTION_BLOCK, settings.threads, Sums::default, |sums, block| {
            let list = |at: usize| LearningList::new(collection, sums, &asked[at], &questions[at].gold);
            block.map(list).collect::<Vec<_>>()
        });
        let mut shuffled: Vec<usize> = (0..questions.len()).collect();
        Random::new(settings.seed).shuffle(&mut shuffled);
        let mut folds = vec![0; questions.len()];
        for (at, question) in shuffled.into_iter().enumerate() {
            folds[question] = at % FOLD_COUNT;
        }
        let mut jobs = Vec::new();
        for stage in [Stage::Embeddings, Stage::First, Stage::Set] {
            for left_out in (0..FOLD_COUNT).map(Some).chain([None]) {
                let memories = match stage {
                    Stage::Embeddings if settings.embeddings => &MEMORIES[1..],
                    Stage::Embeddings => &[],
                    Stage::First | Stage::Set => &MEMORIES[..],
                };
                jobs.extend(memories.iter().map(|memory| (Job { stage, memory: *memory, left_out }, None)));
            }
        }
        Self {
            collection,
            settings,
            asked,
            lists: lists.into_iter().flatten().collect(),
            folds,
            tables: vec![FeatureTable::default(); questions.len()],
            is_unseen: vec![false; questions.len()],
            firsts: [Vec::new(), Vec::new()],
            sets: [Vec::new(), Vec::new()],
            jobs,
            done: 0,
            questions,
        }
    }

    /// Folds and the final components, then each job.
    fn step_count(&self) -> usize {
        FOLD_COUNT + 1 + self.jobs.len()
    }

    fn tell(&mut self, steps: usize, what: &'static str, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.done += steps;
        progress.step(self.done, self.step_count(), what);
        if progress.is_stopped() { Err(ModelsError::Stopped) } else { Ok(()) }
    }

    /// What questions that are not of this fold teach, besides the rankers.
    fn components(&self, left_out: Option<usize>) -> Components {
        let part: Vec<usize> = (0..self.questions.len()).filter(|at| Some(self.folds[*at]) != left_out).collect();
        let weighed: Vec<_> = part.iter().map(|at| (&self.asked[*at], &self.lists[*at])).collect();
        let answered: Vec<_> = part.iter().map(|at| (&self.asked[*at], &self.questions[*at].gold[..])).collect();
        let remembered = part.iter().map(|at| (self.asked[*at].unique.clone(), self.questions[*at].gold.clone()));
        let learned = self.jobs.iter().find_map(|(job, fitted)| match fitted {
            Some(Fitted::Embeddings(embeddings)) if job.left_out == left_out => Some(embeddings.clone()),
            _ => None,
        });
        let embeddings = learned.unwrap_or_default();
        Components {
            places: embeddings.passages(self.collection, self.settings.threads),
            embeddings,
            term_weights: term_weights::fit(self.collection.term_count(), &weighed, self.settings.threads),
            translation: Translation::fit(self.collection, &answered),
            memory: memory::Memory::new(self.collection, remembered),
        }
    }

    /// Describes the candidates of each question by what questions of other folds teach.
    fn describe(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.tell(0, "describing candidates", progress)?;
        for fold in 0..FOLD_COUNT {
            let components = self.components(Some(fold));
            let held_out: Vec<usize> = (0..self.questions.len()).filter(|at| self.folds[*at] == fold).collect();
            let (collection, asked) = (self.collection, &self.asked);
            let threads = self.settings.threads;
            let tables = map_blocks(held_out.len(), QUESTION_BLOCK, threads, Scratch::default, |scratch, block| {
                let one = |at: usize| table(collection, &components, &asked[held_out[at]], Memory::On, scratch);
                block.map(one).collect::<Vec<_>>()
            });
            for (at, table) in held_out.iter().zip(tables.into_iter().flatten()) {
                self.tables[*at] = table;
                let is_new = |gold: &u32| components.memory.counts[*gold as usize] == 0;
                self.is_unseen[*at] = self.questions[*at].gold.iter().all(is_new);
            }
            self.tell(1, "describing candidates", progress)?;
        }
        Ok(())
    }

    /// Learns what is not known yet of one stage, as many rankers at once as there are threads.
    fn fit_jobs(
        &mut self,
        stage: Stage,
        what: &'static str,
        progress: &mut dyn Progress,
        fit: impl Fn(&Self, Job) -> Fitted + Sync,
    ) -> Result<(), ModelsError>
    where
        Self: Sync,
    {
        let open: Vec<usize> = (0..self.jobs.len()).filter(|at| self.jobs[*at].0.stage == stage).collect();
        let (known, open): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|at| self.jobs[*at].1.is_some());
        self.tell(known.len(), what, progress)?;
        for round in open.chunks(self.settings.threads.max(1)) {
            let this: &Self = self;
            let fitted = map_blocks(
                round.len(),
                1,
                this.settings.threads,
                || (),
                |(), block| fit(this, this.jobs[round[block.start]].0),
            );
            for (at, fitted) in round.iter().zip(fitted) {
                self.jobs[*at].1 = Some(fitted);
            }
            progress.keep(&self.state());
            self.tell(round.len(), what, progress)?;
        }
        Ok(())
    }

    fn fit_embeddings(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.fit_jobs(Stage::Embeddings, "placing terms", progress, |training, job| {
            let part = (0..training.questions.len()).filter(|at| Some(training.folds[*at]) != job.left_out);
            let examples: Vec<Example<'_>> = part
                .map(|at| Example {
                    asked: &training.asked[at],
                    gold: &training.questions[at].gold,
                    negatives: &training.lists[at].negatives,
                })
                .collect();
            Fitted::Embeddings(Embeddings::fit(training.collection, &examples, training.settings.seed))
        })
    }

    fn fit_first_stages(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.fit_jobs(Stage::First, "learning to rank", progress, |training, job| {
            let lists: Vec<RankedList<'_>> = training.part(job, |at| training.first_list(at, job.memory));
            let uses_memory = job.memory == Memory::On;
            Fitted::First(FirstStage::fit(&useful(&lists), uses_memory, training.settings.seed))
        })
    }

    fn fit_set_stages(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.fit_jobs(Stage::Set, "learning to complete", progress, |training, job| {
            let lists: Vec<RankedList<'_>> = training.part(job, |at| training.set_list(at, job.memory));
            let uses_memory = job.memory == Memory::On;
            Fitted::Set(fit_set(&useful(&lists), uses_memory, training.settings.seed))
        })
    }

    /// The lists of the questions that a job learns from.
    fn part<'t>(&self, job: Job, list: impl Fn(usize) -> RankedList<'t>) -> Vec<RankedList<'t>> {
        (0..self.questions.len()).filter(|at| Some(self.folds[*at]) != job.left_out).map(list).collect()
    }

    /// The candidates of a question that the first stage learns from: those that most ways put first. No gold passage is added
    /// that all ways lost: the ranker would learn that what nothing finds is gold.
    fn first_list(&self, at: usize, memory: Memory) -> RankedList<'_> {
        let table = &self.tables[at];
        let rows = table.rows(memory == Memory::On);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let fused: Vec<f32> = rows.iter().map(|row| crate::features::fused_rank(row, memory == Memory::On)).collect();
        order.sort_by(|a, b| fused[*b].total_cmp(&fused[*a]).then(a.cmp(b)));
        order.truncate(LIST_LENGTH);
        let gold = &self.questions[at].gold;
        RankedList {
            rows: order.iter().map(|at| rows[*at]).collect(),
            is_gold: order.iter().map(|at| gold.contains(&table.passages[*at])).collect(),
        }
    }

    fn set_list(&self, at: usize, memory: Memory) -> RankedList<'_> {
        let set = &self.sets[memory as usize][at];
        let gold = &self.questions[at].gold;
        let is_gold = |candidate: &usize| gold.contains(&self.tables[at].passages[*candidate]);
        RankedList { rows: set.rows(), is_gold: set.candidates.iter().map(is_gold).collect() }
    }

    fn first_stage(&self, memory: Memory, left_out: Option<usize>) -> Option<&FirstStage> {
        self.jobs.iter().find_map(|(job, fitted)| match fitted {
            Some(Fitted::First(stage)) if job.memory == memory && job.left_out == left_out => Some(stage),
            _ => None,
        })
    }

    fn set_stage(&self, memory: Memory, left_out: Option<usize>) -> Option<&Trees> {
        self.jobs.iter().find_map(|(job, fitted)| match fitted {
            Some(Fitted::Set(stage)) if job.memory == memory && job.left_out == left_out => Some(stage),
            _ => None,
        })
    }

    /// Scores each question's candidates by rankers that did not learn from it, and describes the best beside each other.
    fn describe_sets(&mut self) {
        for memory in MEMORIES {
            let this: &Self = self;
            let threads = this.settings.threads;
            let blocks =
                map_blocks(this.questions.len(), QUESTION_BLOCK, threads, SetScratch::default, |scratch, block| {
                    let one = |at: usize| {
                        let left_out = Some(this.folds[at]);
                        let plain = this.first_stage(Memory::Off, left_out)?;
                        let remembering = this.first_stage(Memory::On, left_out)?;
                        let first = first_scores(&this.tables[at], plain, remembering, memory);
                        let set = set_table(this.collection, &this.asked[at], &this.tables[at], &first, scratch);
                        Some((first, set))
                    };
                    block.filter_map(one).collect::<Vec<_>>()
                });
            let (firsts, sets) = blocks.into_iter().flatten().unzip();
            self.firsts[memory as usize] = firsts;
            self.sets[memory as usize] = sets;
        }
    }

    /// How well each question is answered by what other folds teach.
    fn outcomes(&self, memory: Memory) -> Vec<Outcome> {
        let outcome = |at: usize| {
            let set = &self.sets[memory as usize][at];
            let first = &self.firsts[memory as usize][at];
            let stage = self.set_stage(memory, Some(self.folds[at]))?;
            let ranking =
                order(set, first, stage).into_iter().map(|(candidate, _)| self.tables[at].passages[candidate]);
            Some(Outcome::of(&ranking.collect::<Vec<_>>(), &self.questions[at].gold))
        };
        (0..self.questions.len()).filter_map(outcome).collect()
    }

    fn zero_labels(&self) -> Vec<Outcome> {
        let mut sums = LexicalSums::default();
        let outcome = |at: usize| {
            let best = sums.ask(self.collection, &self.asked[at]);
            Outcome::of(&best.iter().map(|one| one.passage).collect::<Vec<_>>(), &self.questions[at].gold)
        };
        (0..self.questions.len()).map(outcome).collect()
    }

    fn finish(mut self, progress: &mut dyn Progress) -> Result<Trained, ModelsError> {
        let judged = |outcomes: Vec<Outcome>| Judged { outcomes, is_unseen: &self.is_unseen };
        let report = TrainingReport::new(
            &judged(self.zero_labels()),
            &judged(self.outcomes(Memory::On)),
            &judged(self.outcomes(Memory::Off)),
        );
        let components = self.components(None);
        let heads = (|| {
            Some(Heads {
                plain: self.first_stage(Memory::Off, None)?.clone(),
                remembering: self.first_stage(Memory::On, None)?.clone(),
                plain_set: self.set_stage(Memory::Off, None)?.clone(),
                remembering_set: self.set_stage(Memory::On, None)?.clone(),
            })
        })();
        // Every job was done before.
        let heads = heads.ok_or(ModelsError::ForeignState)?;
        let model = Model::new(self.collection, &components, heads);
        self.tell(1, "done", progress)?;
        Ok(Trained { model, report })
    }

    /// What tells this training from any other.
    fn fingerprint(&self) -> u64 {
        let mut writer = Writer::default();
        writer.u32(crate::model::FORMAT_VERSION);
        writer.u64(self.settings.seed);
        writer.u32(u32::from(self.settings.embeddings));
        writer.count(self.collection.passage_count());
        writer.lists(&self.collection.bodies, |writer, term| writer.u32(*term));
        for question in &self.questions {
            writer.list(&question.terms, |writer, term| writer.0.extend(term.as_bytes()));
            writer.list(&question.gold, |writer, gold| writer.u32(*gold));
        }
        checksum(&writer.0)
    }

    /// The rankers learned so far, as bytes.
    fn state(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.0.extend(STATE_MAGIC);
        writer.u64(self.fingerprint());
        for (_, fitted) in &self.jobs {
            writer.u32(u32::from(fitted.is_some()));
            match fitted {
                Some(Fitted::Embeddings(embeddings)) => write_embeddings(&mut writer, embeddings),
                Some(Fitted::First(stage)) => write_first(&mut writer, stage),
                Some(Fitted::Set(trees)) => write_trees(&mut writer, trees),
                None => {}
            }
        }
        writer.u64(checksum(&writer.0));
        writer.0
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), ModelsError> {
        let (body, sum) = state.split_last_chunk::<8>().ok_or(ModelsError::ForeignState)?;
        let mut reader = Reader(body);
        if !body.starts_with(STATE_MAGIC) {
            return Err(ModelsError::ForeignState);
        }
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(ModelsError::DamagedModel { what: "its checksum differs" });
        }
        reader.bytes(STATE_MAGIC.len())?;
        if reader.u64()? != self.fingerprint() {
            return Err(ModelsError::ForeignState);
        }
        for (job, fitted) in &mut self.jobs {
            *fitted = match (reader.u32()?, job.stage) {
                (0, _) => None,
                (_, Stage::Embeddings) => Some(Fitted::Embeddings(read_embeddings(&mut reader)?)),
                (_, Stage::First) => Some(Fitted::First(read_first(&mut reader)?)),
                (_, Stage::Set) => Some(Fitted::Set(read_trees(&mut reader, crate::set_stage::SET_FEATURE_COUNT)?)),
            };
        }
        Ok(())
    }
}

/// The lists with a gold candidate and another: others teach nothing.
fn useful<'l, 't>(lists: &'l [RankedList<'t>]) -> Vec<&'l RankedList<'t>> {
    let teaches = |list: &&RankedList<'_>| list.is_gold.contains(&true) && list.is_gold.contains(&false);
    lists.iter().filter(teaches).collect()
}
