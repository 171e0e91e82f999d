//! `grounds diff`

use std::rc::Rc;

use grounds::ingest::{DifferenceKind, EditKind, UnitDifference, diff};
use grounds::{GroundsError, Text, View};
use grounds_core::{Document, UnitKind, VersionId};
use jiff::civil::Date;

use crate::args::{DiffArguments, GlobalArguments};
use crate::exit::{Mistake, Outcome};
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &DiffArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let document = view.find_document(&arguments.document)?.clone();
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
    let all = diff(from.tree.units(), &from.version.text, to.tree.units(), &to.version.text);
    // Signatures, citations and footnotes are not law: they are told apart from the provisions that differ.
    let outside = [UnitKind::Preamble, UnitKind::Final, UnitKind::Note].map(UnitKind::prefix);
    let is_outside =
        |difference: &UnitDifference| outside.contains(&difference.group.0.split('_').next().unwrap_or_default());
    let (others, differences): (Vec<UnitDifference>, Vec<UnitDifference>) = all.into_iter().partition(is_outside);
    if global.json {
        render::print_json(&serde_json::json!({
            "document": document.id,
            "from": from.version.id,
            "to": to.version.id,
            "snapshot": view.known_at(),
            "differences": differences,
            "outside_provisions": others,
        }))?;
        return Ok(Outcome::Done);
    }
    let mut out = format!("{}: {} and {}\n\n", document.label(), from.version.id, to.version.id);
    if differences.is_empty() {
        out.push_str("Their provisions say the same.\n");
    }
    for difference in &differences {
        show(difference, &mut out);
    }
    if !differences.is_empty() {
        out.push_str(&summary(&differences));
    }
    if !others.is_empty() {
        out.push_str("Preamble, signatures or footnotes differ too; --json shows them.\n");
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
    let words: Vec<String> = difference
        .edits
        .iter()
        .map(|edit| match edit.kind {
            EditKind::Kept => edit.text.trim().to_owned(),
            EditKind::Deleted => format!("[-{}-]", edit.text.trim()),
            EditKind::Inserted => format!("{{+{}+}}", edit.text.trim()),
        })
        .filter(|words| !words.is_empty())
        .collect();
    out.push_str(&render::wrapped(&words.join(" "), "    "));
    out.push_str("\n\n");
}

/// "9 provisions differ": counted by article, recital or annex.
fn summary(differences: &[UnitDifference]) -> String {
    let mut provisions: Vec<&str> = differences.iter().map(|difference| difference.group_pinpoint.as_str()).collect();
    provisions.dedup();
    format!("{} provisions differ: {}\n", provisions.len(), provisions.join(", "))
}
