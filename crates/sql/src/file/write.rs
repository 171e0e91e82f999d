//! A file that gets its name when it is complete.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::SqlError;
use crate::file::FileContext;

/// A file being written beside the place where it will be. Dropped before [`NewFile::finish`], it leaves nothing.
pub(crate) struct NewFile {
    path: PathBuf,
    partial: PathBuf,
    out: Option<BufWriter<File>>,
}

impl NewFile {
    /// # Errors
    /// [`SqlError::File`]
    pub(crate) fn create(path: &Path) -> Result<Self, SqlError> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".grounds-tmp");
        let partial = PathBuf::from(partial);
        let out = BufWriter::new(File::create(&partial).on(path)?);
        Ok(Self { path: path.to_owned(), partial, out: Some(out) })
    }

    /// Gives the file its name, in place of any other of that name.
    ///
    /// # Errors
    /// [`SqlError::File`]
    pub(crate) fn finish(mut self) -> Result<(), SqlError> {
        if let Some(out) = self.out.take() {
            let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).on(&self.path)?;
            file.sync_all().on(&self.path)?;
        }
        fs::rename(&self.partial, &self.path).on(&self.path)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After `finish` there is no such file; before, nobody needs it.
        let _ = fs::remove_file(&self.partial);
    }
}
