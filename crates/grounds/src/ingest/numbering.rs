//! How provisions are numbered, as tables: headings, labels, and which label can follow which.

mod han;
mod label;
mod levels;
mod parts;
mod chain;

pub(crate) use chain::{Candidate, longest_chain};
pub(crate) use han::han_heading;
pub(crate) use label::{Label, Shape, Style, digits, label, roman, roman_numeral, values};
pub(crate) use levels::Place;
pub(crate) use parts::{Part, Parts, ends_item, is_joiner};

use std::borrow::Cow;

use grounds_core::{UnitKind, article_number};

/// Words that begin the heading of a provision, in lower case, in every language that is read.
const HEADING_WORDS: &[(&str, UnitKind)] = &[
    ("article", UnitKind::Article),
    ("art", UnitKind::Article),
    ("artikel", UnitKind::Article),
    ("§", UnitKind::Article),
    ("recital", UnitKind::Recital),
    ("erwägungsgrund", UnitKind::Recital),
    ("considérant", UnitKind::Recital),
    ("part", UnitKind::Part),
    ("book", UnitKind::Part),
    ("title", UnitKind::Part),
    ("teil", UnitKind::Part),
    ("buch", UnitKind::Part),
    ("titel", UnitKind::Part),
    ("partie", UnitKind::Part),
    ("livre", UnitKind::Part),
    ("titre", UnitKind::Part),
    ("chapter", UnitKind::Chapter),
    ("kapitel", UnitKind::Chapter),
    ("chapitre", UnitKind::Chapter),
    ("section", UnitKind::Section),
    ("abschnitt", UnitKind::Section),
    ("annex", UnitKind::Annex),
    ("schedule", UnitKind::Annex),
    ("appendix", UnitKind::Annex),
    ("anhang", UnitKind::Annex),
    ("annexe", UnitKind::Annex),
    ("pasal", UnitKind::Article),
    ("buku", UnitKind::Part),
    ("bab", UnitKind::Chapter),
    ("bagian", UnitKind::Section),
    ("lampiran", UnitKind::Annex),
];

/// Words that stand for a number: the first article in French, and the article of an act that has one.
const NUMBER_WORDS: &[(&str, &str)] =
    &[("premier", "1"), ("première", "1"), ("unique", "1"), ("sole", "1"), ("einziger", "1"), ("one", "1")];

/// What separates a number from the heading after it.
const SEPARATORS: &[char] = &['—', '–', '-', ':', '.'];

/// No word of [`HEADING_WORDS`] or [`NUMBER_WORDS`] has more.
const WORD_CHARACTER_COUNT_MAX: usize = 24;

/// The heading of a provision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading<'a> {
    pub(crate) kind: UnitKind,
    /// As it is cited: as printed, but for Chinese signs, which become digits, "premier" and "1er", which are 1, and numbers of codes ("L. 121-1" is
    /// `L121-1`); empty for an annex that is the only one.
    pub(crate) number: Cow<'a, str>,
    /// "Article 33": how many bytes the label has.
    pub(crate) label_length: usize,
    /// Where the words after label and separator begin.
    pub(crate) rest_start: usize,
}

/// Reads "Article 33 — Notification", "CHAPTER IV", "Article premier", "§ 12", "第三章 总则"; anything else is `None`.
pub(crate) fn heading(text: &str) -> Option<Heading<'_>> {
    if text.starts_with('第') {
        return han_heading(text);
    }
    let word_end = if text.starts_with('§') { '§'.len_utf8() } else { first_word_end(text)? };
    let word = text[..word_end].to_lowercase();
    if let Some((_, number)) = NUMBER_WORDS.iter().find(|(name, _)| *name == word) {
        return sole_heading(text, word_end, number);
    }
    let (_, kind) = HEADING_WORDS.iter().find(|(name, _)| *name == word)?;
    let after_word = text[word_end..].trim_start_matches('.');
    let number_start = text.len() - after_word.trim_start().len();
    let rest = &text[number_start..];
    let (number, number_end) = article_number(rest)
        .filter(|_| *kind == UnitKind::Article)
        .map(|(number, length)| (Cow::Owned(number), length))
        .or_else(|| plain_number(rest))?;
    let label_length = number_start + number_end;
    let after = &text[label_length..];
    let trimmed = after.trim_start();
    let separated = trimmed.trim_start_matches(SEPARATORS).trim_start();
    // "§ 3 (weggefallen)", but not "Article 3 (1) and".
    let is_bracketed = trimmed.starts_with('(') && trimmed.find(')') == Some(trimmed.len() - 1);
    let is_heading = trimmed.is_empty()
        || separated.len() < trimmed.len()
        || trimmed.starts_with(char::is_uppercase)
        || (is_bracketed && label(trimmed).is_none());
    let rest_start = text.len() - separated.len();
    is_heading.then_some(Heading { kind: *kind, number, label_length, rest_start })
}

/// The number at the beginning of `text`, and how many bytes it has: "33", "41a", "3-5", "IV", "premier".
fn plain_number(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let mut end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let inserted = text[end..].strip_prefix('-').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    if inserted > 0 {
        end += 1 + inserted;
    }
    let printed = &text[..end];
    let lower = printed.to_lowercase();
    let number = NUMBER_WORDS.iter().find(|(name, _)| *name == lower).map_or(printed, |(_, number)| number);
    // "Article L. 121" is not article L.
    let code = text[end..].strip_prefix('.').unwrap_or_default().trim_start();
    let is_letter = number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_of_code = is_letter && code.starts_with(|c: char| c.is_ascii_digit());
    (is_number(number) && !is_of_code).then_some((Cow::Borrowed(number), end))
}

/// Reads "ANNEX", which stands alone where there is only one.
pub(crate) fn lone_annex(text: &str) -> Option<Heading<'_>> {
    let lower = text.to_lowercase();
    let is_label = text.chars().all(char::is_uppercase) && HEADING_WORDS.contains(&(lower.as_str(), UnitKind::Annex));
    let (label_length, rest_start) = (text.len(), text.len());
    is_label.then_some(Heading { kind: UnitKind::Annex, number: "".into(), label_length, rest_start })
}

/// Where the first word ends, if something follows it and it is no longer than the words of headings: where words are not spaced, it can be
/// the whole text.
fn first_word_end(text: &str) -> Option<usize> {
    text.char_indices().take(WORD_CHARACTER_COUNT_MAX + 1).find(|(_, c)| !c.is_alphabetic()).map(|(at, _)| at)
}

/// "Sole Article", "Einziger Artikel".
fn sole_heading<'a>(text: &'a str, word_end: usize, number: &'static str) -> Option<Heading<'a>> {
    let rest = text[word_end..].trim_start();
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let word = rest[..end].to_lowercase();
    let (_, kind) = HEADING_WORDS.iter().find(|(name, _)| *name == word)?;
    let label_length = text.len() - rest.len() + end;
    Some(Heading { kind: *kind, number: number.into(), label_length, rest_start: label_length })
}

/// Whether `text` numbers a provision: "33", "41a", "IV", "A".
fn is_number(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let letters = text[digits..].split('-').next().unwrap_or_default();
    if digits > 0 {
        return digits <= 4
            && letters.len() <= 2
            && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_uppercase());
    }
    let is_letter = text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_letter || label::roman(&text.to_lowercase()).is_some()
}
