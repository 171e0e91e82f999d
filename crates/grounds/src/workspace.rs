//! The handle: one workspace, opened.

use std::path::Path;
use std::sync::Arc;

use grounds_core::{AnswerRow, Batch, Change, Instant, Row, RuleFileRow, Snapshot, Validity};
use grounds_reason::{Compiled, RuleFile, compile};
use grounds_store::{Store, StoreConfig};

use crate::error::GroundsError;
use crate::law::Law;
use crate::verify::{Verdict, VerdictName};
use crate::view::View;

/// The message under which answers are logged; see [`Workspace::view`].
const ANSWER_MESSAGE: &str = "keep an answer";

/// One workspace. Dropping it closes the workspace; nothing is lost, for every commit is durable when it returns.
///
/// # Examples
/// ```
/// use grounds::{Workspace, Overrides, Upload};
///
/// let folder = tempfile::tempdir()?;
/// let grounds = Workspace::create(&folder.path().join(".grounds"))?;
/// let act = "---\ndocument: act\nkind: regulation\nin_force: 2020-01-01\n---\n# An Act\n\n### Article 1 — Duty\n\n1. Firms shall report losses.\n";
/// let upload = Upload { name: "act.md".to_owned(), bytes: act.as_bytes().to_vec(), ..Upload::default() };
/// let outcome = grounds.add(&[upload], &Overrides::default(), "2020-01-01T00:00Z".parse()?)?;
/// assert!(outcome.failures.is_empty());
/// let view = grounds.view(None)?;
/// assert_eq!(view.documents()[0].id.0, "act");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Workspace {
    store: Arc<Store>,
}

impl Workspace {
    /// Makes an empty workspace in `directory`, which must not exist or be empty.
    ///
    /// # Errors
    /// Those of [`Store::create`].
    pub fn create(directory: &Path) -> Result<Self, GroundsError> {
        Ok(Self { store: Arc::new(Store::create(directory, StoreConfig::new())?) })
    }

    /// Opens the workspace in `directory`.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub fn open(directory: &Path) -> Result<Self, GroundsError> {
        Ok(Self { store: Arc::new(Store::open(directory, StoreConfig::new())?) })
    }

    /// The store underneath.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store underneath, for whoever reads or writes it beside the workspace.
    #[cfg(feature = "sql")]
    pub(crate) fn shared_store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// A workspace over a store that is open already.
    #[cfg(feature = "sql")]
    pub(crate) fn over(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// A view at a snapshot; by default at the latest one that is not merely an answer being kept, so that asking twice gives the same
    /// answer, byte for byte.
    ///
    /// # Errors
    /// Those of [`Store::read`]: a snapshot in the future.
    pub fn view(&self, known_at: Option<Snapshot>) -> Result<View, GroundsError> {
        self.view_for(known_at, None)
    }

    /// As [`Workspace::view`], with the eyes of a principal, who sees nothing of documents whose labels are not all held; see
    /// [`Reader::for_principal`](grounds_store::Reader::for_principal). `None` is the owner.
    ///
    /// # Errors
    /// Those of [`Store::read`]; a principal that does not exist at the snapshot.
    pub fn view_for(&self, known_at: Option<Snapshot>, principal: Option<&str>) -> Result<View, GroundsError> {
        let known_at = match known_at {
            Some(known_at) => known_at,
            None => {
                let log = self.store.log()?;
                let source = log.iter().rev().find(|entry| entry.message != ANSWER_MESSAGE);
                source.map_or(Snapshot(0), |entry| entry.snapshot)
            }
        };
        let reader = self.store.read(known_at)?;
        View::new(match principal {
            Some(name) => reader.for_principal(name)?,
            None => reader,
        })
    }

    /// The stored rules, compiled against the law of the view.
    ///
    /// # Errors
    /// [`GroundsError::Rules`] where the law has changed under them so that they no longer compile.
    pub fn rules(&self, view: &View) -> Result<Compiled, GroundsError> {
        let rows = view.reader().rule_files(None)?;
        let files: Vec<RuleFile<'_>> =
            rows.iter().map(|stored| RuleFile { name: &stored.row.name, source: &stored.row.source }).collect();
        compile(&files, &Law(view)).map_err(|diagnostics| GroundsError::Rules { diagnostics })
    }

    /// Compiles these files together with the stored ones, of which they replace those of the same name.
    ///
    /// # Errors
    /// [`GroundsError::Rules`] with every mistake.
    pub fn compile_with(&self, view: &View, files: &[(String, String)]) -> Result<Compiled, GroundsError> {
        let all = self.rule_files_with(view, files)?;
        let files: Vec<RuleFile<'_>> = all.iter().map(|(name, source)| RuleFile { name, source }).collect();
        compile(&files, &Law(view)).map_err(|diagnostics| GroundsError::Rules { diagnostics })
    }

    /// Names and texts of the stored rule files and these, which replace those of the same name; by name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn rule_files_with(
        &self,
        view: &View,
        files: &[(String, String)],
    ) -> Result<Vec<(String, String)>, GroundsError> {
        let rows = view.reader().rule_files(None)?;
        let mut all: Vec<(String, String)> = rows
            .into_iter()
            .map(|stored| (stored.row.name, stored.row.source))
            .filter(|(name, _)| !files.iter().any(|(new, _)| new == name))
            .collect();
        all.extend_from_slice(files);
        all.sort();
        Ok(all)
    }

    /// Stores rule files, each with pins to the texts its quotations were found in. All or none.
    ///
    /// # Errors
    /// [`GroundsError::Rules`] with every mistake; those of the store.
    pub fn add_rules(&self, files: &[(String, String)], at: Instant) -> Result<Snapshot, GroundsError> {
        let view = self.view(None)?;
        let compiled = self.compile_with(&view, files)?;
        drop(view);
        let mut batch = Batch { message: format!("add {}", counted(files.len(), "rule file")), ..Batch::default() };
        for (name, source) in files {
            let pins = compiled.pins.iter().filter(|(file, _)| file == name).map(|(_, pin)| pin.clone()).collect();
            let row = Row::RuleFile(RuleFileRow { name: name.clone(), source: source.clone(), pins });
            batch.changes.push(Change::Put { row, validity: Validity::always() });
        }
        Ok(self.store.commit(&batch, at)?)
    }

    /// Keeps an answer in the workspace, under the first 16 digits of its seal. Keeping the same answer again changes nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub fn store_answer(&self, verdict: &Verdict, at: Instant) -> Result<Snapshot, GroundsError> {
        let file = verdict.file();
        let row = AnswerRow {
            name: file.seal.chars().take(16).collect(),
            question: file.question.clone(),
            verdict: match file.verdict {
                VerdictName::Verified => "verified".to_owned(),
                VerdictName::Refused => "refused".to_owned(),
            },
            json: serde_json::to_string(file)?,
        };
        let change = Change::Put { row: Row::Answer(row), validity: Validity::always() };
        let batch = Batch { message: ANSWER_MESSAGE.to_owned(), changes: vec![change], ..Batch::default() };
        Ok(self.store.commit(&batch, at)?)
    }
}

/// "1 file", "2 files".
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
