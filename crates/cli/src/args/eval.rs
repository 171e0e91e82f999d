//! `grounds eval`

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be judged.
#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// Judge retrieval on a folder with `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (BEIR's layout)
    #[command(after_help = "\
The corpus becomes a temporary workspace, and every question is asked as `grounds search` asks it. Prints recall, mean average
precision and nDCG at ten, how often all gold is among the first ten (of all questions, and of those with several), each with
its 95% bootstrap interval; seconds and memory besides.

Example:
  grounds eval retrieval obliqa-dev/ --json
  grounds eval retrieval obliqa-test/ --train obliqa-dev/ --unseen")]
    Retrieval(EvalRetrievalArguments),
}

#[derive(Debug, Args)]
pub(crate) struct EvalRetrievalArguments {
    /// The folder
    #[arg(value_name = "DIRECTORY")]
    pub(crate) folder: PathBuf,
    /// Train a model on the questions of this folder, and rank by it
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) train: Option<PathBuf>,
    /// Switch off what the model remembers of the questions it was trained on
    #[arg(long, requires = "train")]
    pub(crate) no_memory: bool,
    /// Judge also by themselves the questions none of whose gold was gold in training
    #[arg(long, requires = "train")]
    pub(crate) unseen: bool,
    /// Write the rankings into this file, as trec_eval reads them, a hundred hits a question
    #[arg(long, value_name = "FILE")]
    pub(crate) run: Option<PathBuf>,
}
