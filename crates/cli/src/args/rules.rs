//! What can be typed after `grounds rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Compile rule files against the stored law: types, names, and every quotation
    #[command(after_help = "Example:\n  grounds rules check breach.rules")]
    Check(RuleFilesArguments),
    /// Run the tests in rule files
    #[command(
        after_help = "Examples:\n  grounds rules test                 the stored rules\n  grounds rules test breach.rules"
    )]
    Test(RuleFilesArguments),
    /// Lay out rule files uniformly, without changing what they mean
    #[command(after_help = "\
Only white space between words changes; comments stay, and blank lines between items. Of a folder, all rule files in and below it are
taken. A file is replaced whole or not at all; one that cannot be read is reported and left alone.

Examples:
  grounds rules format                        all rule files in this folder and below
  grounds rules format breach.rules
  grounds rules format --check rules/         names the files that are not formatted, and fails if there are any
  grounds rules format - < breach.rules       from standard input to standard output")]
    Format(FormatArguments),
    /// Put the rules beside the text they encode, for a lawyer to read and sign
    #[command(after_help = "\
The text is the one in force on the date asked, with the words marked that rules quote. Beside it stands each rule in plain words, with its
readings, days in force and source; below, the questions that are open, and lines for a signature.

Examples:
  grounds rules read \"GDPR art. 33\" --out art33.html
  grounds rules read \"SMC art. 51\" \"SMC art. 52\" --as-of 2018-01-01
  grounds rules read \"SMC art. 51\" --rules incidents.rules --json")]
    Read(ReadArguments),
    /// Show which articles rules encode, which none does, and which rules no test exercises
    #[command(after_help = "\
An article counts as encoded if a rule in force on the date, a table, a calendar or an amendment quotes it. A rule is exercised by a test
that expects a claim resting on it, with its condition met.

Examples:
  grounds rules coverage                       all regulations
  grounds rules coverage SMC --as-of 2020-01-01
  grounds rules coverage GDPR --rules gdpr.rules --json")]
    Coverage(CoverageArguments),
    /// Print the proof of a claim as a tree
    #[command(after_help = "Example:\n  grounds rules why \"LateReport(incident)\" matter.md")]
    Why(ExplainArguments),
    /// Print why a claim does not hold, or what is missing to decide it
    #[command(after_help = "Example:\n  grounds rules why-not \"LateReport(incident)\" matter.md")]
    WhyNot(ExplainArguments),
    /// List stored rules whose cited text has changed
    #[command(after_help = "Example:\n  grounds rules stale --as-of 2024-01-01")]
    Stale(StaleArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RuleFilesArguments {
    /// Rule files [default: the stored rules]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A claim such as "LateReport(incident)"
    pub(crate) claim: String,
    /// The matter file
    #[arg(value_name = "FILE")]
    pub(crate) matter: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct StaleArguments {}

#[derive(Debug, Args)]
pub(crate) struct FormatArguments {
    /// Rule files and folders; `-` is standard input [default: the current folder]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Change nothing; name the files that are not formatted, and fail if there are any
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReadArguments {
    /// Citations such as "GDPR art. 33"
    #[arg(required = true, value_name = "PINPOINT")]
    pub(crate) pinpoints: Vec<String>,
    /// Write one self-contained HTML page, to read and to print
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Rule files, besides the stored rules (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CoverageArguments {
    /// Documents [default: all regulations, and everything that rules cite]
    #[arg(value_name = "DOCUMENT")]
    pub(crate) documents: Vec<String>,
    /// Rule files, besides the stored rules (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
}
