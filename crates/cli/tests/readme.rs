//! The commands of the README run as written, in order, in one folder.

use std::process::Command;

use crate::bench_workspace::{link_corpus, repository};

/// Lines of `sh` blocks that run `grounds`.
fn commands(readme: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && line.starts_with("grounds ") {
            found.push(line.to_owned());
        }
    }
    found
}

#[test]
fn every_grounds_command_of_the_readme_runs() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("UTF-8");
    let folder = tempfile::tempdir().expect("a temporary folder");
    link_corpus(folder.path());
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_grounds"));
    let path =
        format!("{}:{}", binary.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
    let commands = commands(&readme);
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .output()
            .expect("sh");
        assert!(
            output.status.success(),
            "{command}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
