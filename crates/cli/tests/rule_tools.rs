//! `grounds rules format` as a user runs it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::bench_workspace::{grounds, json, stdout};

const UNEVEN: &str = "entity   Firm\nclaim Known( Firm )\nsay \"{Firm} is known\"\n";
const EVEN: &str = "entity Firm\nclaim Known(Firm)\n  say \"{Firm} is known\"\n";

#[test]
fn files_are_laid_out_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("below")).expect("made");
    for (name, text) in [("below/a.rules", UNEVEN), ("b.rules", EVEN), ("c.rules", "claim claim\n"), ("d.txt", UNEVEN)]
    {
        std::fs::write(path(name), text).expect("written");
    }
    let read = |name: &str| std::fs::read_to_string(path(name)).expect("readable");

    let checked = grounds(folder.path(), &["rules", "format", "--check", "below", "b.rules"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(stdout(&checked).contains("below/a.rules is not formatted"), "{}", stdout(&checked));
    assert!(!stdout(&checked).contains("b.rules is not"), "{}", stdout(&checked));
    assert_eq!(read("below/a.rules"), UNEVEN);

    let all = grounds(folder.path(), &["rules", "format"]);
    assert_eq!(all.status.code(), Some(2), "one file cannot be read");
    assert!(stdout(&all).contains("capital-expected") || stdout(&all).contains("error["), "{}", stdout(&all));
    assert_eq!([read("below/a.rules"), read("b.rules")], [EVEN, EVEN]);
    assert_eq!([read("c.rules"), read("d.txt")], ["claim claim\n", UNEVEN]);

    let again = json(&grounds(folder.path(), &["rules", "format", "--check", "below", "--json"]));
    assert_eq!(again["files"][0]["state"], "formatted");
    assert_eq!(grounds(folder.path(), &["rules", "format", "d.txt"]).status.code(), Some(0), "a file named is taken");
    assert_eq!(read("d.txt"), EVEN);
}

#[test]
fn standard_input_is_laid_out_to_standard_output() {
    for (input, expected, code) in [(UNEVEN, EVEN, 0), ("", "", 0), ("claim claim", "", 2)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_grounds"))
            .args(["rules", "format", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((stdout(&output).as_str(), output.status.code()), (expected, Some(code)));
    }
}
