//! Rules whose law has changed: pins compared with what is in force now.

use grounds_core::{Pin, Snapshot, Validity};
use grounds_reason::Compiled;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::GroundsError;
use crate::view::View;
use crate::workspace::Workspace;

/// A rule tied to words that are no longer those in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleRule {
    /// The rule file.
    pub file: String,
    /// The rule, fact or calendar in it.
    pub rule: String,
    /// The provision it cites.
    pub pinpoint: String,
    /// The version it was checked against last.
    pub pinned_version: String,
    /// The version in force on the date asked.
    pub current_version: String,
    /// The provision's words then; empty where it did not exist.
    pub pinned_text: String,
    /// Its words now; empty where it no longer exists.
    pub current_text: String,
}

impl Workspace {
    /// The stored rules in force on `as_of` whose provision has come to say something else since they were stored.
    ///
    /// A change of white space alone does not count, nor does a text that was known when the rules were stored: they compiled against it. Costs
    /// one compilation and one look-up for each quotation.
    ///
    /// # Errors
    /// Those of the store.
    pub fn stale_rules(&self, view: &View, as_of: Date) -> Result<Vec<StaleRule>, GroundsError> {
        let files = view.reader().rule_files(None)?;
        let stored_at = files.iter().map(|file| file.known_from).max().unwrap_or(view.known_at());
        let then = self.view(Some(stored_at))?;
        // Rules compiled when they were stored, whatever happened to the law since.
        let stored = self.rules(&then)?;
        let mut found = Vec::new();
        for file in files {
            let mut rules: Vec<&str> = file.row.pins.iter().map(|pin| pin.rule.as_str()).collect();
            rules.dedup();
            for rule in rules.into_iter().filter(|rule| is_in_force(&stored, rule, as_of)) {
                let pins: Vec<&Pin> = file.row.pins.iter().filter(|pin| pin.rule == rule).collect();
                let compared = Compared { now: view, then: &then, stored_at: file.known_from };
                found.extend(stale(&compared, &file.row.name, &pins, as_of)?);
            }
        }
        Ok(found)
    }
}

/// What is compared with what.
struct Compared<'a> {
    now: &'a View,
    then: &'a View,
    stored_at: Snapshot,
}

/// Whether the rule is in force on the date; facts and calendars always are.
fn is_in_force(stored: &Compiled, id: &str, as_of: Date) -> bool {
    let rule = stored.program.rules.iter().find(|rule| rule.id == id);
    rule.map_or(Validity::always(), |rule| rule.in_force).contains(as_of)
}

/// Compares one rule's pins with the units in force.
fn stale(compared: &Compared<'_>, file: &str, pins: &[&Pin], as_of: Date) -> Result<Vec<StaleRule>, GroundsError> {
    let mut found: Vec<StaleRule> = Vec::new();
    for pin in pins {
        let Some(stored) = compared.now.reader().version_in_force(&pin.document, as_of)? else { continue };
        let Some(now) = compared.now.text(&stored.row.id)? else { continue };
        if stored.known_from <= compared.stored_at {
            continue;
        }
        let unit = now.tree.get(&pin.unit);
        let is_pinned = |pinned: &&&Pin| {
            pinned.document == pin.document
                && pinned.unit == pin.unit
                && unit.is_some_and(|unit| unit.hash == pinned.hash)
        };
        if pins.iter().any(|pinned| is_pinned(&pinned)) {
            continue;
        }
        // What the provision said that day when the rules were stored: if no more than now, nothing happened since.
        let before = compared.then.text_in_force(&pin.document, as_of)?;
        let before = before.as_ref().and_then(|text| text.tree.get(&pin.unit));
        if before.map(|unit| &unit.hash) == unit.map(|unit| &unit.hash) {
            continue;
        }
        let then = compared.then.text(&pin.version)?;
        let pinned_unit = then.as_ref().and_then(|text| text.tree.get(&pin.unit).map(|unit| (text, unit)));
        let label = compared.now.document(&pin.document).map_or("", |document| document.label());
        let pinpoint = pinned_unit.map_or(String::new(), |(_, unit)| unit.pinpoint.clone());
        let stale = StaleRule {
            file: file.to_owned(),
            rule: pin.rule.clone(),
            pinpoint: format!("{label} {pinpoint}"),
            pinned_version: pin.version.0.clone(),
            current_version: now.version.id.0.clone(),
            pinned_text: pinned_unit.map_or(String::new(), |(text, unit)| text.words(unit).to_owned()),
            current_text: unit.map_or(String::new(), |unit| now.words(unit).to_owned()),
        };
        // Of several pins of one provision the latest is the one a reader compares with.
        found.retain(|other| other.pinpoint != stale.pinpoint);
        found.push(stale);
    }
    Ok(found)
}
