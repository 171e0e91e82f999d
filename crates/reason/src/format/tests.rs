//! The repository's own rule files, and damaged ones, through the formatter.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{FormatError, format_rules, meaning};
use crate::diagnostic::RuleFile;
use crate::parse::parse_with_layout;

/// All rule files of the repository, by path.
fn rule_files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    for folder in ["corpus/rules", "examples/gdpr", "examples/sara"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("the folder is part of the repository");
        paths.extend(entries.map(|entry| entry.expect("a readable folder").path()));
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rules"));
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

fn formatted(source: &str) -> Result<String, FormatError> {
    format_rules(&RuleFile { name: "case.rules", source })
}

/// What reading gives, without places.
fn read(source: &str) -> String {
    let mut problems = Vec::new();
    let file = parse_with_layout(0, source, &mut problems);
    assert!(problems.is_empty(), "{source}: {problems:?}");
    meaning(&file)
}

/// The formatted text means the same and is its own layout.
fn check(source: &str) {
    let once = match formatted(source) {
        Ok(once) => once,
        Err(error) => panic!("{error}\n{source}"),
    };
    assert_eq!(read(source), read(&once), "{source}\n=>\n{once}");
    assert_eq!(formatted(&once), Ok(once.clone()), "{source}\n=>\n{once}");
}

#[test]
fn the_rule_files_of_the_repository_keep_their_meaning() {
    let files = rule_files();
    assert!(files.len() > 15, "{} rule files", files.len());
    for (_, source) in &files {
        check(source);
    }
}

#[test]
fn the_rule_files_of_the_repository_are_formatted() {
    for (path, source) in rule_files() {
        let same = formatted(&source).is_ok_and(|formatted| formatted == source);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        assert!(same, "{name} is not formatted; run `grounds rules format corpus examples`");
    }
}

/// Where a file may be damaged without being read otherwise: between tokens.
fn joints(source: &str) -> Vec<usize> {
    let file = parse_with_layout(0, source, &mut Vec::new());
    let inside = |at: usize| file.verbatim.iter().any(|place| place.start < at && at < place.end);
    let starts = file.tokens.iter().map(|token| token.place.start);
    starts.filter(|at| !inside(*at)).collect()
}

#[test]
fn a_comment_or_line_break_anywhere_is_kept() {
    for (path, source) in rule_files() {
        for (step, inserted) in [(97, "-- note\n"), (89, "\n"), (83, "\n\n   -- own line\n\n"), (79, "\t  \t")] {
            let mut damaged = String::new();
            let mut from = 0;
            for (position, at) in joints(&source).into_iter().enumerate() {
                damaged.push_str(&source[from..at]);
                from = at;
                // A keyword at the start of a line is an item; a line's beginning is left alone.
                let is_word = source[at..].starts_with(|c: char| c.is_lowercase());
                if position % step == step - 1 && !is_word {
                    damaged.push_str(inserted);
                }
            }
            damaged.push_str(&source[from..]);
            let mut problems = Vec::new();
            parse_with_layout(0, &damaged, &mut problems);
            if problems.is_empty() {
                check(&damaged);
            } else {
                assert!(formatted(&damaged).is_err(), "{}", path.display());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is cut out of or put into a file: it is refused, or keeps its meaning.
    #[test]
    fn damaged_files_are_refused_or_keep_their_meaning(
        file in 0_usize..1_000,
        start in 0_usize..1_000_000,
        removed in 0_usize..60,
        inserted in prop::sample::select(vec![
            "", " ", "\n", "(", ")", "-", " - ", "--", "\"", ".", "1", " 1 000 ", "and ", " or ", "\nrule ", "when", "USD -5", "{", "\r\n",
            "§", "\u{a0}", "art 5 (1)", "art. 5", "in force", " 1 year and 6 months ", " within ", " say not ", "no ", "%",
        ]),
    ) {
        let files = rule_files();
        let source = &files[file % files.len()].1;
        // A piece of a file is enough, and quicker to read.
        let mut from = start % source.len();
        while !source.is_char_boundary(from) { from -= 1; }
        let first = source[..from].rfind("\n\n").map_or(0, |at| at + 2);
        let mut last = (first + 2_500).min(source.len());
        while !source.is_char_boundary(last) { last -= 1; }
        let mut to = (from + removed).min(last).max(from);
        while !source.is_char_boundary(to) { to += 1; }
        let last = last.max(to);
        let damaged = format!("{}{inserted}{}", &source[first..from], &source[to..last]);
        let mut problems = Vec::new();
        parse_with_layout(0, &damaged, &mut problems);
        match formatted(&damaged) {
            Ok(_) => check(&damaged),
            Err(FormatError::Unreadable { .. }) => prop_assert!(!problems.is_empty()),
            Err(error) => prop_assert!(false, "{error}: {damaged}"),
        }
    }
}

/// Sources and their layouts.
const LAYOUTS: [(&str, &str); 10] = [
    ("", ""),
    ("\u{feff}\n\n-- only a comment", "-- only a comment\n"),
    ("entity A\n\n\n\nentity B entity C", "entity A\n\nentity B\nentity C\n"),
    (
        "fact A.b:bool open ask \"b?\" -- why\n\tfact A.c : number closed\nask \"c?\"",
        "fact A.b : bool open  ask \"b?\"  -- why\nfact A.c : number closed\n  ask \"c?\"\n",
    ),
    (
        "rule a-1 cites s art 33 (1) \"x\" in force 2018-05-25 .. C(a) when a.b",
        "rule a-1  cites s art 33 (1) \"x\"\n  in force 2018-05-25 ..\n  C(a) when a.b\n",
    ),
    (
        "rule a cites s art 1 \"x\" cites s art 2 \"y\" C(a)=a.b*( a.c-1 )+USD -5\nwhen a.b>-1 -- so\nor not D(a)",
        "rule a\n  cites s art 1 \"x\"\n  cites s art 2 \"y\"\n  C(a) = a.b * (a.c - 1) + USD -5\n    when a.b > -1  -- so\n      or not D(a)\n",
    ),
    (
        "exception e to a cites s art 1 \"x\" when t( a.b ).c>2 then not C(a) reading \"r\" by \"A\" 2020-01-01",
        "exception e to a  cites s art 1 \"x\"\n  when t(a.b).c > 2\n  then not C(a)\n  reading \"r\" by \"A\" 2020-01-01\n",
    ),
    (
        "rule a cites s art 1 \"x\" T(p)=brackets of p.income(15% to USD 36 900,31 % above)rounded down",
        "rule a  cites s art 1 \"x\"\n  T(p) = brackets of p.income (15% to USD 36 900, 31% above) rounded down\n",
    ),
    (
        "table t|state:text|gives age:number|\n|\"A\"|14|cites s art 1 \"x\" |in force 2018-05-25 ..|\n| \"BCD\" | 9|\n|\"E\"|-1|in force .. 2018-05-24 -- so",
        "table t | state : text | gives age : number |\n  | \"A\"   | 14 | cites s art 1 \"x\" | in force 2018-05-25 .. |\n  | \"BCD\" | 9  |\n  | \"E\"   | -1 | in force .. 2018-05-24  -- so\n",
    ),
    (
        "test \"t\" as of 2020-01-01 a:A not a.b a.c=-1\na.d = s art. 5(1)\n\n-- last\n expect C(a) undetermined missing a.b,a.c\n  -- below\n\n-- far",
        "test \"t\" as of 2020-01-01\n  a : A  not a.b  a.c = -1\n  a.d = s art. 5(1)\n\n  -- last\n  expect C(a) undetermined missing a.b, a.c\n  -- below\n\n-- far\n",
    ),
];

#[test]
fn layouts() {
    for (source, expected) in LAYOUTS {
        assert_eq!(formatted(source).expect("it can be read"), expected);
        check(source);
    }
}
