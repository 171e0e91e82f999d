//! What an amendment touches: rules whose words changed, the tests and past assessments that rest on these rules, and answers that quote the words.

mod touched;
mod quoted;

use grounds_core::{Pin, Snapshot, Validity};
use grounds_reason::{Compiled, outline};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::GroundsError;
use crate::ingest::{TextEdit, compare};
use crate::view::{Text, View};
use crate::workspace::Workspace;

/// Something in a rule file tied to words that are no longer those in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleRule {
    /// The rule file.
    pub file: String,
    /// The line it begins on in the stored file, from 1.
    pub line: usize,
    /// What it is: "rule", "exception", "table", "calendar", "fact", …
    pub kind: String,
    /// Its name in pins: a rule's id, a fact's predicate, the name of a table or calendar.
    pub rule: String,
    /// Its whole text.
    pub source: String,
    /// The provision it cites.
    pub pinpoint: String,
    /// The version it was checked against last.
    pub pinned_version: String,
    /// The version in force on the date asked.
    pub current_version: String,
    /// The first day since which the provision says something else, without interruption until the date asked.
    pub changed_on: Date,
    /// The provision's words then; empty where it did not exist.
    pub pinned_text: String,
    /// Its words now; empty where it no longer exists.
    pub current_text: String,
    /// From the words then to the words now.
    pub difference: Vec<TextEdit>,
}

/// A test whose law has changed under it: it decides as of a day on which a rule it rests on is stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleTest {
    /// The rule file.
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// Its name.
    pub test: String,
    /// Its date.
    pub as_of: Date,
    /// The stale rules, tables, facts and calendars that the claims it expects can depend on.
    pub rests_on: Vec<String>,
}

/// A kept assessment whose law has changed since, for the day as of which it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleAssessment {
    /// Its name in the workspace.
    pub answer: String,
    /// What was assessed.
    pub question: String,
    /// Its date.
    pub as_of: Date,
    /// The stale rules, tables, facts and calendars that its claims can depend on.
    pub rests_on: Vec<String>,
}

/// A kept answer that quotes what has come to say something else since, for the day as of which it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleAnswer {
    /// Its name in the workspace.
    pub answer: String,
    /// What was asked.
    pub question: String,
    /// Its date.
    pub as_of: Date,
    /// The provisions quoted that say something else, by version and place.
    pub quotes: Vec<StaleQuote>,
}

/// A provision that an answer quotes and that says something else now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleQuote {
    /// The provision.
    pub pinpoint: String,
    /// The version it is quoted from.
    pub quoted_version: String,
    /// The version in force on the answer's date, as known now; the same where it was imported anew with other words.
    pub current_version: String,
    /// From the provision's words then to its words now; all deleted where it no longer exists.
    pub difference: Vec<TextEdit>,
}

/// Everything that changes of the law have touched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// Rules, tables, calendars, facts, amendments and preferences, in the order of their files.
    pub rules: Vec<StaleRule>,
    /// In the order of their files.
    pub tests: Vec<StaleTest>,
    /// In the order of their names.
    pub assessments: Vec<StaleAssessment>,
    /// In the order of their names.
    pub answers: Vec<StaleAnswer>,
}

impl Stale {
    /// Whether nothing is touched.
    pub fn is_empty(&self) -> bool {
        // Tests and assessments are touched by way of rules.
        self.rules.is_empty() && self.answers.is_empty()
    }
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
        Ok(self.stale_with(view, as_of)?.0)
    }

    /// As [`Workspace::stale_rules`], with the tests of the stored rules and the assessments kept in `kept` that rest on them, and the answers
    /// kept there that quote what says something else now, for the day as of which each was given.
    ///
    /// `kept` is a view of its own, for keeping an answer is a commit that [`Workspace::view`] passes over by default. Costs besides one
    /// pass over the tests and the kept answers, and one look-up for each of their quotations.
    ///
    /// # Errors
    /// Those of the store.
    pub fn stale(&self, view: &View, kept: &View, as_of: Date) -> Result<Stale, GroundsError> {
        let (rules, stored) = self.stale_with(view, as_of)?;
        let answers = quoted::answers(view, kept)?;
        if rules.is_empty() {
            return Ok(Stale { answers, ..Stale::default() });
        }
        let tests = touched::tests(&stored, &rules);
        let assessments = touched::assessments(kept, &rules)?;
        Ok(Stale { rules, tests, assessments, answers })
    }

    /// The stale rules, and all rules as they were when they were stored.
    fn stale_with(&self, view: &View, as_of: Date) -> Result<(Vec<StaleRule>, Compiled), GroundsError> {
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
            for stale in found.iter_mut().filter(|stale| stale.file == file.row.name) {
                place(stale, &file.row.source);
            }
        }
        Ok((found, stored))
    }
}

/// Fills in what and where it is in its file.
fn place(stale: &mut StaleRule, source: &str) {
    let Some(item) = outline(source).into_iter().find(|item| item.name == stale.rule && item.word != "test") else {
        return;
    };
    stale.source = source.get(item.start..item.end).unwrap_or_default().to_owned();
    (stale.kind, stale.line) = (item.word, item.line);
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
        let pinned_text = pinned_unit.map_or("", |(text, unit)| text.words(unit));
        let current_text = unit.map_or("", |unit| now.words(unit));
        let stale = StaleRule {
            file: file.to_owned(),
            line: 0,
            kind: String::new(),
            rule: pin.rule.clone(),
            source: String::new(),
            pinpoint: format!("{label} {pinpoint}"),
            pinned_version: pin.version.0.clone(),
            current_version: now.version.id.0.clone(),
            changed_on: changed_on(compared, pins, pin, &now)?,
            pinned_text: pinned_text.to_owned(),
            current_text: current_text.to_owned(),
            difference: compare(pinned_text, current_text),
        };
        // Of several pins of one provision the latest is the one a reader compares with.
        found.retain(|other| other.pinpoint != stale.pinpoint);
        found.push(stale);
    }
    Ok(found)
}

/// The first day of the unbroken run of versions up to `now` in which the pinned unit says something else than any of `pins` has.
fn changed_on(compared: &Compared<'_>, pins: &[&Pin], pin: &Pin, now: &Text) -> Result<Date, GroundsError> {
    let mut since = now.validity.from;
    let mut versions = compared.now.versions(&pin.document)?;
    versions.sort_by_key(|stored| std::cmp::Reverse(stored.validity.from));
    for earlier in versions.into_iter().filter(|stored| stored.validity.from < now.validity.from) {
        let text = compared.now.text(&earlier.row.id)?;
        let unit = text.as_ref().and_then(|text| text.tree.get(&pin.unit));
        let is_pinned = |pinned: &&&Pin| pinned.unit == pin.unit && unit.is_some_and(|unit| unit.hash == pinned.hash);
        if earlier.known_from <= compared.stored_at || pins.iter().any(|pinned| is_pinned(&pinned)) {
            break;
        }
        since = earlier.validity.from;
    }
    Ok(since)
}
