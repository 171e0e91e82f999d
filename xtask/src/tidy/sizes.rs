//! Sizes of files and functions, with a table of the exceptions that may only shrink.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::repository::File;
use crate::scan::{self, Line, indentation, item_end};

/// No file is longer.
const FILE_LINES_MAX: usize = 800;
/// Longer files stand in the table.
const FILE_LINES_USUAL: usize = 500;
/// Longer functions stand in the table.
const FUNCTION_LINES_USUAL: usize = 70;
/// Lines of code of crates/proof, tests, comments and blank lines apart.
const PROOF_CODE_LINES_MAX: usize = 1315;
/// `path lines` for a file, `path function lines` for a function; `#` begins a comment.
const TABLE: &str = "xtask/ratchet.txt";

/// A file, or a function in a file, by name.
type Measured<'a> = (&'a str, Option<String>);

pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let (table, mut found) = read_table(files);
    let mut sizes: BTreeMap<Measured<'_>, (usize, usize)> = BTreeMap::new();
    let mut proof_code_lines = 0;
    for file in files.iter().filter(|file| file.is_rust()) {
        let lines = scan::lines(&file.text);
        if lines.len() > FILE_LINES_MAX {
            let message = format!("{} lines, more than {FILE_LINES_MAX}; split it by idea", lines.len());
            found.push(Finding::new(&file.path, 1, message));
        }
        if file.source_of() == Some("proof") && !file.is_test() {
            proof_code_lines += lines.iter().filter(|line| !line.is_test && !line.code.trim().is_empty()).count();
        }
        sizes.insert((&file.path, None), (1, lines.len()));
        for (name, line, length) in functions(&lines) {
            let longest = sizes.entry((&file.path, Some(name))).or_insert((line, length));
            *longest = (*longest).max_by_length((line, length));
        }
    }
    if proof_code_lines > PROOF_CODE_LINES_MAX {
        let message = format!(
            "{proof_code_lines} lines of code in crates/proof, more than {PROOF_CODE_LINES_MAX}; it is to be read in one sitting, make it smaller"
        );
        found.push(Finding::new("crates/proof/src/lib.rs", 1, message));
    }
    found.extend(compare(&sizes, &table));
    found
}

trait Longer {
    fn max_by_length(self, other: Self) -> Self;
}

impl Longer for (usize, usize) {
    fn max_by_length(self, other: Self) -> Self {
        if other.1 > self.1 { other } else { self }
    }
}

/// Entries by what they are about: their line in the table, and the length they allow.
type Table = BTreeMap<(String, Option<String>), (usize, usize)>;

fn read_table(files: &[File]) -> (Table, Vec<Finding>) {
    let (mut table, mut found) = (Table::new(), Vec::new());
    let text = files.iter().find(|file| file.path == TABLE).map_or("", |file| file.text.as_str());
    for (index, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        let entry = match words.as_slice() {
            [] => continue,
            [path, lines] => lines.parse().ok().map(|lines| (((*path).to_owned(), None), lines)),
            [path, name, lines] => {
                lines.parse().ok().map(|lines| (((*path).to_owned(), Some((*name).to_owned())), lines))
            }
            _ => None,
        };
        match entry {
            Some((measured, lines)) => drop(table.insert(measured, (index + 1, lines))),
            None => {
                found.push(Finding::new(TABLE, index + 1, "not an entry; write `path lines` or `path function lines`"))
            }
        }
    }
    (table, found)
}

fn compare(sizes: &BTreeMap<Measured<'_>, (usize, usize)>, table: &Table) -> Vec<Finding> {
    let mut found = Vec::new();
    for ((path, name), (line, length)) in sizes {
        let usual = if name.is_some() { FUNCTION_LINES_USUAL } else { FILE_LINES_USUAL };
        let allowed = table.get(&((*path).to_owned(), name.clone())).map_or(usual, |(_, allowed)| *allowed);
        if *length > allowed.max(usual) {
            let what = name.as_ref().map_or("file".to_owned(), |name| format!("function `{name}`"));
            let message = format!("{what} of {length} lines, more than {}; split it by idea", allowed.max(usual));
            found.push(Finding::new(path, *line, message));
        }
    }
    for ((path, name), (line, allowed)) in table {
        let usual = if name.is_some() { FUNCTION_LINES_USUAL } else { FILE_LINES_USUAL };
        let length = sizes.get(&(path.as_str(), name.clone())).map(|(_, length)| *length);
        let message = match length {
            None => "names what is no longer there; remove the entry".to_owned(),
            Some(length) if length <= usual => "is no longer too long; remove the entry".to_owned(),
            Some(length) if length < *allowed => format!("has shrunk; write {length} so that it does not grow back"),
            Some(_) => continue,
        };
        let what = name.as_ref().map_or(path.clone(), |name| format!("{name} in {path}"));
        found.push(Finding::new(TABLE, *line, format!("{what} {message}")));
    }
    found
}

/// The name, first line and length of every function with a body of its own lines, as rustfmt lays them out.
fn functions(lines: &[Line]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = function_name(&line.code) else { continue };
        let end = if is_closed(&line.code) { index } else { function_end(lines, index) };
        found.push((name.to_owned(), index + 1, end - index + 1));
    }
    found
}

fn is_closed(code: &str) -> bool {
    code.trim_end().ends_with(['}', ';'])
}

/// The closing brace at the indentation of the function's first line, or the end of a declaration without a body.
fn function_end(lines: &[Line], start: usize) -> usize {
    item_end(lines, start + 1, indentation(&lines[start].code))
}

fn function_name(code: &str) -> Option<&str> {
    let mut rest = code.trim_start();
    loop {
        let (word, after) = rest.split_once(' ')?;
        let is_before_fn = matches!(word, "const" | "async" | "extern" | "\"C\"") || word.starts_with("pub");
        match word {
            "fn" => return after.split(['(', '<']).next(),
            _ if is_before_fn => rest = after.trim_start(),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, String)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        check(&files).iter().map(Finding::to_string).collect()
    }

    fn function(name: &str, lines: usize) -> String {
        format!(
            "    pub(crate) const fn {name}<'a>(\n        x: u8,\n    ) -> u8 {{\n{}    }}\n",
            "        x();\n".repeat(lines - 4)
        )
    }

    #[test]
    fn files_are_of_the_usual_length() {
        assert!(found(&[("a.rs", "x\n".repeat(500))]).is_empty());
        assert_eq!(
            found(&[("a.rs", "x\n".repeat(501))]),
            ["a.rs:1: file of 501 lines, more than 500; split it by idea"]
        );
        let table = |lines: usize| ("xtask/ratchet.txt", format!("# Exceptions.\na.rs {lines}\n"));
        assert!(found(&[("a.rs", "x\n".repeat(501)), table(501)]).is_empty());
        assert!(found(&[("a.rs", "x\n".repeat(502)), table(501)])[0].contains("502 lines, more than 501"));
        assert!(found(&[("a.rs", "x\n".repeat(801)), table(801)])[0].contains("801 lines, more than 800"));
    }

    #[test]
    fn functions_are_of_the_usual_length() {
        assert!(found(&[("a.rs", function("a", 70))]).is_empty());
        let long = || ("a.rs", function("short", 10) + &function("long", 71));
        assert_eq!(found(&[long()]), ["a.rs:11: function `long` of 71 lines, more than 70; split it by idea"]);
        assert!(found(&[long(), ("xtask/ratchet.txt", "a.rs long 71\n".to_owned())]).is_empty());
        let declared =
            "trait A {\n    fn a(\n        x: u8,\n    );\n\n    fn b();\n}\n".to_owned() + &"x\n".repeat(90);
        assert!(found(&[("a.rs", declared)]).is_empty());
    }

    #[test]
    fn the_table_only_shrinks() {
        let with = |entry: &str, lines: usize| {
            found(&[("a.rs", "x\n".repeat(lines)), ("xtask/ratchet.txt", format!("{entry}\n"))])
        };
        assert_eq!(
            with("a.rs 600", 550),
            ["xtask/ratchet.txt:1: a.rs has shrunk; write 550 so that it does not grow back"]
        );
        assert!(with("a.rs 600", 400)[0].contains("is no longer too long; remove the entry"));
        assert!(with("b.rs 600", 400)[0].contains("names what is no longer there"));
        assert!(with("a.rs f 80", 400)[0].contains("f in a.rs names what is no longer there"));
        assert!(with("a.rs many", 400)[0].contains("not an entry"));
    }

    #[test]
    fn the_checker_is_small() {
        let code =
            |lines: usize| format!("//! Checks.\n\n{}#[cfg(test)]\nmod tests;\n", "x(); // y\n// z\n\n".repeat(lines));
        let files = |lines: usize| {
            [("crates/proof/src/a.rs", code(lines)), ("crates/proof/src/a/tests.rs", "x();\n".repeat(90))]
        };
        assert!(found(&files(160)).is_empty());
        let many: Vec<(&str, String)> = vec![("crates/proof/src/a.rs", "x();\n".repeat(450)); 3];
        assert!(found(&many)[0].contains("1350 lines of code in crates/proof, more than 1315"));
    }
}
