//! From evidence to claims: the answer, then what it depends on.

use std::collections::BTreeSet;
use std::rc::Rc;

use grounds_core::{Claim, DocumentId, Evidence, Grounds, Hit, Role, SourceKind, Span, Unit, UnitId};

use crate::answer::definitions::definitions;
use crate::answer::{is_close, quote, sentences, stems};
use crate::error::GroundsError;
use crate::retrieve::CitedInQuestion;
use crate::view::{Located, Text, View};

/// How much of each kind of claim an answer has at most.
const ANSWER_COUNT_MAX: usize = 3;
const EXCEPTION_COUNT_MAX: usize = 3;
const DEFINITION_COUNT_MAX: usize = 3;
const REFERENCE_COUNT_MAX: usize = 3;
const INTERPRETATION_COUNT_MAX: usize = 2;

/// A unit up to this many bytes is quoted whole; of a longer one the sentences that fit the question.
const WHOLE_BYTES_MAX: usize = 900;

/// Phrases by which a provision limits another, by language.
const EXCEPTION_PHRASES: &[&str] = &[
    "shall not apply",
    "does not apply",
    "do not apply",
    "derogation",
    "shall not be required",
    "is not required",
    "unless",
    "except",
    "exempt",
    "notwithstanding",
    "gilt nicht",
    "abweichend",
    "ne s'applique pas",
    "ne s’applique pas",
    "par dérogation",
];

/// A quoted stretch, to be claimed.
struct Quoted {
    text: Rc<Text>,
    unit: Unit,
    span: Span,
    role: Role,
}

/// The claims that answer the question of `evidence`.
pub(crate) fn claims(view: &View, evidence: &Evidence, cited: &[CitedInQuestion]) -> Result<Vec<Claim>, GroundsError> {
    let mut quoted = cited_units(cited);
    if quoted.is_empty() {
        quoted = best_units(view, evidence)?;
    }
    let is_answer = |quoted: &&Quoted| quoted.role == Role::Answer;
    let answers: Vec<(Rc<Text>, Unit, Span)> = quoted
        .iter()
        .filter(is_answer)
        .map(|quoted| (Rc::clone(&quoted.text), quoted.unit.clone(), quoted.span))
        .collect();
    let as_of = evidence.question.at.as_of;
    for (text, unit, span) in &answers {
        quoted.extend(exceptions(view, text, unit, as_of)?);
        quoted.extend(referred(view, text, *span, as_of)?);
    }
    quoted.extend(defined(&answers, &evidence.question.text));
    quoted.extend(interpretations(view, evidence, &answers)?);
    Ok(to_claims(view, quoted))
}

/// The units that the question names.
fn cited_units(cited: &[CitedInQuestion]) -> Vec<Quoted> {
    let found = cited.iter().filter_map(|cited| match &cited.located {
        Located::Found { text, unit } => {
            Some(Quoted { text: Rc::clone(text), unit: unit.clone(), span: unit.span, role: Role::Answer })
        }
        _ => None,
    });
    found.collect()
}

/// The best hits, binding texts before others, shortened to what fits the question.
fn best_units(view: &View, evidence: &Evidence) -> Result<Vec<Quoted>, GroundsError> {
    let close = evidence.hits.iter().filter(|hit| is_close(evidence, hit.score));
    let mut close: Vec<&Hit> = close.collect();
    if close.iter().any(|hit| hit.kind == SourceKind::Regulation) {
        close.retain(|hit| hit.kind == SourceKind::Regulation);
    } else if let Some(hit) = evidence.hits.iter().find(|hit| hit.kind == SourceKind::Regulation) {
        // What decides is the provision, even where a guideline says it in words closer to the question.
        close.insert(0, hit);
    }
    let asks_meaning = asks_meaning(&evidence.question.text);
    let mut quoted: Vec<Quoted> = Vec::new();
    for hit in close.into_iter().take(ANSWER_COUNT_MAX) {
        let Some(text) = view.text(&hit.version)? else { continue };
        let Some(unit) = text.tree.get(&hit.unit) else { continue };
        let is_definition = definitions(&text).iter().any(|definition| definition.unit.id == unit.id);
        if is_definition && !asks_meaning && evidence.hits.len() > 1 {
            quoted.push(Quoted { text: Rc::clone(&text), unit: unit.clone(), span: unit.body, role: Role::Definition });
            continue;
        }
        let span = Span { start: hit.start, end: hit.end };
        let language = view.document(&hit.document).map_or("und", |document| document.language.as_str());
        for span in fitting(&text, span, &evidence.question.text, language) {
            quoted.push(Quoted { text: Rc::clone(&text), unit: unit.clone(), span, role: Role::Answer });
        }
    }
    if !quoted.iter().any(|quoted| quoted.role == Role::Answer) {
        quoted.iter_mut().for_each(|quoted| quoted.role = Role::Answer);
    }
    Ok(quoted)
}

/// Beginnings of questions that ask what a word means, by language.
const MEANING_QUESTIONS: &[&str] =
    &["what is ", "what are ", "what counts as", "who is ", "was ist ", "was sind ", "qu'est-ce", "apa itu"];

/// Words in such questions.
const MEANING_WORDS: &[&str] = &[" mean", "definition", "define", "bedeutet", "signifie"];

/// Whether a question is answered by a definition, rather than helped by one.
fn asks_meaning(question: &str) -> bool {
    let question = question.trim().to_lowercase();
    MEANING_QUESTIONS.iter().any(|start| question.starts_with(start))
        || MEANING_WORDS.iter().any(|word| question.contains(word))
}

/// The whole span where it is short, else its sentences that share most words with the question, in text order.
fn fitting(text: &Text, span: Span, question: &str, language: &str) -> Vec<Span> {
    let Some(words) = span.of(&text.version.text) else { return Vec::new() };
    if words.len() <= WHOLE_BYTES_MAX {
        return vec![span];
    }
    let asked = stems(question, language);
    let mut scored: Vec<(usize, Span)> = sentences(words)
        .into_iter()
        .map(|sentence| {
            let own = stems(sentence.of(words).unwrap_or_default(), language);
            let start = span.start + sentence.start;
            (asked.intersection(&own).count(), Span { start, end: span.start + sentence.end })
        })
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.start.cmp(&b.1.start)));
    let best = scored.first().map_or(0, |(count, _)| *count);
    let mut kept: Vec<Span> =
        scored.into_iter().filter(|(count, _)| *count * 3 >= best * 2).take(3).map(|(_, span)| span).collect();
    kept.sort_by_key(|span| span.start);
    kept
}

/// Units that limit `unit`: those that refer to it, or stand beside it, with a phrase of exception.
fn exceptions(
    view: &View,
    text: &Rc<Text>,
    unit: &Unit,
    as_of: jiff::civil::Date,
) -> Result<Vec<Quoted>, GroundsError> {
    let mut found = Vec::new();
    let provision = text.tree.provision(unit);
    let mut targets = vec![unit.id.clone()];
    if provision.id != unit.id {
        targets.push(provision.id.clone());
    }
    for target in targets {
        for link in view.reader().links_to(&text.version.document, &target, as_of)? {
            let link = link.row;
            let Some(from) = view.text(&link.from_version)? else { continue };
            if !is_law(view, &link.from_document) {
                continue;
            }
            let Some(sentence) = sentence_around(&from, link.span) else { continue };
            let words = sentence.of(&from.version.text).unwrap_or_default().to_lowercase();
            let Some(citing) = from.tree.smallest_at(sentence.start).cloned() else { continue };
            if citing.id != unit.id && EXCEPTION_PHRASES.iter().any(|phrase| words.contains(phrase)) {
                found.push(Quoted { text: Rc::clone(&from), unit: citing, span: sentence, role: Role::Exception });
            }
        }
    }
    found.truncate(EXCEPTION_COUNT_MAX);
    Ok(found)
}

fn is_law(view: &View, document: &DocumentId) -> bool {
    view.document(document).is_some_and(|document| document.kind == SourceKind::Regulation)
}

/// The sentence of the unit around `span` that contains it.
fn sentence_around(text: &Text, span: Span) -> Option<Span> {
    let unit = text.tree.smallest_at(span.start)?;
    let words = unit.body.of(&text.version.text)?;
    let sentence = sentences(words).into_iter().find(|sentence| {
        unit.body.start + sentence.start <= span.start && span.start < unit.body.start + sentence.end
    })?;
    Some(Span { start: unit.body.start + sentence.start, end: unit.body.start + sentence.end })
}

/// The first sentences of the provisions that the quoted span refers to.
fn referred(view: &View, text: &Rc<Text>, span: Span, as_of: jiff::civil::Date) -> Result<Vec<Quoted>, GroundsError> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<(DocumentId, UnitId)> = BTreeSet::new();
    for link in view.reader().links_from(&text.version.id)?.into_iter().map(|stored| stored.row) {
        if !span.contains(link.span) || found.len() == REFERENCE_COUNT_MAX {
            continue;
        }
        let Some(target_text) = view.text_in_force(&link.to_document, as_of)? else { continue };
        let Some(target) = target_text.tree.get(&link.to_unit) else { continue };
        let is_inside = link.to_document == text.version.document && target.span.contains(span);
        if is_inside || target.pinpoint.is_empty() || !seen.insert((link.to_document, link.to_unit)) {
            continue;
        }
        let Some(body) = target.body.of(&target_text.version.text) else { continue };
        let Some(first) = sentences(body).into_iter().next() else { continue };
        let first = Span { start: target.body.start + first.start, end: target.body.start + first.end };
        found.push(Quoted { text: Rc::clone(&target_text), unit: target.clone(), span: first, role: Role::Reference });
    }
    Ok(found)
}

/// Definitions of the terms in the quoted answers; those that the question uses first, then longer terms before shorter.
fn defined(answers: &[(Rc<Text>, Unit, Span)], question: &str) -> Vec<Quoted> {
    let question = question.to_lowercase();
    let mut found: Vec<(bool, usize, Quoted)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (text, unit, span) in answers {
        let words = span.of(&text.version.text).unwrap_or_default().to_lowercase();
        for definition in definitions(text) {
            let is_used = words.contains(&definition.term)
                && definition.unit.id != unit.id
                && !unit.span.contains(definition.unit.span);
            if is_used && seen.insert((text.version.id.clone(), definition.unit.id.clone())) {
                let quoted = Quoted {
                    text: Rc::clone(text),
                    unit: definition.unit.clone(),
                    span: definition.unit.body,
                    role: Role::Definition,
                };
                found.push((question.contains(&definition.term), definition.term.len(), quoted));
            }
        }
    }
    found.sort_by_key(|(is_asked, length, _)| std::cmp::Reverse((*is_asked, *length)));
    found.into_iter().take(DEFINITION_COUNT_MAX).map(|(_, _, quoted)| quoted).collect()
}

/// The best sentences of official interpretations that are about a quoted provision.
fn interpretations(
    view: &View,
    evidence: &Evidence,
    answers: &[(Rc<Text>, Unit, Span)],
) -> Result<Vec<Quoted>, GroundsError> {
    let about: BTreeSet<(DocumentId, UnitId)> = answers
        .iter()
        .flat_map(|(text, unit, _)| {
            text.tree.ancestry(unit).map(|unit| (text.version.document.clone(), unit.id.clone())).collect::<Vec<_>>()
        })
        .filter(|(_, unit)| *unit != UnitId::root())
        .collect();
    let mut found = Vec::new();
    for hit in evidence.hits.iter().filter(|hit| hit.kind == SourceKind::Interpretation) {
        let Some(text) = view.text(&hit.version)? else { continue };
        let span = Span { start: hit.start, end: hit.end };
        let links = view.reader().links_from(&hit.version)?;
        let is_about = links
            .into_iter()
            .any(|link| span.contains(link.row.span) && about.contains(&(link.row.to_document, link.row.to_unit)));
        let Some(unit) = text.tree.get(&hit.unit) else { continue };
        if is_about && found.len() < INTERPRETATION_COUNT_MAX {
            let language = view.document(&hit.document).map_or("und", |document| document.language.as_str());
            let best = fitting(&text, span, &evidence.question.text, language).into_iter().next();
            found.extend(best.map(|span| Quoted {
                text: Rc::clone(&text),
                unit: unit.clone(),
                span,
                role: Role::Interpretation,
            }));
        }
    }
    Ok(found)
}

/// Claims in order of role, each stretch quoted once.
fn to_claims(view: &View, mut quoted: Vec<Quoted>) -> Vec<Claim> {
    let rank = |role: Role| match role {
        Role::Answer | Role::Conclusion => 0,
        Role::Exception => 1,
        Role::Definition => 2,
        Role::Reference => 3,
        Role::Interpretation => 4,
    };
    quoted.sort_by_key(|quoted| rank(quoted.role));
    let mut claims: Vec<Claim> = Vec::new();
    let mut taken: Vec<(grounds_core::VersionId, Span)> = Vec::new();
    let mut exceptions = 0;
    for Quoted { text, unit, span, role } in quoted {
        let already = taken.iter().any(|(version, other)| *version == text.version.id && other.contains(span));
        if already || (role == Role::Exception && exceptions == EXCEPTION_COUNT_MAX) {
            continue;
        }
        exceptions += usize::from(role == Role::Exception);
        let Some(grounds) = quote(view, &text, &unit, span) else { continue };
        let Grounds::Quote { text: words, .. } = &grounds else { continue };
        claims.push(Claim { text: words.clone(), role, grounds: vec![grounds] });
        taken.push((text.version.id.clone(), span));
    }
    claims
}
