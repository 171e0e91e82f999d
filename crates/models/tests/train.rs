//! Learning as a whole: better than no labels, the same however it is run, and never fooled by bytes.

use std::sync::{Arc, LazyLock};

use grounds_models::{
    Collection, LexicalSettings, Memory, Model, ModelsError, PassageTerms, Progress, Question, Ranked, Ranker, Trained,
    TrainingSettings, train,
};

const CONCEPTS: u64 = 24;
const PASSAGES: u64 = 50;

/// Concepts of a passage, and words that any may have, by a small generator.
fn drawn(seed: u64, count: u64, bound: u64) -> Vec<u64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    (0..count).map(|_| next()).collect()
}

/// Passages speak of concepts as `said0`; questions ask about them as `asked0`, with one word in common.
fn collection(first_key: u64, threads: usize) -> Arc<Collection> {
    let mut builder = Collection::builder(LexicalSettings::STANDARD);
    for at in 0..PASSAGES {
        let concepts = drawn(at, 4, CONCEPTS).into_iter().map(|concept| format!("said{concept}"));
        let words = drawn(at + 1000, 8, 30).into_iter().map(|word| format!("word{word}"));
        let body: Vec<String> = concepts.chain(words).collect();
        let body = builder.terms(&body);
        let terms =
            PassageTerms { key: first_key + at, document: (at / 10) as u32, body: &body, ..PassageTerms::default() };
        builder.push(&terms).expect("passages are in order");
    }
    // Words of questions that stand somewhere, so that they are terms of the collection.
    let asked: Vec<String> = (0..CONCEPTS).map(|concept| format!("asked{concept}")).collect();
    let asked = builder.terms(&asked);
    let all = PassageTerms { key: first_key + PASSAGES, document: u32::MAX, body: &asked, ..PassageTerms::default() };
    builder.push(&all).expect("passages are in order");
    Arc::new(builder.finish(threads))
}

fn questions() -> Vec<Question> {
    let question = |at: u64| {
        let passage = at * 7 % PASSAGES;
        let concepts = drawn(passage, 4, CONCEPTS).into_iter().map(|concept| format!("asked{concept}"));
        let word = drawn(passage + 1000, 8, 30)[(at % 8) as usize];
        Question {
            terms: concepts.chain([format!("word{word}")]).collect(),
            gold: vec![passage as u32],
            ..Question::default()
        }
    };
    (0..80).map(question).collect()
}

fn trained_on(threads: usize) -> Trained {
    let mut settings = TrainingSettings::STANDARD;
    settings.threads = threads;
    train(&collection(0, threads), &questions(), &settings, None, &mut ()).expect("there are enough questions")
}

static TRAINED: LazyLock<Trained> = LazyLock::new(|| trained_on(2));

fn ranking(collection: &Arc<Collection>, model: &Model, memory: Memory) -> Vec<Vec<Ranked>> {
    let ranker = Ranker::new(Arc::clone(collection), model).expect("it hears no vectors");
    questions().iter().map(|question| ranker.rank(&question.terms, &[], 20, memory)).collect()
}

#[test]
fn labels_teach_what_words_alone_do_not_say() {
    let report = &TRAINED.report;
    let (before, after) = (report.zero_labels, report.without_memory);
    assert_eq!(before.all.question_count, 80);
    assert!(after.all.recall.mean > before.all.recall.mean + 0.1, "{before:?} {after:?}");
    assert!(report.gain.low > 0.0 && report.is_better(), "{report:?}");
    assert!(after.unseen.question_count < 80);
}

#[test]
fn threads_change_no_bit() {
    let alone = trained_on(1);
    assert_eq!(alone.report, TRAINED.report);
    assert!(alone.model.to_bytes() == TRAINED.model.to_bytes());
}

/// Stops after so many steps, and keeps the last state.
struct Stopping {
    steps_max: usize,
    steps: Vec<(usize, usize)>,
    state: Vec<u8>,
}

impl Progress for Stopping {
    fn step(&mut self, done: usize, total: usize, _: &'static str) {
        self.steps.push((done, total));
    }

    fn is_stopped(&self) -> bool {
        self.steps.last().is_some_and(|(done, _)| *done >= self.steps_max)
    }

    fn keep(&mut self, state: &[u8]) {
        self.state = state.to_vec();
    }
}

#[test]
fn a_stopped_training_goes_on_to_the_same_model() {
    let (collection, questions) = (collection(0, 1), questions());
    let settings = TrainingSettings::STANDARD;
    let mut stopping = Stopping { steps_max: 20, steps: Vec::new(), state: Vec::new() };
    let stopped = train(&collection, &questions, &settings, None, &mut stopping);
    assert_eq!(stopped.err(), Some(ModelsError::Stopped));
    let state = stopping.state.clone();
    let mut going_on = Stopping { steps_max: usize::MAX, steps: Vec::new(), state: Vec::new() };
    let trained = train(&collection, &questions, &settings, Some(&state), &mut going_on).expect("it goes on");
    assert!(trained.model.to_bytes() == TRAINED.model.to_bytes());
    assert!(going_on.steps.is_sorted() && going_on.steps.last().is_some_and(|(done, total)| done == total));
    let other = train(&collection, &questions[1..], &settings, Some(&state), &mut ());
    assert_eq!(other.err(), Some(ModelsError::ForeignState));
    let mut damaged = state.clone();
    damaged[state.len() / 2] ^= 1;
    let damaged = train(&collection, &questions, &settings, Some(&damaged), &mut ());
    assert!(matches!(damaged.err(), Some(ModelsError::DamagedModel { .. })));
}

#[test]
fn a_model_survives_its_bytes_and_no_damage_does() {
    let bytes = TRAINED.model.to_bytes();
    let read = Model::from_bytes(&bytes).expect("these are its bytes");
    assert!(read == TRAINED.model && read.to_bytes() == bytes);
    let collection = collection(0, 1);
    assert!(ranking(&collection, &read, Memory::On) == ranking(&collection, &TRAINED.model, Memory::On));
    for at in (0..bytes.len()).step_by(bytes.len() / 200 + 1) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(Model::from_bytes(&damaged).is_err(), "byte {at}");
        assert!(Model::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(Model::from_bytes(b"something else").err(), Some(ModelsError::ForeignModel));
    for found in [7, 11] {
        let mut other = bytes.clone();
        other[8] = found;
        let refused = ModelsError::ModelVersion { found: u32::from(found), readable: 9 };
        assert_eq!(Model::from_bytes(&other).err(), Some(refused));
    }
}

#[test]
fn memory_switched_off_is_no_memory() {
    let model = &TRAINED.model;
    let (known, foreign) = (collection(0, 1), collection(1_000_000, 1));
    // In a collection of other passages nothing is remembered.
    assert!(ranking(&known, model, Memory::Off) == ranking(&foreign, model, Memory::Off));
    assert!(ranking(&known, model, Memory::On) != ranking(&foreign, model, Memory::On));
    let named = ranking(&known, model, Memory::Off).into_iter().flatten().flat_map(|one| one.contributions);
    assert!(named.map(|one| one.signal).all(|signal| !signal.contains("memory") && !signal.contains("closest")));
}

#[test]
fn answers_are_ordered_and_say_why() {
    let collection = collection(0, 1);
    for ranked in ranking(&collection, &TRAINED.model, Memory::On) {
        assert!(ranked.is_sorted_by(|a, b| a.score >= b.score) && ranked.len() <= 20);
        assert!(ranked.iter().all(|one| !one.contributions.is_empty()));
    }
    let ranker = Ranker::new(Arc::clone(&collection), &TRAINED.model).expect("it hears no vectors");
    assert_eq!(ranker.rank(&["unheard"], &[], 10, Memory::On), []);
    assert_eq!(ranker.rank::<&str>(&[], &[], 10, Memory::On), []);
}

#[test]
fn questions_that_cannot_teach_are_refused() {
    let (collection, questions) = (collection(0, 1), questions());
    let settings = TrainingSettings::STANDARD;
    let few = train(&collection, &questions[..39], &settings, None, &mut ());
    assert_eq!(few.err(), Some(ModelsError::TooFewQuestions { question_count: 39, question_count_min: 40 }));
    let lost = Question { terms: vec!["word1".to_owned()], gold: vec![500], ..Question::default() };
    let lost = train(&collection, &[lost], &settings, None, &mut ());
    assert_eq!(lost.err(), Some(ModelsError::UnknownGold { question: 0, passage: 500, passage_count: 51 }));
}
