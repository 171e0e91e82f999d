//! Words, numbers and bracketed numbers of a text.

use std::ops::Range;

use grounds_core::article_number;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Word,
    /// "33", "41a"
    Number,
    /// "(b)"
    Bracket,
    /// "b)"
    HalfBracket,
    /// Any other character.
    Mark,
}

/// A token; `text` is without brackets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'t str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Longer things in brackets are remarks, not numbers.
const BRACKET_BYTES_MAX: usize = 6;

/// The tokens of `text[range]`, with positions in `text`.
pub(crate) fn tokens(text: &str, range: Range<usize>) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut position = range.start;
    let text = &text[..range.end];
    while let Some(character) = text[position..].chars().next() {
        if character.is_whitespace() {
            position += character.len_utf8();
            continue;
        }
        let token = token_at(text, position, character);
        position = token.end;
        tokens.push(token);
    }
    tokens
}

fn token_at(text: &str, start: usize, character: char) -> Token<'_> {
    let rest = &text[start..];
    let token = |kind, inside: &Range<usize>, length: usize| Token {
        kind,
        text: &text[start + inside.start..start + inside.end],
        start,
        end: start + length,
    };
    if character == '(' {
        let inside = &rest[1..];
        let length = inside.bytes().take(BRACKET_BYTES_MAX + 1).take_while(u8::is_ascii_alphanumeric).count();
        if (1..=BRACKET_BYTES_MAX).contains(&length) && inside[length..].starts_with(')') {
            return token(TokenKind::Bracket, &(1..1 + length), length + 2);
        }
    }
    // "3-1", "2 bis", "L. 121-1": what looks like one begins with a digit or a capital letter.
    // Without a hyphen "L 119" is one of the Official Journal.
    if (character.is_ascii_digit() || character.is_ascii_uppercase())
        && let Some((number, length)) = article_number(rest)
        && (character.is_ascii_digit() || number.contains('-'))
    {
        return token(TokenKind::Number, &(0..length), length);
    }
    if character.is_ascii_digit() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        let follows = rest[digits + letters..].chars().next();
        let is_inserted = letters <= 2 && !follows.is_some_and(char::is_alphanumeric);
        let length = if is_inserted { digits + letters } else { digits };
        if follows == Some(')') && is_inserted {
            return token(TokenKind::HalfBracket, &(0..length), length + 1);
        }
        return token(TokenKind::Number, &(0..length), length);
    }
    if is_alphabetic(character) {
        // A footnote's number often sticks to the word before it.
        let length = rest.find(|c: char| !is_alphabetic(c)).unwrap_or(rest.len());
        let is_letter = length <= 2 && rest[..length].bytes().all(|byte| byte.is_ascii_lowercase());
        let is_roman = length <= 4 && rest[..length].bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'));
        if rest[length..].starts_with(')') && (is_letter || is_roman) {
            return token(TokenKind::HalfBracket, &(0..length), length + 1);
        }
        return token(TokenKind::Word, &(0..length), length);
    }
    if character == '§' {
        return token(TokenKind::Word, &(0..character.len_utf8()), character.len_utf8());
    }
    token(TokenKind::Mark, &(0..character.len_utf8()), character.len_utf8())
}

/// [`char::is_alphabetic`], which for Chinese characters searches a table, and texts without spaces are made of them.
fn is_alphabetic(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '\u{4e00}'..='\u{9fff}') || character.is_alphabetic()
}
