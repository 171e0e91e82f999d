//! `derive('Claim')`: what the stored rules conclude from the stored matters.

use std::sync::Arc;

use grounds_core::{Cell, ColumnType, Snapshot};
use jiff::civil::Date;

use crate::SqlError;
use crate::context::Context;
use crate::function::arguments::Arguments;
use crate::function::lazy::{LazyTable, batch, schema};

const USAGE: &str = "derive('LateReport'), or derive('LateReport', matter => 'case-7')";

const COLUMNS: [(&str, ColumnType); 5] = [
    ("matter", ColumnType::Text),
    ("claim", ColumnType::Text),
    ("arguments", ColumnType::Text),
    ("status", ColumnType::Text),
    ("value", ColumnType::Text),
];

/// One claim about one matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedClaim {
    /// The matter's name.
    pub matter: String,
    /// The claim's name.
    pub claim: String,
    /// What it is about, as rules write it: `incident`, or `a, b`.
    pub arguments: String,
    /// "holds", "does not hold", "undetermined" or "conflict".
    pub status: String,
    /// Its value, where the claim has one and it is known.
    pub value: Option<String>,
}

/// Derives what the stored rules conclude from the stored matters.
pub trait ClaimSource: Send + Sync {
    /// The claims called `claim` of the stored matters (or of the one called `matter`), by the rules in force on `as_of`, as known at
    /// `known_at`; in order of matter, then of arguments.
    ///
    /// # Errors
    /// A message that says what the rules or matters lack.
    fn derive(
        &self,
        claim: &str,
        matter: Option<&str>,
        as_of: Date,
        known_at: Snapshot,
    ) -> Result<Vec<DerivedClaim>, String>;
}

/// The table that `derive` stands for.
pub(crate) fn table(context: &Context<'_>, arguments: &Arguments) -> Result<LazyTable, SqlError> {
    arguments.expect(1, &["claim", "matter"], USAGE)?;
    let claim = arguments.text(0, "claim")?;
    let matter = arguments.optional_text("matter")?;
    if let Some(principal) = context.standpoint.principal {
        return Err(SqlError::NotPermitted { principal: principal.to_owned(), action: "derive claims" });
    }
    let Some(source) = context.functions.claims.clone() else {
        return Err(arguments.wrong("this database was opened without rules".to_owned()));
    };
    let (date, snapshot) = (context.standpoint.valid_date, context.standpoint.snapshot());
    let schema = schema(&COLUMNS);
    let own = Arc::clone(&schema);
    let label = format!("derive {claim}, valid {date}, known {snapshot}");
    let compute = Arc::new(move || {
        let claims = source
            .derive(&claim, matter.as_deref(), date, snapshot)
            .map_err(|message| SqlError::Function { function: "derive", message })?;
        let rows: Vec<Vec<Cell>> = claims
            .into_iter()
            .map(|derived| {
                vec![
                    Cell::Text(derived.matter),
                    Cell::Text(derived.claim),
                    Cell::Text(derived.arguments),
                    Cell::Text(derived.status),
                    derived.value.map_or(Cell::Null, Cell::Text),
                ]
            })
            .collect();
        batch(&own, &COLUMNS.map(|(_, column_type)| column_type), &rows)
    });
    Ok(LazyTable { label, schema, compute })
}
