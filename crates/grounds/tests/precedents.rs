//! Similar decisions: classifiers that the workspace keeps say which are most like a matter.

use std::collections::BTreeMap;

use grounds::{ClassifySettings, Matter, Workspace, assess, read_labels};
use grounds_core::{AsOf, Precedent};
use jiff::civil::date;
use serde_json::json;

use crate::corpus;

/// The decisions found similar to a matter, as the workspace is.
fn similar(grounds: &Workspace, name: &str, source: &str) -> Vec<Precedent> {
    let view = grounds.view(None).expect("readable");
    let matter = Matter::parse(name, source).expect("well-formed");
    let draft = assess(&view, corpus::rules(), &matter, None, date(2026, 1, 1)).expect("assessed");
    draft.assessment.precedents
}

/// Labels of a text's sentences.
fn labels(text: &str, class: &str) -> String {
    let sentences = text.split(['.', '\n']).map(str::trim).filter(|sentence| sentence.split(' ').count() > 4);
    sentences.map(|sentence| format!("{}\n", json!({ "text": sentence, "class": class }))).collect()
}

#[test]
fn a_kept_classifier_moves_decisions_of_the_matters_class_up_and_names_it() {
    let (grounds, _folder) = corpus::import();
    let matters = corpus::files("matters", "md").into_iter().map(|path| {
        let source = std::fs::read_to_string(&path).expect("UTF-8");
        let found = similar(&grounds, "matter", &source);
        (source, found)
    });
    let (source, before) = matters.max_by_key(|(_, found)| found.len()).expect("there are matters");
    assert!(before.len() >= 2 && before.iter().all(|one| one.shared_classes.is_empty()), "{before:?}");
    let (first, last) = (&before[0], &before[before.len() - 1]);
    let view = grounds.view(None).expect("readable");
    let text = |one: &Precedent| {
        let text = view.text_in_force(&one.document, date(2026, 1, 1)).expect("readable").expect("in force");
        text.version.text.clone()
    };
    // The classifier learns that the matter is like the last decision, and unlike the first.
    let (like, unlike) = (labels(&source, "like") + &labels(&text(last), "like"), labels(&text(first), "unlike"));
    let rows = read_labels("kind", "labels.jsonl", &(like + &unlike)).expect("labels");
    grounds.add_labels(rows, corpus::noon()).expect("added");
    let view = grounds.view(None).expect("readable");
    let at = AsOf { as_of: date(2026, 1, 1), known_at: view.known_at() };
    let training = grounds.train_classifier(&view, at, "kind", ClassifySettings::STANDARD).expect("enough labels");
    grounds.keep_model(&training.model, corpus::noon()).expect("kept");
    let after = similar(&grounds, "matter", &source);
    let figure = |found: &[Precedent]| -> BTreeMap<String, f64> {
        found.iter().map(|one| (one.document.0.clone(), one.similarity)).collect()
    };
    let (old, new) = (figure(&before), figure(&after));
    let gain = |one: &Precedent| new.get(&one.document.0).map(|new| new - old[&one.document.0]);
    assert!(gain(last) > Some(0.1) && gain(last) > gain(first), "{old:?} {new:?}");
    assert!(after.is_sorted_by(|a, b| a.similarity >= b.similarity), "{after:?}");
    for one in &after {
        assert!(one.document != last.document || one.shared_classes == ["kind: like"], "{one:?}");
        assert!(one.document != first.document || one.shared_classes.is_empty(), "{one:?}");
    }
}
