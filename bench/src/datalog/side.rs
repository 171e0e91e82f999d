//! One side of a comparison, measured in a process of its own.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::store::peer::Peer;

/// What one side took for what it derived.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Side {
    /// From facts in memory until all is derived, on the processor: what else the machine does is left out.
    pub(crate) seconds: f64,
    /// The rows that are compared.
    pub(crate) count: usize,
    /// The most memory of the process.
    pub(crate) peak_mb: f64,
}

/// How long the first thread of this process has run on a processor.
pub(crate) fn processor_seconds() -> anyhow::Result<f64> {
    let status =
        std::fs::read_to_string("/proc/self/schedstat").context("only Linux says how long a thread has run")?;
    let nanoseconds: f64 = status.split_whitespace().next().context("schedstat begins with the time run")?.parse()?;
    Ok(nanoseconds / 1e9)
}

impl Side {
    /// What this process has done; to be printed by it.
    pub(crate) fn of_this_process(seconds: f64, count: usize) -> anyhow::Result<Self> {
        let status =
            std::fs::read_to_string("/proc/self/status").context("only Linux says how much memory was used")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the status names VmHWM")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(Self { seconds, count, peak_mb: kilobytes / 1024.0 })
    }

    /// Runs this program with other arguments; it prints a side.
    pub(crate) fn of_program(arguments: &[&str]) -> anyhow::Result<Self> {
        Self::of_command(Command::new(std::env::current_exe()?).args(arguments))
    }

    /// Runs a program that prints a side.
    pub(crate) fn of_command(command: &mut Command) -> anyhow::Result<Self> {
        let output = command.output().with_context(|| format!("starting {:?}", command.get_program()))?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Grounds a file with gringo, after it has read it; what is solved where the answer is more than the grounding. Counts the atoms of
    /// these signatures.
    pub(crate) fn of_gringo(file: &Path, signatures: &[(&str, usize)], is_solved: bool) -> anyhow::Result<Self> {
        let mut peer = Peer::start("gringo", Path::new("."))?;
        peer.ask("load", file.to_string_lossy().as_ref())?;
        let mut seconds: f64 = serde_json::from_value(peer.ask("ground", ())?.result)?;
        let mut count = 0;
        for (name, arity) in signatures {
            let action = if is_solved { "solve" } else { "count" };
            let reply = peer.ask(action, serde_json::json!([name, arity]))?;
            if is_solved {
                let (solving, counts): (f64, Vec<usize>) = serde_json::from_value(reply.result)?;
                seconds += solving;
                anyhow::ensure!(counts.len() == 1, "there are {} answers, not one", counts.len());
                count += counts[0];
            } else {
                count += serde_json::from_value::<usize>(reply.result)?;
            }
        }
        let peak_mb = serde_json::from_value(peer.ask("peak_mb", ())?.result)?;
        Ok(Self { seconds, count, peak_mb })
    }

    /// As a cell of a table.
    pub(crate) fn shown(&self) -> String {
        format!("{:.2} s, {:.0} MB", self.seconds, self.peak_mb)
    }
}
