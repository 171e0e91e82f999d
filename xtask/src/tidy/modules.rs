//! Every file says what it is about, and is compiled.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::repository::{File, Metadata};
use crate::scan;

pub(crate) fn check(files: &[File], metadata: &Metadata) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let is_introduced = file.text.lines().next().is_some_and(|line| line.starts_with("//! "));
        if !is_introduced {
            found.push(Finding::new(&file.path, 1, "does not begin with `//! `; say in a line what the file is about"));
        }
    }
    let reached = reached(files, metadata);
    for file in files.iter().filter(|file| file.is_rust() && is_of_workspace(file, metadata)) {
        if !reached.contains(file.path.as_str()) {
            let message = "no `mod` leads here, so it is not compiled; declare it in the file above, or delete it";
            found.push(Finding::new(&file.path, 1, message));
        }
    }
    found
}

fn is_of_workspace(file: &File, metadata: &Metadata) -> bool {
    metadata
        .packages
        .iter()
        .filter_map(|package| package.manifest_path.strip_suffix("Cargo.toml"))
        .any(|folder| !folder.is_empty() && file.path.starts_with(folder))
}

/// Paths of all files that are compiled: the targets of crates, and what `mod` leads to from them.
fn reached<'a>(files: &'a [File], metadata: &Metadata) -> BTreeSet<&'a str> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let roots = metadata.packages.iter().flat_map(|package| &package.targets).map(|target| target.src_path.as_str());
    let mut open: Vec<(&File, bool)> = roots.filter_map(|path| Some((find(path)?, true))).collect();
    let mut reached = BTreeSet::new();
    while let Some((file, is_root)) = open.pop() {
        if !reached.insert(file.path.as_str()) {
            continue;
        }
        let folder = folder_of_children(&file.path, is_root);
        for name in declared(&file.text) {
            let candidates = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
            open.extend(candidates.iter().filter_map(|path| Some((find(path)?, false))));
        }
    }
    reached
}

/// Where the files of the modules lie that the file at `path` declares.
fn folder_of_children(path: &str, is_root: bool) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_own_folder = is_root || name == "mod.rs";
    if is_own_folder { folder.to_owned() } else { path.trim_end_matches(".rs").to_owned() }
}

/// Names declared as `mod name;`.
fn declared(text: &str) -> Vec<String> {
    let declared = scan::lines(text).into_iter().filter_map(|line| {
        let code = line.code.trim();
        let (before, name) = code.strip_suffix(';')?.rsplit_once("mod ")?;
        let is_declaration = before.is_empty() || before.starts_with("pub") || before.starts_with("#[");
        is_declaration.then(|| name.trim().to_owned())
    });
    declared.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{Package, Target};

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        let target = |path: &str| Target { kind: vec!["lib".to_owned()], src_path: path.to_owned() };
        let package = Package {
            manifest_path: "crates/a/Cargo.toml".to_owned(),
            targets: vec![target("crates/a/src/lib.rs"), target("crates/a/tests/main.rs")],
            ..Package::default()
        };
        check(&files, &Metadata { packages: vec![package] }).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn files_say_what_they_are_about() {
        assert!(found(&[("crates/a/src/lib.rs", "//! About.\n")]).is_empty());
        let expected = "crates/a/src/lib.rs:1: does not begin with `//! `; say in a line what the file is about";
        for text in ["fn a() {}\n", "", "// About.\n", "//!\n"] {
            assert_eq!(found(&[("crates/a/src/lib.rs", text)]), [expected], "{text}");
        }
    }

    #[test]
    fn files_are_reached_by_mod() {
        let lib = "//! A.\nmod one;\npub(crate) mod two;\n#[cfg(test)]\nmod tests;\n";
        assert!(
            found(&[
                ("crates/a/src/lib.rs", lib),
                ("crates/a/src/one.rs", "//! A.\nmod inner;\n"),
                ("crates/a/src/one/inner.rs", "//! A.\n"),
                ("crates/a/src/two/mod.rs", "//! A.\nmod inner;\n"),
                ("crates/a/src/two/inner.rs", "//! A.\n"),
                ("crates/a/src/tests.rs", "//! A.\n"),
                ("crates/a/tests/main.rs", "//! A.\nmod cases;\n"),
                ("crates/a/tests/cases.rs", "//! A.\n"),
                ("bench/src/main.rs", "//! Another workspace.\n"),
            ])
            .is_empty()
        );
    }

    #[test]
    fn orphans_are_found() {
        let orphan = |text: &str| found(&[("crates/a/src/lib.rs", text), ("crates/a/src/one.rs", "//! A.\n")]);
        assert!(orphan("//! A.\nmod one;\n").is_empty());
        for text in ["//! A.\n", "//! A.\n// mod one;\n", "//! A.\nmod one {}\n"] {
            assert!(orphan(text)[0].starts_with("crates/a/src/one.rs:1: no `mod` leads here"), "{text}");
        }
    }
}
