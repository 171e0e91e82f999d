//! COPY TO: rows into a file, as they are computed.

use std::collections::HashMap;
use std::io::Write;

use datafusion::sql::sqlparser::ast::{CopySource, Expr, Ident, Query, Statement};
use futures::StreamExt;

use crate::file::FileContext;
use crate::file::format::{TextColumn, csv_header, csv_row, json_row, parquet_writer};
use crate::file::write::NewFile;
use crate::session::StatementResult;
use crate::statement::copy::{Copy, FileFormat};
use crate::statement::query;
use crate::statement::select::{from_item, select};
use crate::syntax::Parsed;
use crate::{Session, SqlError, dialect};

/// Runs a COPY TO.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed) -> Result<StatementResult, SqlError> {
    let copy = Copy::of(&parsed.statement)?;
    let query = source_query(copy.source)?;
    let statement = Statement::Query(Box::new(query));
    let plan = query::plan(session, parsed, statement, HashMap::new())?;
    if let Some(column) = dialect::repeated_select_name(plan.schema()) {
        return Err(SqlError::Unsupported {
            what: format!("copying two columns called {column}"),
            instead: "give them names with AS",
        });
    }
    let mut stream = query::start(session, plan).await?;
    let schema = stream.schema();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut file = NewFile::create(&copy.path)?;
    let mut count = 0;
    if copy.format == FileFormat::Parquet {
        let wrong = |error: parquet::errors::ParquetError| SqlError::FileFormat {
            path: copy.path.clone(),
            line: 0,
            message: error.to_string(),
        };
        let mut writer = parquet_writer(&mut file, schema).map_err(wrong)?;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            count += batch.num_rows() as u64;
            writer.write(&batch).map_err(wrong)?;
        }
        writer.close().map_err(wrong)?;
        file.finish()?;
        return Ok(StatementResult::changed("COPY", count));
    }
    if copy.format == FileFormat::Csv && copy.csv.has_header {
        file.write_all(csv_header(&names, copy.csv.delimiter, &copy.csv.null).as_bytes()).on(&copy.path)?;
    }
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        count += batch.num_rows() as u64;
        let columns = TextColumn::of(&batch)?;
        let mut out = String::new();
        for row in 0..batch.num_rows() {
            match copy.format {
                FileFormat::Csv => csv_row(&mut out, &columns, row, copy.csv.delimiter, &copy.csv.null),
                _ => json_row(&mut out, &names, &columns, row),
            }
        }
        file.write_all(out.as_bytes()).on(&copy.path)?;
    }
    file.finish()?;
    Ok(StatementResult::changed("COPY", count))
}

fn source_query(source: &CopySource) -> Result<Query, SqlError> {
    match source {
        CopySource::Query(query) => Ok((**query).clone()),
        CopySource::Table { table_name, columns } => {
            let from = vec![from_item(table_name.clone(), None)?];
            if columns.is_empty() {
                return crate::statement::select::select_all(from);
            }
            let items = columns.iter().map(|column: &Ident| Expr::Identifier(column.clone())).collect();
            let mut query = select(items, from, None)?;
            crate::statement::select::keep_names(&mut query, columns);
            Ok(query)
        }
    }
}
