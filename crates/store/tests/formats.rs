//! Workspaces of every format ever released open, and read as they did when they were written.

mod bundle;
mod content;

use std::fs;
use std::path::{Path, PathBuf};

use grounds_store::{Store, StoreConfig};

use crate::formats::content::describe;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A copy of the fixture of `format`.
fn unpacked(format: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bundle = fs::read(fixtures().join(format!("format-{format}/workspace.bundle"))).expect("the fixture");
    bundle::unpack(&bundle, &folder.path().join(".grounds"));
    folder
}

#[test]
fn every_format_has_a_fixture() {
    for format in 1..=grounds_store::FORMAT {
        let folder = fixtures().join(format!("format-{format}"));
        let written = "write it with `cargo run -p grounds-store --example write_fixture`";
        assert!(folder.join("workspace.bundle").exists(), "format {format} has no fixture: {written}");
    }
}

#[test]
fn every_format_reads_as_it_did() {
    for format in 1..=grounds_store::FORMAT {
        let folder = unpacked(format);
        let path = fixtures().join(format!("format-{format}/expected.txt"));
        // Scores change with what search thinks best, which is no change of format.
        if std::env::var_os("GROUNDS_BLESS").is_some() {
            let store = Store::open(&folder.path().join(".grounds"), StoreConfig::new()).expect("it opens");
            fs::write(&path, describe(&store)).expect("written");
        }
        let expected = fs::read_to_string(&path).expect("the text");
        for time in ["first", "second"] {
            let store = Store::open(&folder.path().join(".grounds"), StoreConfig::new()).expect("it opens");
            let found = describe(&store);
            for (found, expected) in found.lines().zip(expected.lines()) {
                assert_eq!(found, expected, "format {format}, opened a {time} time");
            }
            assert_eq!(found.lines().count(), expected.lines().count());
        }
    }
}

#[test]
fn what_is_made_today_comes_back_from_a_bundle() {
    let made = tempfile::tempdir().expect("a temporary folder");
    let directory = made.path().join(".grounds");
    content::make(&directory);
    let copied = tempfile::tempdir().expect("a temporary folder");
    bundle::unpack(&bundle::pack(&directory), copied.path());
    let said = |directory: &Path| describe(&Store::open(directory, StoreConfig::new()).expect("it opens"));
    assert_eq!(said(copied.path()), said(&directory));
}

#[test]
fn an_opened_old_format_can_be_written() {
    let folder = unpacked(1);
    let directory = folder.path().join(".grounds");
    let store = Store::open(&directory, StoreConfig::new()).expect("it opens");
    let before = store.latest().expect("read");
    let change = crate::support::put_always(crate::support::document("new", "en", "A new act"));
    let after = store.commit(&crate::support::batch(vec![change]), crate::support::noon()).expect("committed");
    assert_eq!(after.0, before.0 + 1);
    assert!(store.examine().expect("examined").is_clean());
    drop(store);
    let store = Store::open(&directory, StoreConfig::new()).expect("it opens again");
    assert_eq!(store.latest().expect("read"), after);
}
