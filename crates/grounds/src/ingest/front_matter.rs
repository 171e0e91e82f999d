//! The lines between `---` at the top of a Markdown file.

use std::collections::BTreeMap;
use std::ops::Range;

use grounds_core::SourceKind;
use jiff::civil::Date;

use super::ImportError;
use super::parsed::slug;

/// What the front matter says. Flat `key: value` lines, a value may stand in quotes, `#` begins a comment line.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrontMatter {
    pub(crate) document: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) short: Vec<String>,
    pub(crate) kind: Option<SourceKind>,
    pub(crate) language: Option<String>,
    pub(crate) in_force: Option<Date>,
    pub(crate) in_force_to: Option<Date>,
    /// Documents that bare references mean, in order.
    pub(crate) targets: Vec<String>,
    /// Every other key, and those of `cites`, `interprets`, `decided`, ... as printed.
    pub(crate) metadata: BTreeMap<String, String>,
    /// The bytes of the whole block, with both `---` lines; empty where there is none.
    pub(crate) range: Range<usize>,
}

/// Reads the front matter of `source`, if it begins with some.
pub(crate) fn read(file: &str, source: &str) -> Result<FrontMatter, ImportError> {
    let mut matter = FrontMatter::default();
    let mut lines = source.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return Ok(matter) };
    let mut position = first.len();
    let mut entries = Vec::new();
    let mut is_closed = false;
    for (index, line) in lines.enumerate() {
        position += line.len();
        let content = line.trim();
        if content == "---" {
            is_closed = true;
            break;
        }
        if !content.is_empty() && !content.starts_with('#') {
            entries.push((index + 2, content));
        }
    }
    let is_entry =
        |content: &str| content.split_once(':').is_some_and(|(key, _)| !key.trim().is_empty() && !key.contains(' '));
    if !is_closed || !entries.first().is_none_or(|(_, content)| is_entry(content)) {
        // A rule at the top of the text, not front matter.
        return Ok(matter);
    }
    matter.range = 0..position;
    for (line, content) in entries {
        let error = |message: String| ImportError::FrontMatter { file: file.to_owned(), line, message };
        let Some((key, value)) = content.split_once(':') else {
            return Err(error(format!("`{content}` is not `key: value`")));
        };
        set(&mut matter, key.trim(), unquoted(value.trim())).map_err(error)?;
    }
    Ok(matter)
}

fn unquoted(value: &str) -> &str {
    let inside = |quote| value.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn set(matter: &mut FrontMatter, key: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let date = || value.parse::<Date>().map_err(|_| format!("`{value}` is not a date: write {key}: 2019-07-01"));
    match key {
        "document" => {
            if slug(value) != value {
                return Err(format!("`{value}` cannot name a document: write document: {}", slug(value)));
            }
            matter.document = Some(value.to_owned());
        }
        "title" => matter.title = Some(value.to_owned()),
        "short" => matter.short = list(value),
        "kind" => {
            let kind = SourceKind::from_name(value);
            matter.kind = Some(kind.ok_or_else(|| {
                let names: Vec<&str> = SourceKind::ALL.iter().map(|kind| kind.name()).collect();
                format!("`{value}` is no kind of source: write one of {}", names.join(", "))
            })?);
        }
        "language" => matter.language = Some(value.to_lowercase()),
        "in_force" => matter.in_force = Some(date()?),
        "in_force_to" => matter.in_force_to = Some(date()?),
        _ => {
            if key == "decided" {
                date()?;
            }
            if matches!(key, "cites" | "interprets" | "applies") {
                matter.targets.extend(list(value));
            }
            matter.metadata.insert(key.to_owned(), value.to_owned());
        }
    }
    Ok(())
}

/// "a; b": short titles and names may hold commas only where no semicolon separates them.
fn list(value: &str) -> Vec<String> {
    let separator = if value.contains(';') { ';' } else { ',' };
    value
        .trim_matches(['[', ']'])
        .split(separator)
        .map(|part| unquoted(part.trim()).to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}
