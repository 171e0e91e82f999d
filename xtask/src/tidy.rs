//! The rules of this repository that no other tool knows. Each check is a function from texts or metadata to findings.

mod crates;
mod bans;
mod sizes;
mod modules;
mod pages;

use crate::finding::Finding;
use crate::repository::{Repository, root};

/// Checks the repository and prints what is found.
pub(crate) fn run() -> anyhow::Result<bool> {
    let repository = Repository::read(&root())?;
    let findings = findings(&repository);
    findings.iter().for_each(|finding| println!("{finding}"));
    let rust = repository.files.iter().filter(|file| file.is_rust()).count();
    println!("tidy: {rust} Rust files, {} crates, {} to mend", repository.metadata.packages.len(), findings.len());
    Ok(findings.is_empty())
}

/// All that is to mend, sorted.
fn findings(repository: &Repository) -> Vec<Finding> {
    let Repository { files, paths, metadata } = repository;
    let mut found = crates::check(metadata);
    found.extend(bans::check(files));
    found.extend(sizes::check(files));
    found.extend(modules::check(files, metadata));
    found.extend(pages::check(files, paths));
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small repository in which there is nothing to mend.
    pub(crate) fn clean() -> Repository {
        use crate::repository::{Dependency, File, Metadata, Package, Target};
        let target = |kind: &str, path: &str| Target { kind: vec![kind.to_owned()], src_path: path.to_owned() };
        let package = |name: &str, folder: &str, dependencies: Vec<Dependency>| Package {
            name: name.to_owned(),
            manifest_path: format!("crates/{folder}/Cargo.toml"),
            dependencies,
            targets: vec![target("lib", &format!("crates/{folder}/src/lib.rs"))],
        };
        let core = Dependency { name: "grounds-core".to_owned(), kind: None, path: Some("crates/core".to_owned()) };
        let external = Dependency { name: "thiserror".to_owned(), kind: None, path: None };
        Repository {
            files: vec![
                File::new("README.md", "See [the rules](docs/rules.md#meaning).\n"),
                File::new("crates/core/src/lib.rs", "//! Nouns.\n\nmod noun;\n"),
                File::new("crates/core/src/noun.rs", "//! A noun.\n\nfn noun() -> u8 {\n    1\n}\n"),
                File::new("crates/proof/src/lib.rs", "//! Checks.\n"),
                File::new("docs/rules.md", "# Rules\n"),
            ],
            paths: vec!["README.md".to_owned(), "docs".to_owned(), "docs/rules.md".to_owned()],
            metadata: Metadata {
                packages: vec![
                    package("grounds-core", "core", vec![external.clone()]),
                    package("grounds-proof", "proof", vec![core, external]),
                ],
            },
        }
    }

    #[test]
    fn a_clean_repository_has_nothing_to_mend() {
        assert_eq!(findings(&clean()), []);
    }

    #[test]
    fn findings_of_all_checks_are_sorted_by_place() {
        let mut repository = clean();
        repository.files[1].text = "use std::fs;\nmod noun;\n".to_owned();
        repository.files[0].text = "[gone](docs/gone.md)\n".to_owned();
        let found: Vec<String> = findings(&repository).iter().map(Finding::to_string).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("README.md:1: "), "{}", found[0]);
        assert!(found[1].starts_with("crates/core/src/lib.rs:1: "), "{}", found[1]);
    }
}
