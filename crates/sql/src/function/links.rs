//! `links('document' or 'document/unit', depth => n)`: what refers to what, step by step, from one place on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, ColumnType, Link, Row, Table};
use grounds_store::{KnownTime, Reader};
use jiff::civil::Date;

use crate::SqlError;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};

const USAGE: &str = "links('gdpr'), links('gdpr/art_33'), with depth => 2, direction => 'in'";

const COLUMNS: [(&str, ColumnType); 7] = [
    ("depth", ColumnType::Integer),
    ("kind", ColumnType::Text),
    ("from_document", ColumnType::Text),
    ("from_unit", ColumnType::Text),
    ("to_document", ColumnType::Text),
    ("to_unit", ColumnType::Text),
    ("path", ColumnType::Text),
];

/// A place that links lead to or from: a document, and a unit of it.
type Place = (String, String);

/// The table that `links` stands for: every link within reach, with the way there.
pub(crate) fn table(context: &Context<'_>, arguments: &Arguments) -> Result<LazyTable, SqlError> {
    arguments.expect(1, &["start", "depth", "direction"], USAGE)?;
    let start = arguments.text(0, "start")?;
    let depth = arguments.count("depth", 1)?;
    let follows_back = match arguments.optional_text("direction")?.as_deref() {
        None | Some("out") => false,
        Some("in") => true,
        Some(other) => return Err(arguments.wrong(format!("`{other}` is not a direction: out or in"))),
    };
    let (document, unit) = start.split_once('/').unwrap_or((start.as_str(), ""));
    let place = (document.to_owned(), unit.to_owned());
    let (reader, date) = (Arc::clone(context.standpoint.reader), context.standpoint.valid_date);
    let schema = schema(&COLUMNS);
    let own = Arc::clone(&schema);
    let label = format!("links from '{start}', depth={depth}, valid {date}, known {}", context.standpoint.snapshot());
    let compute = Arc::new(move || {
        let rows = walk(&visible_links(&reader, date)?, &place, depth, follows_back);
        batch(&own, &COLUMNS.map(|(_, column_type)| column_type), &rows)
    });
    Ok(LazyTable { label, schema, compute })
}

fn visible_links(reader: &Reader, date: Date) -> Result<Vec<Link>, SqlError> {
    let mut links = Vec::new();
    reader.visit_built_in(Table::Links, KnownTime::AtSnapshot, &mut |piece| {
        if let (true, Row::Link(link)) = (piece.validity.contains(date), piece.row) {
            links.push(link);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(links)
}

/// Follows links breadth first, each once, so that every path is a shortest one.
fn walk(links: &[Link], start: &Place, depth: usize, follows_back: bool) -> Vec<Vec<Cell>> {
    let ends = |link: &Link| {
        let from = (link.from_document.0.clone(), link.from_unit.0.clone());
        let to = (link.to_document.0.clone(), link.to_unit.0.clone());
        if follows_back { (to, from) } else { (from, to) }
    };
    let mut by_start: BTreeMap<String, Vec<&Link>> = BTreeMap::new();
    for link in links {
        by_start.entry(ends(link).0.0).or_default().push(link);
    }
    let mut rows = Vec::new();
    let mut seen: BTreeSet<Place> = BTreeSet::from([start.clone()]);
    let mut queue = VecDeque::from([(start.clone(), shown(start), 1_usize)]);
    while let Some((place, path, step)) = queue.pop_front() {
        for link in by_start.get(&place.0).into_iter().flatten() {
            let (near, far) = ends(link);
            if !is_within(&near.1, &place.1) {
                continue;
            }
            let text = |text: &str| Cell::Text(text.to_owned());
            let path = format!("{path} > {}", shown(&far));
            rows.push(vec![
                Cell::Integer(i64::try_from(step).unwrap_or(i64::MAX)),
                text(kind_name(link)),
                text(&link.from_document.0),
                text(&link.from_unit.0),
                text(&link.to_document.0),
                text(&link.to_unit.0),
                text(&path),
            ]);
            if step < depth && seen.insert(far.clone()) {
                queue.push_back((far, path, step + 1));
            }
        }
    }
    rows
}

/// Whether a unit is another, or a part of it; everything is a part of the whole document.
fn is_within(unit: &str, whole: &str) -> bool {
    whole.is_empty()
        || whole == "root"
        || unit == whole
        || unit.strip_prefix(whole).is_some_and(|rest| rest.starts_with("__"))
}

fn shown(place: &Place) -> String {
    if place.1.is_empty() || place.1 == "root" { place.0.clone() } else { format!("{}/{}", place.0, place.1) }
}

fn kind_name(link: &Link) -> &'static str {
    use grounds_core::LinkKind;
    match link.kind {
        LinkKind::Cites => "cites",
        LinkKind::Amends => "amends",
        LinkKind::Interprets => "interprets",
        LinkKind::Applies => "applies",
        LinkKind::Supersedes => "supersedes",
    }
}
