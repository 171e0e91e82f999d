//! What can be typed for commands on a workspace as a whole.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// The new file; an existing one is left alone
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// A file that `grounds backup` wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The new directory; an existing one is left alone
    #[arg(value_name = "DIRECTORY")]
    pub(crate) target: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// A directory that `grounds export` wrote
    #[arg(value_name = "DIRECTORY")]
    pub(crate) source: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct EraseArguments {
    /// A document with all its versions, by name or short title (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) document: Vec<String>,
    /// A table, with --key: a declared one, or rules, matters, answers, principals
    #[arg(long, value_name = "TABLE", requires = "key")]
    pub(crate) table: Option<String>,
    /// The key of a row of --table; one for each key column, in order
    #[arg(long, value_name = "VALUE", requires = "table")]
    pub(crate) key: Vec<String>,
    /// The bytes of an original, by their hash (repeatable)
    #[arg(long, value_name = "HASH")]
    pub(crate) original: Vec<String>,
    /// Erase kept answers that quote an erased document, too
    #[arg(long)]
    pub(crate) with_answers: bool,
    /// Who asked for it; logged for good
    #[arg(long, value_name = "WHO", required_unless_present = "dry_run")]
    pub(crate) asked_by: Option<String>,
    /// Why; logged for good, so do not repeat what is erased
    #[arg(long, value_name = "WHY", required_unless_present = "dry_run")]
    pub(crate) reason: Option<String>,
    /// Only say what would be erased
    #[arg(long)]
    pub(crate) dry_run: bool,
}
