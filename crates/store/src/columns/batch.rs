//! Row pieces into record batches of a file's schema.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeListBuilder, Float32Builder,
    Float64Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;
use grounds_core::{Cell, ColumnType, TableDefinition, days_of};
use jiff::civil::Date;

use crate::StoreError;
use crate::cells::RowPiece;
use crate::columns::schema::{column_arrow_type, file_schema};
use crate::error::ParquetContext;

/// Collects the cells of one column.
enum CellBuilder {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Double(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Binary(BinaryBuilder),
    Vector(FixedSizeListBuilder<Float32Builder>),
}

impl CellBuilder {
    fn new(column_type: ColumnType) -> Self {
        let arrow_type = column_arrow_type(column_type);
        match column_type {
            ColumnType::Boolean => CellBuilder::Boolean(BooleanBuilder::new()),
            ColumnType::Integer => CellBuilder::Integer(Int64Builder::new()),
            ColumnType::Double => CellBuilder::Double(Float64Builder::new()),
            ColumnType::Decimal { .. } => CellBuilder::Decimal(Decimal128Builder::new().with_data_type(arrow_type)),
            ColumnType::Text | ColumnType::Json => CellBuilder::Text(StringBuilder::new()),
            ColumnType::Date => CellBuilder::Date(Date32Builder::new()),
            ColumnType::Timestamp | ColumnType::Instant => {
                CellBuilder::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(arrow_type))
            }
            ColumnType::Binary => CellBuilder::Binary(BinaryBuilder::new()),
            ColumnType::Vector { dimension } => {
                let length = i32::try_from(dimension).unwrap_or(i32::MAX);
                CellBuilder::Vector(FixedSizeListBuilder::new(Float32Builder::new(), length))
            }
        }
    }

    /// Adds a cell; one that does not fit the column, which a commit refuses, counts as absent.
    fn push(&mut self, cell: &Cell) {
        match (self, cell) {
            (CellBuilder::Boolean(builder), Cell::Boolean(value)) => builder.append_value(*value),
            (CellBuilder::Integer(builder), Cell::Integer(value)) => builder.append_value(*value),
            (CellBuilder::Double(builder), Cell::Double(value)) => builder.append_value(*value),
            (CellBuilder::Decimal(builder), Cell::Decimal(value)) => builder.append_value(*value),
            (CellBuilder::Text(builder), Cell::Text(value)) => builder.append_value(value),
            (CellBuilder::Date(builder), Cell::Date(value)) => builder.append_value(*value),
            (CellBuilder::Timestamp(builder), Cell::Timestamp(value) | Cell::Instant(value)) => {
                builder.append_value(*value);
            }
            (CellBuilder::Binary(builder), Cell::Binary(value)) => builder.append_value(value),
            (CellBuilder::Vector(builder), Cell::Vector(value)) => {
                builder.values().append_slice(value);
                builder.append(true);
            }
            (builder, _) => builder.push_null(),
        }
    }

    fn push_null(&mut self) {
        match self {
            CellBuilder::Boolean(builder) => builder.append_null(),
            CellBuilder::Integer(builder) => builder.append_null(),
            CellBuilder::Double(builder) => builder.append_null(),
            CellBuilder::Decimal(builder) => builder.append_null(),
            CellBuilder::Text(builder) => builder.append_null(),
            CellBuilder::Date(builder) => builder.append_null(),
            CellBuilder::Timestamp(builder) => builder.append_null(),
            CellBuilder::Binary(builder) => builder.append_null(),
            CellBuilder::Vector(builder) => {
                let length = usize::try_from(builder.value_length()).unwrap_or_default();
                builder.values().append_nulls(length);
                builder.append(false);
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            CellBuilder::Boolean(builder) => Arc::new(builder.finish()),
            CellBuilder::Integer(builder) => Arc::new(builder.finish()),
            CellBuilder::Double(builder) => Arc::new(builder.finish()),
            CellBuilder::Decimal(builder) => Arc::new(builder.finish()),
            CellBuilder::Text(builder) => Arc::new(builder.finish()),
            CellBuilder::Date(builder) => Arc::new(builder.finish()),
            CellBuilder::Timestamp(builder) => Arc::new(builder.finish()),
            CellBuilder::Binary(builder) => Arc::new(builder.finish()),
            CellBuilder::Vector(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Collects row pieces into batches.
pub(crate) struct BatchBuilder {
    schema: SchemaRef,
    cells: Vec<CellBuilder>,
    valid_from: Date32Builder,
    valid_to: Date32Builder,
    system_from: Int64Builder,
    system_to: Int64Builder,
    row_number: Int64Builder,
    byte_count: usize,
    row_count: usize,
}

impl BatchBuilder {
    pub(crate) fn new(table: &TableDefinition) -> Self {
        Self {
            schema: file_schema(table),
            cells: table.columns.iter().map(|column| CellBuilder::new(column.column_type)).collect(),
            valid_from: Date32Builder::new(),
            valid_to: Date32Builder::new(),
            system_from: Int64Builder::new(),
            system_to: Int64Builder::new(),
            row_number: Int64Builder::new(),
            byte_count: 0,
            row_count: 0,
        }
    }

    /// How many rows wait.
    pub(crate) fn row_count(&self) -> usize {
        self.row_count
    }

    /// About how many bytes of text and numbers wait.
    pub(crate) fn byte_count(&self) -> usize {
        self.byte_count
    }

    pub(crate) fn push(&mut self, piece: &RowPiece) {
        for (position, builder) in self.cells.iter_mut().enumerate() {
            let cell = piece.cells.get(position).unwrap_or(&Cell::Null);
            self.byte_count += cell_bytes(cell);
            builder.push(cell);
        }
        let from = Some(piece.validity.from).filter(|from| *from != Date::MIN);
        self.valid_from.append_option(from.map(days_of));
        self.valid_to.append_option(piece.validity.to.map(days_of));
        self.system_from.append_value(signed(piece.known_from.0));
        self.system_to.append_option(piece.known_to.map(|to| signed(to.0)));
        self.row_number.append_value(signed(piece.number));
        self.row_count += 1;
    }

    /// The rows so far; the builder is empty afterwards.
    ///
    /// # Errors
    /// [`StoreError::Columns`] where a cell is absent that may not be.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, StoreError> {
        let mut arrays: Vec<ArrayRef> = self.cells.iter_mut().map(CellBuilder::finish).collect();
        arrays.push(Arc::new(self.valid_from.finish()));
        arrays.push(Arc::new(self.valid_to.finish()));
        arrays.push(Arc::new(self.system_from.finish()));
        arrays.push(Arc::new(self.system_to.finish()));
        arrays.push(Arc::new(self.row_number.finish()));
        self.byte_count = 0;
        self.row_count = 0;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        batch.map_err(parquet::errors::ParquetError::from).while_("writing columns")
    }
}

fn cell_bytes(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Binary(bytes) => bytes.len(),
        Cell::Vector(numbers) => numbers.len() * size_of::<f32>(),
        _ => size_of::<i64>(),
    }
}

/// Snapshots and row numbers stay far below the end of signed numbers: each is given out one by one.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
