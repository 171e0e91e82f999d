//! The teaching corpus in a workspace, made by the binary itself, and runs of the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// Runs the binary in `folder`.
pub(crate) fn grounds(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_grounds"))
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "100")
        .output()
        .expect("the binary runs")
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Standard output as JSON.
pub(crate) fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("not JSON ({error}): {}{}", stdout(output), String::from_utf8_lossy(&output.stderr))
    })
}

/// A folder with a fresh copy of the workspace and a link to the corpus.
pub(crate) fn workspace() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        link_corpus(folder.path());
        for arguments in [
            &["init"][..],
            &["add", "corpus/law", "corpus/interpretations", "corpus/decisions"],
            &["add", "corpus/rules"],
        ] {
            let output = grounds(folder.path(), arguments);
            assert!(
                output.status.success(),
                "{arguments:?}: {}{}",
                stdout(&output),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        folder
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&made.path().join(".grounds"), &folder.path().join(".grounds"));
    link_corpus(folder.path());
    folder
}

/// Makes the corpus and the examples visible in `folder`, as they are in the repository.
pub(crate) fn link_corpus(folder: &Path) {
    for name in ["corpus", "examples"] {
        std::os::unix::fs::symlink(repository().join(name), folder.join(name)).expect("linked");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
