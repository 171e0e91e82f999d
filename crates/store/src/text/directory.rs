//! The directory of a text generation as the text engine sees it: read through memory maps where the disk has paths for them.

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grounds_core::{Disk, DiskFile, OpenMode};
use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

/// Bytes gathered before they are written.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

/// A directory of the disk.
///
/// Nothing it writes is durable: whoever builds a generation syncs its files when all are there. It has no locks: one thread builds at a
/// time, and nobody else knows the directory then.
#[derive(Clone, Debug)]
pub(crate) struct DiskDirectory {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    mapped: Option<MmapDirectory>,
}

impl DiskDirectory {
    /// The directory `path`, which exists.
    pub(crate) fn open(disk: Arc<dyn Disk>, path: &Path) -> tantivy::Result<Self> {
        let mapped = disk.system_path(path).map(MmapDirectory::open).transpose()?;
        Ok(Self { disk, path: path.to_owned(), mapped })
    }

    fn at(&self, name: &Path) -> PathBuf {
        self.path.join(name)
    }
}

impl Directory for DiskDirectory {
    fn get_file_handle(&self, name: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        if let Some(mapped) = &self.mapped {
            return mapped.get_file_handle(name);
        }
        let opened = self.disk.open(&self.at(name), OpenMode::Read).and_then(|file| {
            let byte_count = usize::try_from(file.len()?).map_err(|_| io::ErrorKind::FileTooLarge)?;
            Ok(Arc::new(ReadFile { file, byte_count }))
        });
        opened.map(|file| file as Arc<dyn FileHandle>).map_err(|error| reading_error(error, name))
    }

    fn delete(&self, name: &Path) -> Result<(), DeleteError> {
        self.disk.remove_file(&self.at(name)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(name.to_owned()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: name.to_owned() },
        })
    }

    fn exists(&self, name: &Path) -> Result<bool, OpenReadError> {
        self.disk.exists(&self.at(name)).map_err(|error| reading_error(error, name))
    }

    fn open_write(&self, name: &Path) -> Result<WritePtr, OpenWriteError> {
        match self.disk.open(&self.at(name), OpenMode::CreateNew) {
            Ok(file) => Ok(BufWriter::with_capacity(WRITE_BUFFER_BYTES, Box::new(WrittenFile { file, byte_count: 0 }))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(OpenWriteError::FileAlreadyExists(name.to_owned()))
            }
            Err(error) => Err(OpenWriteError::wrap_io_error(error, name.to_owned())),
        }
    }

    fn atomic_read(&self, name: &Path) -> Result<Vec<u8>, OpenReadError> {
        crate::disk::read_file(self.disk.as_ref(), &self.at(name)).map_err(|error| reading_error(error, name))
    }

    fn atomic_write(&self, name: &Path, data: &[u8]) -> io::Result<()> {
        let path = self.at(name);
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".new");
        let file = self.disk.open(Path::new(&unfinished), OpenMode::Create)?;
        file.set_len(0)?;
        file.write_at(0, data)?;
        drop(file);
        self.disk.rename(Path::new(&unfinished), &path)
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        // Generations never change, so there is nothing to tell.
        Ok(WatchHandle::empty())
    }
}

fn reading_error(error: io::Error, name: &Path) -> OpenReadError {
    match error.kind() {
        io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(name.to_owned()),
        _ => OpenReadError::wrap_io_error(error, name.to_owned()),
    }
}

/// A file that is read where there are no memory maps.
#[derive(Debug)]
struct ReadFile {
    file: Box<dyn DiskFile>,
    byte_count: usize,
}

impl HasLen for ReadFile {
    fn len(&self) -> usize {
        self.byte_count
    }
}

impl FileHandle for ReadFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut bytes = vec![0; range.len()];
        self.file.read_at(range.start as u64, &mut bytes)?;
        Ok(OwnedBytes::new(bytes))
    }
}

/// A file that is written from the first byte to the last.
struct WrittenFile {
    file: Box<dyn DiskFile>,
    byte_count: u64,
}

impl Write for WrittenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(self.byte_count, bytes)?;
        self.byte_count += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for WrittenFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        Ok(())
    }
}
