//! Gathers what cites the provisions of a page.

use std::collections::BTreeMap;
use std::rc::Rc;

use grounds_core::{Citation, Document, Pin, Rule, RuleKind, Snapshot, Unit, Validity};
use grounds_reason::{Compiled, ItemSource, Wording};
use jiff::civil::Date;

use super::{
    CitedWords, ClaimRead, DeclarationRead, Encoding, MarkedWords, ProvisionRead, QuestionRead, ReadingPage, RuleRead,
};
use crate::view::Text;

/// A provision with its text.
type Place = (Document, Rc<Text>, Unit);

pub(super) struct Gatherer<'a> {
    compiled: &'a Compiled,
    sources: &'a [ItemSource],
    test_count_of: &'a BTreeMap<String, usize>,
    places: &'a [Place],
    as_of: Date,
    /// The place of each pin that touches a provision of the page.
    pins: Vec<(usize, &'a Pin)>,
    /// By place and span.
    letters: BTreeMap<(usize, u32, u32), String>,
}

impl<'a> Gatherer<'a> {
    pub(super) fn new(encoding: &'a Encoding<'a>, places: &'a [Place], as_of: Date) -> Self {
        let Encoding { compiled, sources, test_count_of } = encoding;
        let mut pins: Vec<(usize, &Pin)> = Vec::new();
        for (position, (_, text, unit)) in places.iter().enumerate() {
            let touches = |pin: &Pin| {
                pin.version == text.version.id && pin.span.start < unit.span.end && unit.span.start < pin.span.end
            };
            pins.extend(compiled.pins.iter().map(|(_, pin)| pin).filter(|pin| touches(pin)).map(|pin| (position, pin)));
        }
        let mut gatherer = Self { compiled, sources, test_count_of, places, as_of, pins, letters: BTreeMap::new() };
        // Only what is shown marks the text.
        gatherer.pins.retain(|(_, pin)| {
            let rule = compiled.program.rules.iter().find(|rule| rule.id == pin.rule);
            rule.is_none_or(|rule| rule.in_force.contains(as_of))
        });
        let spans: std::collections::BTreeSet<_> =
            gatherer.pins.iter().map(|(place, pin)| (*place, pin.span.start, pin.span.end)).collect();
        gatherer.letters = spans.into_iter().enumerate().map(|(position, span)| (span, letter(position))).collect();
        gatherer
    }

    pub(super) fn page(&self, snapshot: Snapshot) -> ReadingPage {
        let program = &self.compiled.program;
        let mut wording = Wording::new(program, self.as_of);
        let mut claims: Vec<ClaimRead> = Vec::new();
        for claim in &program.claims {
            let own: Vec<&Rule> =
                program.rules.iter().filter(|rule| rule.claim == claim.name && self.shows(rule)).collect();
            let mut rules = Vec::new();
            for (rule, depth) in in_order(&own) {
                rules.push(self.rule(rule, depth, &mut wording));
            }
            let (say, say_not) = wording.claim(&claim.name).unwrap_or_default();
            if !rules.is_empty() {
                claims.push(ClaimRead { claim: claim.name.clone(), kind: claim.kind, say, say_not, rules });
            }
        }
        for fact in program.facts.iter().filter(|fact| self.quotes(&fact.predicate)) {
            wording.number(fact);
        }
        let questions = wording.questions().into_iter();
        let questions = questions.map(|question| {
            let letters = self.letters_of(&question.fact);
            QuestionRead { question, letters }
        });
        ReadingPage {
            as_of: self.as_of,
            snapshot,
            provisions: (0..self.places.len()).map(|position| self.provision(position)).collect(),
            claims,
            declarations: self.declarations(),
            questions: questions.collect(),
            not_in_force: self.not_in_force(),
        }
    }

    /// Whether something in the rules quotes words of the page.
    fn quotes(&self, holder: &str) -> bool {
        self.pins.iter().any(|(_, pin)| pin.rule == holder)
    }

    fn shows(&self, rule: &Rule) -> bool {
        rule.in_force.contains(self.as_of) && self.quotes(&rule.id)
    }

    /// The letters of the words that it quotes, in the order of the text.
    fn letters_of(&self, holder: &str) -> Vec<String> {
        let own = self.pins.iter().filter(|(_, pin)| pin.rule == holder);
        let mut spans: Vec<_> = own.map(|(place, pin)| (*place, pin.span.start, pin.span.end)).collect();
        spans.sort_unstable();
        spans.dedup();
        spans.iter().filter_map(|span| self.letters.get(span).cloned()).collect()
    }

    fn provision(&self, position: usize) -> ProvisionRead {
        let (document, text, unit) = &self.places[position];
        let words = text.words(unit).to_owned();
        let own = self.letters.iter().filter(|((place, _, _), _)| *place == position);
        let marks = own.map(|((place, start, end), letter)| {
            let is_this = |pin: &Pin| pin.span.start == *start && pin.span.end == *end;
            let mut quoted_by: Vec<String> = self
                .pins
                .iter()
                .filter(|(other, pin)| other == place && is_this(pin))
                .map(|(_, pin)| pin.rule.clone())
                .collect();
            quoted_by.dedup();
            // A quotation of a larger unit is marked as far as it stands in this one.
            let within = |offset: u32| (offset.clamp(unit.span.start, unit.span.end) - unit.span.start) as usize;
            MarkedWords { letter: letter.clone(), start: within(*start), end: within(*end), quoted_by }
        });
        let quoted = |part: &Unit| {
            let spans = self.letters.keys().filter(|(place, _, _)| *place == position);
            spans.into_iter().any(|(_, start, end)| *start < part.span.end && part.span.start < *end)
        };
        let parts = text.tree.children(&unit.id).filter(|part| !quoted(part));
        ProvisionRead {
            not_quoted: parts.map(|part| part.pinpoint.clone()).collect(),
            pinpoint: format!("{} {}", document.label(), unit.pinpoint).trim_end().to_owned(),
            title: document.title.clone(),
            version: text.version.id.0.clone(),
            in_force: text.validity,
            marks: marks.collect(),
            text: words,
        }
    }

    fn rule(&self, rule: &'a Rule, depth: usize, wording: &mut Wording<'a>) -> RuleRead {
        let program = &self.compiled.program;
        let words = wording.rule(rule);
        let kind = match &rule.kind {
            RuleKind::Base => "rule".to_owned(),
            RuleKind::Exception { to } => format!("exception to {to}"),
            RuleKind::Limit { .. } => "limit".to_owned(),
        };
        let is_exception = |other: &&Rule| matches!(&other.kind, RuleKind::Exception { to } if *to == rule.id);
        let elsewhere = program.rules.iter().filter(is_exception);
        let elsewhere = elsewhere.filter(|other| other.in_force.contains(self.as_of) && !self.quotes(&other.id));
        let concludes = |claim: &String| {
            let others: Vec<&Rule> = program.rules.iter().filter(|other| other.claim == *claim).collect();
            let mut provisions: Vec<&str> =
                others.iter().flat_map(|other| &other.cites).map(|cited| cited.pinpoint.as_str()).collect();
            provisions.sort_unstable();
            provisions.dedup();
            let is_here = others.iter().any(|other| self.shows(other));
            (!is_here).then(|| format!("{claim} ({})", provisions.join(", ")))
        };
        let source = self.source(&rule.id);
        RuleRead {
            rule: rule.id.clone(),
            kind,
            depth,
            in_force: rule.in_force,
            cites: rule.cites.iter().map(|cited| self.cited(&rule.id, cited)).collect(),
            rests_on: words.claims.iter().filter_map(concludes).collect(),
            words,
            readings: rule.readings.clone(),
            exceptions_elsewhere: elsewhere
                .map(|other| {
                    let provision = other.cites.first().map_or("", |cited| cited.pinpoint.as_str());
                    format!("{} ({provision})", other.id)
                })
                .collect(),
            test_count: self.test_count_of.get(&rule.id).copied().unwrap_or_default(),
            file: source.map_or(String::new(), |source| source.file.clone()),
            line: source.map_or(0, |source| source.line),
            source: source.map_or(String::new(), |source| source.text.clone()),
        }
    }

    fn source(&self, name: &str) -> Option<&'a ItemSource> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// A quotation with its letter, if it stands on the page.
    fn cited(&self, holder: &str, cited: &Citation) -> CitedWords {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_this = |(place, pin): &&(usize, &Pin)| {
            let words = pin.span.of(&self.places[*place].1.version.text).unwrap_or_default();
            pin.rule == holder && pin.unit == cited.unit && squeezed(words) == squeezed(&cited.quote)
        };
        let found = self.pins.iter().find(is_this);
        let letter = found.and_then(|(place, pin)| self.letters.get(&(*place, pin.span.start, pin.span.end)));
        CitedWords { pinpoint: cited.pinpoint.clone(), quote: cited.quote.clone(), letter: letter.cloned() }
    }

    /// What cites the page and is neither a rule nor a fact.
    fn declarations(&self) -> Vec<DeclarationRead> {
        let program = &self.compiled.program;
        let is_other = |source: &&ItemSource| {
            self.quotes(&source.name)
                && !program.rules.iter().any(|rule| rule.id == source.name)
                && !program.facts.iter().any(|fact| fact.predicate == source.name)
        };
        let declaration = |source: &ItemSource| DeclarationRead {
            name: source.name.clone(),
            letters: self.letters_of(&source.name),
            file: source.file.clone(),
            line: source.line,
            source: source.text.clone(),
        };
        self.sources.iter().filter(is_other).map(declaration).collect()
    }

    /// Rules bound to these texts, or to other states of these provisions, that are not in force on the date.
    fn not_in_force(&self) -> Vec<String> {
        let cites = |rule: &Rule| {
            rule.cites.iter().any(|cited| {
                self.places.iter().any(|(document, _, unit)| {
                    let inside = cited.unit.0.strip_prefix(&unit.id.0);
                    cited.document == document.id
                        && inside.is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
                })
            })
        };
        let rules =
            self.compiled.program.rules.iter().filter(|rule| !rule.in_force.contains(self.as_of) && cites(rule));
        rules.map(|rule| format!("{} ({})", rule.id, days_in_words(rule.in_force))).collect()
    }
}

/// Rules in the program's order, each followed by its exceptions, with their depth; limits last.
fn in_order<'a>(rules: &[&'a Rule]) -> Vec<(&'a Rule, usize)> {
    let is_below = |rule: &Rule, id: &str| matches!(&rule.kind, RuleKind::Exception { to } if to == id);
    let is_top = |rule: &Rule| match &rule.kind {
        RuleKind::Exception { to } => !rules.iter().any(|other| other.id == *to),
        _ => true,
    };
    let mut open: Vec<(&Rule, usize)> = rules.iter().rev().filter(|rule| is_top(rule)).map(|rule| (*rule, 0)).collect();
    open.sort_by_key(|(rule, _)| !matches!(rule.kind, RuleKind::Limit { .. }));
    let mut found = Vec::new();
    while let Some((rule, depth)) = open.pop() {
        found.push((rule, depth));
        open.extend(rules.iter().rev().filter(|other| is_below(other, &rule.id)).map(|other| (*other, depth + 1)));
    }
    found
}

/// "from 2015-01-01 to 2019-06-30", as people say it.
pub fn days_in_words(validity: Validity) -> String {
    let last = validity.to.and_then(|to| to.yesterday().ok());
    match (validity.from == Date::MIN, last) {
        (true, None) => "always".to_owned(),
        (true, Some(last)) => format!("until {last}"),
        (false, None) => format!("from {}", validity.from),
        (false, Some(last)) => format!("from {} to {last}", validity.from),
    }
}

/// "A" to "Z", then "AA", "AB", …
fn letter(position: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = position + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn letters_go_on_after_z() {
        let shown: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(letter).collect();
        assert_eq!(shown, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
