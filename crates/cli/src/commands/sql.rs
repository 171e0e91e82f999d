//! `grounds sql`: statements from the command line, a file, standard input or a prompt.

mod prompt;
mod show;

use std::io::{IsTerminal as _, Read as _};

use grounds::sql::{Cancel, DatabaseConfig, Session};
use grounds_core::Snapshot;

use crate::args::{GlobalArguments, SqlArguments};
use crate::exit::{Mistake, Outcome};
use crate::{clock, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &SqlArguments) -> anyhow::Result<Outcome> {
    let grounds = workspace::open(global)?;
    let thread_count = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let database = grounds.database(DatabaseConfig { thread_count, ..DatabaseConfig::new() })?;
    let date = workspace::as_of(global);
    let mut session = match &global.principal {
        None => database.session(date),
        Some(principal) => database.session_for(principal, date),
    };
    session.set_snapshot(global.known_at.map(Snapshot));
    cancel_on_interrupt(session.cancel_handle());
    let output = show::Output::of(global, arguments)?;
    let text = match (&arguments.sql, &arguments.file) {
        (Some(sql), _) => sql.clone(),
        (None, Some(path)) => workspace::read(path)?,
        (None, None) if std::io::stdin().is_terminal() => {
            let history = grounds.store().directory().join("sql-history");
            return prompt::run(&mut session, &history, output);
        }
        (None, None) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    run_text(&mut session, &text, output)
}

/// Runs statements and shows each result as it comes; stops at the first that fails.
fn run_text(session: &mut Session, text: &str, mut output: show::Output) -> anyhow::Result<Outcome> {
    for statement in Session::split(text)? {
        let result = session.run(statement, clock::now())?;
        output.show(&result)?;
    }
    if session.is_in_transaction() {
        return Err(Mistake::new("a transaction was left open, so its changes are lost")
            .hint("end it with COMMIT")
            .into());
    }
    output.finish()?;
    Ok(Outcome::Done)
}

/// Lets Ctrl-C stop the running statement instead of the program; without a statement it does nothing, and the prompt has its own.
fn cancel_on_interrupt(cancel: Cancel) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                cancel.cancel();
            }
        });
    });
}
