//! `grounds verify`

use grounds::{AnswerFile, check, check_rules};
use grounds_core::Snapshot;

use crate::args::{GlobalArguments, VerifyArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &VerifyArguments) -> anyhow::Result<Outcome> {
    let name = arguments.file.display().to_string();
    let file = AnswerFile::parse(&name, &workspace::read(&arguments.file)?)?;
    let against = workspace::open_if_any(global)?;
    let mut failures = match &against {
        Some(grounds) => {
            let view = grounds.view(Some(global.known_at.map_or(file.snapshot, Snapshot)))?;
            let mut failures = check(&file, Some(&view))?;
            failures.extend(check_rules(&file, &grounds.rules(&view)?));
            failures
        }
        None => check(&file, None)?,
    };
    failures.dedup();
    let holds = failures.is_empty();
    let scope = if against.is_some() { "against the workspace" } else { "against what the file carries" };
    if global.json {
        let failures: Vec<_> = failures
            .iter()
            .map(|failure| serde_json::json!({ "place": failure.place, "message": failure.message }))
            .collect();
        render::print_json(&serde_json::json!({
            "verdict": if holds { "verified" } else { "refused" },
            "file": name,
            "with_workspace": against.is_some(),
            "failures": failures,
        }))?;
    } else if holds {
        let quotes: usize = file.claims.iter().map(|claim| claim.grounds.len()).sum();
        let nodes = file.proof.as_ref().map_or(0, |sealed| sealed.proof.nodes.len());
        render::print(&format!(
            "Verified {scope}: {} claims on {quotes} grounds, {nodes} proof steps, {} excerpts.",
            file.claims.len(),
            file.excerpts.len()
        ))?;
    } else {
        let mut out = format!("Refused: {name} does not hold, checked {scope}.\n");
        for failure in &failures {
            out.push_str(&format!("  {}: {}\n", failure.place, failure.message));
        }
        render::print(&out)?;
    }
    Ok(if holds { Outcome::Done } else { Outcome::Refused })
}
