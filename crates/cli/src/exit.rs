//! From an outcome to an exit code, in one place.

use std::process::ExitCode;

use grounds::GroundsError;
use grounds_core::Kind;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what was asked.
    Done,
    /// It refused to answer, or found what it was to look for (a failed check).
    Refused,
    /// It was asked for something that cannot be.
    Mistake,
    /// Part of it failed.
    Failed,
}

impl Outcome {
    fn code(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::Mistake => 2,
            Outcome::Refused => 3,
        }
    }
}

/// Prints an error where there is one, and gives the exit code: 0 done, 3 refused, 2 the caller's mistake, 1 anything else.
pub(crate) fn conclude(outcome: anyhow::Result<Outcome>, json: bool) -> ExitCode {
    let error = match outcome {
        Ok(outcome) => return ExitCode::from(outcome.code()),
        Err(error) => error,
    };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    let known = error.downcast_ref::<GroundsError>();
    let hint = known
        .and_then(GroundsError::hint)
        .or_else(|| sql_hint(&error))
        .or_else(|| error.downcast_ref::<Mistake>().and_then(|mistake| mistake.hint.clone()));
    let message = format!("{error:#}");
    if json {
        let body = serde_json::json!({ "error": { "message": message, "hint": hint } });
        eprintln!("{body}");
    } else {
        eprintln!("error: {message}");
        if let Some(hint) = hint {
            eprintln!("hint: {hint}");
        }
    }
    let kind = known.map(GroundsError::kind).or_else(|| sql_kind(&error));
    let is_mistake = error.is::<Mistake>() || kind == Some(Kind::User);
    ExitCode::from(if is_mistake { Outcome::Mistake.code() } else { Outcome::Failed.code() })
}

#[cfg(feature = "sql")]
fn sql_hint(error: &anyhow::Error) -> Option<String> {
    error.downcast_ref::<grounds::sql::SqlError>()?.hint()
}

#[cfg(not(feature = "sql"))]
fn sql_hint(_: &anyhow::Error) -> Option<String> {
    None
}

#[cfg(feature = "sql")]
fn sql_kind(error: &anyhow::Error) -> Option<Kind> {
    Some(error.downcast_ref::<grounds::sql::SqlError>()?.kind())
}

#[cfg(not(feature = "sql"))]
fn sql_kind(_: &anyhow::Error) -> Option<Kind> {
    None
}

/// Something the caller asked for that cannot be.
#[derive(Debug)]
pub(crate) struct Mistake {
    message: String,
    hint: Option<String>,
}

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

/// Whoever reads our output has seen enough: not an error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
