//! `grounds init`

use grounds::Workspace;

use crate::args::{GlobalArguments, InitArguments};
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, _: &InitArguments) -> anyhow::Result<Outcome> {
    let directory = workspace::new(global)?;
    Workspace::create(&directory)?;
    if global.json {
        render::print_json(&serde_json::json!({ "workspace": directory }))?;
    } else {
        render::print(&format!("Made an empty workspace in {}. Next: grounds add FILE...", directory.display()))?;
    }
    Ok(Outcome::Done)
}
