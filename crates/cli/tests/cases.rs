//! Cases a domain expert can read: `tests/cases/<stage>/*.case`, commands with the output that is expected.
//!
//! A line that begins with `$ ` is a command; what follows, up to the next one, is its output, and `[exit N]` where the exit code is not 0.
//! Lines that begin with `#` before the first command say what the case is about. `cargo xtask cases --bless` rewrites the output.

use std::path::{Path, PathBuf};

use crate::bench_workspace::{grounds, repository, workspace};

fn case_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            found.push(path);
        }
    }
    found.sort();
}

/// The words of a command line, with double and single quotes as in a shell.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The case with the output that its commands have now.
fn run(text: &str) -> String {
    let folder = workspace();
    let mut out = String::new();
    for line in text.lines() {
        let Some(command) = line.strip_prefix("$ ") else {
            if out.is_empty() || !out.contains("\n$ ") && !out.starts_with("$ ") {
                out.push_str(&format!("{line}\n"));
            }
            continue;
        };
        out.push_str(&format!("$ {command}\n"));
        let words = words(command);
        assert_eq!(words.first().map(String::as_str), Some("grounds"), "cases run grounds: {command}");
        let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let output = grounds(folder.path(), &arguments);
        let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        let printed = String::from_utf8(both).expect("UTF-8");
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        out.push_str(lines.join("\n").trim_end());
        out.push('\n');
        if let Some(code) = output.status.code().filter(|code| *code != 0) {
            out.push_str(&format!("[exit {code}]\n"));
        }
        out.push('\n');
    }
    format!("{}\n", out.trim_end())
}

#[test]
fn cases_print_what_they_say() {
    let bless = std::env::var_os("GROUNDS_BLESS").is_some();
    let mut files = Vec::new();
    case_files(&repository().join("tests/cases"), &mut files);
    assert!(!files.is_empty(), "there are cases");
    let mut failures = Vec::new();
    for path in files {
        let expected = std::fs::read_to_string(&path).expect("UTF-8");
        let found = run(&expected);
        if found == expected {
            continue;
        }
        if bless {
            std::fs::write(&path, &found).expect("written");
        } else {
            failures.push(format!("{}\n{}", path.display(), first_difference(&expected, &found)));
        }
    }
    assert!(failures.is_empty(), "{}\n(`cargo xtask cases --bless` accepts the new output)", failures.join("\n\n"));
}

fn first_difference(expected: &str, found: &str) -> String {
    let mut found_lines = found.lines();
    for (number, line) in expected.lines().enumerate() {
        let other = found_lines.next().unwrap_or("(end)");
        if line != other {
            return format!("line {}:\n  expected {line}\n  found    {other}", number + 1);
        }
    }
    format!("more than expected: {}", found_lines.next().unwrap_or_default())
}
