//! Which provisions the rules encode, which they do not, and which rules no test exercises.

use std::collections::BTreeSet;

use grounds_core::{Document, DocumentId, Pin, Rule, Snapshot, SourceKind, UnitId, UnitKind, VersionId};
use grounds_reason::{Compiled, exercised};
use jiff::civil::Date;
use serde::Serialize;

use crate::error::GroundsError;
use crate::view::{Text, View, is_repealed};

/// The provisions of documents as in force on a date, and the rules for them.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// The date whose law and rules count.
    pub as_of: Date,
    /// What was known.
    pub snapshot: Snapshot,
    /// In the order asked, or by name.
    pub documents: Vec<DocumentCoverage>,
    /// How many rules, exceptions and limits there are, at any time.
    pub rule_count: usize,
    /// Those that no test exercises, in the program's order.
    pub unexercised: Vec<UnexercisedRule>,
}

/// The provisions of one document.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentCoverage {
    /// The work.
    pub document: DocumentId,
    /// What pinpoints begin with.
    pub label: String,
    /// The version in force on the date.
    pub version: VersionId,
    /// Its articles (of a document without any, its sections), without repealed ones.
    pub provision_count: usize,
    /// How many of them at least one rule, table, calendar or amendment encodes.
    pub encoded_count: usize,
    /// The share of these, in thousandths, rounded down; 0 of none.
    pub encoded_per_mille: usize,
    /// In the order of the document.
    pub provisions: Vec<ProvisionCoverage>,
}

/// One article or section.
#[derive(Clone, Debug, Serialize)]
pub struct ProvisionCoverage {
    /// Its name in the version.
    pub unit: UnitId,
    /// "art. 33"
    pub pinpoint: String,
    /// Its heading; empty where it has none.
    pub heading: String,
    /// What quotes it and is in force on the date: rules, exceptions, limits, tables, calendars, amendments, preferences.
    pub rules: Vec<String>,
    /// Facts and judgements that quote it: they ask about it, and encode nothing.
    pub facts: Vec<String>,
}

/// A rule whose condition is met in no test that expects a claim resting on it.
#[derive(Clone, Debug, Serialize)]
pub struct UnexercisedRule {
    /// Its id.
    pub rule: String,
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The first provision it cites.
    pub pinpoint: String,
}

/// Compares the rules with the provisions of `documents`; without any, of all regulations and everything that rules cite.
///
/// A document of which no version is in force on the date is left out, unless it was asked for. Costs one look at each quotation for each document, and
/// one run of the tests.
///
/// # Errors
/// [`GroundsError::NotInForce`] for a document asked for; those of the store.
pub fn coverage(
    view: &View,
    compiled: &Compiled,
    documents: &[DocumentId],
    as_of: Date,
) -> Result<Coverage, GroundsError> {
    let cited: BTreeSet<&DocumentId> = compiled.pins.iter().map(|(_, pin)| &pin.document).collect();
    let is_wanted = |document: &&Document| document.kind == SourceKind::Regulation || cited.contains(&document.id);
    let wanted: Vec<&Document> = if documents.is_empty() {
        view.documents().iter().filter(is_wanted).collect()
    } else {
        documents.iter().filter_map(|id| view.document(id)).collect()
    };
    let mut found = Vec::new();
    for document in wanted {
        match view.text_in_force(&document.id, as_of)? {
            Some(text) => found.push(of_document(document, &text, compiled, as_of)),
            None if documents.is_empty() => {}
            None => return Err(GroundsError::NotInForce { document: document.label().to_owned(), as_of }),
        }
    }
    Ok(Coverage {
        as_of,
        snapshot: view.known_at(),
        documents: found,
        rule_count: compiled.program.rules.len(),
        unexercised: unexercised(compiled),
    })
}

fn of_document(document: &Document, text: &Text, compiled: &Compiled, as_of: Date) -> DocumentCoverage {
    let program = &compiled.program;
    let pins: Vec<&Pin> =
        compiled.pins.iter().map(|(_, pin)| pin).filter(|pin| pin.version == text.version.id).collect();
    let has_articles = text.tree.units().iter().any(|unit| unit.kind == UnitKind::Article);
    let kind = if has_articles { UnitKind::Article } else { UnitKind::Section };
    let units = text.tree.units().iter().filter(|unit| unit.kind == kind && !is_repealed(text.words(unit)));
    let provisions: Vec<ProvisionCoverage> = units
        .map(|unit| {
            let (mut rules, mut facts): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
            for pin in pins.iter().filter(|pin| unit.span.contains(pin.span)) {
                let rule = program.rules.iter().find(|rule| rule.id == pin.rule);
                let is_in_force = rule.is_none_or(|rule: &Rule| rule.in_force.contains(as_of));
                let is_fact = program.facts.iter().any(|fact| fact.predicate == pin.rule);
                let list = if is_fact { &mut facts } else { &mut rules };
                if is_in_force && !list.contains(&pin.rule) {
                    list.push(pin.rule.clone());
                }
            }
            let (pinpoint, heading) = (unit.pinpoint.clone(), unit.heading.clone());
            ProvisionCoverage { unit: unit.id.clone(), pinpoint, heading, rules, facts }
        })
        .collect();
    let encoded_count = provisions.iter().filter(|provision| !provision.rules.is_empty()).count();
    DocumentCoverage {
        document: document.id.clone(),
        label: document.label().to_owned(),
        version: text.version.id.clone(),
        provision_count: provisions.len(),
        encoded_count,
        encoded_per_mille: (encoded_count * 1000).checked_div(provisions.len()).unwrap_or_default(),
        provisions,
    }
}

fn unexercised(compiled: &Compiled) -> Vec<UnexercisedRule> {
    let counts = exercised(compiled);
    let rules = compiled.program.rules.iter().filter(|rule| counts.get(&rule.id).is_none_or(|count| *count == 0));
    let found = rules.map(|rule| {
        let (file, line) = compiled.positions.get(&rule.id).cloned().unwrap_or_default();
        let pinpoint = rule.cites.first().map_or(String::new(), |cited| cited.pinpoint.clone());
        UnexercisedRule { rule: rule.id.clone(), file, line, pinpoint }
    });
    found.collect()
}
