//! Files of rows: read field by field with their lines, and written whole or not at all.

pub(crate) mod csv;
pub(crate) mod format;
pub(crate) mod json_line;
pub(crate) mod read;
pub(crate) mod write;

use std::path::Path;

use crate::SqlError;

/// Says on what file the operating system refused.
pub(crate) trait FileContext<T> {
    /// Turns the operating system's error into ours.
    fn on(self, path: &Path) -> Result<T, SqlError>;
}

impl<T> FileContext<T> for std::io::Result<T> {
    fn on(self, path: &Path) -> Result<T, SqlError> {
        self.map_err(|cause| SqlError::File { path: path.to_owned(), cause })
    }
}
