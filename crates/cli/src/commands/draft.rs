//! `grounds rules draft`

use grounds::draft;
use grounds::rules::{RuleFile, item_sources};

use crate::args::{DraftArguments, GlobalArguments};
use crate::commands::show;
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &DraftArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let as_of = workspace::as_of(global);
    let place = show::find(&view, &arguments.pinpoint, as_of)?;
    let stored = grounds.rule_files_with(&view, &[])?;
    let stored: Vec<RuleFile<'_>> = stored.iter().map(|(name, source)| RuleFile { name, source }).collect();
    let rules = draft(&view, &place, &item_sources(&stored), as_of)?;
    if global.json {
        let (document, text, unit) = &place;
        render::print_json(&serde_json::json!({
            "document": document.id,
            "unit": unit.id,
            "pinpoint": format!("{} {}", document.label(), unit.pinpoint).trim_end(),
            "version": text.version.id,
            "as_of": as_of,
            "snapshot": view.known_at(),
            "rules": rules,
        }))?;
    } else {
        render::write(&rules)?;
    }
    Ok(Outcome::Done)
}
