//! `grounds rules stale`

use crate::args::{GlobalArguments, StaleArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, _: &StaleArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let as_of = workspace::as_of(global);
    let stale = grounds.stale_rules(&view, as_of)?;
    if global.json {
        render::print_json(&serde_json::json!({ "snapshot": view.known_at(), "as_of": as_of, "stale": stale }))?;
    } else if stale.is_empty() {
        render::print(&format!("No rule is stale on {as_of}."))?;
    } else {
        let mut out = String::new();
        for rule in &stale {
            out.push_str(&format!(
                "{} ({}): {} changed between {} and {}\n",
                rule.rule, rule.file, rule.pinpoint, rule.pinned_version, rule.current_version
            ));
            out.push_str(&format!("  then:\n{}\n", render::wrapped(&rule.pinned_text, "    ")));
            let now = if rule.current_text.is_empty() { "(no longer there)" } else { rule.current_text.as_str() };
            out.push_str(&format!("  now:\n{}\n\n", render::wrapped(now, "    ")));
        }
        render::print(&out)?;
    }
    Ok(if stale.is_empty() { Outcome::Done } else { Outcome::Refused })
}
