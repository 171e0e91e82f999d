//! Every example of `docs/sql.md` runs as written, in order, in one session.

use std::path::Path;
use std::sync::Arc;

use grounds_core::Snapshot;
use grounds_sql::{
    ClaimSource, ClassifierSource, Database, DatabaseConfig, DerivedClaim, Functions, Session, TextClasses,
    TextClassifier,
};
use grounds_store::{Store, StoreConfig};
use jiff::civil::Date;

/// Stands for the rules of a workspace.
struct OneClaim;

impl ClaimSource for OneClaim {
    fn derive(&self, claim: &str, _: Option<&str>, _: Date, _: Snapshot) -> Result<Vec<DerivedClaim>, String> {
        Ok(vec![DerivedClaim {
            matter: "case-7".to_owned(),
            claim: claim.to_owned(),
            arguments: "incident".to_owned(),
            status: "holds".to_owned(),
            value: None,
        }])
    }
}

/// Stands for the classifiers of a workspace: it knows one class.
struct OneClass;

impl ClassifierSource for OneClass {
    fn classifier(&self, _: &str, _: Snapshot) -> Result<Arc<dyn TextClassifier>, String> {
        Ok(Arc::new(OneClass))
    }
}

impl TextClassifier for OneClass {
    fn classify(&self, _: &str, _: f64) -> TextClasses {
        TextClasses { classes: vec![("fine".to_owned(), 1.0)], set: vec!["fine".to_owned()] }
    }
}

/// The blocks of SQL of a page.
fn examples(page: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut current: Option<String> = None;
    for line in page.lines() {
        match (&mut current, line) {
            (None, "```sql") => current = Some(String::new()),
            (Some(_), "```") => examples.extend(current.take()),
            (Some(example), line) => example.push_str(&format!("{line}\n")),
            (None, _) => {}
        }
    }
    examples
}

#[test]
fn every_example_of_the_page_runs() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(repository.join("docs/sql.md")).expect("UTF-8");
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(Store::create(&folder.path().join(".grounds"), StoreConfig::new()).expect("a workspace"));
    let functions = Functions { claims: Some(Arc::new(OneClaim)), classifiers: Some(Arc::new(OneClass)) };
    let database = Database::new(store, DatabaseConfig::new(), functions).expect("a database");
    let mut session = database.session("2024-06-01".parse().expect("a date"));
    let examples = examples(&page);
    assert!(examples.len() >= 10, "the page has examples");
    for example in examples {
        let place = format!("'{}/", folder.path().display());
        let example = example
            .replace(" TO 'rates", &format!(" TO {place}rates"))
            .replace(" TO 'history", &format!(" TO {place}history"));
        let example = example.replace(" TO 'plain", &format!(" TO {place}plain"));
        let example = example.replace(" FROM 'rates", &format!(" FROM {place}rates"));
        for statement in Session::split(&example).expect("well-formed") {
            let text = statement.text().to_owned();
            let result = session.run(statement, "2024-06-01T09:00Z".parse().expect("an instant"));
            assert!(result.is_ok(), "{text}\n{}", result.expect_err("just seen"));
        }
    }
    assert!(!session.is_in_transaction());
}
