//! What can be typed after `grounds rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Compile rule files against the stored law: types, names, and every quotation
    #[command(after_help = "\
Examples:
  grounds rules check breach.rules
  grounds rules check --locked rules/         also fails where the cited words are not those in grounds.rules.lock")]
    Check(CheckArguments),
    /// Run the tests in rule files, and look for what they leave open
    #[command(after_help = "\
--explore moves every threshold in the files by one step (a comparison with or without its limit; each number, amount, date, length of time
and day in force), says which moves no test notices, and prints tests that would notice. With --against, it looks for facts at which another
version of the rules gives other answers, and prints each as a test. Every test printed can be pasted into a rule file; whether the law says so is
for its author to read. Equal seeds give equal results, unless the time runs out first. Exit code 1: a test failed; 3: something was found.

Examples:
  grounds rules test                           the stored rules
  grounds rules test breach.rules
  grounds rules test breach.rules --explore
  grounds rules test breach.rules --explore --against old/breach.rules
  grounds rules test rules/ --explore --against rules-2023/ --cases 100000 --json")]
    Test(TestArguments),
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
    /// Draft rules from the words of a provision: conditions, exceptions, deadlines, amounts, each with its quotation
    #[command(after_help = "\
No model is asked: patterns of the text's language (English, German) find the parts. What comes out compiles, and decides nothing: every
condition is a judgement that is open. It is printed; nothing is stored.

Examples:
  grounds rules draft \"GDPR art. 33\" > art33.rules
  grounds rules draft \"SMC art. 42\" --as-of 2020-01-01")]
    Draft(DraftArguments),
    /// Print the proof of a claim as a tree
    #[command(after_help = "\
Examples:
  grounds rules why \"LateReport(incident)\" matter.md
  grounds rules why \"LateReport(incident)\" matter.md --as sentences")]
    Why(ExplainArguments),
    /// Print why a claim does not hold, or what is missing to decide it
    #[command(after_help = "\
Examples:
  grounds rules why-not \"LateReport(incident)\" matter.md
  grounds rules why-not \"LateReport(incident)\" matter.md --as sentences")]
    WhyNot(ExplainArguments),
    /// Print what would follow from other facts, and what would change
    #[command(after_help = "\
Examples:
  grounds rules what-if \"LateReport(incident)\" matter.md --fact incident.planned=yes
  grounds rules what-if \"LateReport(incident)\" matter.md --without incident.reported_at")]
    WhatIf(WhatIfArguments),
    /// Print the next question to ask about a claim that is not settled, by what its answers would do
    #[command(after_help = "Example:\n  grounds rules needs \"FineCap(infringement)\" matter.md")]
    Needs(ExplainArguments),
    /// Print all there is to say of a claim: why, why not, what is missing, what would change it
    #[command(after_help = "Example:\n  grounds rules explain \"LateReport(incident)\" matter.md --as sentences")]
    Explain(ExplainArguments),
    /// Write down which words of the law the rules rest on
    #[command(after_help = "\
One line for each cited unit, with the hash of its words; white space does not count. Keep the file beside the rules, under version control:
`grounds rules check --locked` then says when the law has changed under them.

Examples:
  grounds rules lock                          the stored rules, into grounds.rules.lock
  grounds rules lock rules/ --lock-file rules/grounds.rules.lock")]
    Lock(LockArguments),
    /// List rules, tables, tests, past assessments and answers that an amendment touches
    #[command(after_help = "\
The text of each rule stands beside what changed in the provision it cites; kept answers are listed that quote what has changed, for the day as
of which each was given. A change of white space does not count.

Example:
  grounds rules stale --as-of 2024-01-01")]
    Stale(StaleArguments),
    /// Serve editors: a language server for rule files, over standard input and output
    #[cfg(feature = "language-server")]
    #[command(after_help = "\
It shows mistakes while you type, the words of the law over a citation, where a name is declared, and what can stand at the cursor. The rule
files of a folder are one program. The law is that of the workspace; it is read when a file is opened or saved, so that other commands can
use the workspace meanwhile. editors/vscode in the repository is an extension that starts it.

Example:
  grounds rules serve                         started by an editor, in the folder of the rules")]
    Serve(ServeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RuleFilesArguments {
    /// Rule files [default: the stored rules]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    #[command(flatten)]
    pub(crate) rules: RuleFilesArguments,
    /// Look for thresholds that no test tells from their neighbours
    #[arg(long)]
    pub(crate) explore: bool,
    /// Look instead for facts at which these rules, a file or a folder, give other answers
    #[arg(long, value_name = "PATH", requires = "explore")]
    pub(crate) against: Option<PathBuf>,
    /// The most cases tried
    #[arg(long, value_name = "COUNT", default_value_t = 100_000, requires = "explore")]
    pub(crate) cases: usize,
    /// Where the choices begin
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "explore")]
    pub(crate) seed: u64,
    /// The most seconds it takes, the tests apart
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "explore")]
    pub(crate) seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) rules: RuleFilesArguments,
    /// Fail where the cited words are not those in the lock file
    #[arg(long)]
    pub(crate) locked: bool,
    /// The lock file that --locked compares with
    #[arg(long, value_name = "FILE", default_value = grounds::rules::LOCK_FILE)]
    pub(crate) lock_file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LockArguments {
    #[command(flatten)]
    pub(crate) rules: RuleFilesArguments,
    /// Where to write it
    #[arg(long, value_name = "FILE", default_value = grounds::rules::LOCK_FILE)]
    pub(crate) lock_file: PathBuf,
}

/// How an explanation is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArgument {
    /// Step by step, with every rule, quotation and value
    Tree,
    /// Plain sentences, as the rules' `say` has them
    Sentences,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A claim such as "LateReport(incident)"
    pub(crate) claim: String,
    /// The matter file
    #[arg(value_name = "FILE")]
    pub(crate) matter: PathBuf,
    /// How it is written; with --json, both
    #[arg(long = "as", value_enum, default_value = "tree", value_name = "FORM")]
    pub(crate) form: FormArgument,
}

#[derive(Debug, Args)]
pub(crate) struct WhatIfArguments {
    #[command(flatten)]
    pub(crate) explain: ExplainArguments,
    /// Suppose this, in place of what the matter states, such as "incident.planned=yes" (repeatable)
    #[arg(long, value_name = "FACT=VALUE", required_unless_present = "without")]
    pub(crate) fact: Vec<String>,
    /// Suppose that nothing is stated about this fact (repeatable)
    #[arg(long, value_name = "FACT")]
    pub(crate) without: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct StaleArguments {}

#[cfg(feature = "language-server")]
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Standard input and output; the only way there is, which some editors ask for by name
    #[arg(long)]
    pub(crate) stdio: bool,
}

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

#[derive(Debug, Args)]
pub(crate) struct DraftArguments {
    /// A citation such as "GDPR art. 33"
    #[arg(value_name = "PINPOINT")]
    pub(crate) pinpoint: String,
}
