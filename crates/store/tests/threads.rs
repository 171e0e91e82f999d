//! Readers and a writer at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use grounds_core::Snapshot;
use grounds_store::StoreConfig;

use crate::support::{Workspace, day, query, small_document};

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
