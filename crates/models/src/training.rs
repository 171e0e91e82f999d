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
use crate::memory::{self, Recollection};
use crate::network::RankedList;
use crate::opinions::shares;
use crate::parallel::map_blocks;
use crate::places::PassagePlaces;
use crate::question::{AskedTerms, Question};
use crate::random::Random;
use crate::set_stage::{Known, SetScratch, SetTable};
use crate::stages::Blend;
use crate::term_weights::{self, LearningList};
use crate::train::{Progress, TrainingSettings};
use crate::translation::Translation;

/// Parts into which the questions are cut; each is judged by what the others teach.
const FOLD_COUNT: usize = 5;
/// Parts for the ranker without memory. More than [`FOLD_COUNT`], because questions with a gold passage in common with the part
/// are left out too.
const STRICT_FOLD_COUNT: usize = 8;
/// Candidates that a question's list has in training; more cost time and teach nothing.
const LIST_LENGTH: usize = 100;
/// So often the set stage learns from a question none of whose gold passages was asked about before, so that what memory likes
/// does not stand before new answers.
const UNSEEN_TIMES: usize = 2;
/// Questions that one thread handles at a time.
pub(crate) const QUESTION_BLOCK: usize = 16;

/// What takes long to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Embeddings,
    /// A first ranker with memory, whose opinions the next ones hear.
    Opinion,
    First(Memory),
    /// A first set stage, whose opinions the next one hears.
    SetOpinion,
    Set,
}

/// Something that is learned, and the part of the questions that teach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) stage: Stage,
    pub(crate) part: usize,
}

/// What a job brings.
#[derive(Clone, Debug)]
pub(crate) enum Fitted {
    Embeddings(Embeddings),
    First(Blend),
    Set(Blend),
}

/// Questions that teach, and those that are described by what they teach.
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
    /// First the folds, then the strict folds, then all.
    parts: Vec<Part>,
    /// For each question, its fold.
    folds: Vec<usize>,
    /// For each question, its candidates as other folds describe them; and as questions do that share no gold with its own.
    pub(crate) tables: Vec<FeatureTable>,
    strict_tables: Vec<FeatureTable>,
    /// Whether no gold passage of a question is gold in another fold.
    pub(crate) is_unseen: Vec<bool>,
    /// For each question, what a ranker that did not learn from it thinks of its candidates; and of the best beside each other.
    opinions: Vec<Vec<f32>>,
    set_opinions: Vec<Vec<f32>>,
    pub(crate) firsts: Vec<FirstScores>,
    pub(crate) sets: Vec<SetTable>,
    pub(crate) jobs: Vec<(Job, Option<Fitted>)>,
    done: usize,
}

impl<'c> Training<'c> {
    pub(crate) fn new(collection: &'c Collection, questions: Vec<&'c Question>, settings: TrainingSettings) -> Self {
        let asked: Vec<AskedTerms> =
            questions.iter().map(|question| AskedTerms::new(collection, &question.terms)).collect();
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
        parts.push(Part { teaching: (0..questions.len()).collect(), held_out: Vec::new() });
        let all = parts.len() - 1;
        let judging = || (0..FOLD_COUNT).chain([all]);
        let mut jobs: Vec<Job> = Vec::new();
        if settings.embeddings {
            jobs.extend((0..=all).map(|part| Job { stage: Stage::Embeddings, part }));
        }
        jobs.extend((0..FOLD_COUNT).map(|part| Job { stage: Stage::Opinion, part }));
        for stage in [Stage::First(Memory::On), Stage::First(Memory::Off)] {
            jobs.extend(judging().map(|part| Job { stage, part }));
        }
        jobs.extend((0..FOLD_COUNT).map(|part| Job { stage: Stage::SetOpinion, part }));
        jobs.extend(judging().map(|part| Job { stage: Stage::Set, part }));
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
            opinions: Vec::new(),
            set_opinions: Vec::new(),
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

    /// The part that a question is judged by.
    pub(crate) fn judging(&self, question: usize) -> usize {
        self.folds[question]
    }

    /// Adds steps to those done. Each part is described once (all of them when the model is made), each job is done once.
    pub(crate) fn tell(
        &mut self,
        steps: usize,
        what: &'static str,
        progress: &mut dyn Progress,
    ) -> Result<(), ModelsError> {
        self.done += steps;
        progress.step(self.done, self.parts.len() + self.jobs.len(), what);
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
        let remembered = |at: &usize| (self.asked[*at].unique.clone(), self.questions[*at].gold.clone());
        memory::Memory::new(self.collection, embeddings, self.parts[part].teaching.iter().map(remembered))
    }

    /// Describes the candidates of each question by what other questions teach.
    pub(crate) fn describe(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        self.tell(0, "describing candidates", progress)?;
        for part in 0..self.all() {
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

    /// Learns to rank candidates by themselves: with memory on tables of folds, without it on strict ones. With memory, twice: the second time from what
    /// rankers of the first time think as well.
    pub(crate) fn fit_first_stages(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        for stage in [Stage::Opinion, Stage::First(Memory::On), Stage::First(Memory::Off)] {
            let memory = if stage == Stage::First(Memory::Off) { Memory::Off } else { Memory::On };
            self.fit_jobs(stage, "learning to rank", progress, |training, job| {
                let teaching = training.parts[job.part].teaching.iter();
                let lists: Vec<RankedList<'_>> = teaching.map(|at| training.first_list(*at, memory)).collect();
                Fitted::First(Blend::fit_first(&useful(&lists), memory == Memory::On, training.settings.seed))
            })?;
            if stage == Stage::Opinion {
                self.opinions = self.first_opinions();
            }
        }
        Ok(())
    }

    /// Learns to rank the best candidates beside each other, twice as well.
    pub(crate) fn fit_set_stages(&mut self, progress: &mut dyn Progress) -> Result<(), ModelsError> {
        for stage in [Stage::SetOpinion, Stage::Set] {
            self.fit_jobs(stage, "learning to complete", progress, |training, job| {
                let teaching = training.parts[job.part].teaching.iter();
                let times = |at: &usize| if training.is_unseen[*at] { UNSEEN_TIMES } else { 1 };
                let lists: Vec<RankedList<'_>> =
                    teaching.flat_map(|at| (0..times(at)).map(|_| training.set_list(*at))).collect();
                let fit = if stage == Stage::Set { Blend::fit_set } else { Blend::fit_set_opinion };
                Fitted::Set(fit(&useful(&lists), training.settings.seed))
            })?;
            if stage == Stage::SetOpinion {
                self.set_opinions = self.set_opinions();
            }
        }
        Ok(())
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
        // Before there are opinions, and for the ranker without memory, only gold counts.
        let heard = self.opinions.get(at).filter(|_| uses_memory);
        let opinions = heard.map_or_else(Vec::new, |scores| shares(order.iter().map(|at| scores[*at])));
        RankedList {
            rows: order.iter().map(|at| rows[*at]).collect(),
            is_gold: order.iter().map(|at| gold.contains(&table.passages[*at])).collect(),
            opinions,
        }
    }

    fn set_list(&self, at: usize) -> RankedList<'_> {
        let set = &self.sets[at];
        let gold = &self.questions[at].gold;
        let is_gold = |candidate: &usize| gold.contains(&self.tables[at].passages[*candidate]);
        let heard = self.set_opinions.get(at);
        let opinions = heard.map_or_else(Vec::new, |scores| shares(scores.iter().copied()));
        RankedList { rows: set.rows(), is_gold: set.candidates.iter().map(is_gold).collect(), opinions }
    }

    pub(crate) fn fitted(&self, job: Job) -> Option<&Fitted> {
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
        let threads = this.settings.threads;
        let memories: Vec<memory::Memory> =
            (0..FOLD_COUNT).map(|fold| this.memory(fold, &Embeddings::default())).collect();
        let places: Vec<PassagePlaces> = (0..FOLD_COUNT).map(|fold| this.places(fold)).collect();
        let room = <(SetScratch, Recollection)>::default;
        let blocks =
            map_blocks(this.questions.len(), QUESTION_BLOCK, threads, room, |(scratch, recollection), block| {
                let one = |at: usize| {
                    let plain = this.first_stage(Memory::Off, this.folds[at])?;
                    let remembering = this.first_stage(Memory::On, this.folds[at])?;
                    let first = first_scores(&this.tables[at], plain, remembering, false);
                    let (memory, places) = (&memories[this.folds[at]], &places[this.folds[at]]);
                    memory.recall(this.collection, &Embeddings::default(), &this.asked[at], recollection);
                    let known = Known { memory, cosines: &recollection.cosines, places };
                    let set = set_table(this.collection, &known, &this.asked[at], &this.tables[at], &first, scratch);
                    Some((first, set))
                };
                block.filter_map(one).collect::<Vec<_>>()
            });
        (self.firsts, self.sets) = blocks.into_iter().flatten().unzip();
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
