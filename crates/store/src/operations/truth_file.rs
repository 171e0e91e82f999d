//! A new truth file: written in a directory that nothing looks at, made durable, read back whole, then named; or gone without a trace.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Disk, OpenMode};
use redb::{Key, ReadTransaction, ReadableTableMetadata, TableDefinition, Value, WriteTransaction};

use crate::disk::{EngineFile, copy_file, create_directory, remove_directory_if_there, sync_directory};
use crate::error::{EngineContext, IoContext, contain};
use crate::operations::{Counter, OnProgress};
use crate::schema::{TRUTH_FILE, TableVisitor, visit_tables};
use crate::{Examination, Store, StoreConfig, StoreError};

/// A truth file in the making, alone in a workspace directory of its own, so that it can be opened as what it will be. Removed unless it was
/// named.
pub(crate) struct NewTruthFile {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    path: PathBuf,
}

impl NewTruthFile {
    /// A directory beside `target` that nothing looks at. What a crash left under its name is removed.
    pub(crate) fn beside(disk: &Arc<dyn Disk>, target: &Path) -> Result<Self, StoreError> {
        let directory = unfinished_name(target);
        remove_directory_if_there(disk.as_ref(), &directory)?;
        create_directory(disk.as_ref(), &directory)?;
        let path = directory.join(TRUTH_FILE);
        Ok(Self { disk: Arc::clone(disk), directory, path })
    }

    /// Its size.
    pub(crate) fn byte_count(&self) -> Result<u64, StoreError> {
        self.disk.open(&self.path, OpenMode::Read).and_then(|file| file.len()).on("read", &self.path)
    }

    /// Writes it in one durable transaction.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let file = self.disk.open(&self.path, OpenMode::CreateNew).on("create", &self.path)?;
        let written = contain("the new truth file", || {
            let builder = redb::Builder::new()
                .set_cache_size(StoreConfig::CACHE_BYTES_MAX)
                .create_with_backend(EngineFile::new(file));
            let database = builder.while_("creating a truth file")?;
            let mut transaction = database.begin_write().while_("writing a truth file")?;
            transaction.set_two_phase_commit(true);
            transaction.set_quick_repair(true);
            let written = work(&transaction)?;
            transaction.commit().while_("writing a truth file")?;
            Ok(written)
        })?;
        self.sync()?;
        Ok(written)
    }

    /// Takes over the bytes of another file, and makes them durable.
    pub(crate) fn copy_from(&self, path: &Path) -> Result<(), StoreError> {
        copy_file(self.disk.as_ref(), path, &self.path)?;
        self.sync()
    }

    /// Makes its bytes durable.
    fn sync(&self) -> Result<(), StoreError> {
        self.disk.open(&self.path, OpenMode::Write).and_then(|file| file.sync()).on("sync", &self.path)?;
        sync_directory(self.disk.as_ref(), &self.directory)
    }

    /// Reads all of it back and compares it with what vouches for it, as `grounds doctor` does.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first finding.
    pub(crate) fn verify(&self, on_progress: OnProgress<'_>) -> Result<Examination, StoreError> {
        let store = Store::open_on(Arc::clone(&self.disk), &self.directory, StoreConfig::new())?;
        let examination = store.examine_with(on_progress)?;
        drop(store);
        // Opening a file of an earlier format changes it.
        self.sync()?;
        match examination.findings.iter().find(|finding| !finding.is_derived) {
            Some(finding) => Err(StoreError::corrupt(finding.what.clone(), finding.place.clone())),
            None => Ok(examination),
        }
    }

    /// Gives it the name `target`, durably. Never replaces a file: the name must be free.
    ///
    /// # Errors
    /// [`StoreError::AlreadyThere`].
    pub(crate) fn name(self, target: &Path) -> Result<(), StoreError> {
        let taken = || StoreError::AlreadyThere { path: target.to_owned() };
        match self.disk.link(&self.path, target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken()),
            // Some file systems have no links.
            Err(_) if self.disk.exists(target).on("read", target)? => return Err(taken()),
            Err(_) => self.disk.rename(&self.path, target).on("rename", &self.path)?,
        }
        let disk = Arc::clone(&self.disk);
        drop(self);
        sync_directory(disk.as_ref(), holder(target))
    }

    /// Puts it in place of `target`, durably: after a crash there is the one or the other.
    pub(crate) fn replace(self, target: &Path) -> Result<(), StoreError> {
        self.disk.rename(&self.path, target).on("rename", &self.path)?;
        let disk = Arc::clone(&self.disk);
        drop(self);
        sync_directory(disk.as_ref(), holder(target))
    }
}

impl Drop for NewTruthFile {
    fn drop(&mut self) {
        // Nothing looks at it, so failing to remove it harms nothing.
        let _ = self.disk.remove_directory(&self.directory);
    }
}

/// What stands between the name of what is made and the number of the process that makes it, in names that nothing looks at.
pub(crate) const UNFINISHED: &str = ".new-";

/// The name under which `target` is made.
pub(crate) fn unfinished_name(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!("{UNFINISHED}{}", std::process::id()));
    target.with_file_name(name)
}

/// The directory that holds `path`.
pub(crate) fn holder(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    }
}

/// Counts the entries of tables.
pub(crate) struct EntryCount<'t> {
    pub(crate) transaction: &'t ReadTransaction,
    pub(crate) count: u64,
}

impl TableVisitor for EntryCount<'_> {
    fn visit<K: Key + 'static, V: Value + 'static>(
        &mut self,
        definition: TableDefinition<'static, K, V>,
    ) -> Result<(), StoreError> {
        let table = self.transaction.open_table(definition).while_("opening a table of the truth")?;
        self.count += table.len().while_("counting the entries of a table")?;
        Ok(())
    }
}

/// How many entries the truth has in all tables.
pub(crate) fn entry_count(transaction: &ReadTransaction) -> Result<u64, StoreError> {
    let mut entries = EntryCount { transaction, count: 0 };
    visit_tables(&mut entries)?;
    Ok(entries.count)
}

/// Copies every entry of every table.
pub(crate) fn copy_all(
    from: &ReadTransaction,
    to: &WriteTransaction,
    counter: &mut Counter<'_>,
) -> Result<(), StoreError> {
    struct Copy<'t, 'c, 'p> {
        from: &'t ReadTransaction,
        to: &'t WriteTransaction,
        counter: &'c mut Counter<'p>,
    }
    impl TableVisitor for Copy<'_, '_, '_> {
        fn visit<K: Key + 'static, V: Value + 'static>(
            &mut self,
            definition: TableDefinition<'static, K, V>,
        ) -> Result<(), StoreError> {
            copy_table(self.from, self.to, definition, self.counter, |_, _| Ok(true))
        }
    }
    visit_tables(&mut Copy { from, to, counter })
}

/// Copies the entries of one table that `keep` wants.
pub(crate) fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    definition: TableDefinition<'static, K, V>,
    counter: &mut Counter<'_>,
    mut keep: impl FnMut(K::SelfType<'_>, V::SelfType<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let source = from.open_table(definition).while_("opening a table of the truth")?;
    let mut target = to.open_table(definition).while_("creating a table of the truth")?;
    contain("a table of the truth", || {
        for item in redb::ReadableTable::iter(&source).while_("reading a table of the truth")? {
            let (key, value) = item.while_("reading a table of the truth")?;
            if keep(key.value(), value.value())? {
                target.insert(key.value(), value.value()).while_("writing a table of the truth")?;
            }
            counter.add_one();
        }
        Ok(())
    })
}
