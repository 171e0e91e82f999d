//! A trained ranking that hears an embedding model ranks where its vectors are in use, and nowhere else.

use std::sync::Arc;

use grounds::models::TrainingSettings;
use grounds::{Overrides, RETRIEVAL_TASK, TextVectors, Upload, View, Workspace, read_labels, resolve_gold, retrieve};
use grounds_core::{AsOf, Embed, EmbedError, EmbedRole, FoundBy, Hit, Question};
use jiff::civil::date;

use crate::corpus;

const RULE_COUNT: usize = 56;
const ASKED_COUNT: usize = 50;
const DIMENSION: usize = 8;

/// A word for a number, of a stem that provisions or questions have.
fn word(stem: &str, number: usize) -> String {
    let letter = |digit: usize| char::from(b'a' + (digit % 10) as u8);
    format!("{stem}{}{}x", letter(number / 10), letter(number))
}

/// A model for which the words of a number mean the same, whichever stem they have.
#[derive(Debug)]
struct Synonyms(&'static str);

impl Embed for Synonyms {
    fn id(&self) -> &str {
        self.0
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn embed(&self, texts: &[&str], _: EmbedRole) -> Result<Vec<Vec<f32>>, EmbedError> {
        let meant = |text: &str| {
            (0..RULE_COUNT).find(|number| ["mor", "vel"].iter().any(|stem| text.contains(&word(stem, *number))))
        };
        let direction = |number: usize| {
            let mut state = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
            };
            (0..DIMENSION).map(|_| next()).collect()
        };
        Ok(texts.iter().map(|text| meant(text).map_or_else(|| vec![0.0; DIMENSION], direction)).collect())
    }
}

fn at(view: &View) -> AsOf {
    AsOf { as_of: date(2020, 1, 1), known_at: view.known_at() }
}

/// A law of many articles, and labels of questions that share no telling word with them.
fn workspace() -> (Workspace, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grounds = Workspace::create(&folder.path().join(".grounds")).expect("created");
    let mut text =
        "---\ndocument: code\nkind: regulation\nlanguage: en\nin_force: 2015-01-01\n---\n# Code\n".to_owned();
    let mut labels = String::new();
    for number in 0..RULE_COUNT {
        text.push_str(&format!("\n### Article {}\n\nThe firm keeps to {}.\n", number + 1, word("mor", number)));
        if number < ASKED_COUNT {
            let line = format!(
                r#"{{"text": "What of {} for the firm?", "gold": ["Code art. {}"]}}"#,
                word("vel", number),
                number + 1
            );
            labels.push_str(&line);
            labels.push('\n');
        }
    }
    let upload = Upload { name: "code.md".to_owned(), bytes: text.into_bytes(), ..Upload::default() };
    let outcome = grounds.add(&[upload], &Overrides::default(), corpus::noon()).expect("imported");
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    let view = grounds.view(None).expect("readable");
    let mut rows = read_labels(RETRIEVAL_TASK, "labels.jsonl", &labels).expect("well-formed");
    resolve_gold(&view, at(&view), &mut rows).expect("places");
    grounds.add_labels(rows, corpus::noon()).expect("kept");
    (grounds, folder)
}

/// Embeds every text by a model, and keeps the vectors.
fn embed(grounds: &Workspace, model: &Synonyms) {
    let view = grounds.view(None).expect("readable");
    let texts = view.texts_to_embed().expect("readable");
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut vectors = TextVectors::new(model);
    vectors.embed(model, &texts, &mut |_| Ok(())).expect("embedded");
    grounds.keep_vectors(&view, vectors, "folder", corpus::noon()).expect("kept");
}

fn hearing(grounds: &Workspace, model: &'static str) -> View {
    let mut view = grounds.view(None).expect("readable");
    let vectors = view.kept_vectors().expect("readable").expect("kept");
    view.use_vectors(Arc::new(vectors), Arc::new(Synonyms(model))).expect("its own model");
    view
}

fn search(view: &View, text: &str) -> Vec<Hit> {
    let question =
        Question { text: text.to_owned(), at: at(view), kinds: Vec::new(), documents: Vec::new(), hit_count_max: 5 };
    retrieve(view, &question).expect("retrieved").hits
}

#[test]
fn a_ranking_that_hears_vectors_ranks_by_them_and_not_without_them() {
    let (grounds, _folder) = workspace();
    embed(&grounds, &Synonyms("synonyms"));
    let view = hearing(&grounds, "synonyms");
    let mut settings = TrainingSettings::STANDARD;
    settings.embeddings = false;
    let training = grounds.train_retrieval(&view, at(&view), &settings, None, &mut ()).expect("enough labels");
    assert!(training.report.is_better(), "{:?}", training.report);
    grounds.keep_model(&training.model, corpus::noon()).expect("kept");

    // Articles that no label is about are found too.
    let view = hearing(&grounds, "synonyms");
    assert_eq!(view.model_heard_by_ranking().expect("readable").as_deref(), Some("synonyms"));
    for number in ASKED_COUNT..RULE_COUNT {
        let hits = search(&view, &format!("What of {} for the firm?", word("vel", number)));
        assert!(hits[0].text.contains(&word("mor", number)), "{hits:?}");
        assert!(matches!(hits[0].found_by[..], [FoundBy::Learned { rank: 1 }]), "{hits:?}");
    }
    // Without vectors, or with another model's, words rank as if nothing had been trained.
    let is_learned = |hits: &[Hit]| hits.iter().any(|hit| matches!(hit.found_by[..], [FoundBy::Learned { .. }]));
    let question = format!("What of {} for the firm?", word("mor", 3));
    let bare = grounds.view(None).expect("readable");
    assert!(bare.learned(date(2020, 1, 1)).expect("readable").is_none());
    assert!(!is_learned(&search(&bare, &question)));
    embed(&grounds, &Synonyms("others"));
    let other = hearing(&grounds, "others");
    let hits = search(&other, &question);
    assert!(!is_learned(&hits) && hits[0].text.contains(&word("mor", 3)), "{hits:?}");
    assert_eq!(other.model_heard_by_ranking().expect("readable").as_deref(), Some("synonyms"));
}
