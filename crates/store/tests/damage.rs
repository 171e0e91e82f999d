//! Damaged files: an error or what was written, never a panic and never something else.

use std::fs;
use std::path::Path;

use grounds_core::{Batch, DocumentId, OriginalRow, Snapshot, Table};
use grounds_store::{Store, StoreConfig, StoreError, TextResult};

use crate::support::{
    Workspace, batch, day, document, link, noon, put_always, query, small_document, truth_path, unit,
};

/// Everything that a store says.
#[derive(Debug, PartialEq)]
struct Contents {
    log: Vec<String>,
    rows: Vec<String>,
    original: Option<Vec<u8>>,
    found: TextResult,
}

fn original() -> OriginalRow {
    let bytes = b"original".to_vec();
    OriginalRow { hash: blake3::hash(&bytes).to_hex().to_string(), bytes }
}

/// A closed workspace with a bit of everything.
fn written(with_generation: bool) -> (tempfile::TempDir, Contents) {
    let workspace = Workspace::new();
    let mut changes = small_document("act", "en", &["the operator must notify", "breaches are recorded", "a fine"]);
    changes.push(put_always(unit("act", 1, 0, "root", "")));
    changes.push(put_always(link("act", 1, 3, "b", "art_1", grounds_core::LinkKind::Cites)));
    for number in 0..40 {
        changes.extend(small_document(&format!("b{number}"), "de", &["Meldung der Betreiber", "Fristen und Strafen"]));
    }
    let first = Batch { originals: vec![original()], ..batch(changes) };
    workspace.store.commit(&first, noon()).expect("committed");
    workspace.commit(vec![put_always(document("act", "en", "Renamed"))]);
    if with_generation {
        workspace.store.seal().expect("sealed");
    }
    let contents = read_everything(&workspace.store).expect("undamaged");
    (workspace.closed(), contents)
}

fn read_everything(store: &Store) -> Result<Contents, StoreError> {
    let mut rows = Vec::new();
    for snapshot in 0..=store.latest()?.0 {
        let reader = store.read(Snapshot(snapshot))?;
        for document in reader.documents(None)? {
            let history = reader.history(Table::Documents, &document.row.id.0)?;
            rows.extend(history.into_iter().map(|piece| piece.json));
            for version in reader.versions(&DocumentId(document.row.id.0.clone()))? {
                let id = &version.row.id;
                rows.push(version.row.text.clone());
                rows.extend(reader.units(id)?.into_iter().map(|unit| unit.row.pinpoint));
                rows.extend(reader.passages(id)?.into_iter().map(|passage| passage.row.pinpoint));
                rows.extend(reader.links_from(id)?.into_iter().map(|link| link.row.to_unit.0));
            }
        }
    }
    let reader = store.read(store.latest()?)?;
    Ok(Contents {
        log: store.log()?.into_iter().map(|entry| entry.hash).collect(),
        rows,
        original: store.original(&original().hash)?,
        found: reader.search(&query("notify breaches Meldung"), day(0))?,
    })
}

/// Opens a copy of the truth file with `bytes`, and reads everything in it.
fn outcome(bytes: &[u8], config: StoreConfig) -> Result<Contents, StoreError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(truth_path(folder.path()), bytes).expect("written");
    let store = Store::open(folder.path(), config)?;
    let contents = read_everything(&store);
    let examination = store.examine();
    if contents.is_err() {
        assert!(examination.is_err() || examination.is_ok_and(|found| !found.is_clean()), "damage that doctor misses");
    }
    contents
}

fn is_told(error: &StoreError) -> bool {
    matches!(error, StoreError::Corrupt { .. } | StoreError::Foreign { .. } | StoreError::NewerFormat { .. })
}

/// Places spread over the bytes that are not zero, where nearly all meaning is.
fn places(bytes: &[u8], count: usize) -> Vec<usize> {
    let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    (0..count).map(|number| used[(number * 2_654_435_761) % used.len()]).collect()
}

#[test]
fn a_flipped_bit_is_told_or_harmless() {
    let (folder, expected) = written(false);
    let bytes = fs::read(truth_path(&folder.path().join(".grounds"))).expect("read");
    let mut told_count = 0;
    for (number, at) in places(&bytes, 160).into_iter().chain(0..40).enumerate() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (number % 8);
        match outcome(&damaged, StoreConfig::new()) {
            Ok(contents) => assert_eq!(contents, expected, "byte {at}"),
            Err(error) => {
                assert!(is_told(&error), "byte {at}: {error}");
                told_count += 1;
            }
        }
    }
    // The others hit pages that were in use once.
    assert!(told_count > 50, "many flips hit something: {told_count}");
}

#[test]
fn without_the_check_of_pages_nothing_panics() {
    let (folder, expected) = written(false);
    let bytes = fs::read(truth_path(&folder.path().join(".grounds"))).expect("read");
    for (number, at) in places(&bytes, 100).into_iter().enumerate() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (number % 8);
        let config = StoreConfig { page_check_bytes_max: 0, ..StoreConfig::new() };
        if let Ok(contents) = outcome(&damaged, config) {
            // Rows can be out of reach then, but none is other than it was written.
            assert!(contents.rows.iter().all(|row| expected.rows.contains(row)), "byte {at}");
        }
    }
}

#[test]
fn a_truncated_file_is_told() {
    let (folder, expected) = written(false);
    let bytes = fs::read(truth_path(&folder.path().join(".grounds"))).expect("read");
    for number in 0..60 {
        let length = if number < 20 { number * 37 } else { bytes.len() * (number - 19) / 41 };
        match outcome(&bytes[..length], StoreConfig::new()) {
            Ok(contents) => assert_eq!(contents, expected, "{length} bytes"),
            Err(error) => assert!(is_told(&error), "{length} bytes: {error}"),
        }
    }
}

#[test]
fn a_damaged_generation_changes_no_result() {
    let (folder, expected) = written(true);
    let directory = folder.path().join(".grounds");
    let home = text_directory_files(&directory);
    for (number, path) in home.iter().cycle().take(home.len() * 3).enumerate() {
        let bytes = fs::read(path).expect("read");
        match number % 3 {
            _ if bytes.is_empty() => continue,
            0 => fs::remove_file(path).expect("removed"),
            1 => fs::write(path, &bytes[..bytes.len() / 2]).expect("cut"),
            _ => {
                let mut damaged = bytes.clone();
                damaged[(number * 7_919) % bytes.len()] ^= 4;
                fs::write(path, damaged).expect("damaged");
            }
        }
        {
            let store = Store::open(&directory, StoreConfig::new()).expect("truth is whole");
            assert_eq!(read_everything(&store).expect("read"), expected, "{}", path.display());
            let examination = store.examine().expect("examined");
            assert!(examination.findings.iter().all(|finding| finding.is_derived), "{:?}", examination.findings);
        }
        fs::write(path, bytes).expect("restored");
    }
}

fn text_directory_files(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut files = vec![directory.join("text/current")];
    for generation in fs::read_dir(directory.join("text")).expect("listed").flatten() {
        if generation.path().is_dir() {
            files.extend(fs::read_dir(generation.path()).expect("listed").flatten().map(|entry| entry.path()));
        }
    }
    files.sort();
    files
}
