//! Deadlines, amounts, percentages and lengths of time as claims with values.

use grounds_core::Unit;

use super::super::figures::{Figure, FigureKind};
use super::super::grammar::TimeUnit;
use super::super::sentence::Sentence;
use super::names::{type_name, written};
use super::{Skeleton, plain};

/// A claim with a value, and the rule for it.
struct Valued<'v> {
    /// What it is called behind the unit: "by", "amount".
    what: &'v str,
    value_type: &'v str,
    say: &'v str,
    words: &'v str,
    expression: String,
}

impl Skeleton<'_> {
    /// Adds the claims for the figures of a sentence.
    pub(super) fn values(&mut self, unit: &Unit, sentence: &Sentence<'_>, stem: &str) {
        let chosen = self.chosen(unit, sentence, stem);
        for figure in &sentence.figures {
            let words = tail(sentence.text, figure);
            match &figure.kind {
                // In a condition, a length of time is compared with, and ends nothing.
                FigureKind::Time { count, unit: time_unit, is_deadline: true }
                    if !sentence.is_in_clause(figure.start) =>
                {
                    self.deadline(unit, stem, words, (*count, *time_unit), &sentence.text[figure.end..]);
                }
                FigureKind::Time { count, unit: time_unit, .. } => {
                    let (value_type, expression) = length(*count, *time_unit);
                    let valued = Valued { what: "period", value_type, say: "the period is", words, expression };
                    self.valued(unit, stem, &valued);
                }
                FigureKind::Amount(_) | FigureKind::Percentage(_) if chosen => {}
                FigureKind::Amount(amount) => {
                    let expression = amount.clone();
                    self.valued(
                        unit,
                        stem,
                        &Valued { what: "amount", value_type: "money", say: "the amount is", words, expression },
                    );
                }
                FigureKind::Percentage(percentage) => {
                    let expression = percentage.clone();
                    self.valued(
                        unit,
                        stem,
                        &Valued { what: "share", value_type: "number", say: "the share is", words, expression },
                    );
                }
            }
        }
    }

    /// Whether the amounts and percentages of a sentence were made one claim: the higher or the lower of them.
    fn chosen(&mut self, unit: &Unit, sentence: &Sentence<'_>, stem: &str) -> bool {
        let Some(is_higher) = sentence.choice else { return false };
        let is_amount = |figure: &&Figure| !matches!(figure.kind, FigureKind::Time { .. });
        let figures: Vec<&Figure> = sentence.figures.iter().filter(is_amount).collect();
        let currencies = figures.iter().filter_map(|figure| match &figure.kind {
            FigureKind::Amount(amount) => amount.get(..3),
            _ => None,
        });
        let mut currencies: Vec<&str> = currencies.collect();
        currencies.dedup();
        let (Some(first), Some(last), true) = (figures.first(), figures.last(), figures.len() > 1) else {
            return false;
        };
        if currencies.len() > 1 {
            return false;
        }
        let mut parts = Vec::new();
        for figure in &figures {
            match &figure.kind {
                FigureKind::Amount(amount) => parts.push(amount.clone()),
                FigureKind::Percentage(percentage) => {
                    let of = self.base(unit, tail(sentence.text, figure));
                    parts.push(format!("{percentage} of {of} rounded down"));
                }
                FigureKind::Time { .. } => {}
            }
        }
        let (start, end) = (first.start, last.end);
        let (word, say) =
            if is_higher { ("greater", "the higher amount is") } else { ("lesser", "the lower amount is") };
        let expression = format!("{word} of ({})", parts.join(", "));
        let words = &sentence.text[start..end];
        self.valued(unit, stem, &Valued { what: "amount", value_type: "money", say, words, expression });
        true
    }

    /// The fact of what a percentage is of.
    fn base(&mut self, unit: &Unit, words: &str) -> String {
        let of = words.split_once(['%', 't']).map_or(words, |(_, of)| of);
        let attribute = self.names.attribute(&format!("base {of}"));
        let cites = self.cites(&self.quote(unit, words));
        let entity = &self.entity;
        let ask = plain(&self.quote(unit, words).words);
        let fact = format!(
            "fact {entity}.{attribute} : money open\n  {cites}\n  ask \"How much is that of which the share is meant in {{{entity}}}: {ask}?\""
        );
        self.facts.push(fact);
        format!("c.{attribute}")
    }

    fn deadline(&mut self, unit: &Unit, stem: &str, words: &str, (count, time_unit): (u32, TimeUnit), after: &str) {
        let is_clock = matches!(time_unit, TimeUnit::Hours | TimeUnit::Minutes);
        let value_type = if is_clock { "instant" } else { "date" };
        let after = after.split([',', ';', '(']).next().unwrap_or_default();
        let attribute = self.names.attribute(&format!("period begins {after}"));
        let quote = self.quote(unit, words);
        let cites = self.cites(&quote);
        let entity = &self.entity;
        let fact = format!(
            "fact {entity}.{attribute} : {value_type} open\n  {cites}\n  ask \"When does this period begin in {{{entity}}}: {}?\"",
            plain(&quote.words)
        );
        self.facts.push(fact);
        let by =
            if time_unit == TimeUnit::WorkingDays { format!(" by {}", self.calendar(&cites)) } else { String::new() };
        let expression = format!("c.{attribute} + {count} {}{by}", unit_words(count, time_unit));
        self.valued(unit, stem, &Valued { what: "by", value_type, say: "the period ends on", words, expression });
    }

    /// The calendar by which working days are counted, which the author is to replace.
    fn calendar(&mut self, cites: &str) -> String {
        if let Some(name) = &self.calendar {
            return name.clone();
        }
        let name = self.names.fresh("working_days");
        let item = format!(
            "-- To be replaced by the calendar of the law that says what working days are.\ncalendar {name}\n  {cites}\n  weekend saturday, sunday"
        );
        self.facts.push(format!("\n{item}"));
        self.calendar = Some(name.clone());
        name
    }

    fn valued(&mut self, unit: &Unit, stem: &str, valued: &Valued<'_>) {
        let Valued { what, value_type, say, words, expression } = valued;
        let claim = self.names.fresh(&format!("{}_{what}", type_name(stem)));
        let id = self.names.fresh(&format!("{}-{what}", written(stem, true)));
        let quote = self.quote(unit, words);
        let cites = self.cites(&quote);
        let (entity, quoted) = (&self.entity, plain(&quote.words));
        let item =
            format!("claim {claim}({entity}) : {value_type}\n  say \"{say} {{value}} in {{{entity}}}: {quoted}\"");
        let rule = format!("rule {id}\n  {cites}{}\n  {claim}(c) = {expression}", self.in_force());
        self.items.push(item);
        self.items.push(rule);
    }
}

/// A figure with what follows it, to the end of its clause.
fn tail<'t>(text: &'t str, figure: &Figure) -> &'t str {
    let stop = text[figure.end..].find([',', ';', ':', '(']).map_or(text.len(), |at| figure.end + at);
    text[figure.start..stop].trim_end_matches(|c: char| c.is_whitespace() || ".,;:".contains(c))
}

/// The type and the term of a length of time in which nothing is to be done.
fn length(count: u32, unit: TimeUnit) -> (&'static str, String) {
    match unit {
        TimeUnit::WorkingDays => ("number", count.to_string()),
        _ => ("duration", format!("{count} {}", unit_words(count, unit))),
    }
}

fn unit_words(count: u32, unit: TimeUnit) -> &'static str {
    let (one, many) = match unit {
        TimeUnit::Minutes => ("minute", "minutes"),
        TimeUnit::Hours => ("hour", "hours"),
        TimeUnit::Days => ("day", "days"),
        TimeUnit::WorkingDays => ("working day", "working days"),
        TimeUnit::Weeks => ("week", "weeks"),
        TimeUnit::Months => ("month", "months"),
        TimeUnit::Years => ("year", "years"),
    };
    if count == 1 { one } else { many }
}
