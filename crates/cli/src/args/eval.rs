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
  grounds eval retrieval obliqa-test/ --train obliqa-dev/ --unseen
  grounds eval retrieval obliqa-dev/ --embed all-MiniLM-L6-v2/ --vectors obliqa.vectors
  grounds eval retrieval obliqa-test/ --train obliqa-dev/ --embed all-MiniLM-L6-v2/ --vectors obliqa.vectors")]
    Retrieval(EvalRetrievalArguments),
    /// Judge text classifiers on a folder with `labels.jsonl`, and `corpus.jsonl` where there is one
    #[command(after_help = "\
A line of `labels.jsonl` has a text and its class, as `grounds labels add --task` takes them:
  {\"text\": \"The controller was fined for late notification.\", \"class\": \"fine\"}
Words are learned from the texts of `corpus.jsonl` (`text`), without labels. Without --train each fifth of the texts is judged by a
classifier that the others taught. Prints accuracy and macro-F1 with 95% bootstrap intervals, the calibration error, and how often
sets of classes miss the right one beside the rate that was stated.

Example:
  grounds eval classify outcomes/
  grounds eval classify outcomes-test/ --train outcomes/ --error-rate 0.05 --json")]
    Classify(EvalClassifyArguments),
}

#[derive(Debug, Args)]
pub(crate) struct EvalClassifyArguments {
    /// The folder
    #[arg(value_name = "DIRECTORY")]
    pub(crate) folder: PathBuf,
    /// Learn from the labels and texts of this folder, and judge by the labels of the other
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) train: Option<PathBuf>,
    /// How often sets of classes may miss the right one; several times for several rates
    #[arg(long = "error-rate", value_name = "SHARE", default_values_t = [0.1, 0.2])]
    pub(crate) error_rates: Vec<f64>,
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
    /// Embed the passages by the model of this folder, as sentence-transformers saves it, and rank by vectors too; with --train the model hears them
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) embed: Option<PathBuf>,
    /// Keep the vectors in this file as they are made, and take those that are in it
    #[arg(long, value_name = "FILE", requires = "embed")]
    pub(crate) vectors: Option<PathBuf>,
    /// Write the rankings into this file, as trec_eval reads them, a hundred hits a question
    #[arg(long, value_name = "FILE")]
    pub(crate) run: Option<PathBuf>,
}
