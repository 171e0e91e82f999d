//! A file's bytes without copying them, where the disk has a path that can be mapped.

use std::path::Path;

use bytes::Bytes;
use grounds_core::Disk;
use tantivy::directory::{Directory, FileSlice, MmapDirectory};

use crate::StoreError;
use crate::disk::read_file;
use crate::error::IoContext;

/// The bytes of an immutable file. They stay readable when its name is removed.
///
/// # Errors
/// [`StoreError::Io`]
pub(crate) fn map_file(disk: &dyn Disk, path: &Path) -> Result<Bytes, StoreError> {
    let Some(system_path) = disk.system_path(path) else {
        return read_file(disk, path).map(Bytes::from).on("read", path);
    };
    let (Some(directory), Some(name)) = (system_path.parent(), system_path.file_name()) else {
        return read_file(disk, path).map(Bytes::from).on("read", path);
    };
    // The text engine's maps are used so that there is one place for what no compiler can check.
    let mapped = MmapDirectory::open(directory).map_err(std::io::Error::other).and_then(|directory| {
        let handle = directory.get_file_handle(Path::new(name)).map_err(std::io::Error::other)?;
        FileSlice::new(handle).read_bytes()
    });
    Ok(Bytes::from_owner(mapped.on("read", path)?))
}
