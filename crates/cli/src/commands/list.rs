//! `grounds list`

use grounds::GroundsError;
use grounds_core::SourceKind;

use crate::args::{GlobalArguments, ListArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &ListArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let kind: Option<SourceKind> = arguments.kind.map(Into::into);
    let wanted = view.documents().iter().filter(|document| kind.is_none_or(|kind| document.kind == kind));
    let mut documents = Vec::new();
    let mut rows = render::table(&["document", "kind", "short title", "title", "versions in force from"]);
    for document in wanted {
        let versions = view.versions(&document.id)?;
        let from: Vec<String> = versions.iter().map(|version| render::date(version.validity.from)).collect();
        rows.add_row([
            document.id.0.as_str(),
            document.kind.name(),
            document.short_titles.first().map_or("", String::as_str),
            document.title.as_str(),
            &from.join(", "),
        ]);
        let versions: Vec<_> = versions
            .iter()
            .map(|version| {
                serde_json::json!({
                    "version": version.row.id,
                    "valid_from": version.validity.from,
                    "valid_to": version.validity.to,
                    "text_hash": version.row.text_hash,
                    "file_name": version.row.file_name,
                })
            })
            .collect();
        documents.push(serde_json::json!({
            "document": document.id,
            "kind": document.kind,
            "title": document.title,
            "short_titles": document.short_titles,
            "language": document.language,
            "metadata": document.metadata,
            "versions": versions,
        }));
    }
    let rule_files: Vec<String> =
        view.reader().rule_files(None).map_err(GroundsError::from)?.into_iter().map(|stored| stored.row.name).collect();
    if global.json {
        render::print_json(&serde_json::json!({
            "snapshot": view.known_at(),
            "documents": documents,
            "rule_files": rule_files,
        }))?;
    } else if documents.is_empty() && rule_files.is_empty() {
        render::print("The workspace is empty. Next: grounds add FILE...")?;
    } else {
        let mut out = rows.to_string();
        if !rule_files.is_empty() {
            out.push_str(&format!("\nRules: {}", rule_files.join(", ")));
        }
        render::print(&out)?;
    }
    Ok(Outcome::Done)
}
