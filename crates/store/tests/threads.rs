//! Readers and a writer at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use grounds_core::{Snapshot, Validity};
use grounds_store::{KeyRange, KnownTime, StoreConfig, encode_key_cells};

use crate::declared::{declare, pieces, rows_of};
use crate::support::{Workspace, day, noon, people, person, query, small_document};

#[test]
fn readers_of_old_snapshots_see_nothing_of_the_commits_meanwhile() {
    // Seals every few commits.
    let workspace = Workspace::with(StoreConfig { tail_passage_count_max: 6, ..StoreConfig::new() });
    workspace.commit(small_document("d1", "en", &["the operator must notify", "breach"]));
    let is_done = AtomicBool::new(false);
    let (store, is_done) = (&workspace.store, &is_done);
    std::thread::scope(|scope| {
        let look = move || {
            let mut look_count = 0;
            while !is_done.load(Ordering::Relaxed) || look_count == 0 {
                let latest = store.latest().expect("latest").0;
                for snapshot in [1, latest / 2 + 1, latest] {
                    let reader = store.read(Snapshot(snapshot)).expect("it exists");
                    assert_eq!(reader.documents(None).expect("read").len() as u64, snapshot);
                    let found = reader.search(&query("breaches"), day(0)).expect("searched");
                    assert_eq!(found.passage_count, 2 * snapshot);
                    assert_eq!(found.hits.len() as u64, snapshot);
                }
                look_count += 1;
            }
        };
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(look)).collect();
        for number in 2..40 {
            workspace.commit(small_document(&format!("d{number}"), "en", &["the operator must notify", "breach"]));
        }
        is_done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("the reader saw what it should");
        }
    });
}

/// A row that was read lately is kept in memory: it must never be older than a reader's snapshot, whoever read it last.
#[test]
fn rows_read_by_key_are_those_of_the_snapshot_while_they_change() {
    // Room for all of them, and for a few.
    for row_cache_bytes_max in [1 << 20, 600] {
        let workspace = Workspace::with(StoreConfig { row_cache_bytes_max, ..StoreConfig::new() });
        let store = &workspace.store;
        store.commit(&declare(&[&people()]), noon()).expect("declared");
        let is_done = AtomicBool::new(false);
        let is_done = &is_done;
        std::thread::scope(|scope| {
            let look = move || {
                let mut is_last = false;
                while !is_last {
                    is_last = is_done.load(Ordering::Relaxed);
                    let latest = store.read_latest().expect("read");
                    let earlier = store.read(Snapshot(latest.known_at().0 / 2 + 1)).expect("it exists");
                    for reader in [latest, earlier] {
                        for id in 0..8 {
                            let key = encode_key_cells(&[grounds_core::Cell::Integer(id)]);
                            let expected = pieces(&reader, &people(), KeyRange::One(&key), KnownTime::AtSnapshot);
                            // The first may fill the memory, the second reads from it.
                            for _ in 0..2 {
                                let found = reader.get(&people(), &key, day(3)).expect("read");
                                assert_eq!(found.as_ref(), expected.first(), "row {id} at {:?}", reader.known_at());
                            }
                        }
                    }
                }
            };
            let readers: Vec<_> = (0..3).map(|_| scope.spawn(look)).collect();
            for turn in 0..200 {
                let change = person(turn * 5 % 8, &format!("note {turn}"), Validity::always());
                store.commit(&rows_of(&people(), vec![change]), noon()).expect("committed");
            }
            is_done.store(true, Ordering::Relaxed);
            for reader in readers {
                reader.join().expect("the reader saw what it should");
            }
        });
    }
}
