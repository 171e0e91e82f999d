//! A file of the disk as what the engine keeps its pages in.

use std::io;

use grounds_core::DiskFile;
use redb::StorageBackend;

/// The truth file as the engine sees it.
///
/// The engine is not asked to lock it: whoever opens the workspace has locked the file before, so that its other files are covered too.
#[derive(Debug)]
pub(crate) struct EngineFile {
    file: Box<dyn DiskFile>,
}

impl EngineFile {
    pub(crate) fn new(file: Box<dyn DiskFile>) -> Self {
        Self { file }
    }
}

impl StorageBackend for EngineFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, data)
    }
}
