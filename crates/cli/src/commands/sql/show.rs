//! Results of statements, for a terminal or for programs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use comfy_table::{CellAlignment, presets};
use grounds::sql::{RowFormat, Rows, StatementResult};

use crate::args::{GlobalArguments, SqlArguments, SqlFormatArgument};
use crate::exit::Mistake;
use crate::render;

/// Where results go, and how they are written.
pub(crate) struct Output {
    format: SqlFormatArgument,
    file: Option<(PathBuf, PathBuf)>,
    has_rows: bool,
}

impl Output {
    /// What the arguments ask for.
    pub(crate) fn of(global: &GlobalArguments, arguments: &SqlArguments) -> anyhow::Result<Self> {
        let from_name = arguments.output.as_ref().and_then(|path| path.extension()?.to_str().map(str::to_owned));
        let format = match (arguments.format, from_name.as_deref()) {
            (Some(format), _) => format,
            (None, _) if global.json => SqlFormatArgument::Json,
            (None, Some("csv")) => SqlFormatArgument::Csv,
            (None, Some("json")) => SqlFormatArgument::Json,
            (None, Some("jsonl")) => SqlFormatArgument::Jsonl,
            (None, Some("parquet")) => SqlFormatArgument::Parquet,
            (None, _) => SqlFormatArgument::Table,
        };
        if format == SqlFormatArgument::Parquet && arguments.output.is_none() {
            return Err(Mistake::new("Parquet is no text for a terminal")
                .hint("name a file: --output rows.parquet")
                .into());
        }
        let file = arguments.output.as_ref().map(|path| {
            let mut partial = path.as_os_str().to_owned();
            partial.push(".grounds-tmp");
            (path.clone(), PathBuf::from(partial))
        });
        Ok(Self { format, file, has_rows: false })
    }

    /// Shows one result.
    pub(crate) fn show(&mut self, result: &StatementResult) -> anyhow::Result<()> {
        if let Some(notice) = &result.notice {
            eprintln!("notice: {notice}");
        }
        let Some(rows) = &result.rows else {
            if self.file.is_none() && self.format == SqlFormatArgument::Table {
                render::print(&summary(result))?;
            }
            return Ok(());
        };
        match self.file.clone() {
            None => self.write(rows, &mut std::io::stdout()),
            Some((path, _)) if self.has_rows => {
                let message = format!("{} takes the rows of one statement, and there is a second", path.display());
                Err(Mistake::new(message).hint("run the statements one by one").into())
            }
            Some((path, partial)) => {
                self.has_rows = true;
                let unwritable = || format!("{} cannot be written", path.display());
                let mut out = BufWriter::new(File::create(&partial).with_context(unwritable)?);
                self.write(rows, &mut out)?;
                out.flush().with_context(unwritable)
            }
        }
    }

    fn write(&self, rows: &Rows, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
        let format = match self.format {
            SqlFormatArgument::Table => {
                out.write_all(table(rows)?.as_bytes())?;
                return Ok(());
            }
            SqlFormatArgument::Csv => RowFormat::Csv,
            SqlFormatArgument::Json => RowFormat::Json,
            SqlFormatArgument::Jsonl => RowFormat::Jsonl,
            SqlFormatArgument::Parquet => RowFormat::Parquet,
        };
        Ok(rows.write(format, out)?)
    }

    /// Gives the file its name, once every statement has run.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let Some((path, partial)) = self.file else { return Ok(()) };
        if !self.has_rows {
            return Err(Mistake::new(format!("no statement gave rows for {}", path.display())).into());
        }
        std::fs::rename(&partial, &path).with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// What a statement without rows did: "INSERT 2, snapshot 7".
fn summary(result: &StatementResult) -> String {
    let mut text = result.tag.to_owned();
    if let Some(count) = result.changed_count {
        text.push_str(&format!(" {count}"));
    }
    if let Some(snapshot) = result.snapshot {
        text.push_str(&format!(", snapshot {snapshot}"));
    }
    text
}

/// Rows as a table, with how many there are.
fn table(rows: &Rows) -> anyhow::Result<String> {
    let names = rows.names();
    let headings: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut table = render::table(&headings);
    table.load_style(presets::UTF8_FULL_CONDENSED);
    for row in rows.texts()? {
        table.add_row(row.into_iter().map(|text| text.unwrap_or_else(|| "NULL".to_owned())));
    }
    for (at, is_number) in rows.are_numbers().into_iter().enumerate() {
        if let (true, Some(column)) = (is_number, table.column_mut(at)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let count = rows.row_count();
    Ok(format!("{table}\n({count} {})\n", if count == 1 { "row" } else { "rows" }))
}

/// What `\d` shows of one table.
pub(crate) fn columns(table: &grounds::sql::TableSummary) -> String {
    let mut rows = render::table(&["column", "type", "notes"]);
    for column in &table.columns {
        let mut notes: Vec<String> = Vec::new();
        if column.is_key {
            notes.push("primary key".to_owned());
        } else if !column.nullable {
            notes.push("not null".to_owned());
        }
        notes.extend(column.default.as_ref().map(|default| format!("default {default}")));
        notes.extend(column.full_text.as_ref().map(|language| format!("full text in {language}")));
        rows.add_row([column.name.clone(), column.type_name.clone(), notes.join(", ")]);
    }
    rows.to_string()
}
