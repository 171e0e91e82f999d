//! A peer that is a Python package: a process that answers one line of JSON for every line it is given.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

/// A running peer.
#[derive(Debug)]
pub(crate) struct Peer {
    name: String,
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

/// What a peer says of one thing it did.
#[derive(Debug, Deserialize)]
pub(crate) struct Reply {
    /// Taken by the work alone, as the peer's own clock has it.
    pub(crate) seconds: f64,
    /// What came out.
    #[serde(default)]
    pub(crate) result: Value,
}

impl Peer {
    /// Starts `bench/peers/NAME.py`; what it works on lies in `directory`.
    pub(crate) fn start(name: &str, directory: &Path) -> anyhow::Result<Self> {
        let variable = |name: &str| std::env::var_os(name).with_context(|| format!("{name} is not set: use bench/run"));
        let script = Path::new(&variable("GROUNDS_PEERS_DIRECTORY")?).join(format!("{name}.py"));
        let mut child = Command::new(variable("GROUNDS_PEERS_PYTHON")?)
            .arg(&script)
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", script.display()))?;
        let requests = child.stdin.take().context("the peer has an input")?;
        let replies = BufReader::new(child.stdout.take().context("the peer has an output")?);
        Ok(Self { name: name.to_owned(), child, requests, replies })
    }

    /// Asks for one thing and waits for it.
    pub(crate) fn ask(&mut self, action: &str, argument: impl Into<Value>) -> anyhow::Result<Reply> {
        writeln!(self.requests, "{}", json!({"action": action, "argument": argument.into()}))?;
        let mut line = String::new();
        self.replies.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("{} does not answer `{action}`: {line}", self.name))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It holds no state that anyone needs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
