//! The arrows between crates, and the walls around heavy dependencies.

use crate::finding::Finding;
use crate::repository::{Metadata, Package};

/// A crate, the crates of this workspace it may use, and those its tests may use besides.
type Arrows = (&'static str, &'static [&'static str], &'static [&'static str]);

/// The only arrows there are; ARCHITECTURE.md draws them.
const ARROWS: [Arrows; 10] = [
    ("grounds-core", &[], &[]),
    ("grounds-proof", &["grounds-core"], &[]),
    ("grounds-store", &["grounds-core"], &[]),
    ("grounds-reason", &["grounds-core"], &["grounds-proof"]),
    ("grounds-models", &["grounds-core"], &[]),
    ("grounds-gateway", &["grounds-core"], &[]),
    ("grounds-sql", &["grounds-core", "grounds-store"], &[]),
    (
        "grounds",
        &[
            "grounds-core",
            "grounds-proof",
            "grounds-store",
            "grounds-reason",
            "grounds-sql",
            "grounds-gateway",
            "grounds-models",
        ],
        &[],
    ),
    ("grounds-cli", &["grounds-core", "grounds"], &[]),
    ("xtask", &[], &[]),
];

/// The only dependencies from outside that these crates may have, tests apart.
const ONLY: [(&str, &[&str]); 3] = [
    ("grounds-core", &["jiff", "serde", "thiserror"]),
    ("grounds-proof", &["thiserror"]),
    ("grounds-reason", &["jiff", "serde", "thiserror"]),
];

/// Dependencies from outside that only these crates may have.
const HOMES: [(&str, &[&str]); 12] = [
    ("tantivy", &["grounds-store"]),
    ("redb", &["grounds-store"]),
    ("arrow", &["grounds-store", "grounds-sql"]),
    ("parquet", &["grounds-store", "grounds-sql"]),
    ("datafusion", &["grounds-sql"]),
    ("tokio", &["grounds-sql", "grounds-gateway", "grounds-cli"]),
    ("reqwest", &["grounds-gateway"]),
    ("hyper", &["grounds-gateway"]),
    ("ureq", &["grounds-gateway"]),
    ("axum", &["grounds-cli"]),
    ("clap", &["grounds-cli"]),
    ("rustyline", &["grounds-cli"]),
];

pub(crate) fn check(metadata: &Metadata) -> Vec<Finding> {
    metadata.packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let name = package.name.as_str();
    let at = |message: String| Finding::new(&package.manifest_path, 1, message);
    let Some((_, uses, tests_use)) = ARROWS.iter().find(|(known, _, _)| *known == name) else {
        let message = format!("`{name}` is not in the list of crates; add it to ARROWS in xtask/src/tidy/crates.rs");
        return vec![at(message)];
    };
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let other = dependency.name.as_str();
        let is_for_tests = dependency.kind.as_deref() == Some("dev");
        let is_inside = dependency.path.is_some() || ARROWS.iter().any(|(known, _, _)| *known == other);
        if is_inside {
            let is_allowed = uses.contains(&other) || is_for_tests && tests_use.contains(&other);
            if !is_allowed {
                let tests = if is_for_tests { "the tests of " } else { "" };
                found.push(at(format!("{tests}`{name}` may not use `{other}`; pass in what it needs from above")));
            }
            continue;
        }
        if is_for_tests {
            continue;
        }
        if ONLY.iter().any(|(known, only)| *known == name && !only.contains(&other)) {
            found.push(at(format!("`{name}` may not depend on `{other}`; do without it, or do it in a crate above")));
        }
        if let Some((_, homes)) = HOMES.iter().find(|(known, homes)| *known == other && !homes.contains(&name)) {
            let homes = homes.join("`, `");
            found.push(at(format!("`{name}` may not depend on `{other}`; only `{homes}` may, use that")));
        }
    }
    let binaries: Vec<&str> =
        package.targets.iter().filter(|it| it.kind == ["test"]).map(|it| it.src_path.as_str()).collect();
    if binaries.len() > 1 {
        let message = "links more than one test binary; set `autotests = false`, name one [[test]], and make the others its modules";
        found.push(at(message.to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{Dependency, Target};

    fn found(name: &str, dependencies: &[(&str, Option<&str>, bool)]) -> Vec<String> {
        let dependencies = dependencies.iter().map(|(name, kind, is_inside)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
            path: is_inside.then(|| format!("crates/{name}")),
        });
        let package = Package {
            name: name.to_owned(),
            manifest_path: "crates/x/Cargo.toml".to_owned(),
            dependencies: dependencies.collect(),
            targets: vec![],
        };
        check(&Metadata { packages: vec![package] }).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn arrows_that_exist_pass() {
        assert!(found("grounds-core", &[("serde", None, false), ("proptest", Some("dev"), false)]).is_empty());
        assert!(
            found("grounds-reason", &[("grounds-core", None, true), ("grounds-proof", Some("dev"), true)]).is_empty()
        );
        assert!(found("grounds-store", &[("grounds-core", None, true), ("redb", None, false)]).is_empty());
        assert!(found("xtask", &[("anyhow", None, false)]).is_empty());
    }

    #[test]
    fn other_arrows_are_found() {
        let expected =
            "crates/x/Cargo.toml:1: `grounds-proof` may not use `grounds-reason`; pass in what it needs from above";
        assert_eq!(found("grounds-proof", &[("grounds-reason", None, true)]), [expected]);
        assert!(found("grounds-reason", &[("grounds-proof", None, true)])[0].contains("may not use `grounds-proof`"));
        assert!(
            found("grounds-core", &[("grounds", Some("dev"), true)])[0]
                .contains("the tests of `grounds-core` may not use")
        );
        assert!(found("xtask", &[("grounds-core", None, true)])[0].contains("may not use `grounds-core`"));
        assert!(found("grounds-new", &[])[0].contains("add it to ARROWS"));
    }

    #[test]
    fn dependencies_stay_at_home() {
        assert!(
            found("grounds-proof", &[("jiff", None, false)])[0].contains("may not depend on `jiff`; do without it")
        );
        assert!(found("grounds-core", &[("rand", None, false)])[0].contains("may not depend on `rand`"));
        assert!(found("grounds", &[("tantivy", None, false)])[0].contains("only `grounds-store` may"));
        assert!(found("grounds", &[("arrow", None, false)])[0].contains("only `grounds-store`, `grounds-sql` may"));
        assert!(found("grounds-cli", &[("ureq", Some("build"), false)])[0].contains("only `grounds-gateway` may"));
        assert!(found("grounds-cli", &[("redb", Some("dev"), false)]).is_empty());
    }

    #[test]
    fn a_crate_links_one_test_binary() {
        let target = |path: &str| Target { kind: vec!["test".to_owned()], src_path: path.to_owned() };
        let mut package =
            Package { name: "xtask".to_owned(), targets: vec![target("tests/main.rs")], ..Package::default() };
        assert_eq!(check_package(&package), []);
        package.targets.push(target("tests/other.rs"));
        assert!(check_package(&package)[0].message.contains("more than one test binary; set `autotests = false`"));
    }
}
