//! Full text in rows of declared tables: the same score as for passages, counted over exactly the rows that are visible.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use grounds_core::{Cell, ColumnType, TableDefinition};
use grounds_store::{Bm25fParameters, analyse};

use crate::SqlError;
use crate::catalog::Source;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};
use crate::scan::{Content, Keys, Readable, visit_pieces};

/// The table that `search(..., table => ...)` stands for: rank, score, and the columns of the table.
pub(crate) fn table(
    context: &Context<'_>,
    arguments: &Arguments,
    table: &str,
    column: Option<&str>,
    words: String,
    count: usize,
) -> Result<LazyTable, SqlError> {
    let readable = context.standpoint.readable(table, context.standpoint.here(), &[], false)?;
    let Source::Declared(definition) = &readable.source else {
        return Err(arguments.wrong(format!("{table} is built in: leave `table` out to search the passages")));
    };
    let searched = searched(arguments, definition, column)?;
    let mut columns = vec![("rank", ColumnType::Integer), ("score", ColumnType::Double)];
    columns.extend(definition.columns.iter().map(|column| (column.name.as_str(), column.column_type)));
    let schema = schema(&columns);
    let types: Vec<ColumnType> = columns.iter().map(|(_, column_type)| *column_type).collect();
    let own = Arc::clone(&schema);
    let label = format!(
        "search '{words}' in {table}, k={count}, valid {}, known {}",
        readable.time.valid, readable.time.system
    );
    let compute = Arc::new(move || {
        let mut hits = rank(&readable, &searched, &words)?;
        hits.truncate(count);
        let rows: Vec<Vec<Cell>> = (1..)
            .zip(hits)
            .map(|(rank, (score, cells))| [vec![Cell::Integer(rank), Cell::Double(score)], cells].concat())
            .collect();
        batch(&own, &types, &rows)
    });
    Ok(LazyTable { label, schema, compute })
}

/// The columns that are searched, each with its language.
fn searched(
    arguments: &Arguments,
    definition: &TableDefinition,
    column: Option<&str>,
) -> Result<Vec<(usize, String)>, SqlError> {
    let mut searched = Vec::new();
    for (position, own) in definition.columns.iter().enumerate() {
        if column.is_none_or(|name| name == own.name)
            && let Some(full_text) = &own.full_text
        {
            searched.push((position, full_text.language.clone()));
        }
    }
    if searched.is_empty() {
        let what = column.map_or_else(|| "column".to_owned(), |name| format!("column {name}"));
        return Err(arguments.wrong(format!(
            "table {} has no {what} that is searched: declare it TEXT FULLTEXT LANGUAGE 'en'",
            definition.name
        )));
    }
    Ok(searched)
}

/// A visible row: its cells, how often it has each term, and how many words it has.
struct Row {
    cells: Vec<Cell>,
    frequencies: HashMap<usize, u32>,
    length: u32,
}

/// The rows that share words with the query, best first; equal ones in order of key.
fn rank(readable: &Readable, searched: &[(usize, String)], words: &str) -> Result<Vec<(f64, Vec<Cell>)>, SqlError> {
    // A word of the query may be one term in one language and another in the next.
    let mut terms: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut term_count = 0;
    for (_, language) in searched {
        for token in analyse(words, language) {
            terms.entry((language.clone(), token.term)).or_insert_with(|| {
                term_count += 1;
                term_count - 1
            });
        }
    }
    let mut rows = Vec::new();
    let mut length_sum: u64 = 0;
    let mut row_count: u64 = 0;
    let mut document_frequencies = vec![0_u64; term_count];
    visit_pieces(readable, &Keys::All, &mut |piece| {
        let Content::Cells(cells) = piece.content else { return Ok(ControlFlow::Continue(())) };
        let mut row = Row { cells: Vec::new(), frequencies: HashMap::new(), length: 0 };
        for (position, language) in searched {
            let Some(Cell::Text(text)) = cells.get(*position) else { continue };
            for token in analyse(text, language) {
                row.length += 1;
                if let Some(term) = terms.get(&(language.clone(), token.term)) {
                    *row.frequencies.entry(*term).or_default() += 1;
                }
            }
        }
        row_count += 1;
        length_sum += u64::from(row.length);
        if !row.frequencies.is_empty() {
            row.frequencies.keys().for_each(|term| document_frequencies[*term] += 1);
            row.cells = cells.to_vec();
            rows.push(row);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let parameters = Bm25fParameters::STANDARD;
    let average = length_sum as f64 / (row_count.max(1)) as f64;
    let idf = |term: usize| {
        let (count, frequency) = (row_count as f64, document_frequencies[term] as f64);
        (1.0 + (count - frequency + 0.5) / (frequency + 0.5)).ln()
    };
    let score = |row: &Row| {
        let mut score = 0.0;
        // In order of term: sums of floating point numbers depend on it.
        for term in 0..term_count {
            let Some(frequency) = row.frequencies.get(&term) else { continue };
            let norm = 1.0 - parameters.text_b + parameters.text_b * f64::from(row.length) / average;
            let frequency = parameters.text_weight * f64::from(*frequency) / norm;
            score += idf(term) * frequency * (parameters.k1 + 1.0) / (parameters.k1 + frequency);
        }
        score
    };
    let mut hits: Vec<(f64, Vec<Cell>)> = rows.into_iter().map(|row| (score(&row), row.cells)).collect();
    hits.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(hits)
}
