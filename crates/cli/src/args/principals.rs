//! What can be typed after `grounds principals`.

use clap::{Args, Subcommand};

/// What can be done with principals.
#[derive(Debug, Subcommand)]
pub(crate) enum PrincipalsCommand {
    /// List the principals and their labels
    List(PrincipalsListArguments),
    /// Add a principal, or say anew what it holds
    #[command(after_help = "Example:\n  grounds principals add clerk --labels staff,tax")]
    Add(PrincipalArguments),
    /// Give a principal more labels
    #[command(after_help = "Example:\n  grounds principals grant clerk --labels secret")]
    Grant(PrincipalArguments),
    /// Take labels from a principal
    #[command(after_help = "Example:\n  grounds principals revoke clerk --labels secret")]
    Revoke(PrincipalArguments),
    /// Remove a principal
    #[command(after_help = "Example:\n  grounds principals remove clerk")]
    Remove(PrincipalNameArguments),
    /// List what principals asked for by name and were denied
    #[command(after_help = "Example:\n  grounds principals denials")]
    Denials(PrincipalsListArguments),
}

#[derive(Debug, Args)]
pub(crate) struct PrincipalsListArguments {}

#[derive(Debug, Args)]
pub(crate) struct PrincipalArguments {
    /// The principal
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Labels, separated by commas
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PrincipalNameArguments {
    /// The principal
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}
