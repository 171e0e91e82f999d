//! Measurements: `bench/run NAME DATA`. Each is documented in `bench/README.md`.

mod faults;
mod gdpr;
mod plain_bm25;
mod retrieval;
mod sqllogic;
mod oracle;
mod store;
mod sara;
mod batch;
mod past_search;
mod vectors;
mod classify;
mod galen;
mod datalog;
#[path = "../../crates/reason/tests/main/law.rs"]
mod law;
#[path = "../../crates/reason/tests/main/random.rs"]
mod random;
#[path = "../../crates/reason/tests/main/exhaustive.rs"]
mod exhaustive;
mod completions;

use std::path::Path;
use std::process::ExitCode;

/// Every measurement there is.
const NAMES: &str = "batch, classify, completions, datalog, faults, galen, gdpr, latency, oracle, past-search, proofs, retrieval, sara, sqllogic, store, vectors";

/// As the command line has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, data, options @ ..] = arguments.as_slice() else {
        anyhow::bail!("usage: bench/run NAME DATA [OPTIONS], where NAME is one of: {NAMES}");
    };
    let data = Path::new(data);
    let holds = match name.as_str() {
        "faults" => faults::run(options)?,
        "gdpr" => gdpr::run(data)?,
        "retrieval" => retrieval::run(data, options)?,
        "latency" => latency(data, options)?,
        "sqllogic" => sqllogic::run(data, options)?,
        "oracle" => oracle::run(options)?,
        "sara" => sara::run(data, options)?,
        "store" => store::run(data, options)?,
        "batch" => batch::run()?,
        "galen" => galen::run(data, options)?,
        "completions" => completions::run_completions(),
        "proofs" => completions::run_proofs(),
        "datalog" => datalog::run(options)?,
        "vectors" => vectors::run(options)?,
        "classify" => classify::run(data, options)?,
        "past-search" => past_search::run(data)?,
        other => anyhow::bail!("there is no measurement `{other}`; there are: {NAMES}"),
    };
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The times of three sets, then one of them beside peers; or one of both.
fn latency(data: &Path, options: &[String]) -> anyhow::Result<bool> {
    let (mut only, mut keep) = (None, None);
    for pair in options.chunks(2) {
        match pair {
            [name, part] if name == "--only" && matches!(part.as_str(), "sets" | "peers") => only = Some(part.as_str()),
            [name, folder] if name == "--keep" => keep = Some(Path::new(folder)),
            _ => anyhow::bail!("usage: bench/run latency DATA [--only sets|peers] [--keep DIR]"),
        }
    }
    let mut holds = true;
    if only != Some("peers") {
        holds &= retrieval::run_latency(data)?;
    }
    if only != Some("sets") {
        holds &= retrieval::run_peers(data, keep)?;
    }
    println!("latency: {}", if holds { "every goal holds" } else { "a goal is missed" });
    Ok(holds)
}
