//! `grounds diff`

use std::rc::Rc;

use grounds::ingest::{DifferenceKind, EditKind, UnitDifference, diff};
use grounds::{GroundsError, Text, View};
use grounds_core::{Document, VersionId};
use jiff::civil::Date;

use crate::args::{DiffArguments, GlobalArguments};
use crate::exit::{Mistake, Outcome};
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &DiffArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let document = view
        .document_called(&arguments.document)
        .cloned()
        .ok_or_else(|| GroundsError::UnknownDocument { name: arguments.document.clone() })?;
    let versions = view.versions(&document.id)?;
    let nth_from_last = |position: usize| {
        let count = versions.len();
        let version = count.checked_sub(position).and_then(|index| versions.get(index));
        version
            .map(|stored| stored.row.id.0.clone())
            .ok_or_else(|| Mistake::new(format!("{} has {count} version; two are needed", document.label())))
    };
    let from = state(&view, &document, &arguments.from.clone().map_or_else(|| nth_from_last(2), Ok)?)?;
    let to = state(&view, &document, &arguments.to.clone().map_or_else(|| nth_from_last(1), Ok)?)?;
    let differences = diff(from.tree.units(), &from.version.text, to.tree.units(), &to.version.text);
    if global.json {
        render::print_json(&serde_json::json!({
            "document": document.id,
            "from": from.version.id,
            "to": to.version.id,
            "snapshot": view.known_at(),
            "differences": differences,
        }))?;
        return Ok(Outcome::Done);
    }
    let mut out = format!("{}: {} and {}\n\n", document.label(), from.version.id, to.version.id);
    if differences.is_empty() {
        out.push_str("They say the same.\n");
    }
    for difference in &differences {
        show(difference, &mut out);
    }
    if !differences.is_empty() {
        out.push_str(&summary(&differences));
    }
    render::print(&out)?;
    Ok(Outcome::Done)
}

/// The text in force on a date, or the version of that name.
fn state(view: &View, document: &Document, named: &str) -> anyhow::Result<Rc<Text>> {
    if let Ok(as_of) = named.parse::<Date>() {
        let text = view.text_in_force(&document.id, as_of)?;
        return Ok(text.ok_or_else(|| GroundsError::NotInForce { document: document.label().to_owned(), as_of })?);
    }
    let text = view.text(&VersionId(named.to_owned()))?.filter(|text| text.version.document == document.id);
    Ok(text.ok_or_else(|| GroundsError::NotFound { what: "version or date", name: named.to_owned() })?)
}

fn show(difference: &UnitDifference, out: &mut String) {
    let kind = match difference.kind {
        DifferenceKind::Added => "added",
        DifferenceKind::Removed => "removed",
        DifferenceKind::Changed => "changed",
    };
    out.push_str(&format!("{} ({kind})\n", difference.pinpoint));
    let mut words = String::new();
    for edit in &difference.edits {
        match edit.kind {
            EditKind::Kept => words.push_str(&edit.text),
            EditKind::Deleted => words.push_str(&format!("[-{}-]", edit.text)),
            EditKind::Inserted => words.push_str(&format!("{{+{}+}}", edit.text)),
        }
    }
    out.push_str(&render::wrapped(&words, "    "));
    out.push_str("\n\n");
}

/// "9 articles and 1 recital differ": counted by provision.
fn summary(differences: &[UnitDifference]) -> String {
    let mut provisions: Vec<&str> = differences.iter().map(|difference| difference.group_pinpoint.as_str()).collect();
    provisions.dedup();
    format!("{} provisions differ: {}\n", provisions.len(), provisions.join(", "))
}
