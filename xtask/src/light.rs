//! What the demonstration builds: a first look must not cost the build of a query engine.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::repository::{cargo, root};

/// Crates that only the features of the installed binary need.
const HEAVY: [&str; 4] = ["datafusion", "arrow", "parquet", "tokio"];

/// Says whether `cargo demo` builds none of the heavy crates, and prints those that it would.
pub(crate) fn run() -> anyhow::Result<bool> {
    let arguments =
        ["tree", "--package", "grounds-cli", "--no-default-features", "--edges", "normal", "--prefix", "none"];
    let output = Command::new(cargo()).args(arguments).current_dir(root()).output().context("running cargo tree")?;
    ensure!(output.status.success(), "cargo tree failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let tree = String::from_utf8(output.stdout).context("reading what cargo tree says")?;
    let found = heavy(&tree);
    found.iter().for_each(|name| println!("`cargo demo` would build `{name}`; put what needs it behind a feature"));
    Ok(found.is_empty())
}

/// The heavy crates that a tree names, each once.
fn heavy(tree: &str) -> Vec<&'static str> {
    let is_named = |name: &&str| tree.lines().any(|line| line.split(' ').next() == Some(*name));
    HEAVY.iter().filter(|name| is_named(name)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_crates_are_named_whole() {
        assert_eq!(heavy("grounds-cli v0.1.0 (x)\narrowhead v1.0.0\n"), Vec::<&str>::new());
        assert_eq!(heavy("grounds-cli v0.1.0 (x)\narrow v59.3.2\ndatafusion v55.2.0\n"), ["datafusion", "arrow"]);
    }
}
