//! SQL over a workspace, with claims that its rules derive from its matters, and what its classifiers say of texts.

use std::sync::Arc;

use grounds_core::{Judgement, Snapshot, Status, Value};
use grounds_sql::{ClassifierSource, Functions, TextClasses, TextClassifier};
use grounds_store::Store;
use jiff::civil::Date;

pub use grounds_sql::{
    Cancel, ClaimSource, ColumnSummary, Database, DatabaseConfig, DerivedClaim, RowFormat, Rows, Session, SqlError,
    StatementResult, StatementText, TableSummary,
};

use crate::{GroundsError, Matter, TaskClassifier, Workspace};

impl Workspace {
    /// SQL over this workspace; `derive(...)` evaluates its rules, and `predict(...)` asks its classifiers.
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
        let classifiers = StoredClassifiers { store: Arc::clone(&store) };
        let functions = Functions { claims: Some(Arc::new(claims)), classifiers: Some(Arc::new(classifiers)) };
        Database::new(store, config, functions)
    }
}

/// Reads the kept classifiers.
struct StoredClassifiers {
    store: Arc<Store>,
}

impl ClassifierSource for StoredClassifiers {
    fn classifier(&self, task: &str, known_at: Snapshot) -> Result<Arc<dyn TextClassifier>, String> {
        let workspace = Workspace::over(Arc::clone(&self.store));
        let found = workspace.view(Some(known_at)).and_then(|view| workspace.classifier(&view, task));
        let told = |error: GroundsError| match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        found.map(|classifier| Arc::new(classifier) as Arc<dyn TextClassifier>).map_err(told)
    }
}

impl TextClassifier for TaskClassifier {
    fn classify(&self, text: &str, error_rate: f64) -> TextClasses {
        let prediction = self.predict(text, error_rate);
        let classes = prediction.classes.into_iter().map(|class| (class.class, class.probability)).collect();
        TextClasses { classes, set: prediction.set }
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
