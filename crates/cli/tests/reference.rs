//! The pages under `docs/reference/` are what the program says of itself. With `GROUNDS_BLESS` set they are written anew.

use std::process::Command;

use crate::bench_workspace::repository;

/// Generated pages: names of the hidden command `grounds reference`.
const PAGES: [&str; 3] = ["cli", "errors", "json"];

#[test]
fn generated_pages_are_what_the_program_says() {
    for name in PAGES {
        let output = Command::new(env!("CARGO_BIN_EXE_grounds")).args(["reference", name]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let expected = String::from_utf8(output.stdout).expect("UTF-8");
        let path = repository().join("docs/reference").join(format!("{name}.md"));
        if std::env::var_os("GROUNDS_BLESS").is_some() {
            std::fs::write(&path, &expected).expect("written");
            continue;
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let same = found.lines().zip(expected.lines()).take_while(|(one, other)| one == other).count();
        assert!(
            found == expected,
            "docs/reference/{name}.md:{}: not what the program says; run `cargo xtask gen`",
            same + 1
        );
    }
}
