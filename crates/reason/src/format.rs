//! The formatter: a rule file with a uniform layout and the same meaning.

mod atom;
mod structure;
mod spacing;
mod lines;
mod wrap;

use grounds_core::{Hint, Kind};
use thiserror::Error;

use crate::diagnostic::{Diagnostic, RuleFile, Severity};
use crate::parse::{SurfaceFile, parse_with_layout};

/// Why a rule file keeps its layout.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The file cannot be read. Its author can change it.
    #[error("{}", .diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Unreadable {
        /// Every mistake found by reading; never empty. Names, types and citations are not looked at.
        diagnostics: Vec<Diagnostic>,
    },
    /// Laid out anew, the file would mean something else. The formatter is wrong, not the file.
    #[error("{file} keeps its layout, for its meaning would change with it")]
    MeaningWouldChange {
        /// The file.
        file: String,
    },
}

impl FormatError {
    /// Who can do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            FormatError::Unreadable { .. } => Kind::User,
            FormatError::MeaningWouldChange { .. } => Kind::Bug,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<Hint> {
        match self {
            FormatError::Unreadable { .. } => Some("correct the file first; it was not changed".to_owned()),
            FormatError::MeaningWouldChange { .. } => Some("please report the file; it was not changed".to_owned()),
        }
    }
}

/// Lays out a rule file in the way described in `docs/rules.md`.
///
/// Only white space between words changes: comments, blank lines between items (at most one), and the text of quotations stay. The result is
/// read again and compared with what was read before, so that what comes back means what went in; it is its own layout: formatting it
/// changes nothing. Costs two readings of the file.
///
/// # Errors
/// [`FormatError::Unreadable`] (the author of the file), [`FormatError::MeaningWouldChange`] (a mistake in the formatter).
///
/// # Examples
/// ```
/// use grounds_reason::{RuleFile, format_rules};
///
/// let source = "entity   Event -- what is seen\nclaim Seen( Event ) say \"{Event} was seen\"";
/// let formatted = format_rules(&RuleFile { name: "code.rules", source }).expect("it can be read");
/// assert_eq!(formatted, "entity Event  -- what is seen\nclaim Seen(Event)  say \"{Event} was seen\"\n");
/// ```
pub fn format_rules(file: &RuleFile<'_>) -> Result<String, FormatError> {
    let mut problems = Vec::new();
    let before = parse_with_layout(0, file.source, &mut problems);
    if !problems.is_empty() {
        let files = [*file];
        let diagnostics = problems.into_iter().map(|problem| problem.into_diagnostic(&files, Severity::Error));
        return Err(FormatError::Unreadable { diagnostics: diagnostics.collect() });
    }
    let atoms = atom::atoms(file.source, &before);
    let starts = structure::starts(&before.items, &atoms);
    let formatted = lines::lay_out(&atoms, &starts);
    let after = parse_with_layout(0, &formatted, &mut problems);
    if !problems.is_empty()
        || meaning(&before) != meaning(&after)
        || comments(&atoms) != comments_of(&formatted, &after)
    {
        return Err(FormatError::MeaningWouldChange { file: file.name.to_owned() });
    }
    Ok(formatted)
}

/// Everything that reading gives, apart from where it stands.
fn meaning(file: &SurfaceFile<'_>) -> String {
    let shown = format!("{:?}", file.items);
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown.as_str();
    while let Some(at) = rest.find("Place {") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = rest.find('}').map_or("", |end| &rest[end + 1..]);
    }
    out.push_str(rest);
    out
}

fn comments<'a>(atoms: &[atom::Atom<'a>]) -> Vec<&'a str> {
    atoms.iter().flat_map(|atom| atom.trailing.into_iter().chain(atom.comments.iter().map(|own| own.text))).collect()
}

fn comments_of<'a>(source: &'a str, file: &SurfaceFile<'a>) -> Vec<&'a str> {
    comments(&atom::atoms(source, file))
}

#[cfg(test)]
mod tests;
