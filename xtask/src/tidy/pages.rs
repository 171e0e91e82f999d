//! Links between pages lead somewhere.

use crate::finding::Finding;
use crate::repository::File;

/// Checks the relative links of every page; `paths` are all files and folders there are.
pub(crate) fn check(files: &[File], paths: &[String]) -> Vec<Finding> {
    files.iter().filter(|file| file.path.ends_with(".md")).flat_map(|file| check_page(file, paths)).collect()
}

fn check_page(file: &File, paths: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for target in targets(line) {
            let Some(path) = resolve(&file.path, target) else { continue };
            if !path.is_empty() && !paths.contains(&path) {
                let message = format!("links to `{target}`, which is not there; correct the link or write the page");
                found.push(Finding::new(&file.path, index + 1, message));
            }
        }
    }
    found
}

/// What stands in the round brackets of `[text](target)`.
fn targets(line: &str) -> Vec<&str> {
    line.match_indices("](").filter_map(|(start, _)| line[start + 2..].split([')', ' ']).next()).collect()
}

/// The path from the root that `target` means on the page at `page`; `None` for an address or a place on the page itself.
fn resolve(page: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or_default();
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let paths = ["README.md", "docs", "docs/a.md", "docs/sub", "docs/sub/b.md"].map(str::to_owned);
        check(&[File::new(path, text)], &paths).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "[a](docs/a.md) [b](docs/sub/b.md#part \"title\") [c](docs/) [d](#here) [e](https://example.org/x) [f](./README.md)";
        assert!(found("README.md", text).is_empty());
        assert!(found("docs/sub/b.md", "[up](../a.md) [top](../../README.md)").is_empty());
        assert!(found("README.md", "```sh\n[x](gone.md)\n```\n").is_empty());
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let expected = "docs/a.md:2: links to `gone.md`, which is not there; correct the link or write the page";
        assert_eq!(found("docs/a.md", "x\n[gone](gone.md)\n"), [expected]);
        assert_eq!(found("README.md", "```sh\n```\n[gone](docs/gone.md#a) [too](b.md)").len(), 2);
    }
}
