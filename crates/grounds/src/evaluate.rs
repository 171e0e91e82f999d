//! Judging retrieval on a folder of questions with gold passages: the folder as a workspace of its own, and figures over its rankings; and classifiers on one
//! of labelled texts.

mod folder;
mod structure;
mod import;
mod classification;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use grounds_core::{AsOf, Instant, Question};
use grounds_models::{Progress, Trained, TrainingSettings};
use jiff::civil::{Date, date};

pub use classification::{ClassificationFigures, ClassificationSet, SetFigures};
pub use grounds_models::{Estimate, Figures, Outcome};

use crate::error::GroundsError;
use crate::retrieve::{
    LearnedRanking, PassageCollection, RetrieveParameters, collection_with_keys, embedded_texts, key, retrieve_by,
};
use crate::view::View;
use crate::workspace::Workspace;

/// The day on which everything is in force and every question is asked.
const AS_OF: Date = date(2020, 1, 1);

/// A corpus, questions about it, and which entries of the corpus answer them.
#[derive(Clone, Debug, Default)]
pub struct RetrievalSet {
    entries: Vec<Entry>,
    questions: Vec<Asked>,
    /// What is odd about the folder.
    pub oddities: Oddities,
}

/// One entry of a corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    id: String,
    title: String,
    text: String,
}

/// A question with the entries that answer it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    id: String,
    text: String,
    /// Positions in the corpus, in order, each once.
    gold: Vec<u32>,
    /// How many entries answer it that the corpus does not have; none of them can be found, and each counts.
    missing_gold_count: u32,
}

/// What a folder has that a tidy one does not. None of it is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Questions without any gold; they are not judged.
    pub questions_without_gold: usize,
    /// Pairs of question and gold whose question is not in the folder; they are left out.
    pub gold_of_unknown_questions: usize,
    /// Pairs of question and gold whose entry is not in the corpus; they count as not found.
    pub gold_missing_in_corpus: usize,
    /// Entries with neither text nor title; they cannot be found.
    pub empty_entries: usize,
    /// Entries whose id an earlier one has; they are left out.
    pub repeated_entries: usize,
}

impl RetrievalSet {
    /// Reads a folder in the layout of BEIR: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and `qrels.tsv` or a file of
    /// `qrels/` (question, entry and score, by tabs; scores above 0 are gold).
    ///
    /// # Errors
    /// [`GroundsError::DataFile`]: a file that is missing or a line that cannot be read; its author can change it.
    pub fn read(folder: &Path) -> Result<Self, GroundsError> {
        folder::read(folder)
    }

    /// How many entries the corpus has.
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// How many questions have gold.
    pub fn question_count(&self) -> usize {
        self.questions.len()
    }

    /// The id of a question, which is a position.
    pub fn question_id(&self, question: usize) -> &str {
        &self.questions[question].id
    }

    /// The words of a question, which is a position.
    pub fn question_text(&self, question: usize) -> &str {
        &self.questions[question].text
    }

    /// The id of an entry, which is a position.
    pub fn entry_id(&self, entry: u32) -> &str {
        &self.entries[entry as usize].id
    }

    /// Puts the corpus into an empty workspace, in one commit: entries whose titles name a document and a place in it ("7 2.1.(3)",
    /// "民法典第五十四条") become units of that document in the order of the file, every other one a document of its own.
    ///
    /// # Errors
    /// Those of the store.
    pub fn import(&self, workspace: &Workspace, at: Instant) -> Result<(), GroundsError> {
        workspace.store().commit(&import::batch(&self.entries), at)?;
        Ok(workspace.store().seal()?)
    }

    /// Whether the corpus is the same, entry by entry.
    pub fn has_corpus_of(&self, other: &RetrievalSet) -> bool {
        self.entries == other.entries
    }

    /// The passages of the corpus in `view`, as models rank them, with the vectors that the view uses. A model remembers them by the ids of their entries.
    ///
    /// # Errors
    /// Those of the store.
    pub fn collection(&self, view: &View) -> Result<PassageCollection, GroundsError> {
        collection_with_keys(view, AS_OF, view.vectors_in_use(), |passage, slice| {
            let id = import::entry_of(&passage.unit).map_or("", |entry| self.entry_id(entry));
            key(&[id.as_bytes(), &slice.to_le_bytes()])
        })
    }

    /// What an embedding model embeds of the corpus in `view`, in its order.
    ///
    /// # Errors
    /// Those of the store.
    pub fn embedded_texts(&self, view: &View) -> Result<Vec<String>, GroundsError> {
        Ok(embedded_texts(view, AS_OF)?.into_iter().map(|(_, text)| text).collect())
    }

    /// Trains a model on the questions; `passages` are those of this set's own corpus. Gold that is no passage is left out.
    ///
    /// # Errors
    /// Too few questions with gold; `progress` stopped it.
    pub fn train(
        &self,
        passages: &PassageCollection,
        settings: &TrainingSettings,
        progress: &mut dyn Progress,
    ) -> Result<Trained, GroundsError> {
        let mut places: HashMap<u32, Vec<u32>> = HashMap::new();
        for (place, passage) in (0..).zip(&passages.passages) {
            if let Some(entry) = import::entry_of(&passage.unit) {
                places.entry(entry).or_default().push(place);
            }
        }
        let gold = |asked: &Asked| asked.gold.iter().filter_map(|entry| places.get(entry)).flatten().copied().collect();
        let texts: Vec<&str> = self.questions.iter().map(|asked| asked.text.as_str()).collect();
        let vectors = passages.question_vectors(&texts, progress)?;
        let question = |(asked, vector): (&Asked, Vec<f32>)| grounds_models::Question {
            terms: passages.question_terms(&asked.text),
            gold: gold(asked),
            vector,
        };
        let questions: Vec<_> = self.questions.iter().zip(vectors).map(question).collect();
        Ok(grounds_models::train(&passages.collection, &questions, settings, None, progress)?)
    }

    /// The entries that [`retrieve_by`] finds for a question, best first, at most `count`, with their scores.
    ///
    /// # Errors
    /// Those of the store.
    pub fn ranking(
        &self,
        view: &View,
        question: usize,
        count: usize,
        learned: Option<&LearnedRanking>,
    ) -> Result<Vec<(u32, f64)>, GroundsError> {
        let at = AsOf { as_of: AS_OF, known_at: view.known_at() };
        let text = self.questions[question].text.clone();
        let question = Question { text, at, kinds: Vec::new(), documents: Vec::new(), hit_count_max: count };
        let mut seen = BTreeSet::new();
        let mut ranking = Vec::new();
        for hit in retrieve_by(view, &question, RetrieveParameters::DEFAULT, learned)?.hits {
            let Some(entry) = import::entry_of(&hit.unit) else { continue };
            if seen.insert(entry) {
                ranking.push((entry, hit.score));
            }
        }
        Ok(ranking)
    }

    /// Judges one ranking for each question that `counts`.
    pub fn figures(&self, rankings: &[Vec<(u32, f64)>], counts: impl Fn(usize) -> bool) -> Figures {
        let counted = (0..self.questions.len()).filter(|question| counts(*question));
        Figures::of(&counted.map(|question| self.outcome(question, &rankings[question])).collect::<Vec<_>>())
    }

    /// Judges the ranking of one question, best first.
    pub fn outcome(&self, question: usize, ranking: &[(u32, f64)]) -> Outcome {
        let found: Vec<u32> = ranking.iter().map(|(entry, _)| *entry).collect();
        Outcome::of(&found, &self.gold(question))
    }

    /// The same corpus with the questions, which are positions, that `keeps` keeps, in their order.
    pub fn with_questions(&self, keeps: impl Fn(usize) -> bool) -> Self {
        let kept = self.questions.iter().enumerate().filter(|(question, _)| keeps(*question));
        Self {
            entries: self.entries.clone(),
            questions: kept.map(|(_, asked)| asked.clone()).collect(),
            oddities: self.oddities,
        }
    }

    /// The gold of a question, with a position past the corpus for each that the corpus lacks.
    fn gold(&self, question: usize) -> Vec<u32> {
        let asked = &self.questions[question];
        let missing = (0..asked.missing_gold_count).map(|number| u32::MAX - number);
        asked.gold.iter().copied().chain(missing).collect()
    }

    /// For each question whether none of its gold entries is gold in `training`, by their ids.
    pub fn unseen(&self, training: &RetrievalSet) -> Vec<bool> {
        let seen: BTreeSet<&str> =
            training.questions.iter().flat_map(|asked| &asked.gold).map(|entry| training.entry_id(*entry)).collect();
        let is_unseen = |asked: &Asked| !asked.gold.iter().any(|entry| seen.contains(self.entry_id(*entry)));
        self.questions.iter().map(is_unseen).collect()
    }

    /// A run as the program trec_eval reads it, one line for each hit.
    pub fn trec_run(&self, rankings: &[Vec<(u32, f64)>]) -> String {
        let mut run = String::new();
        for (question, ranking) in rankings.iter().enumerate() {
            for (rank, (entry, score)) in ranking.iter().enumerate() {
                let (question, entry) = (self.question_id(question), self.entry_id(*entry));
                run.push_str(&format!("{question} Q0 {entry} {} {score} grounds\n", rank + 1));
            }
        }
        run
    }
}

/// Positions by id; of a repeated id the first.
fn positions<'e>(ids: impl Iterator<Item = &'e str>) -> HashMap<&'e str, usize> {
    let mut positions = HashMap::new();
    for (position, id) in ids.enumerate() {
        positions.entry(id).or_insert(position);
    }
    positions
}

/// Gold by question, from pairs in any order.
fn gold_by_question(pairs: Vec<(usize, Option<u32>)>) -> BTreeMap<usize, (BTreeSet<u32>, u32)> {
    let mut gold: BTreeMap<usize, (BTreeSet<u32>, u32)> = BTreeMap::new();
    for (question, entry) in pairs {
        let of_question = gold.entry(question).or_default();
        match entry {
            Some(entry) => drop(of_question.0.insert(entry)),
            None => of_question.1 += 1,
        }
    }
    gold
}
