//! The command line of Grounds: the only part that prints, listens, reads the clock or the environment.

mod args;
mod embedding;
mod exit;
mod clock;
mod workspace;
mod commands;
mod render;
#[cfg(feature = "language-server")]
mod serve;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command, EvalCommand, RulesCommand};
use crate::exit::Mistake;

/// Imports and scans allocate much: with it they take a tenth less time than with the system's.
#[cfg(feature = "sql")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let global = &arguments.global;
    if let Err(error) = refuse_principal(&arguments) {
        return exit::conclude(Err(error), global.json);
    }
    let outcome = match &arguments.command {
        Command::Init(command) => commands::init::run(global, command),
        Command::Add(command) => commands::add::run(global, command),
        Command::List(command) => commands::list::run(global, command),
        Command::Show(command) => commands::show::run(global, command),
        Command::History(command) => commands::history::run(global, command),
        Command::Diff(command) => commands::diff::run(global, command),
        Command::Search(command) => commands::search::run(global, command),
        Command::Ask(command) => commands::ask::run(global, command),
        Command::Assess(command) => commands::assess::run(global, command),
        Command::Rules { command } => match command {
            RulesCommand::Check(command) => commands::rules::check(global, command),
            RulesCommand::Test(command) => commands::explore::run(global, command),
            RulesCommand::Format(command) => commands::format::run(global, command),
            RulesCommand::Read(command) => commands::read::run(global, command),
            RulesCommand::Coverage(command) => commands::coverage::run(global, command),
            RulesCommand::Draft(command) => commands::draft::run(global, command),
            RulesCommand::Why(command) => commands::explain::why(global, command),
            RulesCommand::WhyNot(command) => commands::explain::why_not(global, command),
            RulesCommand::WhatIf(command) => commands::explain::what_if(global, command),
            RulesCommand::Needs(command) => commands::explain::needs(global, command),
            RulesCommand::Explain(command) => commands::explain::explain(global, command),
            RulesCommand::Lock(command) => commands::lock::run(global, command),
            RulesCommand::Stale(command) => commands::stale::run(global, command),
            #[cfg(feature = "language-server")]
            RulesCommand::Serve(command) => serve::run(global, command),
        },
        Command::Labels { command } => commands::labels::run(global, command),
        Command::Train { command } => commands::train::run(global, command),
        Command::Predict(command) => commands::predict::run(global, command),
        Command::Embed(command) => commands::embed::run(global, command),
        Command::Eval { command } => match command {
            EvalCommand::Retrieval(command) => commands::eval::retrieval(global, command),
            EvalCommand::Classify(command) => commands::eval::classify(global, command),
        },
        Command::Verify(command) => commands::verify::run(global, command),
        Command::Doctor(command) => commands::doctor::run(global, command),
        Command::Generations(command) => commands::generations::run(global, command),
        Command::Backup(command) => commands::backup::backup(global, command),
        Command::Restore(command) => commands::backup::restore(global, command),
        Command::Export(command) => commands::transfer::export(global, command),
        Command::Import(command) => commands::transfer::import(global, command),
        Command::Erase(command) => commands::erase::run(global, command),
        Command::Log(command) => commands::log::run(global, command),
        Command::Principals { command } => commands::principals::run(global, command),
        #[cfg(feature = "sql")]
        Command::Sql(command) => commands::sql::run(global, command),
        Command::Demo(command) => commands::demo::run(global, command),
        Command::Reference(command) => commands::reference::run(global, command),
    };
    exit::conclude(outcome, global.json)
}

/// Principals read documents; what changes the workspace or tells of all of it is the owner's.
fn refuse_principal(arguments: &Arguments) -> anyhow::Result<()> {
    #[cfg(feature = "sql")]
    if matches!(arguments.command, Command::Sql(_)) {
        return Ok(());
    }
    let is_reading = matches!(
        arguments.command,
        Command::List(_)
            | Command::Show(_)
            | Command::History(_)
            | Command::Diff(_)
            | Command::Search(_)
            | Command::Ask(_)
            | Command::Assess(_)
            | Command::Rules { .. }
            | Command::Verify(_)
    );
    if is_reading || arguments.global.principal.is_none() {
        return Ok(());
    }
    let mistake = Mistake::new("--principal is for commands that read documents; this one is the owner's");
    Err(mistake.hint("leave --principal out").into())
}
