//! From text to tokens.

use grounds_core::Instant;
use jiff::civil::Date;

use crate::diagnostic::{Place, Problem};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters, digits and `_`, beginning with a letter or `_`; also `§`.
    Word,
    /// Digits, grouped by single spaces or not, with or without a decimal part.
    Number,
    /// Digits and letters run together, as in "33a".
    Mixed,
    /// `2021-03-01`
    Date,
    /// `01-31`
    MonthDay,
    /// `2021-03-01T09:00+01:00`
    Instant,
    /// In double quotes.
    Text,
    /// Everything else; the token's text says what.
    Sign,
    /// After the last token.
    End,
}

/// A token and its text as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'a str,
    pub(crate) place: Place,
    /// Whether it is the first of its line.
    pub(crate) starts_line: bool,
}

impl Token<'_> {
    /// The words inside the quotation marks of a text token.
    pub(crate) fn unquoted(&self) -> String {
        self.text.get(1..self.text.len().saturating_sub(1)).unwrap_or_default().replace("\"\"", "\"")
    }
}

const SIGNS: [&str; 20] =
    ["..", "<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "{", "}", ",", ".", ":", "%", "|"];

/// Reads a whole file. What cannot be a token is reported and left out; the last token is always [`TokenKind::End`].
pub(crate) fn lex<'a>(file: usize, source: &'a str, problems: &mut Vec<Problem>) -> Vec<Token<'a>> {
    let mut tokens = Vec::new();
    let mut position = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut starts_line = true;
    while let Some(character) = source[position..].chars().next() {
        let rest = &source[position..];
        if character.is_whitespace() {
            starts_line |= character == '\n';
            position += character.len_utf8();
            continue;
        }
        if rest.starts_with("--") {
            position += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let place = |length: usize| Place { file, start: position, end: position + length };
        match token_at(rest) {
            Ok((kind, length)) => {
                if let Some(problem) = malformed(kind, &rest[..length], place(length)) {
                    problems.push(problem);
                }
                tokens.push(Token { kind, text: &rest[..length], place: place(length), starts_line });
                position += length;
            }
            Err(problem) => {
                problems.push(problem.into_problem(place(character.len_utf8())));
                position += if problem == Unreadable::UnterminatedText { rest.len() } else { character.len_utf8() };
            }
        }
        starts_line = false;
    }
    let end = Place { file, start: source.len(), end: source.len() };
    tokens.push(Token { kind: TokenKind::End, text: "", place: end, starts_line: true });
    tokens
}

/// Why no token starts here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unreadable {
    UnterminatedText,
    CurlyQuote,
    Character(char),
}

impl Unreadable {
    fn into_problem(self, place: Place) -> Problem {
        match self {
            Unreadable::UnterminatedText => Problem::new(
                "unterminated-text",
                place,
                "this text has no closing quotation mark",
                "end it with `\"`; a quotation mark inside is written twice: `\"\"`",
            ),
            Unreadable::CurlyQuote => Problem::new(
                "unexpected-character",
                place,
                "text stands in straight quotation marks",
                "write `\"`; curly quotation marks may stand inside a text, not around it",
            ),
            Unreadable::Character(character) => Problem::new(
                "unexpected-character",
                place,
                format!("`{}` is not part of the rule language", character.escape_debug()),
                match character {
                    '≤' => "write `<=`",
                    '≥' => "write `>=`",
                    '≠' | '!' => "write `<>` or `is not`",
                    '−' | '–' | '—' => "write `-`",
                    '×' | '·' => "write `*`",
                    '#' => "a comment begins with `--`",
                    '[' | ']' => "write round brackets",
                    _ => "remove it, or put it into a text in double quotes",
                },
            ),
        }
    }
}

fn token_at(rest: &str) -> Result<(TokenKind, usize), Unreadable> {
    let first = rest.chars().next().unwrap_or(' ');
    if first.is_ascii_digit() {
        return Ok(date_like(rest).unwrap_or_else(|| number(rest)));
    }
    if first.is_alphabetic() || first == '_' {
        return Ok((TokenKind::Word, word_length(rest)));
    }
    match first {
        '§' => Ok((TokenKind::Word, first.len_utf8())),
        '"' => text_length(rest).map(|length| (TokenKind::Text, length)).ok_or(Unreadable::UnterminatedText),
        '“' | '”' | '„' | '«' | '»' => Err(Unreadable::CurlyQuote),
        _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => Ok((TokenKind::Sign, sign.len())),
            None => Err(Unreadable::Character(first)),
        },
    }
}

/// Letters, marks on letters, digits and `_`.
fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

fn text_length(rest: &str) -> Option<usize> {
    let mut position = 1;
    loop {
        position += rest.get(position..)?.find('"')? + 1;
        if !rest[position..].starts_with('"') {
            return Some(position);
        }
        position += 1;
    }
}

/// Whether `text` begins like `pattern`, where `0` stands for any digit.
fn looks_like(text: &str, pattern: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= pattern.len()
        && pattern.bytes().zip(bytes).all(|(expected, byte)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => *byte == expected,
        })
}

fn date_like(rest: &str) -> Option<(TokenKind, usize)> {
    let digit_or_hyphen = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if looks_like(rest, "0000-00-00T0") {
        let clock =
            rest[11..].find(|c: char| !(c.is_ascii_alphanumeric() || c == ':')).map_or(rest.len(), |at| at + 11);
        let is_offset = looks_like(&rest[clock..], "+0") || looks_like(&rest[clock..], "-0");
        let zone = if is_offset {
            rest[clock + 1..].find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len() - clock - 1) + 1
        } else {
            0
        };
        return Some((TokenKind::Instant, clock + zone));
    }
    if looks_like(rest, "0000-00-00") && !digit_or_hyphen(&rest[10..]) {
        return Some((TokenKind::Date, 10));
    }
    (looks_like(rest, "00-00") && !digit_or_hyphen(&rest[5..])).then_some((TokenKind::MonthDay, 5))
}

/// A number with groups of three digits after single spaces; digits and letters run together are [`TokenKind::Mixed`].
fn number(rest: &str) -> (TokenKind, usize) {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let run = word_length(rest);
    let mut length = digits(rest);
    if run > length {
        return (TokenKind::Mixed, run);
    }
    if length <= 3 {
        while let Some(space) = rest[length..].chars().next().filter(|c| [' ', '\u{a0}', '\u{202f}'].contains(c)) {
            let group = &rest[length + space.len_utf8()..];
            let is_group = digits(group) == 3 && word_length(group) == 3 && !group[3..].starts_with("-");
            if !is_group {
                break;
            }
            length += space.len_utf8() + 3;
        }
    }
    let fraction = rest[length..].strip_prefix('.').map_or(0, digits);
    (TokenKind::Number, if fraction > 0 { length + 1 + fraction } else { length })
}

/// What is wrong with a date or instant that looks like one.
fn malformed(kind: TokenKind, text: &str, place: Place) -> Option<Problem> {
    match kind {
        TokenKind::Date => text.parse::<Date>().is_err().then(|| {
            let message = format!("`{text}` is not a day of the calendar");
            Problem::new("bad-date", place, message, "write year, month and day: 2021-03-01")
        }),
        // 2020 is a leap year, so that 29 February may be a holiday.
        TokenKind::MonthDay => format!("2020-{text}").parse::<Date>().is_err().then(|| {
            let message = format!("`{text}` is not a day of the year");
            Problem::new(
                "bad-date",
                place,
                message,
                "write month and day: 03-06; a subtraction has spaces around its `-`",
            )
        }),
        TokenKind::Instant => {
            let error = text.parse::<Instant>().err()?;
            Some(Problem::new("bad-instant", place, error.to_string(), "an instant names its offset from UTC"))
        }
        _ => None,
    }
}
