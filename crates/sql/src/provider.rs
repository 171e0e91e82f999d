//! A table at a time as the query engine asks for it.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Constraint, Constraints};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::catalog::Source;
use crate::scan::{Readable, scan, supported};
use crate::time::{SystemTime, ValidTime};

/// The provider of one table for one statement.
#[derive(Debug)]
pub(crate) struct Provider {
    readable: Readable,
    constraints: Constraints,
}

impl Provider {
    pub(crate) fn new(readable: Readable) -> Self {
        // At one point of the two axes a key occurs once, which lets the engine group by the key alone.
        let is_point = matches!((readable.time.valid, readable.time.system), (ValidTime::AsOf(_), SystemTime::AsOf(_)));
        let key = match &readable.source {
            Source::Declared(definition) if is_point && !definition.primary_key.is_empty() => {
                vec![Constraint::PrimaryKey(definition.primary_key.clone())]
            }
            _ => Vec::new(),
        };
        Self { readable, constraints: Constraints::new_unverified(key) }
    }
}

#[async_trait]
impl TableProvider for Provider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.readable.shape.schema)
    }

    fn constraints(&self) -> Option<&Constraints> {
        Some(&self.constraints)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        scan(&self.readable, projection, filters, limit, session.config().target_partitions())
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(supported(&self.readable, filters))
    }
}
