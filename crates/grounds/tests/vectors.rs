//! Vectors of an embedding model: kept by what texts say, found by, and each snapshot's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use grounds::{GroundsError, Overrides, TextVectors, Upload, View, Workspace, retrieve};
use grounds_core::{
    AsOf, Batch, Change, Embed, EmbedError, EmbedRole, FoundBy, Hit, PrincipalRow, Question, Row, Snapshot, SourceKind,
    Validity,
};
use jiff::civil::date;
use proptest::prelude::*;

use crate::corpus;

/// A model of three subjects, each with words that mean it.
#[derive(Debug, Default)]
struct Subjects {
    name: &'static str,
    embedded_count: AtomicUsize,
}

const SUBJECTS: [&[&str]; 3] = [&["erase", "wipe"], &["copy", "duplicate"], &["years", "decade"]];

impl Embed for Subjects {
    fn id(&self) -> &str {
        self.name
    }

    fn dimension(&self) -> usize {
        SUBJECTS.len()
    }

    fn embed(&self, texts: &[&str], _role: EmbedRole) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.embedded_count.fetch_add(texts.len(), Ordering::Relaxed);
        let count = |text: &str, words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
        Ok(texts.iter().map(|text| SUBJECTS.iter().map(|words| count(text, words) as f32).collect()).collect())
    }
}

fn law(name: &str, labels: &str, articles: &[&str]) -> Upload {
    let mut text = format!(
        "---\ndocument: {name}\nkind: regulation\nlanguage: en\nin_force: 2015-01-01\nlabels: {labels}\n---\n# {name}\n"
    );
    for (number, words) in (1..).zip(articles) {
        text.push_str(&format!("\n### Article {number}\n\n1. {words}\n"));
    }
    Upload { name: format!("{name}.md"), bytes: text.into_bytes(), ..Upload::default() }
}

fn workspace() -> (Workspace, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grounds = Workspace::create(&folder.path().join(".grounds")).expect("created");
    let articles = [
        "The keeper shall hand out a copy of all records.",
        "The keeper shall erase records without delay.",
        "The keeper shall store records for ten years.",
    ];
    let uploads = [law("storage", "open", &articles), law("secret", "inner", &["The guard shall erase the tapes."])];
    let outcome = grounds.add(&uploads, &Overrides::default(), corpus::noon()).expect("imported");
    assert!(outcome.failures.is_empty());
    let row = Row::Principal(PrincipalRow { name: "outer".to_owned(), labels: vec!["open".to_owned()] });
    let changes = vec![Change::Put { row, validity: Validity::always() }];
    let batch = Batch { message: "principals".to_owned(), changes, ..Batch::default() };
    grounds.store().commit(&batch, corpus::noon()).expect("committed");
    (grounds, folder)
}

fn search(view: &View, text: &str) -> Vec<Hit> {
    let at = AsOf { as_of: date(2020, 1, 1), known_at: view.known_at() };
    let question = Question { text: text.to_owned(), at, kinds: Vec::new(), documents: Vec::new(), hit_count_max: 10 };
    retrieve(view, &question).expect("retrieved").hits
}

/// Embeds what a view sees, and keeps it.
fn keep(grounds: &Workspace, model: &Subjects) -> Snapshot {
    let view = grounds.view(None).expect("readable");
    let mut vectors = view.kept_vectors().expect("readable").unwrap_or_else(|| TextVectors::new(model));
    let texts = view.texts_to_embed().expect("readable");
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    vectors.embed(model, &texts, &mut |_| Ok(())).expect("embedded");
    grounds.keep_vectors(&view, vectors, "folder", corpus::noon()).expect("kept")
}

/// A view that searches by the vectors of its snapshot.
fn view(grounds: &Workspace, known_at: Option<Snapshot>, principal: Option<&str>, model: &Arc<Subjects>) -> View {
    let mut view = grounds.view_for(known_at, principal).expect("readable");
    if let Some(vectors) = view.kept_vectors().expect("readable") {
        let model: Arc<dyn Embed> = Arc::clone(model) as Arc<dyn Embed>;
        view.use_vectors(Arc::new(vectors), model).expect("its own model");
    }
    view
}

#[test]
fn passages_are_found_by_what_they_mean_from_the_snapshot_on_that_keeps_their_vectors() {
    let (grounds, _folder) = workspace();
    let model = Arc::new(Subjects { name: "subjects", ..Subjects::default() });
    let before = grounds.view(None).expect("readable").known_at();
    let kept = keep(&grounds, &model);
    assert!(kept > before);
    assert_eq!(model.embedded_count.load(Ordering::Relaxed), 4, "each text once");

    // No word of the question stands in the law.
    let question = "May somebody wipe them after a decade?";
    assert!(search(&view(&grounds, Some(before), None, &model), question).is_empty(), "there were no vectors then");
    let hits = search(&view(&grounds, None, None, &model), question);
    let found: Vec<&str> = hits.iter().map(|hit| hit.pinpoint.as_str()).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(hits.iter().all(|hit| matches!(hit.found_by[..], [FoundBy::Vector { cosine, .. }] if cosine > 0.5)));

    // What words find, vectors raise.
    let by_words = search(&view(&grounds, Some(before), None, &model), "wipe all records of the keeper");
    let by_both = search(&view(&grounds, None, None, &model), "wipe all records of the keeper");
    assert!(by_words[0].text.contains("copy") && by_both[0].text.contains("erase"), "{by_words:?} {by_both:?}");
    assert!(matches!(by_both[0].found_by[..], [FoundBy::Text { .. }, FoundBy::Vector { rank: 1 | 2, .. }]));
}

#[test]
fn what_is_added_later_is_found_by_words_until_it_has_a_vector() {
    let (grounds, _folder) = workspace();
    let model = Arc::new(Subjects { name: "subjects", ..Subjects::default() });
    let first = keep(&grounds, &model);
    let upload = law("guests", "open", &["A guest may wipe the table."]);
    grounds.add(&[upload], &Overrides::default(), corpus::noon()).expect("imported");
    let now = view(&grounds, None, None, &model);
    let by_words = search(&now, "May a guest clean the table?");
    assert!(by_words[0].text.contains("guest"), "{by_words:?}");
    assert!(matches!(by_words[0].found_by[..], [FoundBy::Text { .. }]));
    let count = |view: &View| search(view, "erase").iter().filter(|hit| hit.text.contains("guest")).count();
    assert_eq!(count(&now), 0);
    let embedded = model.embedded_count.swap(0, Ordering::Relaxed);
    assert!(embedded > 0);
    keep(&grounds, &model);
    assert_eq!(model.embedded_count.load(Ordering::Relaxed), 1, "only the new text");
    assert_eq!(count(&view(&grounds, None, None, &model)), 1);
    assert_eq!(count(&view(&grounds, Some(first), None, &model)), 0);
}

#[test]
fn a_principal_finds_what_it_finds_without_vectors() {
    let (grounds, _folder) = workspace();
    let model = Arc::new(Subjects { name: "subjects", ..Subjects::default() });
    let outer = |model: &Arc<Subjects>| view(&grounds, None, Some("outer"), model);
    let before = search(&outer(&model), "wipe all records");
    keep(&grounds, &model);
    assert_eq!(outer(&model).vectors_origin().expect("readable"), None);
    assert_eq!(search(&outer(&model), "wipe all records"), before);
    // Vectors that are handed to its view find nothing that is hidden.
    let mut view = outer(&model);
    let vectors = grounds.view(None).expect("readable").kept_vectors().expect("readable").expect("kept");
    view.use_vectors(Arc::new(vectors), Arc::clone(&model) as Arc<dyn Embed>).expect("its own model");
    let hits = search(&view, "wipe");
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert!(hits[0].text.contains("records"));
}

#[test]
fn filters_hold_for_what_vectors_find() {
    let (grounds, _folder) = workspace();
    let model = Arc::new(Subjects { name: "subjects", ..Subjects::default() });
    keep(&grounds, &model);
    let view = view(&grounds, None, None, &model);
    let at = AsOf { as_of: date(2020, 1, 1), known_at: view.known_at() };
    let question = Question {
        text: "wipe".to_owned(),
        at,
        kinds: vec![SourceKind::Regulation],
        documents: vec![grounds_core::DocumentId("secret".to_owned())],
        hit_count_max: 10,
    };
    let hits = retrieve(&view, &question).expect("retrieved").hits;
    assert!(hits.len() == 1 && hits[0].text.contains("guard"), "{hits:?}");
    let none = Question { kinds: vec![SourceKind::Precedent], ..question };
    assert!(retrieve(&view, &none).expect("retrieved").hits.is_empty());
}

#[test]
fn vectors_of_another_model_are_not_mixed_in() {
    let (grounds, _folder) = workspace();
    let model = Subjects { name: "subjects", ..Subjects::default() };
    keep(&grounds, &model);
    let mut view = grounds.view(None).expect("readable");
    assert_eq!(view.vectors_origin().expect("readable").expect("kept").model, "subjects");
    let mut vectors = view.kept_vectors().expect("readable").expect("kept");
    let other = Arc::new(Subjects { name: "others", ..Subjects::default() });
    let error = vectors.embed(&*other, &["a"], &mut |_| Ok(())).expect_err("another model");
    assert!(matches!(error, GroundsError::OtherEmbedding { .. }), "{error}");
    assert!(vectors.take_in(TextVectors::new(&*other)).is_err());
    assert!(view.use_vectors(Arc::new(vectors), other).is_err());
}

fn made(texts: &[&str]) -> (TextVectors, Vec<u8>) {
    let model = Subjects { name: "subjects", ..Subjects::default() };
    let mut vectors = TextVectors::new(&model);
    let mut bytes = vectors.header();
    let mut append = |step: grounds::EmbedStep<'_>| {
        bytes.extend(step.bytes);
        Ok(())
    };
    vectors.embed(&model, texts, &mut append).expect("embedded");
    (vectors, bytes)
}

#[test]
fn a_file_that_was_cut_off_goes_on_where_it_ended() {
    let texts = ["erase", "copy", "wipe the copy", "years", "copy", ""];
    let (vectors, bytes) = made(&texts);
    assert_eq!(vectors.count(), 5, "each text once");
    assert_eq!(vectors.to_bytes(), bytes, "what grows is what is written whole");
    let header = vectors.header().len();
    for cut in 0..=bytes.len() {
        let read = TextVectors::from_bytes(&bytes[..cut]);
        if cut < header {
            assert!(matches!(read, Err(GroundsError::ForeignVectors { .. })), "{cut}");
            continue;
        }
        let (mut known, whole) = read.expect("a whole header");
        assert!(whole <= cut && known.to_bytes() == bytes[..whole]);
        let model = Subjects { name: "subjects", ..Subjects::default() };
        known.embed(&model, &texts, &mut |_| Ok(())).expect("embedded");
        assert_eq!(model.embedded_count.load(Ordering::Relaxed), 5 - (whole - header) * 5 / (bytes.len() - header));
        assert_eq!(known.count(), 5);
        assert!(texts.iter().all(|text| known.of(text) == vectors.of(text)));
    }
    let mut fewer = vectors.clone();
    fewer.retain(["years", "erase", "unknown"].into_iter());
    assert_eq!((fewer.count(), fewer.of("copy")), (2, None));
    assert_eq!(fewer.of("years"), vectors.of("years"));
    assert_eq!(fewer.missing_count(texts.iter().copied()), 3);
}

#[test]
fn work_ends_where_it_is_told_to() {
    let model = Subjects { name: "subjects", ..Subjects::default() };
    let texts: Vec<String> = (0..300).map(|number| format!("copy {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut vectors = TextVectors::new(&model);
    let mut steps = Vec::new();
    let stop = |step: grounds::EmbedStep<'_>| {
        steps.push((step.done, step.total));
        if step.done > 100 { Err(GroundsError::ForeignVectors { what: "enough" }) } else { Ok(()) }
    };
    let mut stop = stop;
    vectors.embed(&model, &texts, &mut stop).expect_err("it was told to stop");
    assert_eq!(steps, [(0, 300), (128, 300)]);
    assert_eq!(vectors.count(), 128);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_bytes_are_refused_or_end_before_the_damage(at in 0usize..200, change in 1u8..) {
        let (vectors, mut bytes) = made(&["erase", "copy", "years"]);
        let at = at % bytes.len();
        bytes[at] ^= change;
        if let Ok((read, whole)) = TextVectors::from_bytes(&bytes) {
            let header = vectors.header().len();
            prop_assert!(at < header || whole <= at);
            prop_assert!(at < header || read.to_bytes() == bytes[..whole]);
        }
    }
}
