//! Measurements: `bench/run NAME DATA`. Each is documented in `bench/README.md`.

mod gdpr;
mod plain_bm25;

use std::path::Path;
use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, data] = arguments.as_slice() else {
        anyhow::bail!("usage: bench/run NAME DATA, where NAME is one of: gdpr");
    };
    let holds = match name.as_str() {
        "gdpr" => gdpr::run(Path::new(data))?,
        other => anyhow::bail!("there is no measurement `{other}`; there are: gdpr"),
    };
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
