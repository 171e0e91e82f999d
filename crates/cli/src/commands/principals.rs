//! `grounds principals`

use grounds::{GroundsError, Workspace};
use grounds_core::{Batch, Change, PrincipalRow, Row, Table, Validity};

use crate::args::{GlobalArguments, PrincipalsCommand};
use crate::exit::{Mistake, Outcome};
use crate::{clock, render, workspace};

pub(crate) fn run(global: &GlobalArguments, command: &PrincipalsCommand) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    match command {
        PrincipalsCommand::List(_) => list(global, &grounds),
        PrincipalsCommand::Denials(_) => denials(global, &grounds),
        PrincipalsCommand::Add(arguments) => {
            let row = PrincipalRow { name: arguments.name.clone(), labels: arguments.labels.clone() };
            put(global, &grounds, row, "add principal")
        }
        PrincipalsCommand::Grant(arguments) => {
            let mut row = find(&grounds, &arguments.name)?;
            row.labels.extend(arguments.labels.iter().cloned());
            put(global, &grounds, row, "grant labels to")
        }
        PrincipalsCommand::Revoke(arguments) => {
            let mut row = find(&grounds, &arguments.name)?;
            row.labels.retain(|label| !arguments.labels.contains(label));
            put(global, &grounds, row, "revoke labels of")
        }
        PrincipalsCommand::Remove(arguments) => {
            let row = find(&grounds, &arguments.name)?;
            let key = row.name.clone();
            let change = Change::Delete { table: Table::Principals, key, validity: Validity::always() };
            commit(global, &grounds, change, &row, "remove principal")
        }
    }
}

fn principals(grounds: &Workspace) -> Result<Vec<PrincipalRow>, GroundsError> {
    let reader = grounds.store().read(grounds.store().latest()?)?;
    Ok(reader.principals()?.into_iter().map(|stored| stored.row).collect())
}

fn find(grounds: &Workspace, name: &str) -> anyhow::Result<PrincipalRow> {
    let found = principals(grounds)?.into_iter().find(|row| row.name == name);
    found.ok_or_else(|| {
        let mistake = Mistake::new(format!("there is no principal `{name}`"));
        mistake.hint("`grounds principals list` shows them; `grounds principals add` adds one").into()
    })
}

fn put(global: &GlobalArguments, grounds: &Workspace, mut row: PrincipalRow, verb: &str) -> anyhow::Result<Outcome> {
    row.labels.retain(|label| !label.is_empty());
    row.labels.sort_unstable();
    row.labels.dedup();
    if row.name.trim().is_empty() {
        return Err(Mistake::new("a principal needs a name").into());
    }
    let change = Change::Put { row: Row::Principal(row.clone()), validity: Validity::always() };
    commit(global, grounds, change, &row, verb)
}

fn commit(
    global: &GlobalArguments,
    grounds: &Workspace,
    change: Change,
    row: &PrincipalRow,
    verb: &str,
) -> anyhow::Result<Outcome> {
    let batch = Batch { message: format!("{verb} {}", row.name), changes: vec![change], ..Batch::default() };
    let snapshot = grounds.store().commit(&batch, clock::now()).map_err(GroundsError::from)?;
    if global.json {
        render::print_json(&serde_json::json!({ "snapshot": snapshot, "principal": row.name, "labels": row.labels }))?;
    } else {
        render::print(&format!("{verb} {}\nsnapshot {snapshot}\n", row.name))?;
    }
    Ok(Outcome::Done)
}

fn list(global: &GlobalArguments, grounds: &Workspace) -> anyhow::Result<Outcome> {
    let principals = principals(grounds)?;
    if global.json {
        render::print_json(&principals)?;
        return Ok(Outcome::Done);
    }
    if principals.is_empty() {
        render::print("There are no principals. Next: grounds principals add NAME --labels LABELS")?;
        return Ok(Outcome::Done);
    }
    let mut rows = render::table(&["principal", "labels"]);
    for row in principals {
        rows.add_row([row.name, row.labels.join(", ")]);
    }
    render::print(&rows.to_string())?;
    Ok(Outcome::Done)
}

fn denials(global: &GlobalArguments, grounds: &Workspace) -> anyhow::Result<Outcome> {
    let denials = grounds.store().denials().map_err(GroundsError::from)?;
    if global.json {
        let denials: Vec<_> = denials
            .iter()
            .map(|denial| {
                serde_json::json!({
                    "principal": denial.principal,
                    "kind": denial.kind,
                    "name": denial.name,
                    "snapshot": denial.snapshot,
                })
            })
            .collect();
        render::print_json(&denials)?;
        return Ok(Outcome::Done);
    }
    let mut rows = render::table(&["principal", "asked for", "name", "snapshot"]);
    for denial in denials {
        rows.add_row([denial.principal, denial.kind.name().to_owned(), denial.name, denial.snapshot.to_string()]);
    }
    render::print(&rows.to_string())?;
    Ok(Outcome::Done)
}
