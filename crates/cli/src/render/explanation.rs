//! Why a hit ranks where it does, for a terminal and for programs.

use grounds::{HitExplanation, TermPart};
use serde_json::{Value, json};

use crate::render::wrapped;

/// So many words and pairs are told; the others are summed up.
const TERM_COUNT_MAX: usize = 12;

/// Indented lines: the score's parts, the greatest first, and what the hit covers.
pub(crate) fn lines(explanation: &HitExplanation) -> String {
    let mut terms: Vec<&TermPart> = explanation.parts.terms.iter().collect();
    terms.sort_by(|a, b| b.score().total_cmp(&a.score()));
    let mut told: Vec<String> = terms.iter().take(TERM_COUNT_MAX).map(|term| of_term(term)).collect();
    let rest: f64 = terms.iter().skip(TERM_COUNT_MAX).map(|term| term.score()).sum();
    for (name, score) in [
        ("other words and pairs", rest),
        ("its document's best passages", explanation.parts.document),
        ("the best passage around", explanation.parts.surroundings),
    ] {
        told.extend((score > 0.0).then(|| format!("{name} {score:.2}")));
    }
    let mut lines = vec![format!("score by words {:.2} = {}", explanation.parts.score(), told.join(" + "))];
    if !explanation.covered.is_empty() {
        lines.push(format!("covers: {}", explanation.covered.join(", ")));
    }
    if !explanation.missing.is_empty() {
        lines.push(format!("does not have: {}", explanation.missing.join(", ")));
    }
    lines.extend(explanation.sentences.iter().map(|sentence| format!("shares words with: {sentence}")));
    lines.iter().map(|line| wrapped(line, "     ") + "\n").collect()
}

/// A word with what it adds, and the fields that matter where that is not the text alone.
fn of_term(term: &TermPart) -> String {
    let fields: Vec<String> = fields(term)
        .iter()
        .filter(|(_, score)| *score >= 0.005)
        .map(|(field, score)| format!("{field} {score:.2}"))
        .collect();
    let is_text_alone = fields.len() == 1 && term.text >= 0.005;
    match is_text_alone {
        true => format!("\"{}\" {:.2}", term.surface, term.score()),
        false => format!("\"{}\" {:.2} ({})", term.surface, term.score(), fields.join(", ")),
    }
}

fn fields(term: &TermPart) -> [(&'static str, f64); 5] {
    [
        ("text", term.text),
        ("headings", term.headings),
        ("pinpoint", term.pinpoint),
        ("title", term.title),
        ("neighbours", term.neighbours),
    ]
}

/// The same as JSON.
pub(crate) fn json(explanation: &HitExplanation) -> Value {
    let term = |term: &TermPart| {
        let mut value = json!({ "words": term.surface, "is_word": term.is_word, "score": term.score() });
        for (field, score) in fields(term) {
            value[field] = json!(score);
        }
        value
    };
    json!({
        "score": explanation.parts.score(),
        "terms": explanation.parts.terms.iter().map(term).collect::<Vec<_>>(),
        "document": explanation.parts.document,
        "surroundings": explanation.parts.surroundings,
        "covered": explanation.covered,
        "missing": explanation.missing,
        "sentences": explanation.sentences,
    })
}
