//! Markdown: headings are structure, numbers and letters in front of paragraphs too.

mod blocks;
mod inline;
mod write;

use grounds_core::{SourceKind, UnitKind};

use super::decode::Decoded;
use super::ledger::Ledger;
use super::numbering;
use super::outline::Outline;
use super::parsed::{Reading, id_from_file, stem};
use super::report::Format;
use super::{ImportError, Overrides, SourceFile, front_matter};

/// Reads a Markdown file.
pub(crate) fn parse(file: &SourceFile<'_>, decoded: &Decoded, overrides: &Overrides) -> Result<Reading, ImportError> {
    let source = decoded.text.as_str();
    let mut ledger = Ledger::new(source);
    let matter = front_matter::read(file.name, source)?;
    if !matter.range.is_empty() {
        ledger.dropped(matter.range.clone(), "front matter");
    }
    let blocks = blocks::split(source, matter.range.end, &mut ledger);
    let mut notes = Vec::new();
    let is_article = |block: &blocks::Block, read: fn(&str) -> Option<numbering::Heading<'_>>| {
        block.content(source).and_then(read).is_some_and(|heading| heading.kind == UnitKind::Article)
    };
    let has_articles =
        blocks.iter().any(|block| block.heading_level.is_some() && is_article(block, numbering::heading))
            || blocks.iter().filter(|block| is_article(block, |text| numbering::han_heading(text))).count() > 1;
    let kind = overrides.kind.or(matter.kind).unwrap_or_else(|| {
        let kind = if has_articles { SourceKind::Regulation } else { SourceKind::Reference };
        notes.push(format!("nothing says what kind of source this is, so it counts as {}: say --kind", kind.name()));
        kind
    });
    let mut outline = Outline::new();
    let written = write::write(source, &blocks, kind, &mut outline, &mut ledger);
    let mut short_titles = matter.short;
    if let (Some(full), Some(heading)) = (&matter.title, &written.title) {
        // The heading of a law is how it is cited in full where its official title is longer.
        if kind == SourceKind::Regulation && !short_titles.is_empty() && full != heading {
            short_titles.push(heading.clone());
        }
    }
    let title = matter.title.or(written.title).unwrap_or_else(|| stem(file.name).replace('_', " "));
    let decided = matter.metadata.get("decided").and_then(|date| date.parse().ok());
    Ok(Reading {
        outline,
        ledger,
        id: matter.document.unwrap_or_else(|| id_from_file(file)),
        kind,
        title,
        short_titles,
        language: matter.language.unwrap_or_else(|| "und".to_owned()),
        metadata: matter.metadata,
        valid_from: matter.in_force.or(decided),
        valid_to: matter.in_force_to,
        targets: matter.targets,
        notes,
        format: Format::Markdown,
    })
}
