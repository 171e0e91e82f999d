//! `search('words', ...)`: passages, or rows of a table with full text, best first.

use std::sync::Arc;

use grounds_core::{Cell, ColumnType, DocumentId, SourceKind};
use grounds_store::TextQuery;

use crate::SqlError;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};
use crate::function::search_table;

const USAGE: &str = "search('words', k => 20), with language => 'en', kind => 'regulation', document => 'gdpr'; or table => 't', column => 'c'";

const COLUMNS: [(&str, ColumnType); 8] = [
    ("rank", ColumnType::Integer),
    ("score", ColumnType::Double),
    ("document", ColumnType::Text),
    ("version", ColumnType::Text),
    ("unit", ColumnType::Text),
    ("pinpoint", ColumnType::Text),
    ("headings", ColumnType::Text),
    ("text", ColumnType::Text),
];

/// The table that `search` stands for.
pub(crate) fn table(context: &Context<'_>, arguments: &Arguments) -> Result<LazyTable, SqlError> {
    arguments.expect(1, &["words", "k", "language", "kind", "document", "table", "column"], USAGE)?;
    let words = arguments.text(0, "words")?;
    let count = arguments.count("k", 20)?;
    if let Some(table) = arguments.optional_text("table")? {
        let column = arguments.optional_text("column")?;
        return search_table::table(context, arguments, &table, column.as_deref(), words, count);
    }
    let kind = match arguments.optional_text("kind")? {
        None => None,
        Some(name) => Some(SourceKind::from_name(&name).ok_or_else(|| {
            arguments.wrong(format!("`{name}` is not a kind: regulation, precedent, interpretation or reference"))
        })?),
    };
    let query = TextQuery {
        text: words.clone(),
        language: arguments.optional_text("language")?,
        kinds: kind.into_iter().collect(),
        documents: arguments.optional_text("document")?.map(DocumentId).into_iter().collect(),
        passage_count_max: count,
    };
    let (reader, date) = (Arc::clone(context.standpoint.reader), context.standpoint.valid_date);
    let schema = schema(&COLUMNS);
    let own = Arc::clone(&schema);
    let compute = Arc::new(move || {
        let mut rows = Vec::new();
        for (rank, hit) in (1..).zip(reader.search(&query, date)?.hits) {
            let row = hit.passage.row;
            let version = reader.version(&row.version)?;
            let text = version.as_ref().and_then(|version| row.span.of(&version.row.text)).unwrap_or_default();
            rows.push(vec![
                Cell::Integer(rank),
                Cell::Double(hit.score),
                Cell::Text(row.document.0),
                Cell::Text(row.version.0),
                Cell::Text(row.unit.0),
                Cell::Text(row.pinpoint),
                Cell::Text(row.headings),
                Cell::Text(text.to_owned()),
            ]);
        }
        batch(&own, &COLUMNS.map(|(_, column_type)| column_type), &rows)
    });
    let label = format!("search '{words}', k={count}, valid {date}, known {}", context.standpoint.snapshot());
    Ok(LazyTable { label, schema, compute })
}
