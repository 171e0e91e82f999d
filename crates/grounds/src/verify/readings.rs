//! How abbreviations of a question were read: as texts in force say.

use crate::error::GroundsError;
use crate::retrieve::is_explained;
use crate::verify::{AnswerFile, Failure};
use crate::view::View;

/// Checks that what was read is a word of the question.
pub(crate) fn check(file: &AnswerFile, failures: &mut Vec<Failure>) {
    let words = || file.question.split(|c: char| !c.is_ascii_alphanumeric());
    for (index, one) in file.written_out.iter().enumerate() {
        if !words().any(|word| word.eq_ignore_ascii_case(&one.abbreviation)) {
            failures.push(Failure::new(format!("written_out[{index}]"), "the question has no such word"));
        }
    }
}

/// Checks that texts in force explain each so, at that place.
pub(crate) fn check_stored(file: &AnswerFile, view: &View, failures: &mut Vec<Failure>) -> Result<(), GroundsError> {
    for (index, one) in file.written_out.iter().enumerate() {
        if !is_explained(view, one, file.as_of)? {
            failures.push(Failure::new(format!("written_out[{index}]"), "no text in force explains it so"));
        }
    }
    Ok(())
}
