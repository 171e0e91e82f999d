//! The repository as the checks look at it: the texts of its files, and what cargo says of its crates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

/// A text file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether all of it is for tests.
    pub(crate) fn is_test(&self) -> bool {
        let is_test_folder = |part: &str| matches!(part, "tests" | "benches" | "examples");
        self.path.split('/').any(is_test_folder) || self.path.ends_with("tests.rs")
    }

    /// The folder under `crates/` that it lies in the sources of.
    pub(crate) fn source_of(&self) -> Option<&str> {
        let (name, rest) = self.path.strip_prefix("crates/")?.split_once('/')?;
        rest.starts_with("src/").then_some(name)
    }
}

/// What `cargo metadata` says, as far as the checks ask.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

/// A crate of the workspace.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// A dependency as declared.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for an ordinary one, else "dev" or "build".
    pub(crate) kind: Option<String>,
    /// Of crates of the workspace.
    pub(crate) path: Option<String>,
}

/// Something that cargo compiles by itself.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Target {
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: String,
}

/// Everything the checks look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    /// Sorted by path.
    pub(crate) files: Vec<File>,
    /// Paths of all files, text or not, and of all folders.
    pub(crate) paths: Vec<String>,
    /// With paths relative to the root.
    pub(crate) metadata: Metadata,
}

/// The root of the repository: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    // As `cargo run` says it now: a kept build may be of a checkout that has moved since.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

impl Repository {
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        walk(root, root, &mut found)?;
        found.sort();
        let mut files = Vec::new();
        for path in &found {
            let is_text = [".rs", ".md", ".toml", ".txt", "/run"].iter().any(|ending| path.ends_with(ending));
            let is_corpus = path.starts_with("corpus/");
            if is_text && !is_corpus {
                let text = fs::read_to_string(root.join(path)).with_context(|| format!("reading {path}"))?;
                files.push(File { path: path.clone(), text });
            }
        }
        Ok(Self { files, paths: found, metadata: metadata(root)? })
    }
}

/// Collects files and folders below `folder`, without what is built and without git's own.
fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let path = entry?.path();
        let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if matches!(name.as_str(), ".git" | "target" | "node_modules" | "grounds-demo")
            || name.ends_with(".grounds-tmp")
        {
            continue;
        }
        found.push(relative);
        if path.is_dir() {
            walk(root, &path, found)?;
        }
    }
    Ok(())
}

fn metadata(root: &Path) -> anyhow::Result<Metadata> {
    let output = Command::new(cargo())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("running cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let mut metadata: Metadata = serde_json::from_slice(&output.stdout).context("reading what cargo metadata says")?;
    let relative = |path: &mut String| {
        if let Ok(inside) = Path::new(path.as_str()).strip_prefix(root) {
            *path = inside.to_string_lossy().replace('\\', "/");
        }
    };
    for package in &mut metadata.packages {
        relative(&mut package.manifest_path);
        package.targets.iter_mut().for_each(|target| relative(&mut target.src_path));
    }
    Ok(metadata)
}

/// The cargo that runs this program, so that a toolchain once chosen stays chosen.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
