//! Whether two stores say the same, wherever on the two axes they are asked.

use std::ops::ControlFlow;

use grounds_core::{DocumentId, Snapshot, Table};
use grounds_store::{KeyRange, KnownTime, Reader, Store};

use crate::support::{day, query};

/// Everything that `store` says at `known_at`: every piece of the tables' keys, and searches on some dates.
pub(crate) fn said_at(store: &Store, known_at: Snapshot) -> Vec<String> {
    let reader = store.read(known_at).expect("it exists");
    let mut said = rows_at(&reader);
    for number in [0, 40, 90] {
        let result = reader.search(&query("operator must notify breaches"), day(number)).expect("searched");
        said.push(format!("{number}: {result:?}"));
    }
    said
}

/// Every piece of every key that the reader sees, of built-in and declared tables.
pub(crate) fn rows_at(reader: &Reader) -> Vec<String> {
    let mut said = Vec::new();
    for document in reader.documents(None).expect("read") {
        history(reader, Table::Documents, &document.row.id.0, &mut said);
        for version in reader.versions(&DocumentId(document.row.id.0.clone())).expect("read") {
            history(reader, Table::Versions, &version.row.id.0, &mut said);
            said.extend(reader.units(&version.row.id).expect("read").iter().map(|row| format!("{row:?}")));
            said.extend(reader.passages(&version.row.id).expect("read").iter().map(|row| format!("{row:?}")));
            said.extend(reader.links_from(&version.row.id).expect("read").iter().map(|row| format!("{row:?}")));
        }
    }
    for matter in reader.matters().expect("read") {
        history(reader, Table::Matters, &matter.row.name, &mut said);
    }
    said.extend(reader.answers().expect("read").iter().map(|row| format!("{row:?}")));
    said.extend(reader.rule_files(None).expect("read").iter().map(|row| format!("{row:?}")));
    for table in reader.tables().expect("read") {
        let mut visit = |piece| {
            said.push(format!("{} {piece:?}", table.name));
            Ok(ControlFlow::Continue(()))
        };
        reader.visit_rows(&table, KeyRange::All, KnownTime::All, &mut visit).expect("read");
    }
    said
}

fn history(reader: &Reader, table: Table, key: &str, said: &mut Vec<String>) {
    for piece in reader.history(table, key).expect("read") {
        said.push(format!("{} {key} {piece:?}", table.name()));
    }
}

/// How many snapshots are compared row by row.
const COMPARED_COUNT: u64 = 10;

/// Asserts that both have the same log up to `latest`, and say the same at snapshots spread over it, the last among them.
pub(crate) fn assert_same_up_to(a: &Store, b: &Store, latest: Snapshot) {
    let log = |store: &Store| {
        let mut log = store.log().expect("a whole log");
        log.truncate(usize::try_from(latest.0).expect("few commits"));
        log
    };
    assert_eq!(log(a), log(b));
    let spread = (0..=COMPARED_COUNT).map(|number| latest.0 * number / COMPARED_COUNT);
    for snapshot in spread.collect::<std::collections::BTreeSet<u64>>().into_iter().map(Snapshot) {
        assert_eq!(said_at(a, snapshot), said_at(b, snapshot), "at snapshot {snapshot}");
    }
}
