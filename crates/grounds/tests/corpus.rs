//! The teaching corpus, imported once.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use grounds::{Overrides, Upload, Workspace};
use grounds_core::Instant;
use tempfile::TempDir;

/// The corpus directory of the repository.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

/// The files of a folder of the corpus with this ending, in order of name.
pub(crate) fn files(name: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join(name)).expect("the corpus has this folder");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect();
    found.sort();
    found
}

/// A commit time for tests.
pub(crate) fn noon() -> Instant {
    "2026-01-01T12:00Z".parse().expect("well-formed")
}

/// The files as uploads.
pub(crate) fn uploads(paths: &[PathBuf]) -> Vec<Upload> {
    let upload = |path: &PathBuf| Upload {
        name: path.file_name().expect("a file").to_string_lossy().into_owned(),
        bytes: std::fs::read(path).expect("readable"),
        ..Upload::default()
    };
    paths.iter().map(upload).collect()
}

/// The name and text of every rule file.
pub(crate) fn rule_files() -> Vec<(String, String)> {
    let named = |path: PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("UTF-8"))
    };
    files("rules", "rules").into_iter().map(named).collect()
}

/// Imports the whole corpus into a new workspace.
pub(crate) fn import() -> (Workspace, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grounds = Workspace::create(&folder.path().join(".grounds")).expect("created");
    for name in ["law", "interpretations", "decisions"] {
        let outcome = grounds.add(&uploads(&files(name, "md")), &Overrides::default(), noon()).expect("imported");
        let messages: Vec<String> = outcome.failures.iter().map(|failure| failure.error.to_string()).collect();
        assert!(messages.is_empty(), "{messages:?}");
    }
    if let Err(error) = grounds.add_rules(&rule_files(), noon()) {
        panic!("the corpus's rules do not compile:\n{error}");
    }
    (grounds, folder)
}

/// The corpus, imported once for all tests that only read.
pub(crate) fn shared() -> &'static Workspace {
    static SHARED: OnceLock<(Workspace, TempDir)> = OnceLock::new();
    &SHARED.get_or_init(import).0
}

/// The corpus's rules, compiled once.
pub(crate) fn rules() -> &'static grounds::rules::Compiled {
    static RULES: OnceLock<grounds::rules::Compiled> = OnceLock::new();
    RULES.get_or_init(|| {
        let view = shared().view(None).expect("readable");
        shared().rules(&view).expect("the rules compile")
    })
}
