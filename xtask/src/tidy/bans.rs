//! What may not be written where: effects in pure crates, hash order, printing, and work left lying about.

use crate::finding::Finding;
use crate::repository::File;
use crate::scan::{self, Line, names};

/// Where a ban holds.
enum Scope {
    /// In the sources of these folders of `crates/`, tests apart.
    In(&'static [&'static str]),
    /// In the sources of all folders of `crates/` but these, tests apart.
    AllBut(&'static [&'static str]),
    /// In the sources of one folder of `crates/`, but not in this file of it, tests apart.
    InBut(&'static str, &'static str),
    /// In every Rust file, tests too.
    Everywhere,
}

struct Ban {
    words: &'static [&'static str],
    scope: Scope,
    instead: &'static str,
}

const BANS: [Ban; 13] = [
    Ban {
        words: &["std::fs", "std::process", "SystemTime", "std::time::Instant"],
        scope: Scope::In(&["core", "proof", "reason"]),
        instead: "these crates are pure; let the caller pass in what is needed",
    },
    Ban {
        words: &["std::fs"],
        scope: Scope::InBut("store", "crates/store/src/disk/system.rs"),
        instead: "the store reaches files through its `Disk`, so that tests can make it fail; use crate::disk",
    },
    Ban {
        words: &["HashMap", "HashSet"],
        scope: Scope::In(&["proof", "reason"]),
        instead: "its order differs from run to run; use BTreeMap or BTreeSet",
    },
    Ban {
        words: &["f32", "f64"],
        scope: Scope::In(&["proof", "reason"]),
        instead: "what is decided is computed exactly; use fractions of whole numbers",
    },
    Ban {
        words: &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"],
        scope: Scope::AllBut(&["cli"]),
        instead: "only cli asks what time it is; take it as a parameter",
    },
    Ban {
        words: &["thread::sleep"],
        scope: Scope::AllBut(&[]),
        instead: "nothing waits for a clock; wait for the event",
    },
    Ban {
        words: &["std::env"],
        scope: Scope::AllBut(&["cli"]),
        instead: "only cli reads the environment; take it as a parameter",
    },
    Ban {
        words: &["println!", "eprintln!", "print!", "eprint!"],
        scope: Scope::AllBut(&["cli"]),
        instead: "only cli prints; return the text",
    },
    Ban {
        words: &["std::net", "TcpStream"],
        scope: Scope::AllBut(&["cli", "gateway"]),
        instead: "only gateway dials and only cli listens",
    },
    Ban { words: &["TcpListener"], scope: Scope::AllBut(&["cli"]), instead: "only cli listens" },
    Ban {
        words: &["async fn"],
        scope: Scope::In(&["core", "proof", "store", "reason"]),
        instead: "these crates are synchronous; async begins above them",
    },
    Ban { words: &["unsafe"], scope: Scope::Everywhere, instead: "there is none in this repository; find a safe way" },
    Ban {
        words: &["todo!", "unimplemented!", "dbg!", "#[ignore"],
        scope: Scope::Everywhere,
        instead: "finish it, or leave it out",
    },
];

/// Marks of work left lying about, in comments and pages.
const MARKS: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Beginnings of paths that exist on one machine only. Split, so that this file does not contain them.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/", "work"), concat!("/", "root"), concat!("/", "home"), concat!("/", "tmp")];

pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        if file.is_rust() {
            let lines = scan::lines(&file.text);
            found.extend(banned_words(file, &lines));
            found.extend(verified_elsewhere(file, &lines));
        }
        found.extend(named_evaluator(file));
        found.extend(marks_and_machine_paths(file));
    }
    found
}

fn banned_words(file: &File, lines: &[Line]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let is_test = line.is_test || file.is_test();
        for ban in &BANS {
            let is_banned = match (&ban.scope, file.source_of()) {
                (Scope::Everywhere, _) => true,
                (Scope::In(crates), Some(name)) => !is_test && crates.contains(&name),
                (Scope::InBut(part, but), Some(name)) => !is_test && *part == name && file.path != *but,
                (Scope::AllBut(crates), Some(name)) => !is_test && !crates.contains(&name),
                (_, None) => false,
            };
            let word = ban.words.iter().find(|word| uses(&line.code, word));
            if let (true, Some(word)) = (is_banned, word) {
                found.push(Finding::new(
                    &file.path,
                    index + 1,
                    format!("`{word}` may not be used here; {}", ban.instead),
                ));
            }
        }
    }
    found
}

/// Whether code names `word`, also as a part of `use std::{...}`.
fn uses(code: &str, word: &str) -> bool {
    let grouped = word.strip_prefix("std::").zip(code.trim_start().strip_prefix("use std::{"));
    names(code, word) || grouped.is_some_and(|(module, group)| names(group, module))
}

/// The one constructor of what is verified stays in `verify`.
fn verified_elsewhere(file: &File, lines: &[Line]) -> Vec<Finding> {
    if !file.path.starts_with("crates/") || file.path.starts_with("crates/grounds/src/verify") {
        return Vec::new();
    }
    let is_made = |code: &str| {
        ["Verified {", "Verified("].iter().flat_map(|made| code.match_indices(made)).any(|(start, _)| {
            let before = code[..start].trim_end();
            let is_whole_name = !code[..start].ends_with(|it: char| it.is_alphanumeric() || it == '_' || it == ':');
            is_whole_name && !["struct", "enum", "impl", "for", "->"].iter().any(|word| before.ends_with(word))
        })
    };
    let made = lines.iter().enumerate().filter(|(_, line)| is_made(&line.code));
    made.map(|(index, _)| {
        Finding::new(&file.path, index + 1, "`Verified` may not be made here; only crates/grounds/src/verify makes it")
    })
    .collect()
}

/// The checker's crate does not know the evaluator's, not even by name.
fn named_evaluator(file: &File) -> Vec<Finding> {
    if !file.path.starts_with("crates/proof/") {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate();
    let named = lines.filter(|(_, line)| {
        line.contains(concat!("grounds", "_reason")) || line.contains(concat!("grounds", "-reason"))
    });
    named
        .map(|(index, _)| {
            Finding::new(
                &file.path,
                index + 1,
                "names the evaluator's crate; the checker must not know it, leave it out",
            )
        })
        .collect()
}

fn marks_and_machine_paths(file: &File) -> Vec<Finding> {
    let is_page = file.path.ends_with(".md");
    let scanned = if file.is_rust() { scan::lines(&file.text) } else { Vec::new() };
    let mut found = Vec::new();
    for (index, text) in file.text.lines().enumerate() {
        let scanned = scanned.get(index);
        // In code a mark may be data, such as the currency code of no currency.
        let marked = scanned.map_or(if is_page { text } else { "" }, |line| line.comment.as_str());
        if let Some(mark) = MARKS.iter().find(|mark| names(marked, mark)) {
            let message = format!("`{mark}` marks work left; do it, or open an issue and leave the mark out");
            found.push(Finding::new(&file.path, index + 1, message));
        }
        let is_test = file.is_test() || scanned.is_some_and(|line| line.is_test);
        if let (false, Some(path)) = (is_test, MACHINE_PATHS.iter().find(|path| names_path(text, path))) {
            let message = format!("`{path}` is a path of one machine; write a relative one");
            found.push(Finding::new(&file.path, index + 1, message));
        }
    }
    found
}

/// Whether a path that begins with `folder` stands in `text`: not as a later part of a longer path or address.
fn names_path(text: &str, folder: &str) -> bool {
    text.match_indices(folder).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + folder.len()..].chars().next();
        !before.is_some_and(|it| it.is_alphanumeric() || "._-/}$~".contains(it))
            && !after.is_some_and(|it| it.is_alphanumeric() || "_-.".contains(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[File::new(path, text)]).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn pure_crates_have_no_effects() {
        let expected = "crates/core/src/a.rs:2: `std::fs` may not be used here; these crates are pure; let the caller pass in what is needed";
        assert_eq!(found("crates/core/src/a.rs", "//! A.\nuse std::fs;\n"), [expected]);
        for code in ["std::process::exit(1)", "use std::time::SystemTime;", "std::time::Instant", "use std::{fmt, fs};"]
        {
            assert_eq!(found("crates/reason/src/a.rs", code).len(), 1, "{code}");
            assert!(found("crates/grounds/src/a.rs", code).is_empty(), "{code}");
        }
        for code in ["// std::fs", "\"std::fs\"", "use std::fmt;", "#[cfg(test)]\nmod tests {\n    use std::fs;\n}"] {
            assert!(found("crates/core/src/a.rs", code).is_empty(), "{code}");
        }
        assert!(found("crates/core/tests/main.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn the_store_reaches_files_through_its_disk() {
        assert!(found("crates/store/src/open.rs", "use std::fs::File;")[0].contains("use crate::disk"));
        assert!(found("crates/store/src/disk/system.rs", "use std::fs::File;").is_empty());
        assert!(found("crates/store/tests/damage.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn evaluation_has_no_hash_order() {
        assert!(found("crates/proof/src/a.rs", "use std::collections::HashMap;")[0].contains("use BTreeMap"));
        assert!(found("crates/store/src/a.rs", "use std::collections::HashMap;").is_empty());
    }

    #[test]
    fn only_the_outer_crates_print_dial_and_read_the_environment() {
        assert!(found("crates/grounds/src/a.rs", "println!();")[0].contains("only cli prints"));
        assert!(found("crates/store/src/a.rs", "std::env::var(x)")[0].contains("only cli reads the environment"));
        assert!(found("crates/grounds/src/a.rs", "use std::net::IpAddr;")[0].contains("only gateway dials"));
        assert!(found("crates/gateway/src/a.rs", "TcpListener::bind(x)")[0].contains("only cli listens"));
        assert!(found("crates/cli/src/a.rs", "println!(); std::env::args(); TcpListener::bind(x)").is_empty());
        assert!(found("xtask/src/a.rs", "println!(); std::env::args();").is_empty());
    }

    #[test]
    fn only_cli_asks_what_time_it_is() {
        for code in ["SystemTime::now()", "Instant::now()", "jiff::Zoned::now()"] {
            assert!(found("crates/store/src/a.rs", code)[0].contains("only cli asks"), "{code}");
            assert!(found("crates/cli/src/a.rs", code).is_empty(), "{code}");
        }
        assert!(found("crates/store/src/a.rs", "thread::sleep(x)")[0].contains("wait for the event"));
        assert!(found("crates/store/tests/a.rs", "thread::sleep(x)").is_empty());
    }

    #[test]
    fn what_is_decided_is_computed_exactly() {
        assert!(found("crates/reason/src/a.rs", "let a = 1 as f64;")[0].contains("use fractions"));
        assert!(found("crates/store/src/a.rs", "let a = 1 as f64;").is_empty());
    }

    #[test]
    fn the_lower_crates_are_synchronous() {
        assert!(found("crates/store/src/a.rs", "pub async fn open() {}")[0].contains("synchronous"));
        assert!(found("crates/cli/src/a.rs", "async fn serve() {}").is_empty());
    }

    #[test]
    fn nothing_is_unsafe_or_unfinished() {
        assert!(found("crates/cli/tests/a.rs", "unsafe { x() }")[0].contains("find a safe way"));
        for code in ["todo!()", "unimplemented!()", "dbg!(x)", "#[ignore]", "#[ignore = \"slow\"]"] {
            assert!(found("xtask/src/a.rs", code)[0].contains("finish it, or leave it out"), "{code}");
        }
        assert!(found("xtask/src/a.rs", "#![deny(unsafe_code)]").is_empty());
    }

    #[test]
    fn no_marks_are_left() {
        for text in ["// TODO: later", "/// FIXME", "let a = 1; // XXX"] {
            assert!(found("crates/cli/src/a.rs", text)[0].contains("marks work left"), "{text}");
        }
        assert!(found("docs/a.md", "TODO")[0].contains("marks work left"));
        assert!(found("crates/cli/src/a.rs", "let none = \"XXX\";").is_empty());
    }

    #[test]
    fn no_paths_of_one_machine() {
        let inside = |folder: &str| format!("see {}{folder}/x/y", "/");
        for folder in ["work", "root", "home", "tmp"] {
            let text = inside(folder);
            assert!(found("docs/a.md", &text)[0].contains("write a relative one"), "{text}");
            assert_eq!(found("crates/cli/src/a.rs", &format!("let a = \"{text}\";")).len(), 1);
            assert!(found("crates/cli/tests/a.rs", &format!("let a = \"{text}\";")).is_empty());
        }
        for text in ["https://example.org/home/x", concat!("src/", "work/x"), "var/tmp", "/rooted", "${HOME}/x"] {
            assert!(found("docs/a.md", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn verified_is_made_in_one_place() {
        for code in ["return Verified { file };", "Ok(Verified(file))"] {
            assert!(found("crates/grounds/src/answer.rs", code)[0].contains("only crates/grounds/src/verify makes it"));
            assert!(found("crates/grounds/src/verify/check.rs", code).is_empty());
        }
        for code in
            ["impl Shown for Verified {", "fn a() -> Verified {", "Verdict::Verified(it) => it,", "NotVerified(1)"]
        {
            assert!(found("crates/grounds/src/answer.rs", code).is_empty(), "{code}");
        }
    }

    #[test]
    fn the_checker_does_not_know_the_evaluator() {
        let text = format!("use {}_reason::x;", "grounds");
        assert!(found("crates/proof/src/a.rs", &text)[0].contains("names the evaluator's crate"));
        assert!(found("crates/grounds/src/a.rs", &text).is_empty());
    }
}
