//! Rankings that hear an embedding model: what no word says, its vectors say, and such a ranking needs them.

use std::sync::{Arc, LazyLock};

use grounds_models::{
    Collection, LexicalSettings, Memory, Model, ModelsError, PassageTerms, Progress, Question, Ranker, Trained,
    TrainingSettings, train,
};

const PASSAGES: usize = 60;
const DIMENSION: usize = 6;
const MODEL: &str = "a model";

/// A direction for each passage, by a small generator.
fn direction(passage: usize) -> Vec<f32> {
    let mut state = (passage as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..DIMENSION).map(|_| next()).collect()
}

/// Passages of words that no question has; all questions share one word with all of them.
fn collection(model: Option<&str>, threads: usize) -> Arc<Collection> {
    let mut builder = Collection::builder(LexicalSettings::STANDARD);
    if let Some(model) = model {
        builder.embedded_by(model, DIMENSION);
    }
    for passage in 0..PASSAGES {
        let (own, vector) = (format!("own{passage}"), direction(passage));
        let body = builder.terms(&["rule", &own]);
        let terms = PassageTerms {
            key: passage as u64,
            document: (passage / 10) as u32,
            body: &body,
            vector: &vector,
            ..PassageTerms::default()
        };
        builder.push(&terms).expect("passages are in order");
    }
    Arc::new(builder.finish(threads))
}

/// Every passage is asked about once, by a vector a little beside its own.
fn questions() -> Vec<Question> {
    let question = |passage: usize| Question {
        terms: vec!["rule".to_owned(), "asked".to_owned()],
        gold: vec![passage as u32],
        vector: direction(passage).iter().zip(direction(passage + 500)).map(|(own, other)| own + 0.2 * other).collect(),
    };
    (0..PASSAGES).map(question).collect()
}

fn settings(threads: usize) -> TrainingSettings {
    let mut settings = TrainingSettings::STANDARD;
    settings.embeddings = false;
    settings.threads = threads;
    settings
}

fn trained(threads: usize) -> Trained {
    train(&collection(Some(MODEL), threads), &questions(), &settings(threads), None, &mut ()).expect("enough questions")
}

static HEARING: LazyLock<Trained> = LazyLock::new(|| trained(2));

#[test]
fn vectors_find_what_words_do_not() {
    let report = &HEARING.report;
    assert!(report.zero_labels.all.map.mean < 0.3, "{report:?}");
    assert!(report.without_memory.all.map.mean > 0.8 && report.is_better(), "{report:?}");
    let ranker = Ranker::new(collection(Some(MODEL), 1), &HEARING.model).expect("its vectors are there");
    let (mut first, mut signals) = (0, Vec::new());
    for question in questions() {
        let ranked = ranker.rank(&question.terms, &question.vector, 5, Memory::On);
        first += usize::from(ranked[0].passage == question.gold[0]);
        signals.extend(ranked[0].contributions.iter().map(|one| (one.signal, one.rank)));
    }
    assert!(first >= 45, "{first} of {PASSAGES}");
    assert!(signals.iter().filter(|one| **one == ("vectors", 1)).count() >= 45, "{signals:?}");
    assert!(signals.iter().any(|one| one.0 == "nearest question by vectors"));
}

#[test]
fn threads_change_no_bit_and_bytes_keep_all() {
    let bytes = HEARING.model.to_bytes();
    assert!(trained(1).model.to_bytes() == bytes);
    let read = Model::from_bytes(&bytes).expect("these are its bytes");
    assert!(read == HEARING.model);
    assert_eq!(read.embedding_model(), Some(MODEL));
    for at in (0..bytes.len()).step_by(bytes.len() / 200 + 1) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(Model::from_bytes(&damaged).is_err() && Model::from_bytes(&bytes[..at]).is_err(), "byte {at}");
    }
}

#[test]
fn without_its_vectors_such_a_ranking_does_not_rank() {
    let refused = |model| Ranker::new(collection(model, 1), &HEARING.model).err();
    let error = |ours: &str| Some(ModelsError::OtherVectors { theirs: MODEL.to_owned(), ours: ours.to_owned() });
    assert_eq!(refused(None), error("none"));
    assert_eq!(refused(Some("another")), error("another"));
    // Passages that were added before vectors were spoken of have none.
    let mut late = Collection::builder(LexicalSettings::STANDARD);
    let rule = late.terms(&["rule"]);
    let plain = PassageTerms { body: &rule, ..PassageTerms::default() };
    late.push(&plain).expect("the first");
    late.embedded_by(MODEL, DIMENSION);
    late.push(&PassageTerms { document: 1, ..plain }).expect("the second");
    let late = Ranker::new(Arc::new(late.finish(1)), &HEARING.model).expect("its vectors are there");
    assert_eq!(late.rank(&["rule"], &direction(1), 10, Memory::On).len(), 2);
    // A question without a vector, or with one of another width, is answered by the rest.
    let ranker = Ranker::new(collection(Some(MODEL), 1), &HEARING.model).expect("its vectors are there");
    let bare = ranker.rank(&["own7"], &[], 60, Memory::On);
    assert!(bare.iter().any(|one| one.passage == 7) && bare == ranker.rank(&["own7"], &[1.0], 60, Memory::On));
}

#[test]
fn a_ranking_that_hears_none_is_the_same_where_there_are_vectors() {
    let (with, without) = (collection(Some(MODEL), 1), collection(None, 1));
    let deaf: Vec<Question> =
        questions().into_iter().map(|question| Question { vector: Vec::new(), ..question }).collect();
    let deaf = train(&without, &deaf, &settings(2), None, &mut ()).expect("enough questions").model;
    assert_eq!(deaf.embedding_model(), None);
    let ranked = |collection: &Arc<Collection>, vector: &[f32]| {
        let ranker = Ranker::new(Arc::clone(collection), &deaf).expect("it needs none");
        ["own3", "rule"].map(|term| ranker.rank(&[term], vector, 60, Memory::On))
    };
    assert!(ranked(&with, &direction(3)) == ranked(&without, &[]));
}

/// Keeps the last state, and stops where it is told to.
struct Stopping(usize, Vec<u8>);

impl Progress for Stopping {
    fn step(&mut self, _: usize, _: usize, _: &'static str) {
        self.0 = self.0.saturating_sub(1);
    }

    fn is_stopped(&self) -> bool {
        self.0 == 0
    }

    fn keep(&mut self, state: &[u8]) {
        self.1 = state.to_vec();
    }
}

#[test]
fn a_state_belongs_to_its_vectors() {
    let (collection, questions) = (collection(Some(MODEL), 1), questions());
    let mut stopping = Stopping(40, Vec::new());
    let stopped = train(&collection, &questions, &settings(2), None, &mut stopping);
    assert_eq!(stopped.err(), Some(ModelsError::Stopped));
    let state = Some(&stopping.1[..]);
    let resumed = train(&collection, &questions, &settings(2), state, &mut ()).expect("it goes on");
    assert!(resumed.model.to_bytes() == HEARING.model.to_bytes());
    let mut others = questions.clone();
    others[0].vector[0] += 0.5;
    assert_eq!(train(&collection, &others, &settings(2), state, &mut ()).err(), Some(ModelsError::ForeignState));
}
