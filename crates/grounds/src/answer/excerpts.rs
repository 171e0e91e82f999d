//! Quotations, and the texts around them that let a reader check them without the workspace.

use std::collections::BTreeMap;

use grounds_core::{Claim, Excerpt, Grounds, Span, Unit, VersionId};

use crate::answer::scope::in_words;
use crate::error::GroundsError;
use crate::view::{Text, View};

/// A quotation of `span` in `text`, attributed to the unit that contains it; `None` where the span is outside the text.
pub(crate) fn quote(view: &View, text: &Text, unit: &Unit, span: Span) -> Option<Grounds> {
    let words = span.of(&text.version.text)?;
    let label =
        view.document(&text.version.document).map_or(text.version.document.0.as_str(), |document| document.label());
    let pinpoint = if unit.pinpoint.is_empty() { label.to_owned() } else { format!("{label} {}", unit.pinpoint) };
    Some(Grounds::Quote {
        document: text.version.document.clone(),
        version: text.version.id.clone(),
        unit: unit.id.clone(),
        pinpoint,
        start: span.start,
        end: span.end,
        text: words.to_owned(),
    })
}

/// The excerpts that contain every quotation in `claims`, one for each unit quoted, in document order.
pub(crate) fn excerpts_for(view: &View, claims: &[Claim]) -> Result<Vec<Excerpt>, GroundsError> {
    let grounds = claims.iter().flat_map(|claim| &claim.grounds);
    excerpts_of(view, grounds)
}

/// As [`excerpts_for`], for bare grounds.
pub(crate) fn excerpts_of<'a>(
    view: &View,
    grounds: impl Iterator<Item = &'a Grounds>,
) -> Result<Vec<Excerpt>, GroundsError> {
    let mut found: BTreeMap<(VersionId, u32, u32), Excerpt> = BTreeMap::new();
    for ground in grounds {
        let Grounds::Quote { version, unit, start, end, .. } = ground else { continue };
        let Some(text) = view.text(version)? else { continue };
        let Some(unit) = text.tree.get(unit) else { continue };
        let span = Span { start: unit.span.start.min(*start), end: unit.span.end.max(*end) };
        if let Some(excerpt) = excerpt_of(view, &text, unit, span) {
            found.insert((version.clone(), span.start, span.end), excerpt);
        }
    }
    Ok(found.into_values().collect())
}

/// The excerpt of `span`, named after `unit`.
pub(crate) fn excerpt_of(view: &View, text: &Text, unit: &Unit, span: Span) -> Option<Excerpt> {
    let words = span.of(&text.version.text)?.to_owned();
    let document = view.document(&text.version.document)?;
    Some(Excerpt {
        document: document.id.clone(),
        title: document.title.clone(),
        version: text.version.id.clone(),
        unit: unit.id.clone(),
        pinpoint: format!("{} {}", document.label(), unit.pinpoint).trim_end().to_owned(),
        in_force: in_words(text.validity),
        start: span.start,
        end: span.end,
        hash: blake3::hash(words.as_bytes()).to_hex().to_string(),
        text: words,
    })
}
