//! Comparisons of a column with a value, which a scan makes itself.

use std::cmp::Ordering;
use std::fmt;

use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;
use grounds_core::{Cell, ColumnType};

use crate::catalog::{ColumnSource, Shape};
use crate::cell_text;

/// A comparison of one column with one value.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) source: ColumnSource,
    pub(crate) comparison: Comparison,
    /// Of the column's kind; never absent.
    pub(crate) value: Cell,
    name: String,
    column_type: ColumnType,
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn of(operator: Operator) -> Option<Self> {
        Some(match operator {
            Operator::Eq => Comparison::Equal,
            Operator::NotEq => Comparison::NotEqual,
            Operator::Lt => Comparison::Less,
            Operator::LtEq => Comparison::LessOrEqual,
            Operator::Gt => Comparison::Greater,
            Operator::GtEq => Comparison::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

impl Test {
    /// The test that `filter` is, where cells compare as SQL compares. Numbers with a point do not: they have two zeros.
    pub(crate) fn of(filter: &Expr, shape: &Shape) -> Option<Self> {
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return None };
        let (column, operator, literal) = match (&**left, &**right) {
            (Expr::Column(column), Expr::Literal(literal, _)) => (column, *op, literal),
            (Expr::Literal(literal, _), Expr::Column(column)) => (column, op.swap()?, literal),
            _ => return None,
        };
        let column = shape.columns.iter().find(|known| known.name == column.name)?;
        let value = cell_of(literal, column.column_type)?;
        Some(Self {
            source: column.source,
            comparison: Comparison::of(operator)?,
            value,
            name: column.name.clone(),
            column_type: column.column_type,
        })
    }

    /// Whether a row with this cell passes.
    pub(crate) fn passes(&self, cell: &Cell) -> bool {
        !matches!(cell, Cell::Null) && self.comparison.holds(cell.cmp(&self.value))
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.comparison.sign(), cell_text::format(&self.value, self.column_type))
    }
}

/// The literal as a cell of the type, where that is exact.
fn cell_of(literal: &ScalarValue, column_type: ColumnType) -> Option<Cell> {
    Some(match (literal, column_type) {
        (ScalarValue::Boolean(Some(value)), ColumnType::Boolean) => Cell::Boolean(*value),
        (ScalarValue::Int64(Some(value)), ColumnType::Integer) => Cell::Integer(*value),
        (
            ScalarValue::Decimal128(Some(value), precision, scale),
            ColumnType::Decimal { precision: own, scale: own_scale },
        ) if *precision == own && *scale == own_scale => Cell::Decimal(*value),
        (
            ScalarValue::Utf8(Some(value)) | ScalarValue::Utf8View(Some(value)) | ScalarValue::LargeUtf8(Some(value)),
            ColumnType::Text | ColumnType::Json,
        ) => Cell::Text(value.clone()),
        (ScalarValue::Date32(Some(value)), ColumnType::Date) => Cell::Date(*value),
        (ScalarValue::TimestampMicrosecond(Some(value), None), ColumnType::Timestamp) => Cell::Timestamp(*value),
        (ScalarValue::TimestampMicrosecond(Some(value), Some(_)), ColumnType::Instant) => Cell::Instant(*value),
        _ => return None,
    })
}
