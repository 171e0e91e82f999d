//! The lock file: the words of the law that each rule was read against, one line for each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::compile::Compiled;

/// What a lock file is called unless its user says otherwise.
pub const LOCK_FILE: &str = "grounds.rules.lock";

const HEADER: &str = "\
# The words of the law that each rule, table and calendar rests on: file, name, document, unit, hash of the unit's words.
# Written by `grounds rules lock`; `grounds rules check --locked` says what has changed since.
";

/// The unit that something in a rule file cites.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LockedUnit {
    /// The rule file.
    pub file: String,
    /// What cites: a rule's id, a fact's predicate, the name of a table or calendar, an amendment's id, "a over b" for a preference.
    pub holder: String,
    /// The cited work.
    pub document: String,
    /// The cited unit.
    pub unit: String,
}

/// For each cited unit the hashes of the texts it was checked against; a rule in force under two texts of its provision has two.
///
/// A hash is [`Unit::hash`](grounds_core::Unit::hash), over the words with every run of white space made one space, so that neither a change
/// of white space nor a new version with the same words makes a difference. Versions are not named: two workspaces that hold the same
/// law have the same lock, in whatever order they imported it.
///
/// Its `Display` is the file: sorted lines of five fields separated by tabs, which merge line by line. Reading it back accepts lines in any
/// order, and twice.
///
/// # Examples
/// ```
/// use grounds_reason::Lock;
///
/// let lock = Lock::parse("breach.rules\tlate\tact\tart_1\t0a\n").expect("well-formed");
/// let amended = Lock::parse("breach.rules\tlate\tact\tart_1\t0b\n").expect("well-formed");
/// assert!(lock.differences(&lock).is_empty());
/// assert_eq!(lock.differences(&amended).len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    units: BTreeMap<LockedUnit, BTreeSet<String>>,
}

/// Why a lock file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LockError {
    /// A line is not of the lock file's form.
    #[error("line {line} is not `file, name, document, unit, hash`, separated by tabs")]
    Line {
        /// From 1.
        line: usize,
    },
    /// A merge has left its marks.
    #[error("line {line} is the mark of a merge conflict")]
    Conflict {
        /// From 1.
        line: usize,
    },
}

impl LockError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            LockError::Line { .. } => "write it anew with `grounds rules lock`",
            LockError::Conflict { .. } => {
                "keep the lines of both sides and take the marks out, or write it anew with `grounds rules lock`"
            }
        }
    }
}

/// How rules and lock differ about one cited unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockDifference {
    /// What cites what.
    #[serde(flatten)]
    pub unit: LockedUnit,
    /// In which way.
    pub kind: LockDifferenceKind,
    /// The hashes in the lock.
    pub locked: BTreeSet<String>,
    /// The hashes now.
    pub now: BTreeSet<String>,
}

/// The ways in which rules and lock differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LockDifferenceKind {
    /// The rules cite it, and the lock does not have it.
    NotLocked,
    /// The lock has it, and the rules do not cite it any more.
    NoLongerCited,
    /// Its words are not those that were locked.
    OtherWords,
}

impl Lock {
    /// The lock of compiled rules.
    pub fn of(compiled: &Compiled) -> Self {
        let mut units: BTreeMap<LockedUnit, BTreeSet<String>> = BTreeMap::new();
        for (file, pin) in &compiled.pins {
            let unit = LockedUnit {
                file: file.clone(),
                holder: pin.rule.clone(),
                document: pin.document.0.clone(),
                unit: pin.unit.0.clone(),
            };
            units.entry(unit).or_default().insert(pin.hash.clone());
        }
        Self { units }
    }

    /// Reads a lock file.
    ///
    /// # Errors
    /// [`LockError`], for whoever merged or edited the file.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut units: BTreeMap<LockedUnit, BTreeSet<String>> = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
                return Err(LockError::Conflict { line: line_number });
            }
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [file, holder, document, unit, hash] = fields.as_slice() else {
                return Err(LockError::Line { line: line_number });
            };
            if fields.iter().any(|field| field.is_empty()) || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(LockError::Line { line: line_number });
            }
            let own = |field: &str| field.to_owned();
            let unit = LockedUnit { file: own(file), holder: own(holder), document: own(document), unit: own(unit) };
            units.entry(unit).or_default().insert(own(hash));
        }
        Ok(Self { units })
    }

    /// How many lines the file has, without its heading.
    pub fn line_count(&self) -> usize {
        self.units.values().map(BTreeSet::len).sum()
    }

    /// Where `now` differs from this lock, in the order of the file.
    pub fn differences(&self, now: &Lock) -> Vec<LockDifference> {
        let mut units: BTreeSet<&LockedUnit> = self.units.keys().collect();
        units.extend(now.units.keys());
        let hashes = |lock: &Lock, unit: &LockedUnit| lock.units.get(unit).cloned().unwrap_or_default();
        let mut found = Vec::new();
        for unit in units {
            let (locked, now) = (hashes(self, unit), hashes(now, unit));
            let kind = match (locked.is_empty(), now.is_empty()) {
                _ if locked == now => continue,
                (true, _) => LockDifferenceKind::NotLocked,
                (_, true) => LockDifferenceKind::NoLongerCited,
                _ => LockDifferenceKind::OtherWords,
            };
            found.push(LockDifference { unit: unit.clone(), kind, locked, now });
        }
        found
    }
}

/// A field of a line: what would end it is made a space.
fn field(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADER)?;
        for (unit, hashes) in &self.units {
            let fields = [&unit.file, &unit.holder, &unit.document, &unit.unit].map(|text| field(text));
            for hash in hashes {
                writeln!(f, "{}\t{}", fields.join("\t"), field(hash))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for LockDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LockedUnit { file, holder, document, unit } = &self.unit;
        let what = match self.kind {
            LockDifferenceKind::NotLocked => "is not in the lock",
            LockDifferenceKind::NoLongerCited => "is in the lock and no longer cited",
            LockDifferenceKind::OtherWords => "has other words than those locked",
        };
        write!(f, "{file}: {holder}: {unit} of {document} {what}")
    }
}
