//! Every example of `docs/sql.md` runs as written, in order, in one session.

use std::path::Path;
use std::sync::Arc;

use grounds_core::Snapshot;
use grounds_sql::{ClaimSource, Database, DatabaseConfig, DerivedClaim, Session};
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
    let database = Database::new(store, DatabaseConfig::new(), Some(Arc::new(OneClaim))).expect("a database");
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
