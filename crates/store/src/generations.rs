//! What derived data there is, how far it goes, and building it anew.

use grounds_core::Snapshot;

use crate::text::generation::read_manifest;
use crate::{Store, StoreError};

/// One kind of derived data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerationKind {
    /// The index of words.
    Text,
    /// Tables as Parquet files.
    Columns,
}

impl GenerationKind {
    /// Its directory in the workspace.
    pub fn name(self) -> &'static str {
        match self {
            GenerationKind::Text => "text",
            GenerationKind::Columns => "columns",
        }
    }
}

/// Whether a generation can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerationState {
    /// There is none; it is built when it is needed.
    Absent,
    /// Something is there, but it is damaged, or it was built from another truth: it counts as absent.
    Unusable,
    /// It can be used; what is newer is read from truth.
    Usable {
        /// How many commits are newer.
        behind_count: u64,
    },
}

/// What is known of one kind of derived data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationStatus {
    /// Which kind.
    pub kind: GenerationKind,
    /// Whether it can be used.
    pub state: GenerationState,
    /// The snapshot up to which it goes; 0 where there is none.
    pub snapshot: Snapshot,
    /// How many passages or rows it holds, those of the past too.
    pub row_count: u64,
    /// How many bytes its files have.
    pub byte_count: u64,
    /// How many files it has.
    pub file_count: usize,
}

impl Store {
    /// Every kind of derived data that this build knows. Reads all of it, to compare it with its hashes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Io`], [`StoreError::Engine`]: truth cannot be read. Damage of derived data is no error.
    pub fn generations(&self) -> Result<Vec<GenerationStatus>, StoreError> {
        let latest = self.latest()?;
        Ok(vec![
            self.text_status(latest),
            #[cfg(feature = "columns")]
            self.inner().columns_status(latest),
        ])
    }

    /// Removes all derived data and builds it anew from truth.
    ///
    /// # Errors
    /// Those of [`Store::seal`] and, where this build knows columns, of sealing them.
    pub fn rebuild_generations(&self) -> Result<(), StoreError> {
        self.inner().text.discard()?;
        self.seal()?;
        #[cfg(feature = "columns")]
        self.rebuild_columns()?;
        Ok(())
    }

    fn text_status(&self, latest: Snapshot) -> GenerationStatus {
        let inner = self.inner();
        let manifest = read_manifest(inner.disk.as_ref(), inner.text.directory());
        let Some(manifest) = manifest else { return GenerationStatus::absent(GenerationKind::Text) };
        let state = match inner.open_generation() {
            Ok(Some(_)) => GenerationState::Usable { behind_count: latest.0.saturating_sub(manifest.snapshot) },
            Ok(None) | Err(_) => GenerationState::Unusable,
        };
        GenerationStatus {
            kind: GenerationKind::Text,
            state,
            snapshot: Snapshot(manifest.snapshot),
            row_count: manifest.document_count,
            byte_count: manifest.files.iter().map(|file| file.byte_count).sum(),
            file_count: manifest.files.len(),
        }
    }
}

impl GenerationStatus {
    pub(crate) fn absent(kind: GenerationKind) -> Self {
        let state = GenerationState::Absent;
        Self { kind, state, snapshot: Snapshot(0), row_count: 0, byte_count: 0, file_count: 0 }
    }
}
