//! A disk that fails when it is told to, for tests of what stands on it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grounds_core::{DirectoryEntry, Disk, DiskFile, OpenMode};

/// What was asked of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiskOperation {
    /// [`Disk::open`] of what must exist.
    Open,
    /// [`Disk::open`] that may make a file.
    Create,
    /// [`Disk::exists`].
    Exists,
    /// [`Disk::list`].
    List,
    /// [`Disk::create_directory`].
    CreateDirectory,
    /// [`Disk::rename`].
    Rename,
    /// [`Disk::link`].
    Link,
    /// [`Disk::remove_file`] and [`Disk::remove_directory`].
    Remove,
    /// [`Disk::sync_directory`].
    SyncDirectory,
    /// [`DiskFile::len`].
    Length,
    /// [`DiskFile::set_len`].
    SetLength,
    /// [`DiskFile::read_at`].
    Read,
    /// [`DiskFile::write_at`].
    Write,
    /// [`DiskFile::sync`].
    Sync,
    /// [`DiskFile::try_lock`].
    Lock,
}

impl DiskOperation {
    /// Whether it changes what a crash after it may leave.
    pub fn changes_disk(self) -> bool {
        use DiskOperation::*;
        matches!(self, Create | CreateDirectory | Rename | Link | Remove | SyncDirectory | SetLength | Write | Sync)
    }
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiskFault {
    /// With this error, and nothing done.
    Error(io::ErrorKind),
    /// A write does half of what it should, then fails; anything else fails as if the device did.
    ShortWrite,
    /// It, and every operation after it, fails: the machine is gone. What it was to change may be changed.
    Crash,
}

/// Counts what is asked of another disk, and fails where it is told to.
///
/// Clones share counters and faults. Operations are numbered from 0 in the order in which they begin.
#[derive(Clone)]
pub struct FaultyDisk {
    disk: Arc<dyn Disk>,
    shared: Arc<Mutex<State>>,
    observer: Option<Observer>,
}

/// Called with the number and the kind of each operation before it is done.
type Observer = Arc<dyn Fn(u64, DiskOperation) + Send + Sync>;

#[derive(Debug, Default)]
struct State {
    count: u64,
    fault: Option<(u64, DiskFault)>,
    failed: Option<DiskOperation>,
    is_gone: bool,
}

impl fmt::Debug for FaultyDisk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FaultyDisk").field("disk", &self.disk).finish_non_exhaustive()
    }
}

impl FaultyDisk {
    /// `disk`, without any fault yet.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, shared: Arc::default(), observer: None }
    }

    /// `disk`, telling `observe` of each operation before it is done, in the thread that asks for it.
    pub fn observed(disk: Arc<dyn Disk>, observe: impl Fn(u64, DiskOperation) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observe)), ..Self::new(disk) }
    }

    /// How many operations have begun.
    pub fn operation_count(&self) -> u64 {
        self.state().count
    }

    /// Lets operation `number` fail; replaces what was told before.
    pub fn fail_at(&self, number: u64, fault: DiskFault) {
        self.state().fault = Some((number, fault));
    }

    /// The operation that failed as it was told; `None` while none has.
    pub fn failed(&self) -> Option<DiskOperation> {
        self.state().failed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation; what it has to do with faults.
    fn begin(&self, operation: DiskOperation) -> io::Result<Option<DiskFault>> {
        let mut state = self.state();
        if state.is_gone {
            return Err(gone());
        }
        let number = state.count;
        state.count += 1;
        let fault = state.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        if fault.is_some() {
            state.failed = Some(operation);
        }
        state.is_gone = fault == Some(DiskFault::Crash);
        drop(state);
        if let Some(observe) = &self.observer {
            observe(number, operation);
        }
        Ok(fault)
    }

    /// Does `work`, or fails as it was told.
    fn run<T>(&self, operation: DiskOperation, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.begin(operation)? {
            None => work(),
            Some(DiskFault::Error(kind)) => Err(kind.into()),
            Some(DiskFault::ShortWrite) => Err(io::Error::other("the device failed")),
            Some(DiskFault::Crash) => {
                use DiskOperation::{Sync, SyncDirectory};
                if operation.changes_disk() && !matches!(operation, Sync | SyncDirectory) {
                    let _ = work();
                }
                Err(gone())
            }
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("the machine is gone")
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>> {
        let operation = match mode {
            OpenMode::Read | OpenMode::Write => DiskOperation::Open,
            OpenMode::Create | OpenMode::CreateNew => DiskOperation::Create,
        };
        let file = self.run(operation, || self.disk.open(path, mode))?;
        Ok(Box::new(FaultyFile { disk: self.clone(), file }))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.run(DiskOperation::Exists, || self.disk.exists(path))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        self.run(DiskOperation::List, || self.disk.list(directory))
    }

    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.run(DiskOperation::CreateDirectory, || self.disk.create_directory(directory))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run(DiskOperation::Rename, || self.disk.rename(from, to))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run(DiskOperation::Link, || self.disk.link(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.run(DiskOperation::Remove, || self.disk.remove_file(path))
    }

    fn remove_directory(&self, directory: &Path) -> io::Result<()> {
        self.run(DiskOperation::Remove, || self.disk.remove_directory(directory))
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.run(DiskOperation::SyncDirectory, || self.disk.sync_directory(directory))
    }

    fn system_path(&self, _: &Path) -> Option<PathBuf> {
        // A memory map would go past the faults.
        None
    }
}

#[derive(Debug)]
struct FaultyFile {
    disk: FaultyDisk,
    file: Box<dyn DiskFile>,
}

impl DiskFile for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        self.disk.run(DiskOperation::Length, || self.file.len())
    }

    fn set_len(&self, byte_count: u64) -> io::Result<()> {
        self.disk.run(DiskOperation::SetLength, || self.file.set_len(byte_count))
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.disk.run(DiskOperation::Read, || self.file.read_at(offset, bytes))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match self.disk.begin(DiskOperation::Write)? {
            None => self.file.write_at(offset, bytes),
            Some(DiskFault::Error(kind)) => Err(kind.into()),
            Some(DiskFault::ShortWrite) => {
                self.file.write_at(offset, &bytes[..bytes.len() / 2])?;
                Err(io::ErrorKind::WriteZero.into())
            }
            Some(DiskFault::Crash) => {
                let _ = self.file.write_at(offset, bytes);
                Err(gone())
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.run(DiskOperation::Sync, || self.file.sync())
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.disk.run(DiskOperation::Lock, || self.file.try_lock())
    }
}
