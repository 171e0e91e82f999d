//! What the files of a scan leave to be asked of each row: nothing, or whether it holds and was known.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, ident, lit};
use grounds_core::{Snapshot, days_of};
use grounds_store::{SYSTEM_FROM, SYSTEM_TO, ScannedFile, Share, VALID_FROM, VALID_TO};
use jiff::civil::Date;

use crate::time::ValidTime;

/// How many of a file's rows hold in the selected valid time.
pub(crate) fn valid_share(file: &ScannedFile, valid: ValidTime) -> Share {
    let times = file.file.times();
    match valid {
        ValidTime::AsOf(date) => times.valid_on(date),
        ValidTime::Overlapping { from, to } => times.valid_during(from, to),
        ValidTime::All => Share::Everything,
    }
}

/// Whether a row is selected, in terms of the time columns of files.
pub(crate) fn is_selected(valid: ValidTime, known_at: Snapshot) -> Expr {
    let date = |date: Date| lit(ScalarValue::Date32(Some(days_of(date))));
    let snapshot = lit(ScalarValue::Int64(Some(i64::try_from(known_at.0).unwrap_or(i64::MAX))));
    let ends_after = |column: &str, start: Expr| ident(column).is_null().or(ident(column).gt(start));
    let mut terms = vec![ident(SYSTEM_FROM).lt_eq(snapshot.clone()), ends_after(SYSTEM_TO, snapshot)];
    let (starts, ends) = match valid {
        ValidTime::AsOf(on) => (Some(ident(VALID_FROM).lt_eq(date(on))), Some(on)),
        ValidTime::Overlapping { from, to } => (to.map(|to| ident(VALID_FROM).lt(date(to))), Some(from)),
        ValidTime::All => (None, None),
    };
    terms.extend(starts.map(|starts| ident(VALID_FROM).is_null().or(starts)));
    terms.extend(ends.map(|on| ends_after(VALID_TO, date(on))));
    conjunction(terms).expect("there are at least two terms")
}
