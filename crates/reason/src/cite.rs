//! Citations and quotations against the text of the law.

use grounds_core::{Citation, DocumentId, Pin, Pinpoint, Span, Step, StepKind, Validity, VersionId};
use jiff::civil::Date;

use crate::declare::Names;
use crate::diagnostic::{Place, Problem};
use crate::law::{CitedText, CitedUnit};
use crate::surface::{Cites, Name};

/// Checks citations and collects their pins.
pub(crate) struct Citations<'a> {
    pub(crate) law: &'a dyn CitedText,
    pub(crate) names: &'a Names,
    pub(crate) files: Vec<String>,
    /// File name and pin, in the order of the files.
    pub(crate) pins: Vec<(String, Pin)>,
    /// Days on which a rule is in force and its provision has no text.
    pub(crate) warnings: Vec<Problem>,
}

/// What a citation must hold against.
#[derive(Clone, Copy)]
pub(crate) enum MustStand {
    /// A rule: every version in force on one of these days has the words.
    Throughout(Validity),
    /// A declaration, which has no time of its own: some version has the words.
    Somewhere,
}

impl Citations<'_> {
    /// One citation for each quotation of `cites` that stands in the text; the others are reported.
    pub(crate) fn check(
        &mut self,
        holder: &str,
        cites: &[Cites],
        during: MustStand,
        problems: &mut Vec<Problem>,
    ) -> Vec<Citation> {
        let mut citations = Vec::new();
        for cited in cites {
            let Some((document, pinpoint)) = self.provision(&cited.source, &cited.pinpoint, problems) else { continue };
            let Some(units) = self.units(&document, &pinpoint, cited, during, problems) else { continue };
            for quote in &cited.quotes {
                if let Some(citation) = self.quote(holder, &document, &pinpoint, &units, quote, during, problems) {
                    citations.push(citation);
                }
            }
        }
        citations
    }

    /// The document and provision that a citation names.
    pub(crate) fn provision(
        &self,
        source: &Name,
        pinpoint: &Name,
        problems: &mut Vec<Problem>,
    ) -> Option<(DocumentId, Pinpoint)> {
        let document = self.names.document(source, problems);
        match Pinpoint::parse(&pinpoint.text) {
            Ok(pinpoint) if pinpoint.document.is_none() => document.map(|document| (document, pinpoint)),
            Ok(_) => {
                let message = format!("`{}` does not begin with a provision", pinpoint.text);
                let hint = "write the provision after the source: smc art 52(1)";
                problems.push(Problem::new("bad-pinpoint", pinpoint.place, message, hint));
                None
            }
            Err(error) => {
                problems.push(Problem::new("bad-pinpoint", pinpoint.place, error.to_string(), ""));
                None
            }
        }
    }

    /// The versions of the cited unit that the quotations must (or may) stand in.
    fn units(
        &mut self,
        document: &DocumentId,
        pinpoint: &Pinpoint,
        cited: &Cites,
        during: MustStand,
        problems: &mut Vec<Problem>,
    ) -> Option<Vec<CitedUnit>> {
        let place = cited.source.place.to(cited.pinpoint.place);
        let shown = format!("{} {pinpoint}", self.law.label(document));
        let anywhere = self.law.unit_versions(document, pinpoint, Validity::always());
        if anywhere.is_empty() {
            let message = format!("no version has {shown}");
            let hint =
                "compare the citation with the text: paragraphs and points stand in brackets, as in art 52(1)(b)";
            problems.push(Problem::new("unknown-provision", place, message, hint));
            return None;
        }
        let MustStand::Throughout(validity) = during else { return Some(anywhere) };
        let versions = self.law.versions_in(document, validity);
        let units = self.law.unit_versions(document, pinpoint, validity);
        if versions.is_empty() {
            let message = format!("no version of {} is in force {}", self.law.label(document), days(validity));
            let hint = "change the rule's `in force`, or import the version of that time";
            problems.push(Problem::new("no-text-in-force", place, message, hint));
            return None;
        }
        if let Some(gap) = first_gap(validity, &versions) {
            let message =
                format!("the rule is in force on days without a text of {}: {}", self.law.label(document), days(gap));
            let hint = "change the rule's `in force`, or import the version of that time";
            self.warnings.push(Problem::new("days-without-text", place, message, hint));
        }
        let missing: Vec<String> = versions
            .iter()
            .filter(|(version, _)| !units.iter().any(|unit| unit.version == *version))
            .map(|(version, in_force)| format!("{version} ({})", days(*in_force)))
            .collect();
        if !missing.is_empty() {
            let there: Vec<String> = anywhere.iter().map(|unit| days(unit.in_force)).collect();
            let message = format!("{shown} does not exist in {}, when the rule is in force", missing.join(", "));
            let hint = format!("it exists {}: write that as the rule's `in force`", there.join(", "));
            problems.push(Problem::new("provision-not-in-force", place, message, hint));
            return None;
        }
        Some(units)
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `check`, named for the reader")]
    fn quote(
        &mut self,
        holder: &str,
        document: &DocumentId,
        pinpoint: &Pinpoint,
        units: &[CitedUnit],
        quote: &Name,
        during: MustStand,
        problems: &mut Vec<Problem>,
    ) -> Option<Citation> {
        let words = quote.text.trim();
        if words.is_empty() {
            let hint = "quote the words that the rule encodes";
            problems.push(Problem::new("empty-quote", quote.place, "this quotation is empty", hint));
            return None;
        }
        let found: Vec<(&CitedUnit, Span)> =
            units.iter().filter_map(|unit| find_words(&unit.text, words).map(|span| (unit, span))).collect();
        let without = units.iter().find(|unit| !found.iter().any(|(other, _)| other.version == unit.version));
        if let Some(unit) = without.filter(|_| found.is_empty() || matches!(during, MustStand::Throughout(_))) {
            problems.push(self.not_found(document, pinpoint, unit, words, quote.place));
            return None;
        }
        let file = &self.files[quote.place.file];
        for (unit, span) in &found {
            let (start, end) = (unit.start + span.start, unit.start + span.end);
            let pin = Pin {
                rule: holder.to_owned(),
                document: document.clone(),
                version: unit.version.clone(),
                unit: unit.unit.clone(),
                hash: unit.hash.clone(),
                span: Span { start, end },
            };
            self.pins.push((file.clone(), pin));
        }
        found.last().map(|(unit, _)| Citation {
            document: document.clone(),
            unit: unit.unit.clone(),
            pinpoint: unit.pinpoint.clone(),
            quote: quote.text.clone(),
        })
    }

    fn not_found(
        &self,
        document: &DocumentId,
        pinpoint: &Pinpoint,
        unit: &CitedUnit,
        words: &str,
        place: Place,
    ) -> Problem {
        let message = format!(
            "these words do not stand in {} of {}, in force {}",
            unit.pinpoint,
            unit.version,
            days(unit.in_force)
        );
        let article = Pinpoint { document: None, steps: pinpoint.steps.iter().take(1).cloned().collect() };
        let hint = match self.elsewhere(document, article, unit, words) {
            Some(other) => format!("they stand in {other}"),
            None => match closest(&unit.text, words) {
                Some(text) => format!("the closest there is \"{text}\"; a quotation is exact, to the letter"),
                None => "a quotation is exact, to the letter; only white space may differ".to_owned(),
            },
        };
        Problem::new("quote-not-found", place, message, hint)
    }

    /// The smallest unit of the article, in the same version, that has the words.
    fn elsewhere(&self, document: &DocumentId, article: Pinpoint, unit: &CitedUnit, words: &str) -> Option<String> {
        let holds = |pinpoint: &Pinpoint| {
            let versions = self.law.unit_versions(document, pinpoint, unit.in_force);
            let same = versions.into_iter().find(|other| other.version == unit.version)?;
            find_words(&same.text, words).map(|_| same)
        };
        let numbers = || (1..=40).map(|number| number.to_string());
        let letters = || ('a'..='z').map(String::from);
        let mut here = article;
        let mut found = holds(&here)?;
        // Articles are at most a handful of levels deep; the bound keeps a strange port from looping.
        for _ in 0..6 {
            let below = numbers().chain(letters()).chain(["ii", "iii", "iv", "vi", "vii"].map(String::from)).find_map(
                |number| {
                    let mut deeper = here.clone();
                    deeper.steps.push(Step { kind: StepKind::Any, number });
                    holds(&deeper).filter(|other| other.unit != found.unit).map(|other| (deeper, other))
                },
            );
            let Some((deeper, unit)) = below else { break };
            (here, found) = (deeper, unit);
        }
        Some(found.pinpoint)
    }
}

/// The first days of `validity` on which no version is in force. "Always" asks for nothing before the first version.
fn first_gap(validity: Validity, versions: &[(VersionId, Validity)]) -> Option<Validity> {
    let mut covered = if validity.from == Date::MIN { None } else { Some(validity.from) };
    let mut in_order: Vec<Validity> = versions.iter().map(|(_, in_force)| *in_force).collect();
    in_order.sort();
    for in_force in in_order {
        match covered {
            Some(from) if from < in_force.from => return Some(Validity { from, to: Some(in_force.from) }),
            _ => {}
        }
        let to = in_force.to?;
        covered = Some(covered.map_or(to, |covered| covered.max(to)));
    }
    let from = covered?;
    let is_covered = validity.to.is_some_and(|to| to <= from);
    // A text that has ended is no mistake of a rule that never says when it ends.
    if is_covered || validity.to.is_none() && validity.from == Date::MIN {
        None
    } else {
        Some(Validity { from, to: validity.to })
    }
}

/// "from 2015-01-01 to 2019-06-30", as people say it.
pub(crate) fn days(validity: Validity) -> String {
    let last = validity.to.and_then(|to| to.yesterday().ok());
    match (validity.from == Date::MIN, last) {
        (true, None) => "at any time".to_owned(),
        (true, Some(last)) => format!("until {last}"),
        (false, None) => format!("from {}", validity.from),
        (false, Some(last)) => format!("from {} to {last}", validity.from),
    }
}

/// Where `words` first stands in `text`: exactly, but any run of white space matches any other.
pub(crate) fn find_words(text: &str, words: &str) -> Option<Span> {
    let pieces: Vec<&str> = words.split_whitespace().collect();
    let first = *pieces.first()?;
    let mut from = 0;
    while let Some(at) = text[from..].find(first) {
        let start = from + at;
        if let Some(end) = match_pieces(text, start, &pieces) {
            return Some(Span::new(start, end));
        }
        from = start + text[start..].chars().next().map_or(1, char::len_utf8);
    }
    None
}

fn match_pieces(text: &str, start: usize, pieces: &[&str]) -> Option<usize> {
    let mut position = start;
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            let rest = &text[position..];
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            position = text.len() - trimmed.len();
        }
        if !text[position..].starts_with(piece) {
            return None;
        }
        position += piece.len();
    }
    Some(position)
}

/// The stretch of `text` that shares most words with `words`; `None` where less than half.
fn closest(text: &str, words: &str) -> Option<String> {
    let wanted: Vec<&str> = words.split_whitespace().take(60).collect();
    let present: Vec<&str> = text.split_whitespace().take(4_000).collect();
    let width = wanted.len().min(present.len());
    if width == 0 {
        return None;
    }
    let score = |window: &[&str]| {
        let aligned = window.iter().zip(&wanted).filter(|(left, right)| left == right).count();
        let shared = wanted.iter().filter(|word| window.contains(word)).count();
        shared * 2 + aligned
    };
    let best = present.windows(width).map(|window| (score(window), window)).max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score >= wanted.len()).map(|(_, window)| window.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_matches_white_space_and_nothing_else_is_ignored() {
        let text = "within 72\n   hours of detecting it";
        assert_eq!(find_words(text, "72 hours"), Some(Span::new(7, 18)));
        assert_eq!(find_words(text, "72  hours of"), Some(Span::new(7, 21)));
        assert_eq!(find_words(text, "72hours"), None);
        assert_eq!(find_words(text, "within 72 Hours"), None);
        assert_eq!(find_words("aab aac", "aac"), Some(Span::new(4, 7)));
    }

    #[test]
    fn the_closest_words_are_suggested() {
        assert_eq!(
            closest("It shall be sent within 72 hours of detecting it.", "within 48 hours of").as_deref(),
            Some("within 72 hours of")
        );
        assert_eq!(closest("Nothing alike here.", "within 48 hours"), None);
    }
}
