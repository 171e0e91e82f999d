//! Periods as written, resolved to dates and snapshots.

use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::Expr;
use grounds_core::{Snapshot, Validity, date_of};
use jiff::civil::Date;

use crate::context::Context;
use crate::syntax::{PeriodClause, TimedName};
use crate::time::{SystemTime, TimeSelection, ValidTime};
use crate::{SqlError, cell_text};

/// The part of the two axes that a table's periods name; where one is missing, what the session reads.
///
/// # Errors
/// [`SqlError::Period`]
pub(crate) fn resolve(context: &Context<'_>, timed: &TimedName) -> Result<TimeSelection, SqlError> {
    let here = context.standpoint.here();
    let valid = match &timed.valid {
        None => here.valid,
        Some(clause) => valid_time(context, clause)?,
    };
    let system = match &timed.system {
        None => here.system,
        Some(clause) => system_time(context, clause)?,
    };
    Ok(TimeSelection { valid, system })
}

fn valid_time(context: &Context<'_>, clause: &PeriodClause) -> Result<ValidTime, SqlError> {
    let date = |expression: &Expr| date(&context.constant(expression)?);
    let validity = match clause {
        PeriodClause::All => return Ok(ValidTime::All),
        PeriodClause::AsOf(on) => return Ok(ValidTime::AsOf(date(on)?)),
        PeriodClause::FromTo(from, to) => Validity { from: date(from)?, to: Some(date(to)?) },
        PeriodClause::Between(from, to) => Validity { from: date(from)?, to: date(to)?.tomorrow().ok() },
    };
    check(validity)?;
    Ok(ValidTime::Overlapping { from: validity.from, to: validity.to })
}

/// The days of `FOR PORTION OF VALID_TIME FROM a TO b`.
///
/// # Errors
/// [`SqlError::Period`]
pub(crate) fn portion(context: &Context<'_>, portion: &(Expr, Expr)) -> Result<Validity, SqlError> {
    let (from, to) = (context.constant(&portion.0)?, context.constant(&portion.1)?);
    let from = if from.is_null() { Date::MIN } else { date(&from)? };
    let to = if to.is_null() { None } else { Some(date(&to)?) };
    let validity = Validity { from, to };
    check(validity)?;
    Ok(validity)
}

/// Refuses an interval without a day.
pub(crate) fn check(validity: Validity) -> Result<(), SqlError> {
    match validity.to {
        Some(to) if to <= validity.from => {
            let message =
                format!("the period from {} to {to} has no day: its end is not after its start", validity.from);
            Err(SqlError::Period { message })
        }
        _ => Ok(()),
    }
}

fn system_time(context: &Context<'_>, clause: &PeriodClause) -> Result<SystemTime, SqlError> {
    let latest = context.standpoint.snapshot();
    let snapshot = |expression: &Expr| snapshot(context, &context.constant(expression)?);
    let (from, to) = match clause {
        PeriodClause::All => return Ok(SystemTime::All(latest)),
        PeriodClause::AsOf(at) => return Ok(SystemTime::AsOf(snapshot(at)?)),
        PeriodClause::FromTo(from, to) => (snapshot(from)?, snapshot(to)?),
        PeriodClause::Between(from, to) => (snapshot(from)?, Snapshot(snapshot(to)?.0.saturating_add(1))),
    };
    if to <= from {
        let message = format!("the period from snapshot {from} to {to} is empty: its end is not after its start");
        return Err(SqlError::Period { message });
    }
    Ok(SystemTime::Overlapping { from, to: Some(to), latest })
}

/// The date that a value states.
///
/// # Errors
/// [`SqlError::Period`]
pub(crate) fn date(value: &ScalarValue) -> Result<Date, SqlError> {
    let found = match value {
        ScalarValue::Date32(Some(days)) => date_of(*days),
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) => cell_text::date(text),
        ScalarValue::TimestampNanosecond(Some(nanos), _) => {
            i32::try_from(nanos.div_euclid(86_400_000_000_000)).ok().and_then(date_of)
        }
        _ => None,
    };
    found.ok_or_else(|| SqlError::Period { message: format!("`{value}` is not a date: write DATE '2021-03-01'") })
}

/// The snapshot that a value states: its number, or the last one committed by an instant.
///
/// # Errors
/// [`SqlError::Period`], and those of reading the log.
pub(crate) fn snapshot(context: &Context<'_>, value: &ScalarValue) -> Result<Snapshot, SqlError> {
    let wrong = || SqlError::Period {
        message: format!(
            "`{value}` is neither a snapshot nor an instant: write 12, or TIMESTAMP '2021-03-01T09:00:00Z'"
        ),
    };
    let micros = match value {
        ScalarValue::Int64(Some(number)) => return u64::try_from(*number).map(Snapshot).map_err(|_| wrong()),
        ScalarValue::UInt64(Some(number)) => return Ok(Snapshot(*number)),
        ScalarValue::TimestampNanosecond(Some(nanos), _) => nanos.div_euclid(1000),
        ScalarValue::TimestampMicrosecond(Some(micros), _) => *micros,
        ScalarValue::Date32(Some(days)) => i64::from(*days) * 86_400_000_000,
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) => match text.parse() {
            Ok(number) => return Ok(Snapshot(number)),
            Err(_) => cell_text::instant(text).ok_or_else(wrong)?,
        },
        _ => return Err(wrong()),
    };
    let seconds = micros.div_euclid(1_000_000);
    let log = context.standpoint.store.log()?;
    let last = log.iter().rev().find(|entry| entry.at.unix_seconds <= seconds);
    Ok(last.map_or(Snapshot(0), |entry| entry.snapshot))
}
