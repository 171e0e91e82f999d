//! Quotations: byte for byte, in the excerpt that the file carries and in the stored text.

use grounds_core::{Claim, Excerpt, Grounds, Role, Span};

use crate::error::GroundsError;
use crate::verify::{AnswerFile, Failure};
use crate::view::View;

/// Checks excerpts, every quotation in claims and precedents, and that quoting claims say no more than they quote.
pub(crate) fn check(file: &AnswerFile, failures: &mut Vec<Failure>) {
    for (index, excerpt) in file.excerpts.iter().enumerate() {
        let place = format!("excerpts[{index}]");
        if blake3::hash(excerpt.text.as_bytes()).to_hex().as_str() != excerpt.hash {
            failures.push(Failure::new(&place, "its text is not the one its hash was made from"));
        }
        if excerpt.start > excerpt.end || (excerpt.end - excerpt.start) as usize != excerpt.text.len() {
            failures.push(Failure::new(&place, "its text is not as long as its span"));
        }
    }
    for (index, claim) in file.claims.iter().enumerate() {
        check_claim(file, index, claim, failures);
    }
    let grounds = all_grounds(file);
    for (place, grounds) in &grounds {
        check_quote(file, place, grounds, failures);
    }
    // A source that nothing quotes was quoted by something that is no longer there.
    for (index, excerpt) in file.excerpts.iter().enumerate() {
        let is_quoted = |(_, grounds): &(String, &Grounds)| match grounds {
            Grounds::Quote { version, unit, start, end, .. } => {
                *version == excerpt.version && *unit == excerpt.unit && excerpt.start <= *start && *end <= excerpt.end
            }
            Grounds::Proof { .. } => false,
        };
        if !grounds.iter().any(is_quoted) {
            failures.push(Failure::new(format!("excerpts[{index}]"), "nothing quotes it"));
        }
    }
}

/// Every ground of claims and precedents with its place.
pub(crate) fn all_grounds(file: &AnswerFile) -> Vec<(String, &Grounds)> {
    let mut found = Vec::new();
    for (index, claim) in file.claims.iter().enumerate() {
        for (position, grounds) in claim.grounds.iter().enumerate() {
            found.push((format!("claims[{index}].grounds[{position}]"), grounds));
        }
    }
    for (index, precedent) in file.assessment.iter().flat_map(|assessment| &assessment.precedents).enumerate() {
        for (position, grounds) in precedent.grounds.iter().enumerate() {
            found.push((format!("precedents[{index}].grounds[{position}]"), grounds));
        }
    }
    found
}

fn check_claim(file: &AnswerFile, index: usize, claim: &Claim, failures: &mut Vec<Failure>) {
    let place = format!("claims[{index}]");
    if claim.grounds.is_empty() {
        failures.push(Failure::new(&place, "it rests on nothing"));
    }
    let is_proved = claim.grounds.iter().any(|grounds| matches!(grounds, Grounds::Proof { .. }));
    if is_proved != (claim.role == Role::Conclusion) || (is_proved && file.proof.is_none()) {
        failures.push(Failure::new(&place, "a conclusion rests on a proof, and nothing else does"));
    }
    if is_proved {
        return;
    }
    let says_the_quote = |grounds: &Grounds| matches!(grounds, Grounds::Quote { text, .. } if *text == claim.text);
    if !claim.grounds.iter().any(says_the_quote) {
        failures.push(Failure::new(&place, "its text is not what it quotes"));
    }
}

fn check_quote(file: &AnswerFile, place: &str, grounds: &Grounds, failures: &mut Vec<Failure>) {
    let Grounds::Quote { document, version, unit, pinpoint, start, end, text } = grounds else { return };
    let carries = |excerpt: &&Excerpt| {
        excerpt.document == *document
            && excerpt.version == *version
            && excerpt.unit == *unit
            && excerpt.pinpoint == *pinpoint
            && excerpt.start <= *start
            && *start <= *end
            && *end <= excerpt.end
    };
    let Some(excerpt) = file.excerpts.iter().find(carries) else {
        failures.push(Failure::new(place, format!("the file carries no text of {pinpoint} at bytes {start} to {end}")));
        return;
    };
    let span = Span { start: start - excerpt.start, end: end - excerpt.start };
    if text.is_empty() || span.of(&excerpt.text) != Some(text.as_str()) {
        failures.push(Failure::new(place, format!("the words are not those of {pinpoint} at bytes {start} to {end}")));
    }
}

/// Compares excerpts and evidence with the stored texts at the answer's snapshot.
pub(crate) fn check_stored(file: &AnswerFile, view: &View, failures: &mut Vec<Failure>) -> Result<(), GroundsError> {
    for (index, excerpt) in file.excerpts.iter().enumerate() {
        let place = format!("excerpts[{index}]");
        let Some(text) = view.text(&excerpt.version)? else {
            failures.push(Failure::new(place, format!("{} is not stored", excerpt.version)));
            continue;
        };
        let span = Span { start: excerpt.start, end: excerpt.end };
        if excerpt.start > excerpt.end || span.of(&text.version.text) != Some(excerpt.text.as_str()) {
            failures.push(Failure::new(&place, format!("its words are not those stored in {}", excerpt.version)));
        }
        let label = view.document(&text.version.document).map_or("", |document| document.label());
        let named = text.tree.get(&excerpt.unit).map(|unit| format!("{label} {}", unit.pinpoint).trim_end().to_owned());
        if named.as_deref() != Some(excerpt.pinpoint.as_str()) {
            failures.push(Failure::new(&place, format!("{} is not called {}", excerpt.unit, excerpt.pinpoint)));
        }
    }
    for (index, hit) in file.evidence.iter().enumerate() {
        let text = view.text(&hit.version)?;
        let span = Span { start: hit.start, end: hit.end };
        let stored = text.as_ref().and_then(|text| span.of(&text.version.text));
        if hit.start > hit.end || stored != Some(hit.text.as_str()) {
            failures.push(Failure::new(
                format!("evidence[{index}]"),
                format!("its words are not those stored in {}", hit.version),
            ));
        }
    }
    Ok(())
}
