//! What can be typed.

mod eval;
mod models;
mod operations;
mod principals;
mod rules;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use grounds_core::SourceKind;
use jiff::civil::Date;

pub(crate) use eval::{EvalClassifyArguments, EvalCommand, EvalRetrievalArguments};
pub(crate) use models::{
    EmbedArguments, LabelsAddArguments, LabelsCommand, LabelsListArguments, LabelsNextArguments, PredictArguments,
    TrainClassifyArguments, TrainCommand, TrainRetrievalArguments,
};
pub(crate) use principals::PrincipalsCommand;
#[cfg(feature = "language-server")]
pub(crate) use rules::ServeArguments;
pub(crate) use rules::{
    CheckArguments, CoverageArguments, DraftArguments, ExplainArguments, FormArgument, FormatArguments, LockArguments,
    ReadArguments, RuleFilesArguments, RulesCommand, StaleArguments, TestArguments, WhatIfArguments,
};

pub(crate) use operations::{BackupArguments, EraseArguments, ExportArguments, ImportArguments, RestoreArguments};

/// An embedded database that answers with grounds.
///
/// Put in regulations, decisions and interpretations; get back answers and assessments in which every sentence rests on a
/// verbatim quotation or a checked proof, as the law stood on a given date. What cannot be grounded is refused.
#[derive(Debug, Parser)]
#[command(
    name = "grounds",
    version,
    propagate_version = true,
    after_help = "\
Exit codes: 0 answered, 3 refused, 2 the caller's mistake, 1 anything else.

Examples:
  grounds demo                                        a first look, with an invented law
  grounds init && grounds add law/ decisions/         a workspace of your own
  grounds ask \"By when must an incident be notified?\" --as-of 2021-03-01"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct GlobalArguments {
    /// The workspace: a `.grounds` directory or a folder with one [default: the nearest one upward]
    #[arg(short, long, global = true, value_name = "DIRECTORY")]
    pub(crate) workspace: Option<PathBuf>,
    /// Print JSON, for programs; the shapes are in docs/reference/json.md
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The date whose law applies, YYYY-MM-DD [default: today in UTC]
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) as_of: Option<Date>,
    /// Read as known at this snapshot, see `grounds log` [default: the latest]
    #[arg(long, global = true, value_name = "SNAPSHOT")]
    pub(crate) known_at: Option<u64>,
    /// Read with the eyes of this principal, see `grounds principals` [default: the owner, who sees all]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) principal: Option<String>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an empty workspace
    #[command(
        after_help = "Example:\n  grounds init                 makes ./.grounds\n  grounds init -w /srv/law     makes /srv/law/.grounds"
    )]
    Init(InitArguments),
    /// Import documents and rules, in one atomic commit
    #[command(after_help = "\
Documents are Formex XML, Markdown with front matter, or plain text in any encoding; rules end in .rules. A file imported before
changes nothing; a changed one makes a new version. A file that cannot be read is reported, and the rest goes on.

Examples:
  grounds add act.xml --short GDPR
  grounds add decisions/ --kind precedent
  grounds add breach.rules")]
    Add(AddArguments),
    /// List the documents and their versions
    #[command(after_help = "Examples:\n  grounds list\n  grounds list --kind precedent --json")]
    List(ListArguments),
    /// Print a provision with its history
    #[command(
        after_help = "Examples:\n  grounds show \"GDPR art. 33(1)\"\n  grounds show \"SMC art. 51\" --as-of 2018-01-01"
    )]
    Show(ShowArguments),
    /// Print every state of a document or provision, on both time axes
    #[command(after_help = "Examples:\n  grounds history GDPR\n  grounds history \"SMC art. 51(1)\"")]
    History(HistoryArguments),
    /// Compare two states of a document, provision by provision
    #[command(
        after_help = "Examples:\n  grounds diff SMC --from 2018-01-01 --to 2020-01-01\n  grounds diff GDPR                the two latest versions"
    )]
    Diff(DiffArguments),
    /// Search the texts in force on a date
    #[command(
        after_help = "Examples:\n  grounds search \"late notification of a breach\"\n  grounds search \"GDPR art. 33(1)(b)\" -k 3 --json"
    )]
    Search(SearchArguments),
    /// Answer a question with verbatim quotations, or refuse with the reason
    #[command(
        after_help = "Examples:\n  grounds ask \"When must an incident be notified?\"\n  grounds ask \"Who must appoint an officer?\" --as-of 2020-01-01 --report answer.html"
    )]
    Ask(AskArguments),
    /// Assess a matter: which provisions are violated, why, what similar cases got, and what is still unknown
    #[command(
        after_help = "Examples:\n  grounds assess matter.md --report assessment.html\n  grounds assess matter.md --json --save assessment.json"
    )]
    Assess(AssessArguments),
    /// Check, test, lay out and explain rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Say what questions are answered by, or of which class texts are, for models to learn from
    Labels {
        #[command(subcommand)]
        command: LabelsCommand,
    },
    /// Train a small model on the workspace's own text and labels
    Train {
        #[command(subcommand)]
        command: TrainCommand,
    },
    /// Say of which class a text is, how sure that is, and which words say so
    #[command(after_help = "\
Needs a classifier: `grounds train classify`. The set of classes holds the right one but for the stated share of texts.

Examples:
  grounds predict outcome \"The controller reported the breach after five days.\"
  grounds predict outcome --file decisions.txt --error-rate 0.05 --json")]
    Predict(PredictArguments),
    /// Embed all passages by the model of a folder that sentence-transformers saved, for searches by meaning
    #[command(after_help = "\
Needs a build with embedding models: `cargo install --path crates/cli --features candle`. The folder has config.json, tokenizer.json and
model.safetensors of a model of the BERT family (BERT, RoBERTa, XLM-RoBERTa); nothing is downloaded. From then on `search`, `ask` and
`assess` rank by words and by vectors, and read the same folder for each question. Passages added later are found by words until the
next run, which embeds only them. The vectors of earlier snapshots stay theirs. With --state, Ctrl-C loses nothing.

Examples:
  grounds embed all-MiniLM-L6-v2/
  grounds embed multilingual-e5-small/ --state embedding.state")]
    Embed(EmbedArguments),
    /// Judge retrieval and classifiers on what is known
    Eval {
        #[command(subcommand)]
        command: EvalCommand,
    },
    /// Re-check a saved answer or assessment: quotations byte for byte, proofs, rules
    #[command(
        after_help = "Without a workspace the file is checked against what it carries; with one, also against what is stored.\n\nExample:\n  grounds verify assessment.json"
    )]
    Verify(VerifyArguments),
    /// Check the workspace: every hash, link and derived index; repair what can be rebuilt
    #[command(after_help = "Examples:\n  grounds doctor\n  grounds doctor --repair")]
    Doctor(DoctorArguments),
    /// Show what is derived from the truth: the index of words, tables as Parquet files; build it anew
    #[command(after_help = "\
Derived data may be deleted at any time: it is built when it is needed. `columns/` in the workspace holds every table as Parquet files
that pandas, polars and DuckDB open.

Examples:
  grounds generations
  grounds generations --rebuild")]
    Generations(GenerationsArguments),
    /// Write a verified copy of the workspace to one file, while others work
    #[command(after_help = "\
The copy is of one snapshot, and is read back whole before it gets its name. The audit of denials is not in it.

Example:
  grounds backup law-2024-05-01.grounds")]
    Backup(BackupArguments),
    /// Make a workspace from a backup
    #[command(after_help = "\
All of it is verified before the workspace gets its name. Without --workspace it is ./.grounds, which must not exist.

Examples:
  grounds restore law-2024-05-01.grounds
  grounds restore law-2024-05-01.grounds -w /srv/law")]
    Restore(RestoreArguments),
    /// Write the whole workspace with its history in open formats
    #[command(after_help = "\
JSON lines and the original files, described in docs/export.md.

Example:
  grounds export law-export")]
    Export(ExportArguments),
    /// Make a workspace from an export
    #[command(after_help = "\
The workspace has the same history with the same hashes. Without --workspace it is ./.grounds, which must not exist.

Example:
  grounds import law-export -w /srv/law")]
    Import(ImportArguments),
    /// Remove a document, row or original for good, with its whole history
    #[command(after_help = "\
The bytes go from truth, history and everything derived. A log entry stays that says who asked and why, with row numbers and digests.
Not reached: backups, exports, other texts that repeat the words, names in log messages, and what the disk keeps of removed files.

Examples:
  grounds erase --document letter-17 --dry-run
  grounds erase --document letter-17 --with-answers --asked-by \"data protection officer\" --reason \"request 17\"
  grounds erase --table people --key 4711 --asked-by \"A. Clerk\" --reason \"request 18\"")]
    Erase(EraseArguments),
    /// List the commits, with their hash chain
    #[command(after_help = "Example:\n  grounds log")]
    Log(LogArguments),
    /// Say who may read what: principals and the labels they hold
    #[command(after_help = "\
A principal sees a document or a declared table that carries at least one label, where it holds every one of them. What carries no
label is the owner's alone. `grounds add --labels` or `labels:` in front matter labels documents; --principal reads as somebody.

Examples:
  grounds principals add clerk --labels staff,tax
  grounds search \"late notification\" --principal clerk")]
    Principals {
        #[command(subcommand)]
        command: PrincipalsCommand,
    },
    /// Query and change the workspace with SQL, at any date and snapshot
    #[cfg(feature = "sql")]
    #[command(after_help = "\
Without SQL and in a terminal there is a prompt with history and completion; \\? helps there. docs/sql.md has every statement.

Examples:
  grounds sql \"SELECT pinpoint, text FROM units WHERE document = 'gdpr' LIMIT 3\"
  grounds sql -f load.sql
  grounds sql \"SELECT * FROM fines FOR SYSTEM_TIME AS OF 12\" --output fines.parquet")]
    Sql(SqlArguments),
    /// Show the main job on a bundled, invented law: import, answer, assess, refuse
    #[command(after_help = "Example:\n  grounds demo --directory first-look")]
    Demo(DemoArguments),
    /// Print a generated reference page
    #[command(hide = true)]
    Reference(ReferenceArguments),
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {}

/// What kind of source a document is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindArgument {
    /// Binding text
    Regulation,
    /// Past decisions and judgments
    Precedent,
    /// Official readings
    Interpretation,
    /// Everything else
    Reference,
}

impl From<KindArgument> for SourceKind {
    fn from(kind: KindArgument) -> Self {
        match kind {
            KindArgument::Regulation => SourceKind::Regulation,
            KindArgument::Precedent => SourceKind::Precedent,
            KindArgument::Interpretation => SourceKind::Interpretation,
            KindArgument::Reference => SourceKind::Reference,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Files, and folders whose documents (.md, .txt, .xml) and rules are all taken
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The document's name [default: from the file]
    #[arg(long, value_name = "NAME")]
    pub(crate) document: Option<String>,
    /// What kind of source the files are [default: from the file]
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindArgument>,
    /// The title [default: from the file]
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The short title that citations use, such as GDPR
    #[arg(long, value_name = "TITLE")]
    pub(crate) short: Option<String>,
    /// The language, such as en, de or fr [default: from the file]
    #[arg(long, value_name = "CODE")]
    pub(crate) language: Option<String>,
    /// The first day in force [default: from the file]
    #[arg(long, value_name = "DATE")]
    pub(crate) valid_from: Option<Date>,
    /// The first day no longer in force
    #[arg(long, value_name = "DATE")]
    pub(crate) valid_to: Option<Date>,
    /// Labels that a principal must hold, all of them, to see the documents; separated by commas [default: from the file]
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    pub(crate) labels: Option<Vec<String>>,
    /// A CSV file with a column `file` and columns such as decided, sanction, outcome for the files imported
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Option<PathBuf>,
    /// Read files that are known already again: a text that this build divides into other provisions corrects its version, and others refer to what the workspace has now
    #[arg(long)]
    pub(crate) again: bool,
    /// Show the whole import report of every file
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only this kind of source
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindArgument>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// A citation such as "GDPR art. 33(1)", or a document
    #[arg(value_name = "PINPOINT")]
    pub(crate) pinpoint: String,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// A document, or a citation such as "GDPR art. 33(1)"
    #[arg(value_name = "DOCUMENT")]
    pub(crate) subject: String,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The document
    #[arg(value_name = "DOCUMENT")]
    pub(crate) document: String,
    /// A date, or a version such as gdpr@1 [default: the version before the last]
    #[arg(long, value_name = "DATE|VERSION")]
    pub(crate) from: Option<String>,
    /// A date, or a version such as gdpr@2 [default: the last version]
    #[arg(long, value_name = "DATE|VERSION")]
    pub(crate) to: Option<String>,
}

/// Which documents a question may use.
#[derive(Debug, Args)]
pub(crate) struct FilterArguments {
    /// Only these kinds of sources (repeatable)
    #[arg(long, value_enum)]
    pub(crate) kind: Vec<KindArgument>,
    /// Only these documents (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) document: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// Words, or a citation
    pub(crate) query: String,
    /// How many hits
    #[arg(short = 'k', long = "hits", default_value_t = 10, value_name = "COUNT")]
    pub(crate) hit_count: usize,
    /// Say what each score is made of, and which words and sentences of the question each hit covers
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
}

/// Where an answer goes besides the terminal.
#[derive(Debug, Args)]
pub(crate) struct SaveArguments {
    /// Write the answer as JSON, which `grounds verify` re-checks
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Write a self-contained HTML report
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Do not keep the answer in the workspace
    #[arg(long)]
    pub(crate) no_store: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AskArguments {
    /// The question
    pub(crate) question: String,
    /// How many hits of evidence
    #[arg(short = 'k', long = "hits", default_value_t = 10, value_name = "COUNT")]
    pub(crate) hit_count: usize,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    #[command(flatten)]
    pub(crate) save: SaveArguments,
}

#[derive(Debug, Args)]
pub(crate) struct AssessArguments {
    /// A matter file: facts as `key: value` lines, then the narrative; see docs/matters.md
    #[arg(value_name = "FILE")]
    pub(crate) matter: PathBuf,
    /// Decide this fact otherwise, such as "incident.planned=yes" (repeatable)
    #[arg(long, value_name = "FACT=VALUE")]
    pub(crate) fact: Vec<String>,
    #[command(flatten)]
    pub(crate) save: SaveArguments,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// A saved answer or assessment
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Rebuild derived data that is missing or damaged
    #[arg(long)]
    pub(crate) repair: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenerationsArguments {
    /// Build all of it anew from the truth
    #[arg(long)]
    pub(crate) rebuild: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogArguments {}

/// How rows are written.
#[cfg(feature = "sql")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SqlFormatArgument {
    /// A table for people
    Table,
    /// Comma-separated values
    Csv,
    /// A JSON array of objects
    Json,
    /// One JSON object a line
    Jsonl,
    /// Apache Parquet, into a file
    Parquet,
}

#[cfg(feature = "sql")]
#[derive(Debug, Args)]
pub(crate) struct SqlArguments {
    /// Statements, separated by semicolons [default: from a prompt, or from standard input]
    #[arg(value_name = "SQL")]
    pub(crate) sql: Option<String>,
    /// Read the statements from this file
    #[arg(short, long, value_name = "FILE", conflicts_with = "sql")]
    pub(crate) file: Option<PathBuf>,
    /// How rows are written [default: by the name of --output, else table]
    #[arg(long, value_enum)]
    pub(crate) format: Option<SqlFormatArgument>,
    /// Write the rows of the one query into this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Where the demonstration is left; an earlier one there is replaced
    #[arg(long, default_value = "grounds-demo", value_name = "DIRECTORY")]
    pub(crate) directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ReferenceArguments {
    /// Which page
    #[arg(value_parser = ["cli", "errors", "json"])]
    pub(crate) page: String,
}
