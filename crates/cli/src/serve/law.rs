//! The law and the stored rules of the workspace, read when they are needed: one process at a time may have a workspace open.

use std::path::{Path, PathBuf};

use grounds::{LawCopy, Workspace};

use crate::args::GlobalArguments;
use crate::workspace;

/// What the server knows of the workspace.
#[derive(Debug, Default)]
pub(crate) struct WorkspaceLaw {
    directory: Option<PathBuf>,
    known_at: Option<u64>,
    principal: Option<String>,
    /// The law of the documents that rules cite; `None` without a workspace.
    pub(crate) copy: Option<LawCopy>,
    /// Names and texts of the stored rule files.
    pub(crate) rules: Vec<(String, String)>,
    /// Why the workspace could not be read the last time.
    pub(crate) trouble: Option<String>,
}

impl WorkspaceLaw {
    /// The workspace that the arguments name, else the nearest one upward from `folder`.
    pub(crate) fn near(global: &GlobalArguments, folder: Option<&Path>) -> Self {
        let named = global.workspace.as_deref().map(workspace::named);
        let directory = named.or_else(|| folder.and_then(|folder| workspace::nearest(folder).ok()));
        Self { directory, known_at: global.known_at, principal: global.principal.clone(), ..Self::default() }
    }

    /// Whether there is a workspace to read.
    pub(crate) fn is_there(&self) -> bool {
        self.directory.is_some()
    }

    /// Whether every one of these documents has been copied, or is in no workspace.
    pub(crate) fn has(&self, documents: &[String]) -> bool {
        let known = |copy: &LawCopy, name: &String| {
            copy.has(name) || !copy.document_names().iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        match &self.copy {
            Some(copy) => documents.iter().all(|name| known(copy, name)),
            None => !self.is_there(),
        }
    }

    /// Reads the law of these documents anew. What was read before stays where the workspace cannot be opened just now.
    pub(crate) fn read(&mut self, documents: &[String]) {
        let Some(directory) = &self.directory else { return };
        match read(directory, self.known_at, self.principal.as_deref(), documents) {
            Ok((copy, rules)) => {
                (self.copy, self.rules, self.trouble) = (Some(copy), rules, None);
            }
            Err(error) => self.trouble = Some(error.to_string()),
        }
    }
}

/// The law of some documents, and the stored rule files.
type Read = (LawCopy, Vec<(String, String)>);

fn read(
    directory: &Path,
    known_at: Option<u64>,
    principal: Option<&str>,
    documents: &[String],
) -> Result<Read, grounds::GroundsError> {
    let grounds = Workspace::open(directory)?;
    let view = grounds.view_for(known_at.map(grounds_core::Snapshot), principal)?;
    let rows = view.reader().rule_files(None)?;
    let rules: Vec<(String, String)> = rows.into_iter().map(|stored| (stored.row.name, stored.row.source)).collect();
    let stored = rules.iter().flat_map(|(_, source)| grounds::rules::sources_in(source)).map(|(_, document)| document);
    let stored: Vec<String> = stored.collect();
    let names: Vec<&str> = documents.iter().chain(&stored).map(String::as_str).collect();
    Ok((grounds.copy_law(&view, &names)?, rules))
}
