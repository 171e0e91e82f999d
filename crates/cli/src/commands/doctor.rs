//! `grounds doctor`

use grounds::GroundsError;

use crate::args::{DoctorArguments, GlobalArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &DoctorArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let store = grounds.store();
    let repaired = if arguments.repair { store.repair().map_err(GroundsError::from)? } else { Vec::new() };
    let examination = store.examine().map_err(GroundsError::from)?;
    let sound = examination.findings.is_empty();
    if global.json {
        let findings: Vec<_> = examination
            .findings
            .iter()
            .map(|finding| serde_json::json!({ "place": finding.place, "message": finding.what, "derived": finding.is_derived }))
            .collect();
        render::print_json(&serde_json::json!({ "sound": sound, "repaired": repaired, "findings": findings }))?;
        return Ok(if sound { Outcome::Done } else { Outcome::Failed });
    }
    let mut out = String::new();
    for line in &repaired {
        out.push_str(&format!("repaired: {line}\n"));
    }
    for finding in &examination.findings {
        let remedy =
            if finding.is_derived { "rebuild it with `grounds doctor --repair`" } else { "restore it from a copy" };
        out.push_str(&format!("{}: {}; {remedy}\n", finding.place, finding.what));
    }
    if sound {
        out.push_str("The workspace is sound.\n");
    }
    render::print(&out)?;
    Ok(if sound { Outcome::Done } else { Outcome::Failed })
}
