//! A training on its way: what is learned from which questions, in which order.

use crate::candidates::{Components, Scratch};
use crate::collection::{Collection, PassageIndex};
use crate::embeddings::{Embeddings, Example};
use crate::error::ModelsError;
use crate::features::{FeatureTable, fused_rank};
use crate::heads::{FirstScores, Memory, first_scores, set_table, table};
use crate::inclination;
use crate::lexical::LexicalSums;
use crate::likeness::Directions;
use crate::memory::{self, Past, Recollection};
use crate::network::RankedList;
use crate::parallel::map_blocks;
use crate::places::PassagePlaces;
use crate::question::{AskedTerms, Question};
use crate::random::Random;
use crate::set_stage::{Known, SetScratch, SetTable, set_row_length};
use crate::stages::Blend;
use crate::term_weights::{self, LearningList};
use crate::train::{Progress, TrainingSettings};
use crate::translation::Translation;
use crate::vectors::row_length;

/// Folds into which the questions are cut to be described, each by what the others teach. Many, so that rankers learn from descriptions that nearly
/// all questions taught, as those are that they will rank by.
const FOLD_COUNT: usize = 20;
/// Rankers are judged by fewer folds, each of which is several of those.
const JUDGING_FOLD_COUNT: usize = 5;
/// Folds in which the ranker without memory sees questions: without those that have a gold passage in common with the fold.
const STRICT_FOLD_COUNT: usize = 8;
/// Candidates that a question's list has in training; more cost time and teach nothing.
const LIST_LENGTH: usize = 100;
/// So often the set stage learns from a question none of whose gold passages was asked about before, so that what memory likes
/// does not stand before new answers.
const UNSEEN_TIMES: usize = 2;
/// Questions that one thread handles at a time.
const QUESTION_BLOCK: usize = 16;

/// What takes long to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Embeddings,
    First(Memory),
    Set,
}

/// Something that is learned, and the part of the questions that teach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) stage: Stage,
    part: usize,
}

/// What a job brings.
#[derive(Clone, Debug)]
pub(crate) enum Fitted {
    Embeddings(Embeddings),
    First(Blend),
    Set(Blend),
}

/// Questions that teach, and those that are described by what they teach: none by what judging folds teach, which is rankers only.
struct Part {
    teaching: Vec<usize>,
    held_out: Vec<usize>,
}

/// A training on its way.
pub(crate) struct Training<'c> {
    pub(crate) collection: &'c Collection,
    pub(crate) settings: TrainingSettings,
    pub(crate) questions: Vec<&'c Question>,
    pub(crate) asked: Vec<AskedTerms>,
    lists: Vec<LearningList>,
    /// First the folds, then the strict folds, then those that judge, then all.
    parts: Vec<Part>,
    /// For each question, its fold.
    folds: Vec<usize>,
    /// For each question, its candidates as other folds describe them; and as questions do that share no gold with its own.
    pub(crate) tables: Vec<FeatureTable>,
    strict_tables: Vec<FeatureTable>,
    /// Whether no gold passage of a question is gold in another fold.
    pub(crate) is_unseen: Vec<bool>,
    pub(crate) firsts: Vec<FirstScores>,
    pub(crate) sets: Vec<SetTable>,
    pub(crate) jobs: Vec<(Job, Option<Fitted>)>,
    done: usize,
}

impl<'c> Training<'c> {
    pub(crate) fn new(collection: &'c Collection, questions: Vec<&'c Question>, settings: TrainingSettings) -> Self {
        let asked: Vec<AskedTerms> = questions
            .iter()
            .map(|question| AskedTerms::new(collection, &question.terms).with_vector(&question.vector))
            .collect();
        let lists =
            map_blocks(questions.len(), QUESTION_BLOCK, settings.threads, LexicalSums::default, |sums, block| {
                let list = |at: usize| LearningList::new(collection, sums, &asked[at], &questions[at].gold);
                block.map(list).collect::<Vec<_>>()
            });
        let mut random = Random::new(settings.seed);
        let folds = drawn_folds(questions.len(), FOLD_COUNT, &mut random);
        let strict_folds = drawn_folds(questions.len(), STRICT_FOLD_COUNT, &mut random);
        let mut parts: Vec<Part> = (0..FOLD_COUNT).map(|fold| part(&folds, fold)).collect();
        parts.extend((0..STRICT_FOLD_COUNT).map(|fold| strict_part(&questions, &strict_folds, fold)));
        let judging_first = parts.len();
        let judging_folds: Vec<usize> = folds.iter().map(|fold| fold % JUDGING_FOLD_COUNT).collect();
        let judging = |fold| Part { held_out: Vec::new(), ..part(&judging_folds, fold) };
        parts.extend((0..JUDGING_FOLD_COUNT).map(judging));
        let all = parts.len();
        parts.push(Part { teaching: (0..questions.len()).collect(), held_out: Vec::new() });
        let mut jobs: Vec<Job> = Vec::new();
        if settings.embeddings {
            jobs.extend((0..judging_first).chain([all]).map(|part| Job { stage: Stage::Embeddings, part }));
        }
        for stage in [Stage::First(Memory::On), Stage::First(Memory::Off), Stage::Set] {
            jobs.extend((judging_first..=all).map(|part| Job { stage, part }));
        }
        Self {
            collection,
            settings,
            asked,
            lists: lists.into_iter().flatten().collect(),
            parts,
            folds,
            tables: vec![FeatureTable::default(); questions.len()],
            strict_tables: vec![FeatureTable::default(); questions.len()],
            is_unseen: vec![false; questions.len()],
            firsts: Vec::new(),
            sets: Vec::new(),
            jobs: jobs.into_iter().map(|job| (job, None)).collect(),
            done: 0,
            questions,
        }
    }

    /// The part of all questions.
    pub(crate) fn all(&self) -> usize {
        self.parts.len() - 1
    }

    /// Whether an embedding model is heard.
    pub(crate) fn hears_vectors(&self) -> bool {
        self.collection.vectors.is_some()
    }

    /// The part whose rankers judge a question.
    pub(crate) fn judging(&self, question: usize) -> usize {
        self.all() - JUDGING_FOLD_COUNT + self.folds[question] % JUDGING_FOLD_COUNT
    }

    /// Adds steps to those done. Each fold is described once, each job is done once, and the model is made.
    pub(crate) fn tell(
        &mut self,
        steps: usize,
        what: &'static str,
        progress: &mut dyn Progress,
    ) -> Result<(), ModelsError> {
        self.done += steps;
        progress.step(self.done, FOLD_COUNT + STRICT_FOLD_COUNT + 1 + self.jobs.len(), what);
        if progress.is_stopped() { Err(ModelsError::Stopped) } else { Ok(()) }
    }

    /// What a part teaches, besides the rankers.
    pub(crate) fn components(&self, part: usize) -> Components {
        let teaching = &self.parts[part].teaching;
        let weighed: Vec<_> = teaching.iter().map(|at| (&self.asked[*at], &self.lists[*at])).collect();
        let answered: Vec<_> =
            teaching.iter().map(|at| (&self.asked[*at].unique[..], &self.questions[*at].gold[..])).collect();
        let embeddings = match self.fitted(Job { stage: Stage::Embeddings, part }) {
            Some(Fitted::Embeddings(embeddings)) => embeddings.clone(),
            _ => Embeddings::default(),
        };
        Components {
            directions: Directions::new(&embeddings),
            places: embeddings.passages(self.collection, self.settings.threads),
            term_weights: term_weights::fit(self.collection.term_count(), &weighed, self.settings.threads),
            inclinations: inclination::fit(self.collection, answered.iter().flat_map(|(_, gold)| gold.iter().copied())),
            translation: Translation::fit(self.collection, &answered),
            memory: self.memory(part, &embeddings),
            embeddings,
            hears_vectors: self.hears_vectors(),
        }
    }

    /// The places of passages as a part taught them.
    fn places(&self, part: usize) -> PassagePlaces {
        match self.fitted(Job { stage: Stage::Embeddings, part }) {
            Some(Fitted::Embeddings(embeddings)) => embeddings.passages(self.collection, self.settings.threads),
            _ => PassagePlaces::default(),
        }
    }

    /// The questions of a part, remembered.
    fn memory(&self, part: usize, embeddings: &Embeddings) -> memory::Memory {
        let remembered = |at: &usize| Past {
            terms: self.asked[*at].unique.clone(),
            gold: self.questions[*at].gold.clone(),
            vector: self.asked[*at].vector.clone(),
        };
        memory::Memory::new(self.collection, embeddings, self.parts[part].teaching.iter().map(remembered))
    }

    /// Describes the candidates of each question by what other questions teach.
    pub(crate) fn describe(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.tell(0, "describing candidates", progress)?;
        for part in 0..FOLD_COUNT + STRICT_FOLD_COUNT {
            let is_strict = part >= FOLD_COUNT;
            let memory = if is_strict { Memory::Off } else { Memory::On };
            let components = self.components(part);
            let held_out = &self.parts[part].held_out;
            let (collection, asked) = (self.collection, &self.asked);
            let threads = self.settings.threads;
            let tables = map_blocks(held_out.len(), QUESTION_BLOCK, threads, Scratch::default, |scratch, block| {
                let one = |at: usize| table(collection, &components, &asked[held_out[at]], memory, scratch);
                block.map(one).collect::<Vec<_>>()
            });
            for (at, table) in held_out.iter().zip(tables.into_iter().flatten()) {
                if is_strict {
                    self.strict_tables[*at] = table;
                } else {
                    self.tables[*at] = table;
                    let is_new = |gold: &PassageIndex| components.memory.counts[*gold as usize] == 0;
                    self.is_unseen[*at] = self.questions[*at].gold.iter().all(is_new);
                }
            }
            self.tell(1, "describing candidates", progress)?;
        }
        Ok(())
    }

    /// Learns what is not known yet of one stage, as much at once as there are threads.
    fn fit_jobs(
        &mut self,
        stage: Stage,
        what: &'static str,
        progress: &mut dyn Progress,
        fit: impl Fn(&Self, Job) -> Fitted + Sync,
    ) -> Result<(), ModelsError> {
        let jobs: Vec<usize> = (0..self.jobs.len()).filter(|at| self.jobs[*at].0.stage == stage).collect();
        let (known, open): (Vec<usize>, Vec<usize>) = jobs.into_iter().partition(|at| self.jobs[*at].1.is_some());
        self.tell(known.len(), what, progress)?;
        let threads = self.settings.threads.max(1);
        for round in open.chunks(threads) {
            let this: &Self = self;
            let one = |block: std::ops::Range<usize>| fit(this, this.jobs[round[block.start]].0);
            let fitted = map_blocks(round.len(), 1, threads, || (), |(), block| one(block));
            for (at, fitted) in round.iter().zip(fitted) {
                self.jobs[*at].1 = Some(fitted);
            }
            progress.keep(&self.state());
            self.tell(round.len(), what, progress)?;
        }
        Ok(())
    }

    /// Places terms, for each part.
    pub(crate) fn fit_embeddings(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        if !self.jobs.iter().any(|(job, fitted)| job.stage == Stage::Embeddings && fitted.is_none()) {
            return self.fit_jobs(Stage::Embeddings, "placing terms", progress, |_, _| {
                Fitted::Embeddings(Embeddings::default())
            });
        }
        let start = Embeddings::unlabelled(self.collection, self.settings.seed);
        let titles = titles_as_questions(self.collection);
        let titled: Vec<Example<'_>> = titles
            .iter()
            .map(|(asked, passage)| Example { asked, gold: std::slice::from_ref(passage), negatives: &[] })
            .collect();
        self.fit_jobs(Stage::Embeddings, "placing terms", progress, |training, job| {
            let teaching = training.parts[job.part].teaching.iter();
            let examples: Vec<Example<'_>> = teaching
                .map(|at| Example {
                    asked: &training.asked[*at],
                    gold: &training.questions[*at].gold,
                    negatives: &training.lists[*at].negatives,
                })
                .collect();
            Fitted::Embeddings(start.fit(training.collection, &examples, &titled, training.settings.seed))
        })
    }

    /// Learns to rank candidates by themselves: with memory on tables of folds, without it on strict ones.
    pub(crate) fn fit_first_stages(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        for memory in [Memory::On, Memory::Off] {
            self.fit_jobs(Stage::First(memory), "learning to rank", progress, |training, job| {
                let teaching = training.parts[job.part].teaching.iter();
                let lists: Vec<RankedList<'_>> = teaching.map(|at| training.first_list(*at, memory)).collect();
                let width = row_length(training.hears_vectors());
                Fitted::First(Blend::fit_first(width, &useful(&lists), memory == Memory::On, training.settings.seed))
            })?;
        }
        Ok(())
    }

    /// Learns to rank the best candidates beside each other.
    pub(crate) fn fit_set_stages(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.fit_jobs(Stage::Set, "learning to complete", progress, |training, job| {
            let teaching = training.parts[job.part].teaching.iter();
            let times = |at: &usize| if training.is_unseen[*at] { UNSEEN_TIMES } else { 1 };
            let lists: Vec<RankedList<'_>> =
                teaching.flat_map(|at| (0..times(at)).map(|_| training.set_list(*at))).collect();
            let width = set_row_length(training.hears_vectors());
            Fitted::Set(Blend::fit_set(width, &useful(&lists), training.settings.seed))
        })
    }

    /// The candidates of a question that the first stage learns from: those that most ways put first. No gold passage is added
    /// that all ways lost: the ranker would learn that what nothing finds is gold.
    fn first_list(&self, at: usize, memory: Memory) -> RankedList<'_> {
        let uses_memory = memory == Memory::On;
        let table = if uses_memory { &self.tables[at] } else { &self.strict_tables[at] };
        let rows = table.rows(uses_memory);
        let fused: Vec<f32> = rows.iter().map(|row| fused_rank(row, uses_memory)).collect();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| fused[*b].total_cmp(&fused[*a]).then(a.cmp(b)));
        order.truncate(LIST_LENGTH);
        let gold = &self.questions[at].gold;
        RankedList {
            rows: order.iter().map(|at| rows[*at]).collect(),
            is_gold: order.iter().map(|at| gold.contains(&table.passages[*at])).collect(),
        }
    }

    fn set_list(&self, at: usize) -> RankedList<'_> {
        let set = &self.sets[at];
        let gold = &self.questions[at].gold;
        let is_gold = |candidate: &usize| gold.contains(&self.tables[at].passages[*candidate]);
        RankedList { rows: set.rows(), is_gold: set.candidates.iter().map(is_gold).collect() }
    }

    fn fitted(&self, job: Job) -> Option<&Fitted> {
        self.jobs.iter().find(|(other, _)| *other == job).and_then(|(_, fitted)| fitted.as_ref())
    }

    /// The ranker of candidates by themselves that a part taught.
    pub(crate) fn first_stage(&self, memory: Memory, part: usize) -> Option<&Blend> {
        match self.fitted(Job { stage: Stage::First(memory), part })? {
            Fitted::First(stage) => Some(stage),
            _ => None,
        }
    }

    /// The ranker of the best beside each other that a part taught.
    pub(crate) fn set_stage(&self, part: usize) -> Option<&Blend> {
        match self.fitted(Job { stage: Stage::Set, part })? {
            Fitted::Set(stage) => Some(stage),
            _ => None,
        }
    }

    /// Scores each question's candidates by rankers that did not learn from it, and describes the best beside each other.
    pub(crate) fn describe_sets(&mut self) {
        let this: &Self = self;
        let mut described: Vec<(FirstScores, SetTable)> = Vec::new();
        described.resize_with(this.questions.len(), Default::default);
        for fold in 0..FOLD_COUNT {
            let held_out = &this.parts[fold].held_out;
            let (memory, places) = (this.memory(fold, &Embeddings::default()), this.places(fold));
            let room = <(SetScratch, Recollection)>::default;
            let blocks = map_blocks(
                held_out.len(),
                QUESTION_BLOCK,
                this.settings.threads,
                room,
                |(scratch, recollection), block| {
                    let mut one = |at: usize| {
                        let plain = this.first_stage(Memory::Off, this.judging(at))?;
                        let remembering = this.first_stage(Memory::On, this.judging(at))?;
                        let first = first_scores(&this.tables[at], plain, remembering, false);
                        memory.recall(this.collection, &Embeddings::default(), &this.asked[at], recollection);
                        let known = Known { memory: &memory, cosines: &recollection.cosines, places: &places };
                        let (asked, table) = (&this.asked[at], &this.tables[at]);
                        let set = set_table(this.collection, &known, asked, table, &first, scratch);
                        Some((first, set))
                    };
                    block.map(|at| one(held_out[at]).unwrap_or_default()).collect::<Vec<_>>()
                },
            );
            for (at, one) in held_out.iter().zip(blocks.into_iter().flatten()) {
                described[*at] = one;
            }
        }
        (self.firsts, self.sets) = described.into_iter().unzip();
    }
}

/// The titles that stand over one passage only, as questions that it answers.
fn titles_as_questions(collection: &Collection) -> Vec<(AskedTerms, PassageIndex)> {
    let title = |passage: &PassageIndex| collection.titles.of(*passage as usize);
    let mut titled: Vec<PassageIndex> =
        (0..collection.passage_count() as PassageIndex).filter(|passage| !title(passage).is_empty()).collect();
    titled.sort_by_key(title);
    let alone = titled.chunk_by(|a, b| title(a) == title(b)).filter(|same| same.len() == 1);
    let mut alone: Vec<PassageIndex> = alone.map(|same| same[0]).collect();
    alone.sort_unstable();
    alone.into_iter().map(|passage| (AskedTerms::of_terms(title(&passage)), passage)).collect()
}

/// A fold for each of `count` questions, by chance.
fn drawn_folds(count: usize, fold_count: usize, random: &mut Random) -> Vec<usize> {
    let mut shuffled: Vec<usize> = (0..count).collect();
    random.shuffle(&mut shuffled);
    let mut folds = vec![0; count];
    for (at, question) in shuffled.into_iter().enumerate() {
        folds[question] = at % fold_count;
    }
    folds
}

fn part(folds: &[usize], fold: usize) -> Part {
    let (held_out, teaching) = (0..folds.len()).partition(|at| folds[*at] == fold);
    Part { teaching, held_out }
}

/// A part none of whose teaching questions has a gold passage in common with those held out.
fn strict_part(questions: &[&Question], folds: &[usize], fold: usize) -> Part {
    let mut part = part(folds, fold);
    let mut gold: Vec<PassageIndex> = part.held_out.iter().flat_map(|at| questions[*at].gold.iter().copied()).collect();
    gold.sort_unstable();
    part.teaching.retain(|at| questions[*at].gold.iter().all(|one| gold.binary_search(one).is_err()));
    part
}

/// The lists with a gold candidate and another: others teach nothing.
fn useful<'l, 't>(lists: &'l [RankedList<'t>]) -> Vec<&'l RankedList<'t>> {
    let teaches = |list: &&RankedList<'_>| list.is_gold.contains(&true) && list.is_gold.contains(&false);
    lists.iter().filter(teaches).collect()
}
