//! The disk behind a store: the operating system's or one in memory, and what the store does with either.
//!
//! Nothing else in this crate touches a file. [`Disk`] has the contract.

mod system;
mod memory_content;
mod memory;
mod memory_crash;
mod faulty;
mod engine;
mod bookkeeping;

use std::io;
use std::path::Path;

use grounds_core::{Disk, DiskFile, OpenMode};

use crate::StoreError;
use crate::error::IoContext;

pub(crate) use bookkeeping::check_bookkeeping;
pub(crate) use engine::EngineFile;
pub use faulty::{DiskFault, DiskOperation, FaultyDisk};
pub use memory::MemoryDisk;
pub use system::SystemDisk;

/// Bytes read or copied at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Makes the names in `directory` durable.
pub(crate) fn sync_directory(disk: &dyn Disk, directory: &Path) -> Result<(), StoreError> {
    disk.sync_directory(directory).on("sync", directory)
}

/// Makes a directory and those above it, durably: each name is synced in the directory that holds it before the next is made. The first that is
/// there already is synced too: an attempt that failed may have made it, and no more.
pub(crate) fn create_directory(disk: &dyn Disk, directory: &Path) -> Result<(), StoreError> {
    let mut missing: Vec<&Path> = Vec::new();
    for path in directory.ancestors().filter(|path| !path.as_os_str().is_empty()) {
        if disk.exists(path).on("read", path)? {
            match holder_of(path).map_or(Ok(()), |holder| disk.sync_directory(holder)) {
                // Whoever may not read the directory that holds it did not make it there.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                result => result.on("sync", path)?,
            }
            break;
        }
        missing.push(path);
    }
    if missing.is_empty() {
        // Fails where it is a file.
        return disk.create_directory(directory).on("create", directory);
    }
    for path in missing.into_iter().rev() {
        disk.create_directory(path).on("create", path)?;
        holder_of(path).map_or(Ok(()), |holder| sync_directory(disk, holder))?;
    }
    Ok(())
}

/// The directory that has the name of `path`; `None` for the root.
fn holder_of(path: &Path) -> Option<&Path> {
    path.parent().map(|holder| if holder.as_os_str().is_empty() { Path::new(".") } else { holder })
}

/// Removes a file that may not exist.
pub(crate) fn remove_file_if_there(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    match disk.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.on("remove", path),
    }
}

/// Removes a directory that may not exist, with all it holds.
pub(crate) fn remove_directory_if_there(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    match disk.remove_directory(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.on("remove", path),
    }
}

/// All bytes of a file, which should be small.
pub(crate) fn read_file(disk: &dyn Disk, path: &Path) -> io::Result<Vec<u8>> {
    let file = disk.open(path, OpenMode::Read)?;
    let byte_count = usize::try_from(file.len()?).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut bytes = vec![0; byte_count];
    file.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Makes a file of `bytes` durable under `path`, replacing one of that name as a whole: after a crash there is the old one or the new.
pub(crate) fn replace_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let unfinished = path.with_file_name(name);
    remove_file_if_there(disk, &unfinished)?;
    let file = disk.open(&unfinished, OpenMode::CreateNew).on("create", &unfinished)?;
    file.write_at(0, bytes).and_then(|()| file.sync()).on("write", &unfinished)?;
    drop(file);
    disk.rename(&unfinished, path).on("rename", &unfinished)?;
    path.parent().map_or(Ok(()), |directory| sync_directory(disk, directory))
}

/// Copies a file; the copy is not yet durable.
pub(crate) fn copy_file(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = disk.open(from, OpenMode::Read).on("read", from)?;
    let target = disk.open(to, OpenMode::CreateNew).on("create", to)?;
    let mut offset = 0;
    visit_chunks(source.as_ref(), |chunk| {
        target.write_at(offset, chunk)?;
        offset += chunk.len() as u64;
        Ok(())
    })
    .on("copy", from)
}

/// The BLAKE3 hash of a file.
pub(crate) fn hash_file(disk: &dyn Disk, path: &Path) -> Result<blake3::Hash, StoreError> {
    let file = disk.open(path, OpenMode::Read).on("read", path)?;
    let mut hasher = blake3::Hasher::new();
    visit_chunks(file.as_ref(), |chunk| {
        hasher.update(chunk);
        Ok(())
    })
    .on("read", path)?;
    Ok(hasher.finalize())
}

/// Hands the bytes of a file to `visit`, from the first to the last.
fn visit_chunks(file: &dyn DiskFile, mut visit: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let byte_count = file.len()?;
    let mut chunk = vec![0; CHUNK_BYTES.min(usize::try_from(byte_count).unwrap_or(CHUNK_BYTES))];
    let mut offset = 0;
    while offset < byte_count {
        let wanted = usize::try_from(byte_count - offset).map_or(chunk.len(), |left| left.min(chunk.len()));
        file.read_at(offset, &mut chunk[..wanted])?;
        visit(&chunk[..wanted])?;
        offset += wanted as u64;
    }
    Ok(())
}
