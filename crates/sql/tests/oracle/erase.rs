//! Erasures: a row goes from every snapshot, and everything else stays as it was.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use grounds_core::{Cell, Instant, TableId};
use grounds_store::{EraseRequest, EraseTarget, Store, StoreError, encode_key_cells};

use super::driver::{Driver, config};
use super::model::State;

impl Driver {
    /// Erases a row that a table of now has, had, or never had.
    pub(crate) fn erase(&mut self) -> &'static str {
        let Some((name, table)) = self.table().filter(|(_, table)| table.has_key && self.model.transaction.is_none())
        else {
            return self.query_rows();
        };
        let of_table = |state: &State| state.get(&name).filter(|known| known.incarnation == table.incarnation).cloned();
        let ever: BTreeSet<i64> = self
            .model
            .snapshots
            .iter()
            .filter_map(of_table)
            .flat_map(|known| known.rows.keys().copied().collect::<Vec<_>>())
            .collect();
        let ever: Vec<i64> = ever.into_iter().collect();
        let key =
            if ever.is_empty() || self.random.once_in(6) { self.random.integer(12) } else { *self.random.pick(&ever) };
        let erased = self.erase_row(&name, key);
        match (erased, ever.contains(&key)) {
            (Err(StoreError::NothingToErase { .. }), false) => return "erase (nothing there)",
            (Ok(snapshot), true) => {
                for state in &mut self.model.snapshots {
                    if let Some(known) = state.get_mut(&name).filter(|known| known.incarnation == table.incarnation) {
                        Rc::make_mut(known).rows.remove(&key);
                    }
                }
                let state = self.model.latest().clone();
                self.model.snapshots.push(state);
                if snapshot != self.model.latest_number() {
                    self.differ(&format!(
                        "the erasure is snapshot {snapshot}, expected {}",
                        self.model.latest_number()
                    ));
                }
            }
            (found, was_there) => self.differ(&format!("erasing row {key}, there: {was_there}, gives {found:?}")),
        }
        "erase"
    }

    /// Closes the workspace, erases the row and opens it again.
    fn erase_row(&mut self, name: &str, key: i64) -> Result<u64, StoreError> {
        let table = self.table_id(name);
        let target = EraseTarget::TableRow { table, key: encode_key_cells(&[Cell::Integer(key)]) };
        let request = EraseRequest {
            targets: vec![target],
            with_answers: false,
            asked_by: "the person".to_owned(),
            reason: "a request".to_owned(),
        };
        self.statements.push(format!("-- row {key} of {name} was erased"));
        self.open = None;
        let directory = self.folder.path().join(".grounds");
        let at = Instant { unix_seconds: 1_700_000_000, offset_minutes: 0 };
        let erased = Store::erase(&directory, config(), &request, at, &mut |_| ());
        self.connect(Store::open(&directory, config()).expect("it was closed"));
        erased.map(|erasure| erasure.snapshot.0)
    }

    fn table_id(&self, name: &str) -> TableId {
        let store = Arc::clone(self.database().store());
        let read = || store.read(store.latest()?)?.table(name);
        read().ok().flatten().expect("the model has the table").id
    }
}
