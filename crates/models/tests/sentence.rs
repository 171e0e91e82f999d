//! Embedding models from a folder: a small one of random weights against a plain re-computation, and folders that are damaged.

mod folder;
mod plain;

use std::path::Path;

use grounds_core::{Embed as _, EmbedRole, Kind};
use grounds_models::{ModelsError, SentenceModel};

use folder::{Shape, WORDS, file_names, write_folder};
use plain::PlainModel;

const TEXTS: [&str; 7] = [
    "the breach must be notified",
    "notified",
    "",
    "a fine of the authority",
    "the breach the breach the breach the breach the breach the breach",
    "must the authority be notified unknownword",
    "the breach must be notified",
];

fn open(folder: &Path) -> SentenceModel {
    SentenceModel::open(folder).expect("a whole folder")
}

/// Checks every vector of `shape` against the plain model.
#[track_caller]
fn check(shape: &Shape) {
    let directory = tempfile::tempdir().expect("a directory");
    let weights = write_folder(directory.path(), shape);
    let (model, plain) = (open(directory.path()), PlainModel { shape, weights });
    for role in [EmbedRole::Question, EmbedRole::Passage] {
        let vectors = model.embed(&TEXTS, role).expect("vectors");
        assert_eq!(vectors.len(), TEXTS.len());
        for (text, vector) in TEXTS.iter().zip(&vectors) {
            let expected = plain.vector(text, role);
            assert_eq!(vector.len(), model.dimension());
            let difference = vector.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
            assert!(difference < 1e-5, "{text}: {difference}");
        }
        assert_eq!(vectors[0], vectors[6], "equal texts have equal vectors");
        assert_eq!(vectors, model.embed(&TEXTS, role).expect("vectors"), "the same call gives the same bits");
    }
}

#[test]
fn vectors_are_those_of_a_plain_computation() {
    check(&Shape::default());
    check(&Shape { pooling: "cls", is_normalised: false, ..Shape::default() });
    check(&Shape { activation: "gelu_new", layer_count: 1, ..Shape::default() });
    check(&Shape { activation: "relu", prefix: "bert.", head_count: 4, ..Shape::default() });
    check(&Shape { family: "xlm-roberta", ..Shape::default() });
    check(&Shape { prompts: Some(("the", "a fine")), ..Shape::default() });
    check(&Shape { has_modules: false, is_normalised: false, ..Shape::default() });
    check(&Shape { is_lowercased: true, ..Shape::default() });
    check(&Shape { token_count_max: 4, ..Shape::default() });
}

#[test]
fn an_id_tells_whatever_changes_a_vector() {
    let id = |shape: &Shape| {
        let directory = tempfile::tempdir().expect("a directory");
        write_folder(directory.path(), shape);
        open(directory.path()).id().to_owned()
    };
    let plain = id(&Shape::default());
    assert_eq!(plain, id(&Shape::default()));
    let others = [
        Shape { seed: 2, ..Shape::default() },
        Shape { pooling: "cls", ..Shape::default() },
        Shape { token_count_max: 5, ..Shape::default() },
        Shape { prompts: Some(("the", "")), ..Shape::default() },
    ];
    for other in &others {
        assert_ne!(plain, id(other));
    }
}

#[test]
fn models_that_cannot_be_computed_are_named() {
    let refused = |shape: Shape| {
        let directory = tempfile::tempdir().expect("a directory");
        write_folder(directory.path(), &shape);
        let error = SentenceModel::open(directory.path()).expect_err("it is refused");
        assert!(matches!(error, ModelsError::UnsupportedModel { .. }), "{error}");
        assert_eq!(error.kind(), Kind::User);
        assert!(!error.hint().is_empty());
        error.to_string().replace(&directory.path().display().to_string(), "FOLDER")
    };
    let cases = [
        (Shape { family: "t5", ..Shape::default() }, "config.json says model_type `t5`"),
        (Shape { activation: "silu", ..Shape::default() }, "config.json says hidden_act `silu`"),
        (Shape { pooling: "max", ..Shape::default() }, "1_Pooling/config.json says pooling `max_tokens`"),
        (
            Shape { further_module: Some("Dense"), ..Shape::default() },
            "modules.json says modules `Transformer, Pooling, Dense, Normalize`",
        ),
    ];
    for (shape, said) in cases {
        let error = refused(shape);
        assert!(error.starts_with(&format!("FOLDER/{said}; this build computes ")), "{error}");
    }
}

#[test]
fn damaged_folders_are_refused_or_read_and_never_panic() {
    let directory = tempfile::tempdir().expect("a directory");
    write_folder(directory.path(), &Shape::default());
    for name in file_names() {
        let path = directory.path().join(name);
        let whole = std::fs::read(&path).expect("the file");
        for (what, bytes) in folder::damaged(&whole) {
            std::fs::write(&path, bytes).expect("writing");
            match SentenceModel::open(directory.path()) {
                Ok(model) => {
                    // What still reads as a model computes, or says why not.
                    if let Err(error) = model.vectors(&TEXTS, EmbedRole::Passage) {
                        assert!(matches!(error, ModelsError::NoVector { .. }), "{name}, {what}: {error}");
                    }
                }
                Err(error) => assert!(
                    error.to_string().contains("json") || error.to_string().contains("safetensors"),
                    "{name}, {what}: {error}"
                ),
            }
        }
        std::fs::remove_file(&path).expect("removing");
        let is_needed = ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"].contains(&name);
        match SentenceModel::open(directory.path()) {
            Err(ModelsError::UnreadableFile { file, .. }) if is_needed => assert!(file.ends_with(name), "{file}"),
            other => assert!(!is_needed && other.is_ok(), "{name}: {other:?}"),
        }
        std::fs::write(&path, whole).expect("writing");
    }
    assert_eq!(open(directory.path()).dimension(), Shape::default().width);
}

#[test]
fn paths_do_not_lead_out_of_the_folder() {
    for path in ["..", "/", "a/../.."] {
        let directory = tempfile::tempdir().expect("a directory");
        write_folder(directory.path(), &Shape::default());
        let modules =
            format!(r#"[{{"path": "{path}", "type": "x.Transformer"}}, {{"path": "1_Pooling", "type": "x.Pooling"}}]"#);
        std::fs::write(directory.path().join("modules.json"), modules).expect("writing");
        let error = SentenceModel::open(directory.path()).expect_err("it leads out");
        assert!(matches!(error, ModelsError::MalformedFile { .. }), "{error}");
    }
}

#[test]
fn more_tokens_than_the_model_has_are_said() {
    let directory = tempfile::tempdir().expect("a directory");
    write_folder(directory.path(), &Shape { word_count: WORDS.len() - 2, ..Shape::default() });
    let model = open(directory.path());
    let last = WORDS[WORDS.len() - 1];
    let error = model.vectors(&[last], EmbedRole::Passage).expect_err("the token is not there");
    assert!(error.to_string().contains("gives token"), "{error}");
}
