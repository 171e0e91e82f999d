//! SARA's text of the nine sections as law in Markdown, so that the rules' quotations are compared with it.

use std::path::Path;

use anyhow::Context as _;

/// The sections, in the order of the Code.
const SECTIONS: [&str; 9] = ["1", "2", "63", "68", "151", "152", "3301", "3306", "7703"];

const FRONT_MATTER: &str = "---\ndocument: sara\ntitle: Internal Revenue Code, nine sections as edited for SARA\nshort: IRC\n\
    kind: regulation\nlanguage: en\nin_force: 1900-01-01\n---\n# Internal Revenue Code, nine sections\n\n";

/// A provision: its own text, and those below it in the order of the text.
struct Provision {
    label: String,
    /// Columns before the label.
    indent: usize,
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Below(Provision),
}

/// Reads the folder with one file for each section (`section1`, …).
pub(super) fn markdown(folder: &Path) -> anyhow::Result<String> {
    let mut written = FRONT_MATTER.to_owned();
    for number in SECTIONS {
        let path = folder.join(format!("section{number}"));
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
        let mut lines = text.lines();
        let heading = lines.next().unwrap_or_default().trim_start_matches('§');
        let title = heading.split_once(". ").map_or(heading, |(_, title)| title);
        written.push_str(&format!("### Article {number} — {title}\n\n"));
        let mut section = read(lines);
        section.join_run_in();
        section.write(0, &mut written);
    }
    Ok(written)
}

/// The tree that indentation draws: a label opens a provision below all open ones further left, and text belongs to the deepest open
/// provision that does not stand further right.
fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Provision {
    let mut root = Provision { label: String::new(), indent: 0, parts: Vec::new() };
    let mut open: Vec<Provision> = Vec::new();
    for line in lines {
        let words = line.trim();
        if words.is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let label = label_length(words);
        while open.last().is_some_and(|last| last.indent > indent || (label.is_some() && last.indent == indent)) {
            close(&mut open, &mut root);
        }
        match label {
            Some(length) => {
                let rest = words[length..].trim();
                let parts = if rest.is_empty() { Vec::new() } else { vec![Part::Text(rest.to_owned())] };
                open.push(Provision { label: words[..length].to_owned(), indent, parts });
            }
            None => open.last_mut().unwrap_or(&mut root).parts.push(Part::Text(words.to_owned())),
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut root);
    }
    root
}

fn close(open: &mut Vec<Provision>, root: &mut Provision) {
    if let Some(closed) = open.pop() {
        open.last_mut().unwrap_or(root).parts.push(Part::Below(closed));
    }
}

/// How many bytes a label such as "(a)" or "(iv)" has, where `words` begin with one.
fn label_length(words: &str) -> Option<usize> {
    let end = words.strip_prefix('(')?.find(')')?;
    let inside = &words[1..=end];
    let is_number = inside.bytes().all(|byte| byte.is_ascii_digit());
    let is_letters = inside.len() <= 4 && inside.bytes().all(|byte| byte.is_ascii_alphabetic());
    (!inside.is_empty() && (is_number || is_letters)).then_some(end + 2)
}

/// Whether two labels count alike, as far as (c) can tell: numbers, small letters, capitals.
fn style(label: &str) -> u8 {
    match label.as_bytes().get(1) {
        Some(b'0'..=b'9') => 0,
        Some(b'A'..=b'Z') => 1,
        _ => 2,
    }
}

impl Provision {
    /// Section 3306(c) counts its chapeau (A) and (B) and goes on with (1) at the same indentation: what is counted otherwise directly
    /// before a list is part of the words that lead to it.
    fn join_run_in(&mut self) {
        let mut joined: Vec<Part> = Vec::new();
        for mut part in std::mem::take(&mut self.parts) {
            if let Part::Below(below) = &mut part {
                below.join_run_in();
                let restyled =
                    matches!(joined.last(), Some(Part::Below(last)) if style(&last.label) != style(&below.label));
                if restyled {
                    for earlier in &mut joined {
                        if let Part::Below(provision) = earlier {
                            let words: Vec<&str> = provision.parts.iter().filter_map(Part::text).collect();
                            *earlier = Part::Text(format!("{} {}", provision.label, words.join(" ")));
                        }
                    }
                    let words: Vec<&str> = joined.iter().filter_map(Part::text).collect();
                    joined = vec![Part::Text(words.join(" "))];
                }
            }
            joined.push(part);
        }
        self.parts = joined;
    }

    fn write(&self, depth: usize, written: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(words) => written.push_str(&format!("{}{words}\n\n", "   ".repeat(depth))),
                Part::Below(below) => below.write_labelled(depth, written),
            }
        }
    }

    fn write_labelled(&self, depth: usize, written: &mut String) {
        let indent = "   ".repeat(depth);
        match self.parts.split_first() {
            Some((Part::Text(words), rest)) => {
                written.push_str(&format!("{indent}{} {words}\n\n", self.label));
                for part in rest {
                    match part {
                        Part::Text(words) => written.push_str(&format!("{indent}   {words}\n\n")),
                        Part::Below(below) => below.write_labelled(depth + 1, written),
                    }
                }
            }
            _ => {
                written.push_str(&format!("{indent}{}\n\n", self.label));
                self.write(depth + 1, written);
            }
        }
    }
}

impl Part {
    fn text(&self) -> Option<&str> {
        match self {
            Part::Text(words) => Some(words),
            Part::Below(_) => None,
        }
    }
}
