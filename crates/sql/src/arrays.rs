//! Cells into Arrow arrays, and back.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BinaryViewBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeListBuilder,
    Float32Builder, Float64Builder, Int64Builder, StringViewBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::array::{AsArray, FixedSizeListArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimestampMicrosecondType,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use grounds_core::{Cell, ColumnType};

use crate::SqlError;
use crate::types::{ZONE, arrow_type, sql_name};

/// Collects the cells of one column.
pub(crate) enum ColumnBuilder {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Double(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringViewBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Binary(BinaryViewBuilder),
    Vector(FixedSizeListBuilder<Float32Builder>),
}

impl ColumnBuilder {
    /// An empty column of this type, with room for `row_count` cells.
    pub(crate) fn new(column_type: ColumnType, row_count: usize) -> Self {
        match column_type {
            ColumnType::Boolean => ColumnBuilder::Boolean(BooleanBuilder::with_capacity(row_count)),
            ColumnType::Integer => ColumnBuilder::Integer(Int64Builder::with_capacity(row_count)),
            ColumnType::Double => ColumnBuilder::Double(Float64Builder::with_capacity(row_count)),
            ColumnType::Decimal { .. } => ColumnBuilder::Decimal(
                Decimal128Builder::with_capacity(row_count).with_data_type(arrow_type(column_type)),
            ),
            ColumnType::Text | ColumnType::Json => ColumnBuilder::Text(StringViewBuilder::with_capacity(row_count)),
            ColumnType::Date => ColumnBuilder::Date(Date32Builder::with_capacity(row_count)),
            ColumnType::Timestamp => ColumnBuilder::Timestamp(TimestampMicrosecondBuilder::with_capacity(row_count)),
            ColumnType::Instant => {
                ColumnBuilder::Timestamp(TimestampMicrosecondBuilder::with_capacity(row_count).with_timezone(ZONE))
            }
            ColumnType::Binary => ColumnBuilder::Binary(BinaryViewBuilder::with_capacity(row_count)),
            ColumnType::Vector { dimension } => {
                let length = i32::try_from(dimension).unwrap_or(i32::MAX);
                ColumnBuilder::Vector(FixedSizeListBuilder::with_capacity(Float32Builder::new(), length, row_count))
            }
        }
    }

    /// Adds a cell; one of another kind counts as absent, which the store rules out.
    pub(crate) fn push(&mut self, cell: &Cell) {
        match (self, cell) {
            (ColumnBuilder::Boolean(builder), Cell::Boolean(value)) => builder.append_value(*value),
            (ColumnBuilder::Integer(builder), Cell::Integer(value)) => builder.append_value(*value),
            (ColumnBuilder::Double(builder), Cell::Double(value)) => builder.append_value(*value),
            (ColumnBuilder::Decimal(builder), Cell::Decimal(value)) => builder.append_value(*value),
            (ColumnBuilder::Text(builder), Cell::Text(value)) => builder.append_value(value),
            (ColumnBuilder::Date(builder), Cell::Date(value)) => builder.append_value(*value),
            (ColumnBuilder::Timestamp(builder), Cell::Timestamp(value) | Cell::Instant(value)) => {
                builder.append_value(*value);
            }
            (ColumnBuilder::Binary(builder), Cell::Binary(value)) => builder.append_value(value),
            (ColumnBuilder::Vector(builder), Cell::Vector(value)) => {
                builder.values().append_slice(value);
                builder.append(true);
            }
            (builder, _) => builder.push_null(),
        }
    }

    fn push_null(&mut self) {
        match self {
            ColumnBuilder::Boolean(builder) => builder.append_null(),
            ColumnBuilder::Integer(builder) => builder.append_null(),
            ColumnBuilder::Double(builder) => builder.append_null(),
            ColumnBuilder::Decimal(builder) => builder.append_null(),
            ColumnBuilder::Text(builder) => builder.append_null(),
            ColumnBuilder::Date(builder) => builder.append_null(),
            ColumnBuilder::Timestamp(builder) => builder.append_null(),
            ColumnBuilder::Binary(builder) => builder.append_null(),
            ColumnBuilder::Vector(builder) => {
                let length = usize::try_from(builder.value_length()).unwrap_or_default();
                builder.values().append_nulls(length);
                builder.append(false);
            }
        }
    }

    /// The column; the builder is empty afterwards.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            ColumnBuilder::Boolean(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Integer(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Double(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Decimal(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Text(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Date(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Timestamp(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Binary(builder) => Arc::new(builder.finish()),
            ColumnBuilder::Vector(builder) => Arc::new(builder.finish()),
        }
    }
}

/// A column of a result as the type of a table's column. Exact: what would lose anything but digits after a decimal point is an error.
///
/// # Errors
/// [`SqlError::WrongValue`] with the first value that does not fit.
pub(crate) fn convert(array: &ArrayRef, column: &str, column_type: ColumnType) -> Result<ArrayRef, SqlError> {
    let wanted = arrow_type(column_type);
    if *array.data_type() == wanted {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions { safe: true, format_options: FormatOptions::default() };
    let wrong = |row: usize| SqlError::WrongValue {
        column: column.to_owned(),
        value: display(array, row),
        expected: sql_name(column_type),
    };
    let cast = match (array.data_type(), column_type) {
        (list, ColumnType::Vector { .. }) if list.is_list() => {
            let inner = arrow_type(column_type);
            cast_with_options(array, &inner, &options)
        }
        (_, ColumnType::Vector { .. }) if array.data_type().is_string() => {
            return parse_all(array, column, column_type);
        }
        (
            text,
            ColumnType::Json | ColumnType::Binary | ColumnType::Date | ColumnType::Timestamp | ColumnType::Instant,
        ) if text.is_string() => {
            return parse_all(array, column, column_type);
        }
        _ => cast_with_options(array, &wanted, &options),
    };
    let cast = cast.map_err(|_| wrong(0))?;
    if cast.null_count() > array.logical_null_count()
        && let Some(row) = (0..array.len()).find(|row| cast.is_null(*row) && !is_null(array, *row))
    {
        return Err(wrong(row));
    }
    if let (true, ColumnType::Integer) = (is_fractional(&**array), column_type)
        && let Some(row) = (0..array.len()).find(|row| !is_null(array, *row) && changes_value(array, &cast, *row))
    {
        return Err(wrong(row));
    }
    Ok(cast)
}

fn is_null(array: &ArrayRef, row: usize) -> bool {
    array.logical_nulls().is_some_and(|nulls| nulls.is_null(row))
}

fn is_fractional(array: &dyn Array) -> bool {
    array.data_type().is_floating() || array.data_type().is_decimal()
}

/// Whether the whole number at `row` is not the number it was made from.
fn changes_value(array: &ArrayRef, cast: &ArrayRef, row: usize) -> bool {
    let text = display(array, row);
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let is_whole = fraction.chars().all(|digit| digit == '0');
    !is_whole || cast.is_null(row)
}

/// Reads every text of a column as a cell of another type.
fn parse_all(array: &ArrayRef, column: &str, column_type: ColumnType) -> Result<ArrayRef, SqlError> {
    let mut builder = ColumnBuilder::new(column_type, array.len());
    for row in 0..array.len() {
        let cell = match is_null(array, row) {
            true => Cell::Null,
            false => crate::cell_text::parse(&display(array, row), column, column_type)?,
        };
        builder.push(&cell);
    }
    Ok(builder.finish())
}

/// The value at `row` as text, for messages and for reading it as another type.
pub(crate) fn display(array: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL");
    ArrayFormatter::try_new(array, &options).map(|formatter| formatter.value(row).to_string()).unwrap_or_default()
}

/// The cell at `row` of a column that [`convert`] made.
pub(crate) fn cell(array: &ArrayRef, column_type: ColumnType, row: usize) -> Cell {
    if array.is_null(row) {
        return Cell::Null;
    }
    match column_type {
        ColumnType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
        ColumnType::Integer => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
        ColumnType::Double => Cell::Double(array.as_primitive::<Float64Type>().value(row)),
        ColumnType::Decimal { .. } => Cell::Decimal(array.as_primitive::<Decimal128Type>().value(row)),
        ColumnType::Text | ColumnType::Json => Cell::Text(array.as_string_view().value(row).to_owned()),
        ColumnType::Date => Cell::Date(array.as_primitive::<Date32Type>().value(row)),
        ColumnType::Timestamp => Cell::Timestamp(array.as_primitive::<TimestampMicrosecondType>().value(row)),
        ColumnType::Instant => Cell::Instant(array.as_primitive::<TimestampMicrosecondType>().value(row)),
        ColumnType::Binary => Cell::Binary(array.as_binary_view().value(row).to_vec()),
        ColumnType::Vector { .. } => {
            let numbers = array.as_any().downcast_ref::<FixedSizeListArray>().map(|list| list.value(row));
            let numbers = numbers.map(|numbers| numbers.as_primitive::<Float32Type>().values().to_vec());
            numbers.map_or(Cell::Null, Cell::Vector)
        }
    }
}
