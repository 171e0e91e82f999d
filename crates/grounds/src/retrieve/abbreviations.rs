//! Abbreviations that the texts a question is asked of do not have, but others explain: a regulation says "data protection officer", guides say
//! "data protection officer (DPO)", and people ask about the DPO.
//!
//! Source of the method: Schwartz and Hearst, *A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text*, 2003.

use grounds_core::{Question, WrittenOut};
use grounds_store::TextQuery;
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::view::View;

/// An abbreviation has so many characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=6;
/// So many passages with an abbreviation are read at most, the best by words first. Those that explain it have it once, and stand behind those of a
/// text that is all about it.
const PASSAGE_COUNT: usize = 1_000;
/// So many words of a question are looked up at most: a long one has many that nobody explains.
const WORD_COUNT_MAX: usize = 16;
/// So many bytes before an abbreviation in brackets are looked at.
const BEFORE_BYTES: usize = 200;
const QUOTES: &str = "\"'“”‘’„«»";

/// What those of `unknown`, words of the question that no candidate has, stand for in texts in force that the view sees: what most of the passages
/// that explain one say. Cost: a search for each that can be an abbreviation.
///
/// # Errors
/// Those of the store.
pub(crate) fn written_out(
    view: &View,
    question: &Question,
    unknown: &[String],
) -> Result<Vec<WrittenOut>, GroundsError> {
    let words = unknown.iter().filter(|word| can_be_one(word)).take(WORD_COUNT_MAX);
    let found: Result<Vec<_>, GroundsError> = words.map(|word| stands_for(view, word, question.at.as_of)).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// What most of the passages in force that explain `word` say it stands for, and the first of them; `None` where none does, or where it can be no
/// abbreviation.
fn stands_for(view: &View, word: &str, as_of: Date) -> Result<Option<WrittenOut>, GroundsError> {
    let mut explained: Vec<(WrittenOut, usize)> = Vec::new();
    for one in explanations(view, word, as_of)? {
        match explained.iter_mut().find(|(known, _)| known.words.to_lowercase() == one.words.to_lowercase()) {
            Some((_, count)) => *count += 1,
            None => explained.push((one, 1)),
        }
    }
    // Of equals the first.
    explained.reverse();
    Ok(explained.into_iter().max_by_key(|(_, count)| *count).map(|(written_out, _)| written_out))
}

/// Whether a passage in force that is cited so explains the abbreviation by these words.
///
/// # Errors
/// Those of the store.
pub(crate) fn is_explained(view: &View, one: &WrittenOut, as_of: Date) -> Result<bool, GroundsError> {
    Ok(explanations(view, &one.abbreviation, as_of)?.contains(one))
}

/// What each of the passages in force that explain `word` says it stands for.
fn explanations(view: &View, word: &str, as_of: Date) -> Result<Vec<WrittenOut>, GroundsError> {
    if !can_be_one(word) {
        return Ok(Vec::new());
    }
    // Endings are not taken off so short a word.
    let text = format!("{word} {}", word.strip_suffix('s').unwrap_or_default());
    let query = TextQuery { passage_count_max: PASSAGE_COUNT, ..TextQuery::of_words(&text) };
    let mut found = Vec::new();
    for hit in view.reader().search(&query, as_of)?.hits {
        let passage = hit.passage.row;
        let Some(text) = view.text(&passage.version)? else { continue };
        if let Some(words) = passage.span.of(&text.version.text).and_then(|text| explanation(text, word)) {
            found.push(WrittenOut { abbreviation: word.to_owned(), words, pinpoint: passage.pinpoint });
        }
    }
    Ok(found)
}

fn can_be_one(word: &str) -> bool {
    LENGTHS.contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The words that `text` explains `abbreviation` by: "data protection officer (DPO)", or "DPO (data protection officer)".
fn explanation(text: &str, abbreviation: &str) -> Option<String> {
    text.match_indices('(').find_map(|(open, _)| {
        let (before, inside) = (&text[..open], &text[open + 1..]);
        let inside = inside[..inside.find(')')?].trim_matches(is_around);
        if is_written(inside, abbreviation) {
            return words_of(last_sentence(before), inside);
        }
        let last = before.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
        if is_written(last, abbreviation) { words_of(inside, last) } else { None }
    })
}

fn is_around(c: char) -> bool {
    c.is_whitespace() || QUOTES.contains(c)
}

/// Whether a text writes an abbreviation so: in capitals, with or without the "s" of more than one.
fn is_written(written: &str, abbreviation: &str) -> bool {
    let one = |text: &str| text.strip_suffix('s').unwrap_or(text).to_ascii_lowercase();
    let capital_count = written.chars().filter(char::is_ascii_uppercase).count();
    capital_count >= 2 && (written.eq_ignore_ascii_case(abbreviation) || one(written) == one(abbreviation))
}

/// The end of a text, from where its last sentence begins.
fn last_sentence(text: &str) -> &str {
    let start = text.len().saturating_sub(BEFORE_BYTES);
    let start = (start..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let near = &text[start..];
    near.rsplit(['.', ';', ':', '\n', '(', ')']).next().unwrap_or(near)
}

/// The last words of `before` that have the characters of an abbreviation in their order, its first at the beginning of a word. The words are at most
/// five more than the characters, and at most twice as many.
fn words_of(before: &str, abbreviation: &str) -> Option<String> {
    let letters: Vec<char> = abbreviation.strip_suffix('s').unwrap_or(abbreviation).chars().collect();
    let word_count_max = (letters.len() + 5).min(2 * letters.len());
    let before = before.trim_matches(is_around);
    let first = before.split_whitespace().rev().take(word_count_max).last()?;
    // Where the words that may belong to it begin.
    let reach = first.as_ptr() as usize - before.as_ptr() as usize;
    let characters: Vec<(usize, char)> = before[reach..].char_indices().collect();
    let is_first_of_word = |at: usize| at == 0 || !characters[at - 1].1.is_alphanumeric();
    let mut end = characters.len();
    for (number, letter) in letters.iter().enumerate().rev() {
        let fits = |at: &usize| characters[*at].1.eq_ignore_ascii_case(letter) && (number > 0 || is_first_of_word(*at));
        end = (0..end).rev().find(fits)?;
    }
    let words = before[reach + characters[end].0..].trim_matches(is_around);
    let is_itself = |word: &str| is_written(word.trim_matches(is_around), abbreviation);
    (words.split_whitespace().count() > 1 && !words.split_whitespace().any(is_itself)).then(|| words.to_owned())
}

/// `text` with what abbreviations stand for in their place.
pub(crate) fn replaced(text: &str, written_out: &[WrittenOut]) -> String {
    let mut replaced = text.to_owned();
    for WrittenOut { abbreviation, words, .. } in written_out {
        let is_in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let mut rest = replaced.as_str();
        let mut next = String::with_capacity(replaced.len() + words.len());
        while let Some(at) = rest.find(abbreviation.as_str()) {
            let (before, after) = (&rest[..at], &rest[at + abbreviation.len()..]);
            let is_alone = !is_in_word(before.chars().next_back()) && !is_in_word(after.chars().next());
            next.push_str(before);
            next.push_str(if is_alone { words } else { abbreviation });
            rest = after;
        }
        next.push_str(rest);
        replaced = next;
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_explain_abbreviations() {
        for (text, abbreviation, words) in [
            ("They appoint a data protection officer (DPO) who", "dpo", Some("data protection officer")),
            ("It names Data Protection Officers (‘DPOs’).", "DPO", Some("Data Protection Officers")),
            ("It names data protection officers (\"DPOs\").", "dpos", Some("data protection officers")),
            ("a suspicious transaction report ( STR ) is", "STR", Some("suspicious transaction report")),
            ("the DPIA (data protection impact assessment) shows", "dpia", Some("data protection impact assessment")),
            ("a prevention of money laundering officer (MLO)", "mlo", Some("money laundering officer")),
            ("Another thing. Article 5 (DPO)", "dpo", None),
            ("the third DPIA (DPIA V3.1) shows", "dpia", None),
            ("a fine (fine) of ten", "fine", None),
            ("(DPO) or a (", "dpo", None),
            ("the office for statistics (OFS)", "ofs", Some("office for statistics")),
            ("Behörde für Datenschutz und Öffentlichkeit (BDO)", "bdo", None),
        ] {
            assert_eq!(explanation(text, abbreviation).as_deref(), words, "{text}");
        }
    }

    #[test]
    fn only_whole_words_are_replaced() {
        let written_out = WrittenOut {
            abbreviation: "dpo".to_owned(),
            words: "data protection officer".to_owned(),
            pinpoint: "Guide p. 3".to_owned(),
        };
        let replaced = replaced("dpo, the dpos and a non-dpo: dpo", &[written_out]);
        assert_eq!(
            replaced,
            "data protection officer, the dpos and a non-data protection officer: data protection officer"
        );
    }
}
