//! Whether the stored texts are about the question at all.

use std::collections::BTreeSet;

use grounds_core::{Document, Evidence, OpenQuestion, Question, Reason, Refusal, SourceKind, Validity};
use grounds_store::names_something;
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::{CitedInQuestion, retrieve};
use crate::view::{Located, View};

/// Below this share of the question's words (weighted by rarity) in one passage, a question with a word that no text has is about
/// something else. Measured on questions with known answers, see `bench/README.md`.
const COVERAGE_MIN: f64 = 0.345;

/// The same for a question all of whose words occur.
const COVERAGE_MIN_KNOWN: f64 = 0.2;

/// A question of more words than this needs less of them in one passage, in proportion: a story tells more than any provision says.
const WORD_COUNT_SHORT: usize = 6;

/// A question that the law does not cover must have this much of its words in one passage of another source: decisions and guidelines mention
/// much in passing that they are not about.
const COVERAGE_MIN_ELSEWHERE: f64 = 0.7;

/// Whether no stored text is about the question: first the law is asked, then everything else.
fn is_out_of_scope(view: &View, evidence: &Evidence) -> Result<bool, GroundsError> {
    let question = &evidence.question;
    let has_law = view.documents().iter().any(|document| document.kind == SourceKind::Regulation);
    if !question.kinds.is_empty() || !question.documents.is_empty() || !has_law {
        return Ok(is_foreign(evidence));
    }
    let law = retrieve(view, &Question { kinds: vec![SourceKind::Regulation], ..question.clone() })?;
    Ok(is_foreign(&law) && (is_foreign(evidence) || evidence.coverage < COVERAGE_MIN_ELSEWHERE))
}

/// Whether too little of the question is in any one passage.
fn is_foreign(evidence: &Evidence) -> bool {
    let least = if evidence.unknown_words.is_empty() { COVERAGE_MIN_KNOWN } else { COVERAGE_MIN };
    #[expect(clippy::cast_precision_loss, reason = "questions have few words")]
    let share = (WORD_COUNT_SHORT as f64 / evidence.word_count.max(1) as f64).min(1.0);
    evidence.coverage < least * share
}

/// A hit on another date must be this much better than the best one now to say "not in force" instead.
const OTHER_DATE_FACTOR: f64 = 1.25;

/// Words that name a kind of legal instrument, by language; a capitalised name before one of them names an instrument.
const INSTRUMENTS: &[&str] = &[
    "Act",
    "Directive",
    "Regulation",
    "Code",
    "Convention",
    "Treaty",
    "Constitution",
    "Ordinance",
    "Statute",
    "Law",
    "Order",
    "Gesetz",
    "Verordnung",
    "Richtlinie",
    "Loi",
    "Règlement",
];

/// Why the question cannot be answered from what is visible, with what would settle it; `None` where it can.
pub(crate) fn refuse(
    view: &View,
    evidence: &Evidence,
    cited: &[CitedInQuestion],
) -> Result<Option<(Refusal, Vec<OpenQuestion>)>, GroundsError> {
    if let Some(refusal) = cited.iter().find_map(|cited| refuse_citation(view, evidence, cited)) {
        return Ok(Some(refusal));
    }
    if cited.iter().any(|cited| matches!(cited.located, Located::Found { .. })) {
        return Ok(None);
    }
    let question = &evidence.question;
    let usable = view.documents().iter().filter(|document| may_use(question, document));
    let languages: BTreeSet<&str> = usable.map(|document| document.language.as_str()).collect();
    let languages: Vec<&str> = languages.into_iter().collect();
    if !languages.is_empty() && !names_something(&question.text, &languages) {
        let message = "The question names nothing that could be looked for.".to_owned();
        let ask = "What is the question about: which duty, right, event or provision?".to_owned();
        return Ok(Some(refusal(Reason::OutOfScope, message, "scope", ask)));
    }
    if let Some(instrument) = foreign_instrument(view, &question.text) {
        let message = format!("The question is about {instrument}, which is not among the stored documents.");
        let ask = format!("Can {instrument} be added to the workspace, or is the question about a stored document?");
        return Ok(Some(refusal(Reason::OutOfScope, message, "scope", ask)));
    }
    if let Some(refused) = refuse_date(view, evidence)? {
        return Ok(Some(refused));
    }
    if evidence.hits.is_empty() && !is_anything_in_force(view, question)? {
        let message = format!("No stored text that the question may use is in force on {}.", question.at.as_of);
        let ask = "Which document should answer this question, or as of which date?".to_owned();
        return Ok(Some(refusal(Reason::NoSource, message, "scope", ask)));
    }
    if is_out_of_scope(view, evidence)? {
        return Ok(Some(refuse_scope(evidence)));
    }
    Ok(None)
}

/// Whether the question's filters and date leave any text at all.
fn is_anything_in_force(view: &View, question: &Question) -> Result<bool, GroundsError> {
    for document in view.documents() {
        if may_use(question, document) && view.text_in_force(&document.id, question.at.as_of)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the question's filters let a document answer it.
fn may_use(question: &Question, document: &Document) -> bool {
    (question.kinds.is_empty() || question.kinds.contains(&document.kind))
        && (question.documents.is_empty() || question.documents.contains(&document.id))
}

fn refusal(reason: Reason, message: String, fact: &str, text: String) -> (Refusal, Vec<OpenQuestion>) {
    (Refusal { reason, message }, vec![OpenQuestion { fact: fact.to_owned(), text }])
}

fn refuse_scope(evidence: &Evidence) -> (Refusal, Vec<OpenQuestion>) {
    let unknown = evidence.unknown_words.join(", ");
    let message = if unknown.is_empty() {
        "The stored texts use these words, but nowhere together: none of them is about this question.".to_owned()
    } else {
        format!("The stored texts are about something else; they do not contain: {unknown}.")
    };
    let text = "Which provision or stored document is the question about?".to_owned();
    refusal(Reason::OutOfScope, message, "scope", text)
}

fn refuse_citation(view: &View, evidence: &Evidence, cited: &CitedInQuestion) -> Option<(Refusal, Vec<OpenQuestion>)> {
    let as_of = evidence.question.at.as_of;
    match &cited.located {
        Located::NotInForce { validities, .. } => {
            let times: Vec<String> = joined(validities).into_iter().map(in_words).collect();
            let message =
                format!("{} is not in force on {as_of}: it is in force {}.", cited.pinpoint, times.join(" and "));
            Some(refusal(
                Reason::NotInForce,
                message,
                "date",
                "As of which date should the question be answered?".to_owned(),
            ))
        }
        Located::UnknownUnit { document } => {
            let message = format!("{} has no provision {}.", document.label(), cited.pinpoint.relative());
            let text = format!("Which provision of {} is meant?", document.label());
            Some(refusal(Reason::NoSource, message, "provision", text))
        }
        Located::UnknownDocument if view.documents().is_empty() => {
            let message = "The workspace holds no document.".to_owned();
            Some(refusal(Reason::NoSource, message, "scope", "Which documents should be added?".to_owned()))
        }
        Located::UnknownDocument | Located::Found { .. } => None,
    }
}

/// The same time in as few intervals as possible.
fn joined(validities: &[Validity]) -> Vec<Validity> {
    let mut sorted = validities.to_vec();
    sorted.sort();
    let mut joined: Vec<Validity> = Vec::new();
    for validity in sorted {
        match joined.last_mut() {
            Some(last) if last.to.is_some_and(|to| to >= validity.from) => last.to = validity.to,
            _ => joined.push(validity),
        }
    }
    joined
}

/// A validity as people say it.
pub(crate) fn in_words(validity: Validity) -> String {
    match (validity.from == Date::MIN, validity.to) {
        (true, None) => "always".to_owned(),
        (true, Some(to)) => format!("before {to}"),
        (false, None) => format!("from {}", validity.from),
        (false, Some(to)) => format!("from {} until before {to}", validity.from),
    }
}

/// Refuses where the question is answered much better by a provision that is not in force on its date.
fn refuse_date(view: &View, evidence: &Evidence) -> Result<Option<(Refusal, Vec<OpenQuestion>)>, GroundsError> {
    let question = &evidence.question;
    if !question.kinds.is_empty() && !question.kinds.contains(&SourceKind::Regulation) {
        return Ok(None);
    }
    // Only provisions come into force and go out of it: a decision of a later year is not the law of that year.
    let question = &Question { kinds: vec![SourceKind::Regulation], hit_count_max: 1, ..question.clone() };
    let best_now = retrieve(view, question)?.hits.first().map_or(0.0, |hit| hit.score);
    let mut best: Option<(f64, String, Validity)> = None;
    for date in other_dates(view, question.at.as_of)? {
        let mut other = question.clone();
        other.at.as_of = date;
        let found = retrieve(view, &other)?;
        let Some(hit) = found.hits.first() else { continue };
        let beats = hit.score > best_now * OTHER_DATE_FACTOR && !is_foreign(&found);
        if !beats || best.as_ref().is_some_and(|(score, ..)| *score >= hit.score) {
            continue;
        }
        let Some(text) = view.text(&hit.version)? else { continue };
        // The same provision may be in force with other words; then the present words are the answer, whatever their score.
        let Some(provision) = text.tree.get(&hit.unit).map(|unit| text.tree.provision(unit)) else { continue };
        let now = view.text_in_force(&hit.document, question.at.as_of)?;
        let still_there = now.is_some_and(|now| {
            now.tree.get(&provision.id).is_some_and(|unit| unit.body.len() * 4 > provision.body.len())
        });
        if !still_there {
            best = Some((hit.score, hit.pinpoint.clone(), text.validity));
        }
    }
    Ok(best.map(|(_, pinpoint, validity)| {
        let message = format!(
            "{pinpoint}, which is about this, is not in force on {}: it is in force {}.",
            question.at.as_of,
            in_words(validity)
        );
        refusal(Reason::NotInForce, message, "date", "As of which date should the question be answered?".to_owned())
    }))
}

/// The first day of every other state of the law that is stored, at most eight, the latest first.
fn other_dates(view: &View, as_of: Date) -> Result<Vec<Date>, GroundsError> {
    let mut dates = BTreeSet::new();
    for document in view.documents().iter().filter(|document| document.kind == SourceKind::Regulation) {
        for version in view.versions(&document.id)? {
            if !version.validity.contains(as_of) && version.validity.from != Date::MIN {
                dates.insert(version.validity.from);
            }
        }
    }
    Ok(dates.into_iter().rev().take(8).collect())
}

/// A legal instrument that the question names and the workspace does not hold: "the ePrivacy Directive".
fn foreign_instrument(view: &View, text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    for (position, word) in words.iter().enumerate() {
        if !INSTRUMENTS.contains(word) || position == 0 {
            continue;
        }
        let is_name = |word: &&&str| word.chars().any(char::is_uppercase);
        let name_length = words[..position].iter().rev().take_while(is_name).count();
        // The first word of a sentence is capitalised without being a name.
        let name_start = (position - name_length).max(1);
        if name_start >= position {
            continue;
        }
        let name = words[name_start..=position].join(" ");
        let stored = |document: &Document| {
            let title = document.title.to_lowercase();
            document.short_titles.iter().any(|short| short.eq_ignore_ascii_case(&name))
                || title.contains(&name.to_lowercase())
        };
        if !view.documents().iter().any(stored) {
            return Some(format!("the {name}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validities_are_said_in_words() {
        let day = |text: &str| text.parse::<Date>().expect("a date");
        assert_eq!(in_words(Validity::from(day("2019-07-01"))), "from 2019-07-01");
        let closed = Validity { from: day("2015-01-01"), to: Some(day("2019-07-01")) };
        assert_eq!(in_words(closed), "from 2015-01-01 until before 2019-07-01");
        assert_eq!(joined(&[Validity::from(day("2019-07-01")), closed]), [Validity::from(day("2015-01-01"))]);
    }
}
