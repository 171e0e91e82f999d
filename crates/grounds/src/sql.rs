//! SQL over a workspace, with claims that its rules derive from its matters.

use std::sync::Arc;

use grounds_core::{Judgement, Snapshot, Status, Value};
use grounds_store::Store;
use jiff::civil::Date;

pub use grounds_sql::{
    Cancel, ClaimSource, ColumnSummary, Database, DatabaseConfig, DerivedClaim, RowFormat, Rows, Session, SqlError,
    StatementResult, StatementText, TableSummary,
};

use crate::{GroundsError, Matter, Workspace};

impl Workspace {
    /// SQL over this workspace; `derive(...)` evaluates its rules.
    ///
    /// # Errors
    /// Those of [`Database::new`].
    ///
    /// # Examples
    /// ```
    /// use grounds::Workspace;
    /// use grounds::sql::DatabaseConfig;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let grounds = Workspace::create(&folder.path().join(".grounds"))?;
    /// let mut session = grounds.database(DatabaseConfig::new())?.session("2021-03-01".parse()?);
    /// let results = session.execute("SELECT count(*) FROM documents", "2021-03-01T09:00Z".parse()?)?;
    /// assert_eq!(results[0].rows.as_ref().map(|rows| rows.texts()).transpose()?, Some(vec![vec![Some("0".to_owned())]]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn database(&self, config: DatabaseConfig) -> Result<Database, SqlError> {
        let store = self.shared_store();
        let claims = StoredRules { store: Arc::clone(&store) };
        Database::new(store, config, Some(Arc::new(claims)))
    }
}

/// Evaluates the stored rules on the stored matters.
struct StoredRules {
    store: Arc<Store>,
}

impl ClaimSource for StoredRules {
    fn derive(
        &self,
        claim: &str,
        matter: Option<&str>,
        as_of: Date,
        known_at: Snapshot,
    ) -> Result<Vec<DerivedClaim>, String> {
        let workspace = Workspace::over(Arc::clone(&self.store));
        derive(&workspace, claim, matter, as_of, known_at).map_err(|error| error.to_string())
    }
}

fn derive(
    workspace: &Workspace,
    claim: &str,
    only: Option<&str>,
    as_of: Date,
    known_at: Snapshot,
) -> Result<Vec<DerivedClaim>, GroundsError> {
    let view = workspace.view(Some(known_at))?;
    let compiled = workspace.rules(&view)?;
    let program = &compiled.program;
    if !program.claims.iter().any(|declared| declared.name == claim) {
        return Err(GroundsError::NotFound { what: "claim of the stored rules", name: claim.to_owned() });
    }
    let mut derived = Vec::new();
    for stored in view.reader().matters()? {
        if !stored.validity.contains(as_of) || only.is_some_and(|name| name != stored.row.name) {
            continue;
        }
        let matter = Matter::parse(&stored.row.name, &stored.row.source)?;
        let case = matter.case(program, as_of)?;
        let evaluation = grounds_reason::evaluate(program, &case)?;
        let judgements = evaluation.claims().filter(|judgement| judgement.predicate == claim);
        derived.extend(judgements.map(|judgement| derived_claim(&stored.row.name, judgement)));
    }
    Ok(derived)
}

fn derived_claim(matter: &str, judgement: &Judgement) -> DerivedClaim {
    let (status, value) = match &judgement.status {
        Status::Holds(Value::Bool(_)) => ("holds", None),
        Status::Holds(value) => ("holds", Some(value.to_string())),
        Status::DoesNotHold => ("does not hold", None),
        Status::Undetermined => ("undetermined", None),
        Status::Conflict => ("conflict", None),
    };
    DerivedClaim {
        matter: matter.to_owned(),
        claim: judgement.predicate.clone(),
        arguments: judgement.arguments.join(", "),
        status: status.to_owned(),
        value,
    }
}
