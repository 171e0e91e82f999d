//! Which kept answers quote provisions that have come to say something else.

use grounds_core::Excerpt;

use crate::error::GroundsError;
use crate::ingest::compare;
use crate::stale::{StaleAnswer, StaleQuote};
use crate::verify::AnswerFile;
use crate::view::View;

/// The kept answers of which some quoted provision says something else now, for the day as of which they were given. Assessments are left
/// out, for they rest on rules; an answer that cannot be read any more is, too: `grounds doctor` reports it.
pub(super) fn answers(now: &View, answers: &View) -> Result<Vec<StaleAnswer>, GroundsError> {
    let mut found = Vec::new();
    for stored in answers.reader().answers()? {
        let Ok(file) = AnswerFile::parse(&stored.row.name, &stored.row.json) else { continue };
        if file.assessment.is_some() {
            continue;
        }
        let changed = file.excerpts.iter().map(|excerpt| changed(now, &file, excerpt));
        let quotes: Vec<StaleQuote> = changed.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        if !quotes.is_empty() {
            let (answer, question) = (stored.row.name, file.question);
            found.push(StaleAnswer { answer, question, as_of: file.as_of, quotes });
        }
    }
    Ok(found)
}

/// What a unit that is quoted says now, where that is something else and was not known when the answer was given.
fn changed(now: &View, file: &AnswerFile, quoted: &Excerpt) -> Result<Option<StaleQuote>, GroundsError> {
    let Some(stored) = now.reader().version_in_force(&quoted.document, file.as_of)? else { return Ok(None) };
    let Some(text) = now.text(&stored.row.id)? else { return Ok(None) };
    // The excerpt is the unit's whole text as it was; a version may be imported anew under the same id.
    let words = text.tree.get(&quoted.unit).map_or("", |unit| text.words(unit));
    if stored.known_from <= file.snapshot || words.split_whitespace().eq(quoted.text.split_whitespace()) {
        return Ok(None);
    }
    Ok(Some(StaleQuote {
        pinpoint: quoted.pinpoint.clone(),
        quoted_version: quoted.version.0.clone(),
        current_version: stored.row.id.0.clone(),
        difference: compare(&quoted.text, words),
    }))
}
