//! Where a rule file cites the law, for tools that show the words beside the rules.

use grounds_core::Validity;

use crate::diagnostic::{Diagnostic, RuleFile, Severity};
use crate::parse::parse_file;
use crate::surface::{Cites, Item};

/// A citation as it stands in a rule file. All positions are byte offsets into the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCitation {
    /// The name before the provision, as a `source` item declares it.
    pub source: String,
    /// The provision as written.
    pub pinpoint: String,
    /// Where the source's name begins.
    pub start: usize,
    /// Where the provision ends.
    pub end: usize,
    /// Where each quotation begins and ends, quotation marks included.
    pub quotes: Vec<(usize, usize)>,
    /// The time in force of what cites, where it has one of its own and states it.
    pub in_force: Option<Validity>,
}

/// The citations of a rule file, in order; nothing is looked up.
pub fn citations_in(source: &str) -> Vec<WrittenCitation> {
    let mut unreported = Vec::new();
    let mut found = Vec::new();
    for item in parse_file(0, source, &mut unreported) {
        match &item {
            Item::Fact(fact) => written(&fact.cites, None, &mut found),
            Item::Calendar(calendar) => written(&calendar.cites, None, &mut found),
            Item::Rule(rule) => written(&rule.cites, rule.in_force, &mut found),
            Item::Amend(amend) => written(&amend.cites, amend.in_force, &mut found),
            Item::Prefer { cites, .. } => written(cites, None, &mut found),
            Item::Table(table) => {
                written(&table.cites, None, &mut found);
                table.rows.iter().for_each(|row| written(&row.cites, row.in_force, &mut found));
            }
            Item::Source { .. } | Item::Entity { .. } | Item::Claim(_) | Item::Test(_) => {}
        }
    }
    found.sort_by_key(|citation| citation.start);
    found
}

fn written(cites: &[Cites], in_force: Option<Validity>, found: &mut Vec<WrittenCitation>) {
    found.extend(cites.iter().map(|cited| WrittenCitation {
        source: cited.source.text.clone(),
        pinpoint: cited.pinpoint.text.clone(),
        start: cited.source.place.start,
        end: cited.pinpoint.place.end,
        quotes: cited.quotes.iter().map(|quote| (quote.place.start, quote.place.end)).collect(),
        in_force,
    }));
}

/// The `source` items of a rule file: the name, and the document it stands for.
pub fn sources_in(source: &str) -> Vec<(String, String)> {
    let mut unreported = Vec::new();
    let items = parse_file(0, source, &mut unreported);
    let declared = items.into_iter().filter_map(|item| match item {
        Item::Source { name, document } => Some((name.text, document.text)),
        _ => None,
    });
    declared.collect()
}

/// What cannot be read in a rule file: mistakes that need no law and no other file to be found.
pub fn unreadable_in(file: &RuleFile<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    parse_file(0, file.source, &mut problems);
    problems.sort_by_key(|problem| problem.place);
    problems.into_iter().map(|problem| problem.into_diagnostic(std::slice::from_ref(file), Severity::Error)).collect()
}
