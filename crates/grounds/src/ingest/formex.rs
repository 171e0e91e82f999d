//! Formex, the XML of the Official Journal of the European Union.

mod dom;
mod identity;
mod role;
mod write;

use grounds_core::SourceKind;

use super::decode::Decoded;
use super::ledger::Ledger;
use super::outline::Outline;
use super::parsed::Reading;
use super::report::Format;
use super::{ImportError, SourceFile};

/// Reads a Formex document: act, consolidated act or corrigendum.
pub(crate) fn parse(file: &SourceFile<'_>, decoded: &Decoded) -> Result<Reading, ImportError> {
    let source = decoded.text.as_str();
    let mut ledger = Ledger::new(source);
    let tree = dom::read(file.name, source, &mut ledger)?;
    let identity = identity::identify(&tree, file);
    let mut outline = Outline::new();
    write::write(&tree, source, &mut outline, &mut ledger);
    Ok(Reading {
        outline,
        ledger,
        id: identity.id,
        kind: SourceKind::Regulation,
        title: identity.title,
        short_titles: identity.short_titles,
        language: identity.language,
        metadata: identity.metadata,
        valid_from: identity.valid_from,
        valid_to: None,
        targets: identity.targets,
        notes: identity.notes,
        format: Format::Formex,
    })
}
