//! Mistakes in rule files, shown where they stand.

use std::fmt;

/// One file of rules, as given to [`compile`](crate::compile).
#[derive(Clone, Copy, Debug)]
pub struct RuleFile<'a> {
    /// What diagnostics call it.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
}

/// Whether a diagnostic keeps the program from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The program is refused.
    Error,
    /// The program runs; something in it is probably not meant.
    Warning,
}

/// One mistake: where it is, what it is, and what to write instead.
///
/// Its `Display` is for a terminal: code and message, file with line and column, the line with the place underlined, the hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the kind of mistake, such as "quote-not-found".
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The name of the file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// How many characters of the line are meant, at least 1.
    pub length: usize,
    /// The whole line, without its line break.
    pub source_line: String,
    /// What is wrong.
    pub message: String,
    /// What to do; empty where the message says it.
    pub hint: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let margin = " ".repeat(self.line.to_string().len());
        // Tabs stay tabs under the line, so that the carets stand where the terminal puts the text.
        let blank: String =
            self.source_line.chars().take(self.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        writeln!(f, "{severity}[{}]: {}", self.code, self.message)?;
        writeln!(f, "{margin}--> {}:{}:{}", self.file, self.line, self.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{} | {}", self.line, self.source_line)?;
        write!(f, "{margin} | {blank}{}", "^".repeat(self.length))?;
        if !self.hint.is_empty() {
            write!(f, "\n{margin} = {}", self.hint)?;
        }
        Ok(())
    }
}

/// A range of bytes of one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Position among the files given.
    pub(crate) file: usize,
    /// The first byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

impl Place {
    /// From the start of `self` to the end of `other`.
    pub(crate) fn to(self, other: Place) -> Place {
        Place { end: other.end.max(self.end), ..self }
    }
}

/// What is wrong, before it is laid out for the reader.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Problem {
    pub(crate) fn new(code: &'static str, place: Place, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, place, message: message.into(), hint: hint.into() }
    }

    /// Lays the problem out over the line in which it starts.
    pub(crate) fn into_diagnostic(self, files: &[RuleFile<'_>], severity: Severity) -> Diagnostic {
        let file = &files[self.place.file];
        let (line, line_start) = line_of(file.source, self.place.start);
        let rest = &file.source[line_start..];
        let source_line = rest[..rest.find('\n').unwrap_or(rest.len())].trim_end_matches('\r');
        let start = (self.place.start - line_start).min(source_line.len());
        let end = (self.place.end - line_start).clamp(start, source_line.len());
        Diagnostic {
            code: self.code,
            severity,
            file: file.name.to_owned(),
            line,
            column: source_line[..start].chars().count() + 1,
            length: source_line[start..end].chars().count().max(1),
            source_line: source_line.to_owned(),
            message: self.message,
            hint: self.hint,
        }
    }
}

/// The number of the line that holds the byte at `offset`, from 1, and where that line starts.
pub(crate) fn line_of(source: &str, offset: usize) -> (usize, usize) {
    let before = &source.as_bytes()[..offset.min(source.len())];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    (line, before.iter().rposition(|byte| *byte == b'\n').map_or(0, |position| position + 1))
}

/// Says which of `known` the writer probably meant by `name`; empty where nothing is near.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let length = name.chars().count();
    let limit = (1 + length / 4).min(length.saturating_sub(1));
    let folded = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (edit_distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map_or_else(String::new, |(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// "1 argument", "2 arguments"
pub(crate) fn arguments(count: usize) -> String {
    format!("{count} argument{}", if count == 1 { "" } else { "s" })
}

/// How many characters must be put in, taken out or changed to make one name of the other.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, left_character) in left.chars().take(80).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right_character) in right.iter().enumerate() {
            let changed = diagonal + usize::from(left_character != *right_character);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
