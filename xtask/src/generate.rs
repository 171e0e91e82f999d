//! The pages under `docs/reference/`, which are what the program says of itself.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::finding::Finding;
use crate::repository::{cargo, root};

/// Generated pages: names of the hidden command `grounds reference`.
const PAGES: [&str; 3] = ["cli", "errors", "json"];

/// Writes all pages.
pub(crate) fn write() -> anyhow::Result<bool> {
    for (path, text) in pages()? {
        let file = root().join(&path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, text).with_context(|| format!("writing {path}"))?;
        println!("{path}");
    }
    Ok(true)
}

/// Says which pages are not what would be written now.
pub(crate) fn compare() -> anyhow::Result<bool> {
    let mut findings = Vec::new();
    for (path, text) in pages()? {
        let there = fs::read_to_string(root().join(&path)).ok();
        findings.extend(stale(&path, there.as_deref(), &text));
    }
    findings.iter().for_each(|finding| println!("{finding}"));
    Ok(findings.is_empty())
}

fn pages() -> anyhow::Result<Vec<(String, String)>> {
    let page = |name: &str| {
        let output = Command::new(cargo())
            .args(["run", "-q", "-p", "grounds-cli", "--bin", "grounds", "--", "reference", name])
            .current_dir(root())
            .output()
            .with_context(|| format!("running grounds reference {name}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "grounds reference {name} failed: {}", said.trim());
        let text = String::from_utf8(output.stdout).with_context(|| format!("reading grounds reference {name}"))?;
        Ok((format!("docs/reference/{name}.md"), text))
    };
    PAGES.into_iter().map(page).collect()
}

fn stale(path: &str, there: Option<&str>, expected: &str) -> Option<Finding> {
    let there = there.unwrap_or_default();
    if there == expected {
        return None;
    }
    let same = there.lines().zip(expected.lines()).take_while(|(one, other)| one == other).count();
    Some(Finding::new(path, same + 1, "not what the program says of itself; run `cargo xtask gen` and commit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_page_is_found_at_its_first_difference() {
        let message = |there| stale("docs/reference/cli.md", there, "a\nb\n").map(|finding| finding.to_string());
        assert_eq!(message(Some("a\nb\n")), None);
        let expected = ":2: not what the program says of itself; run `cargo xtask gen` and commit";
        assert_eq!(message(Some("a\nc\n")), Some(format!("docs/reference/cli.md{expected}")));
        assert!(message(None).is_some_and(|message| message.starts_with("docs/reference/cli.md:1:")));
    }
}
