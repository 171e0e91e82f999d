//! `grounds doctor`

use grounds::GroundsError;

use crate::args::{DoctorArguments, GlobalArguments};
use crate::exit::Outcome;
use crate::render::progress::with_bar;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &DoctorArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let store = grounds.store();
    let repaired = if arguments.repair { store.repair().map_err(GroundsError::from)? } else { Vec::new() };
    let examination = with_bar(global.json, |bar| Ok(store.examine_with(bar).map_err(GroundsError::from)?))?;
    let sound = examination.findings.is_empty();
    if global.json {
        let findings: Vec<_> = examination
            .findings
            .iter()
            .map(|finding| serde_json::json!({ "place": finding.place, "message": finding.what, "derived": finding.is_derived, "remedy": finding.remedy() }))
            .collect();
        render::print_json(&serde_json::json!({
            "sound": sound,
            "snapshot": examination.snapshot,
            "rows": examination.row_count,
            "originals": examination.original_count,
            "repaired": repaired,
            "findings": findings,
        }))?;
        return Ok(if sound { Outcome::Done } else { Outcome::Failed });
    }
    let mut out = String::new();
    for line in &repaired {
        out.push_str(&format!("repaired: {line}\n"));
    }
    for finding in &examination.findings {
        out.push_str(&format!("{}: {}; {}\n", finding.place, finding.what, finding.remedy()));
    }
    if sound {
        out.push_str("The workspace is sound.\n");
    }
    render::print(&out)?;
    Ok(if sound { Outcome::Done } else { Outcome::Failed })
}
