//! Column types as SQL writes them, as tables keep them, and as Arrow computes with them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType as ArrowType, Field, FieldRef, TimeUnit};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{DataType as SqlType, ExactNumberInfo, TimezoneInfo};
use grounds_core::ColumnType;

use crate::SqlError;
use crate::error::external;

/// Digits of a `DECIMAL` that states none.
const DECIMAL_PRECISION: u8 = 38;
/// Digits after the point of a `DECIMAL` that states none.
const DECIMAL_SCALE: i8 = 10;

/// The zone in which instants are computed and shown: their moment is kept, not their offset.
pub(crate) const ZONE: &str = "+00:00";

/// The column type that a SQL type declares.
///
/// # Errors
/// [`SqlError::UnknownType`] for a type that no column can have, or a precision outside its bounds.
pub(crate) fn column_type(sql: &SqlType) -> Result<ColumnType, SqlError> {
    let unknown = || SqlError::UnknownType { name: sql.to_string() };
    Ok(match sql {
        SqlType::Bool | SqlType::Boolean => ColumnType::Boolean,
        SqlType::TinyInt(_)
        | SqlType::SmallInt(_)
        | SqlType::MediumInt(_)
        | SqlType::Int(_)
        | SqlType::Integer(_)
        | SqlType::BigInt(_)
        | SqlType::Int2(_)
        | SqlType::Int4(_)
        | SqlType::Int8(_)
        | SqlType::Int16
        | SqlType::Int32
        | SqlType::Int64 => ColumnType::Integer,
        SqlType::Real
        | SqlType::Float(_)
        | SqlType::Float4
        | SqlType::Float8
        | SqlType::Float32
        | SqlType::Float64
        | SqlType::Double(_)
        | SqlType::DoublePrecision => ColumnType::Double,
        SqlType::Numeric(info) | SqlType::Decimal(info) | SqlType::Dec(info) => {
            decimal_type(info).ok_or_else(unknown)?
        }
        SqlType::Text
        | SqlType::TinyText
        | SqlType::MediumText
        | SqlType::LongText
        | SqlType::String(_)
        | SqlType::Char(_)
        | SqlType::Character(_)
        | SqlType::Varchar(_)
        | SqlType::Nvarchar(_)
        | SqlType::CharVarying(_)
        | SqlType::CharacterVarying(_)
        | SqlType::Clob(_)
        | SqlType::Uuid => ColumnType::Text,
        SqlType::JSON | SqlType::JSONB => ColumnType::Json,
        SqlType::Date | SqlType::Date32 => ColumnType::Date,
        SqlType::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) | SqlType::Datetime(_) => {
            ColumnType::Timestamp
        }
        SqlType::Timestamp(..) => ColumnType::Instant,
        SqlType::Bytea | SqlType::Blob(_) | SqlType::Binary(_) | SqlType::Varbinary(_) | SqlType::Bytes(_) => {
            ColumnType::Binary
        }
        SqlType::Custom(name, arguments) if name.to_string().eq_ignore_ascii_case("vector") => {
            let dimension = arguments.first().and_then(|text| text.parse().ok()).filter(|dimension| *dimension > 0);
            ColumnType::Vector { dimension: dimension.ok_or_else(unknown)? }
        }
        _ => return Err(unknown()),
    })
}

fn decimal_type(info: &ExactNumberInfo) -> Option<ColumnType> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => (DECIMAL_PRECISION, DECIMAL_SCALE),
        ExactNumberInfo::Precision(precision) => (u8::try_from(*precision).ok()?, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => {
            (u8::try_from(*precision).ok()?, i8::try_from(*scale).ok()?)
        }
    };
    let fits = (1..=38).contains(&precision) && scale >= 0 && scale.unsigned_abs() <= precision;
    fits.then_some(ColumnType::Decimal { precision, scale })
}

/// The Arrow type in which cells of a column are computed.
pub(crate) fn arrow_type(column_type: ColumnType) -> ArrowType {
    match column_type {
        ColumnType::Boolean => ArrowType::Boolean,
        ColumnType::Integer => ArrowType::Int64,
        ColumnType::Double => ArrowType::Float64,
        ColumnType::Decimal { precision, scale } => ArrowType::Decimal128(precision, scale),
        ColumnType::Text | ColumnType::Json => ArrowType::Utf8View,
        ColumnType::Date => ArrowType::Date32,
        ColumnType::Timestamp => ArrowType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Instant => ArrowType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        ColumnType::Binary => ArrowType::BinaryView,
        ColumnType::Vector { dimension } => {
            let length = i32::try_from(dimension).unwrap_or(i32::MAX);
            ArrowType::FixedSizeList(Arc::new(Field::new("item", ArrowType::Float32, true)), length)
        }
    }
}

/// The column type that can hold what a query computes in `arrow`; `None` where no column can.
pub(crate) fn column_type_of(arrow: &ArrowType) -> Option<ColumnType> {
    Some(match arrow {
        ArrowType::Boolean => ColumnType::Boolean,
        ArrowType::Int8
        | ArrowType::Int16
        | ArrowType::Int32
        | ArrowType::Int64
        | ArrowType::UInt8
        | ArrowType::UInt16
        | ArrowType::UInt32
        | ArrowType::UInt64 => ColumnType::Integer,
        ArrowType::Float16 | ArrowType::Float32 | ArrowType::Float64 => ColumnType::Double,
        ArrowType::Decimal32(precision, scale)
        | ArrowType::Decimal64(precision, scale)
        | ArrowType::Decimal128(precision, scale)
            if *scale >= 0 =>
        {
            ColumnType::Decimal { precision: *precision, scale: *scale }
        }
        ArrowType::Null | ArrowType::Utf8 | ArrowType::LargeUtf8 | ArrowType::Utf8View => ColumnType::Text,
        ArrowType::Date32 | ArrowType::Date64 => ColumnType::Date,
        ArrowType::Timestamp(_, None) => ColumnType::Timestamp,
        ArrowType::Timestamp(_, Some(_)) => ColumnType::Instant,
        ArrowType::Binary | ArrowType::LargeBinary | ArrowType::BinaryView => ColumnType::Binary,
        ArrowType::FixedSizeList(field, length) if field.data_type().is_floating() => {
            ColumnType::Vector { dimension: u32::try_from(*length).ok()? }
        }
        _ => return None,
    })
}

/// The type as SQL writes it.
pub(crate) fn sql_name(column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Boolean => "BOOLEAN".to_owned(),
        ColumnType::Integer => "BIGINT".to_owned(),
        ColumnType::Double => "DOUBLE".to_owned(),
        ColumnType::Decimal { precision, scale } => format!("DECIMAL({precision},{scale})"),
        ColumnType::Text => "TEXT".to_owned(),
        ColumnType::Json => "JSON".to_owned(),
        ColumnType::Date => "DATE".to_owned(),
        ColumnType::Timestamp => "TIMESTAMP".to_owned(),
        ColumnType::Instant => "TIMESTAMP WITH TIME ZONE".to_owned(),
        ColumnType::Binary => "BYTEA".to_owned(),
        ColumnType::Vector { dimension } => format!("VECTOR({dimension})"),
    }
}

/// Tells the planner the types that SQL knows here and the engine does not.
#[derive(Debug)]
pub(crate) struct SqlTypes;

impl TypePlanner for SqlTypes {
    fn plan_type_field(&self, sql: &SqlType) -> Result<Option<FieldRef>> {
        let is_ours = match sql {
            SqlType::JSON | SqlType::JSONB | SqlType::Uuid => true,
            SqlType::Custom(name, _) => name.to_string().eq_ignore_ascii_case("vector"),
            _ => false,
        };
        if !is_ours {
            return Ok(None);
        }
        let column_type = column_type(sql).map_err(external)?;
        Ok(Some(Arc::new(Field::new("", arrow_type(column_type), true))))
    }
}
