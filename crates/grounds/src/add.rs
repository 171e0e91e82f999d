//! Files into one atomic commit.

use grounds_core::{DocumentId, Instant, Snapshot, SourceKind};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::workspace::Workspace;
use crate::ingest::{self, ImportError, ImportReport, Overrides, SourceFile};
