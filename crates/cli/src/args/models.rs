//! What can be typed after `grounds labels`, `grounds train` and `grounds predict`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with labels.
#[derive(Debug, Subcommand)]
pub(crate) enum LabelsCommand {
    /// List the labels of a task, or how many each task has
    #[command(after_help = "Examples:\n  grounds labels list\n  grounds labels list --task outcome")]
    List(LabelsListArguments),
    /// Add labels from a file
    #[command(after_help = "\
A file has a line of JSON for each label. Of a question: the text, and the places that answer it.
  {\"text\": \"When must a breach be reported?\", \"gold\": [\"GDPR art. 33(1)\"]}
Of a text of any other task: the text, and its class.
  {\"text\": \"The controller was fined for late notification.\", \"class\": \"fine\"}
A text that is labelled again gets the new label.

Examples:
  grounds labels add questions.jsonl
  grounds labels add outcomes.jsonl --task outcome")]
    Add(LabelsAddArguments),
    /// Name the texts that are most worth labelling next
    #[command(after_help = "\
The file has a text on each line, or a line of JSON with `text`. Needs a classifier: `grounds train classify`.

Example:
  grounds labels next decisions.txt --task outcome -n 20")]
    Next(LabelsNextArguments),
}

#[derive(Debug, Args)]
pub(crate) struct LabelsListArguments {
    /// What is learned from them: `retrieval`, or the name of a classification
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LabelsAddArguments {
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What is learned from them: `retrieval`, or the name of a classification
    #[arg(long, value_name = "TASK", default_value = "retrieval")]
    pub(crate) task: String,
}

#[derive(Debug, Args)]
pub(crate) struct LabelsNextArguments {
    /// The texts
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The name of the classification
    #[arg(long, value_name = "TASK")]
    pub(crate) task: String,
    /// How many
    #[arg(short = 'n', long = "count", default_value_t = 20, value_name = "COUNT")]
    pub(crate) count: usize,
}

/// What can be trained.
#[derive(Debug, Subcommand)]
pub(crate) enum TrainCommand {
    /// Learn to rank passages from questions whose answers are known
    #[command(after_help = "\
Takes the labels of the task `retrieval` (`grounds labels add`), at least 40, and the passages in force. Every figure is about questions
that the model had not seen. A model that is not better than ranking without labels is not kept. Where `grounds embed` keeps vectors,
the ranking hears them, and so needs them from then on. With --state, what is
learned is kept at every step, so that after Ctrl-C the next run goes on from there.

Examples:
  grounds train retrieval
  grounds train retrieval --no-embeddings --state training.state")]
    Retrieval(TrainRetrievalArguments),
    /// Learn to tell classes of texts apart
    #[command(after_help = "\
Takes the labels of the task, at least ten of two classes. A classifier that is not better than naming the commonest class is not kept.

Example:
  grounds train classify outcome")]
    Classify(TrainClassifyArguments),
}

#[derive(Debug, Args)]
pub(crate) struct TrainRetrievalArguments {
    /// Leave out places for terms: faster, and a little worse
    #[arg(long)]
    pub(crate) no_embeddings: bool,
    /// Leave out the vectors that `grounds embed` keeps: questions need no embedding model then
    #[arg(long)]
    pub(crate) no_vectors: bool,
    /// Keep what is learned so far in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Keep the model even where it is not better
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TrainClassifyArguments {
    /// The name of the classification
    #[arg(value_name = "TASK")]
    pub(crate) task: String,
    /// Keep the classifier even where it is not better
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EmbedArguments {
    /// The folder of the model
    #[arg(value_name = "DIRECTORY")]
    pub(crate) folder: PathBuf,
    /// Keep the vectors made so far in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArguments {
    /// The name of the classification
    #[arg(value_name = "TASK")]
    pub(crate) task: String,
    /// The text; without it a file is read
    #[arg(value_name = "TEXT", required_unless_present = "file")]
    pub(crate) text: Option<String>,
    /// A file with a text on each line, or a line of JSON with `text`
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub(crate) file: Option<PathBuf>,
    /// In how large a share of texts the set of classes may miss the right one
    #[arg(long, value_name = "RATE", default_value_t = 0.1)]
    pub(crate) error_rate: f64,
}
