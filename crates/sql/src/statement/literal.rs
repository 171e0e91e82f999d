//! Values written out in an INSERT, read without the query engine: most inserts are of this kind.

use datafusion::sql::sqlparser::ast::{DataType, Expr, UnaryOperator, Value};
use grounds_core::{Cell, ColumnType};

use crate::cell_text;

/// The cell that a literal is in a column of this type; `None` where only the engine can tell.
pub(crate) fn cell(expression: &Expr, column_type: ColumnType) -> Option<Cell> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Null => Some(Cell::Null),
            Value::Boolean(value) => (column_type == ColumnType::Boolean).then_some(Cell::Boolean(*value)),
            Value::Number(text, _) => number(text, column_type),
            Value::SingleQuotedString(text) => match column_type {
                ColumnType::Boolean | ColumnType::Integer | ColumnType::Double | ColumnType::Decimal { .. } => None,
                _ => cell_text::parse(text, "", column_type).ok(),
            },
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match &**expr {
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => number(&format!("-{text}"), column_type),
                _ => None,
            },
            _ => None,
        },
        Expr::TypedString(typed) => {
            let declared = match typed.data_type {
                DataType::Date => ColumnType::Date,
                _ => return None,
            };
            let Value::SingleQuotedString(text) = &typed.value.value else { return None };
            (declared == column_type).then(|| cell_text::parse(text, "", column_type).ok())?
        }
        _ => None,
    }
}

fn number(text: &str, column_type: ColumnType) -> Option<Cell> {
    match column_type {
        ColumnType::Integer | ColumnType::Double | ColumnType::Decimal { .. } => {
            cell_text::parse(text, "", column_type).ok()
        }
        _ => None,
    }
}

/// Whether an expression is the word DEFAULT.
pub(crate) fn is_default(expression: &Expr) -> bool {
    matches!(expression, Expr::Identifier(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("default"))
}
