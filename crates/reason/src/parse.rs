//! From tokens to the surface tree: the parser's state, its small steps, and the loop over items.

mod item;
mod rule;
mod table;
mod condition;
mod expression;
mod literal;
mod test;

use crate::diagnostic::{Place, Problem, line_of};
use crate::lex::{Token, TokenKind, lex};
use crate::surface::{Item, Name, Term};

/// A stop: what is wrong and where. The item it is in is left out; the next item is read again.
type Parsed<T> = Result<T, Problem>;

/// How high a term may be. Compiled rules travel as JSON, whose readers allow 128 levels; one term takes up to three.
pub(crate) const TERM_HEIGHT_MAX: usize = 32;

/// Words that begin an item.
pub(crate) const ITEM_WORDS: [&str; 15] = [
    "source",
    "entity",
    "fact",
    "judgement",
    "calendar",
    "claim",
    "violation",
    "sanction",
    "rule",
    "exception",
    "limit",
    "amend",
    "table",
    "prefer",
    "test",
];

/// Words that cannot name a variable, for they have a meaning where a variable could stand.
pub(crate) const RESERVED: [&str; 17] = [
    "and", "or", "not", "some", "no", "has", "yes", "is", "in", "where", "when", "then", "rounded", "cites", "expect",
    "none", "for",
];

/// One file as read, with what its layout depends on.
pub(crate) struct SurfaceFile<'a> {
    pub(crate) items: Vec<Item>,
    pub(crate) tokens: Vec<Token<'a>>,
    /// Stretches whose white space means something: ids of rules and provisions.
    pub(crate) verbatim: Vec<Place>,
}

/// Reads one file. Mistakes are reported and the items they are in left out.
pub(crate) fn parse_file(file: usize, source: &str, problems: &mut Vec<Problem>) -> Vec<Item> {
    parse_with_layout(file, source, problems).items
}

/// As [`parse_file`], with the tokens.
pub(crate) fn parse_with_layout<'a>(file: usize, source: &'a str, problems: &mut Vec<Problem>) -> SurfaceFile<'a> {
    let before = problems.len();
    let tokens = lex(file, source, problems);
    // What follows an unreadable character on its line is rarely a second mistake.
    let unreadable: Vec<usize> =
        problems[before..].iter().map(|problem| line_of(source, problem.place.start).0).collect();
    let mut parser = Parser { source, tokens, position: 0, depth: 0, verbatim: Vec::new() };
    let mut items = Vec::new();
    while !parser.at_end() {
        let before = parser.position;
        match parser.item() {
            Ok(item) => items.push(item),
            Err(problem) => {
                if !unreadable.contains(&line_of(source, problem.place.start).0) {
                    problems.push(problem);
                }
                parser.skip_to_item(before);
            }
        }
    }
    SurfaceFile { items, tokens: parser.tokens, verbatim: parser.verbatim }
}

/// Reads `text` as a single literal: of a fact in a matter, not of a rule.
pub(crate) fn parse_literal(text: &str) -> Option<grounds_core::Value> {
    let mut problems = Vec::new();
    let tokens = lex(0, text, &mut problems);
    let mut parser = Parser { source: text, tokens, position: 0, depth: 0, verbatim: Vec::new() };
    let term = parser.literal().ok()??;
    match term.kind {
        crate::surface::TermKind::Literal(value) if parser.at_end() && problems.is_empty() => Some(value),
        _ => None,
    }
}

/// Reads `text` as a time in force without its first two words: "2015-01-01 .. 2019-06-30".
pub(crate) fn parse_in_force(text: &str) -> Option<grounds_core::Validity> {
    let source = format!("in force {text}");
    let mut problems = Vec::new();
    let tokens = lex(0, &source, &mut problems);
    let mut parser = Parser { source: &source, tokens, position: 0, depth: 0, verbatim: Vec::new() };
    let validity = parser.in_force().ok()??;
    (parser.at_end() && problems.is_empty()).then_some(validity)
}

pub(crate) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    position: usize,
    depth: usize,
    verbatim: Vec<Place>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.peek_at(0)
    }

    /// The token `ahead` of the next one; past the end, the end.
    fn peek_at(&self, ahead: usize) -> Token<'a> {
        *self.tokens.get(self.position + ahead).or(self.tokens.last()).expect("a token list ends with the end token")
    }

    fn at_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.position += 1;
        token
    }

    /// Where the last token taken ends.
    fn previous(&self) -> Place {
        self.tokens[self.position.clamp(1, self.tokens.len()) - 1].place
    }

    fn at_word(&self, word: &str) -> bool {
        self.is_word(0, word)
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        let token = self.peek_at(ahead);
        token.kind == TokenKind::Word && token.text == word
    }

    fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        let token = self.peek_at(ahead);
        token.kind == TokenKind::Sign && token.text == sign
    }

    /// Takes the words, if they all come next.
    fn take_words(&mut self, words: &[&str]) -> bool {
        let all = words.iter().enumerate().all(|(ahead, word)| self.is_word(ahead, word));
        if all {
            self.position += words.len();
        }
        all
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(0, sign);
        if found {
            self.position += 1;
        }
        found
    }

    fn expect_word(&mut self, word: &str, hint: &str) -> Parsed<()> {
        if self.take_words(&[word]) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"), hint)) }
    }

    fn expect_sign(&mut self, sign: &str, hint: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"), hint)) }
    }

    /// Says that the next token is not what the grammar asks for.
    fn unexpected(&self, expected: &str, hint: &str) -> Problem {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Text => "a text in quotation marks".to_owned(),
            _ => format!("`{}`", token.text),
        };
        Problem::new("unexpected-token", token.place, format!("expected {expected}, found {found}"), hint)
    }

    fn word(&mut self, expected: &str, hint: &str) -> Parsed<Name> {
        match self.peek().kind {
            TokenKind::Word => {
                let token = self.next();
                Ok(Name { text: token.text.to_owned(), place: token.place })
            }
            _ => Err(self.unexpected(expected, hint)),
        }
    }

    /// A name that begins with a capital letter (or with a letter of a script that has none).
    fn capital(&mut self, what: &str) -> Parsed<Name> {
        let name = self.word(what, "such names begin with a capital letter: `Incident`")?;
        if name.text.starts_with(char::is_lowercase) {
            let message = format!("expected {what}, found `{}`", name.text);
            return Err(Problem::new(
                "capital-expected",
                name.place,
                message,
                "such names begin with a capital letter",
            ));
        }
        Ok(name)
    }

    fn variable(&mut self) -> Parsed<Name> {
        let name = self.word("a variable", "variables begin with a small letter: `i`")?;
        if RESERVED.contains(&name.text.as_str()) {
            let message = format!("`{}` is a word of the rule language and cannot name a variable", name.text);
            return Err(Problem::new("reserved-word", name.place, message, "choose another name"));
        }
        if name.text.starts_with(char::is_uppercase) {
            let message = format!("a variable begins with a small letter, not like `{}`", name.text);
            return Err(Problem::new(
                "small-letter-expected",
                name.place,
                message,
                "write for example `i` or `the_firm`",
            ));
        }
        Ok(name)
    }

    fn text(&mut self, what: &str, hint: &str) -> Parsed<Name> {
        match self.peek().kind {
            TokenKind::Text => {
                let token = self.next();
                Ok(Name { text: token.unquoted(), place: token.place })
            }
            _ => Err(self.unexpected(&format!("{what} in double quotes"), hint)),
        }
    }

    /// The id of a rule: tokens that touch each other.
    fn id(&mut self) -> Parsed<Name> {
        let first = self.peek();
        let belongs = |token: Token<'_>| match token.kind {
            TokenKind::Word | TokenKind::Mixed | TokenKind::Number | TokenKind::Date | TokenKind::MonthDay => {
                !token.text.contains(char::is_whitespace)
            }
            TokenKind::Sign => matches!(token.text, "-" | "."),
            _ => false,
        };
        if !belongs(first) || first.kind == TokenKind::Sign {
            return Err(
                self.unexpected("the id of a rule", "ids are letters, digits, `-`, `_` and `.`: `art52-1-late`")
            );
        }
        self.position += 1;
        while belongs(self.peek()) && self.peek().place.start == self.previous().end {
            self.position += 1;
        }
        let place = first.place.to(self.previous());
        self.verbatim.push(place);
        Ok(Name { text: self.source[place.start..place.end].to_owned(), place })
    }

    /// Takes `open element, element, … close`; at least one element.
    fn list<T>(
        &mut self,
        open: &str,
        close: &str,
        hint: &str,
        element: impl Fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect_sign(open, hint)?;
        let mut elements = vec![element(self)?];
        while self.take_sign(",") {
            elements.push(element(self)?);
        }
        self.expect_sign(close, hint)?;
        Ok(elements)
    }

    /// Makes a term over `parts`, unless it gets too high.
    fn term(&self, kind: crate::surface::TermKind, place: Place, height_below: usize) -> Parsed<Term> {
        let height = height_below + 1;
        if height > TERM_HEIGHT_MAX { Err(too_deep(place)) } else { Ok(Term { kind, place, height }) }
    }

    /// Runs `read` one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        // Brackets and operators each take a level here, though brackets leave no term.
        if self.depth >= 2 * TERM_HEIGHT_MAX {
            return Err(too_deep(self.peek().place));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn at_item(&self) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Word
            && ITEM_WORDS.contains(&token.text)
            && !self.is_sign(1, ".")
            && !self.is_sign(1, ":")
    }

    /// Goes on to the next item that begins a line, at least one token after `from`.
    fn skip_to_item(&mut self, from: usize) {
        self.position = self.position.max(from + 1);
        self.depth = 0;
        let begins_item = |parser: &Self| parser.at_item() && parser.peek().starts_line;
        while !self.at_end() && !begins_item(self) {
            self.position += 1;
        }
    }
}

fn too_deep(place: Place) -> Problem {
    Problem::new(
        "too-deep",
        place,
        format!("this is nested more than {TERM_HEIGHT_MAX} levels deep"),
        "give a part of it a claim of its own",
    )
}
