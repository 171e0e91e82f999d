//! `grounds rules read`

use grounds::rules::{RuleFile, item_sources};
use grounds::{Encoding, read, reading_html};

use crate::args::{GlobalArguments, ReadArguments};
use crate::commands::rules::{read_rule_files, report};
use crate::commands::show;
use crate::exit::Outcome;
use crate::{render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &ReadArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let as_of = workspace::as_of(global);
    let find = |pinpoint: &String| show::find(&view, pinpoint, as_of);
    let places = arguments.pinpoints.iter().map(find).collect::<anyhow::Result<Vec<_>>>()?;
    let files = read_rule_files(&arguments.rules)?;
    let compiled = match grounds.compile_with(&view, &files) {
        Ok(compiled) => compiled,
        Err(error) => return report(global, error.into()),
    };
    let all = grounds.rule_files_with(&view, &files)?;
    let all: Vec<RuleFile<'_>> = all.iter().map(|(name, source)| RuleFile { name, source }).collect();
    let page = read(&view, &Encoding::new(&compiled, &item_sources(&all)), &places, as_of);
    if let Some(path) = &arguments.out {
        workspace::write(path, &reading_html(&page))?;
    }
    if global.json {
        render::print_json(&page)?;
    } else if let Some(path) = &arguments.out {
        render::print(&format!("{} written", path.display()))?;
    } else {
        render::print(&render::reading::page(&page))?;
    }
    Ok(Outcome::Done)
}
