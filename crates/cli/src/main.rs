//! The command line of Grounds: the only part that prints, listens, reads the clock or the environment.

mod args;
mod exit;
mod clock;
mod workspace;
mod commands;
mod render;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command, RulesCommand};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let global = &arguments.global;
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
            RulesCommand::Test(command) => commands::rules::test(global, command),
            RulesCommand::Why(command) => commands::explain::why(global, command),
            RulesCommand::WhyNot(command) => commands::explain::why_not(global, command),
            RulesCommand::Stale(command) => commands::stale::run(global, command),
        },
        Command::Verify(command) => commands::verify::run(global, command),
        Command::Doctor(command) => commands::doctor::run(global, command),
        Command::Log(command) => commands::log::run(global, command),
        Command::Demo(command) => commands::demo::run(global, command),
        Command::Reference(command) => commands::reference::run(global, command),
    };
    exit::conclude(outcome, global.json)
}
