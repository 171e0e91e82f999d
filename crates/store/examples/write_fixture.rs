//! Writes the fixture of the present format, once, when it is final:
//! `cargo run -p grounds-store --example write_fixture -- crates/store/tests/fixtures/format-2`.

#[path = "../tests/support.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod support;
#[path = "../tests/formats/content.rs"]
mod content;
#[path = "../tests/formats/bundle.rs"]
mod bundle;

use std::error::Error;
use std::path::PathBuf;

use grounds_store::{Store, StoreConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let target = PathBuf::from(std::env::args().nth(1).ok_or("name the folder of the fixture")?);
    std::fs::create_dir_all(&target)?;
    let folder = tempfile::tempdir()?;
    let directory = folder.path().join(".grounds");
    content::make(&directory);
    let bytes = bundle::pack(&directory);
    std::fs::write(target.join("workspace.bundle"), &bytes)?;
    let store = Store::open(&directory, StoreConfig::new())?;
    std::fs::write(target.join("expected.txt"), content::describe(&store))?;
    println!("{} bytes", bytes.len());
    Ok(())
}
