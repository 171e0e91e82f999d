//! Reads the facts of SARA's cases: Prolog's clauses, as far as the cases use them.

use std::collections::BTreeMap;

use anyhow::bail;

/// A term. Atoms and texts are not told apart: "usa" and usa are the same country.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    /// Numbered within its clause.
    Variable(usize),
    Word(String),
    Number(String),
    /// Lists are `.` of head and tail, the empty list is the word `[]`.
    Compound(String, Vec<Term>),
}

/// `head :- body`; a fact has the body `true`.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) head: Term,
    pub(super) body: Term,
    pub(super) variable_count: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Variable(String),
    Number(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 17] =
    [":-", "\\==", "\\=", "\\+", "==", "=<", ">=", "->", "(", ")", ",", ";", "[", "]", "|", "=", "<"];

/// Infix operators, from those that bind least.
const OPERATORS: [(&str, u8); 8] =
    [(";", 1), ("->", 2), (",", 3), ("==", 4), ("\\==", 4), ("=", 4), ("=<", 4), ("\\=", 4)];

pub(super) fn word(text: &str) -> Term {
    Term::Word(text.to_owned())
}

/// All clauses; directives (`:- …`) come back as clauses whose head is the word `:-`.
pub(super) fn clauses(source: &str) -> anyhow::Result<Vec<Clause>> {
    let mut parser = Parser { tokens: tokens(source)?, position: 0, variables: BTreeMap::new(), anonymous: 0 };
    let mut clauses = Vec::new();
    while parser.position < parser.tokens.len() {
        parser.variables.clear();
        parser.anonymous = 0;
        let head = if parser.take(":-") { word(":-") } else { parser.term(4)? };
        let is_directive = head == word(":-");
        let body = if is_directive || parser.take(":-") { parser.term(1)? } else { word("true") };
        // The last clause of one case lacks its full stop.
        if parser.position < parser.tokens.len() && parser.next() != Some(Token::End) {
            bail!("a clause does not end: {head:?}");
        }
        clauses.push(Clause { head, body, variable_count: parser.variables.len() + parser.anonymous });
    }
    Ok(clauses)
}

fn tokens(source: &str) -> anyhow::Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    'next: while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        if first == '%' {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        if first == '"' || first == '\'' {
            let Some(end) = rest[1..].find(first) else { bail!("a text does not end: {rest}") };
            tokens.push(Token::Quoted(rest[1..=end].to_owned()));
            rest = &rest[end + 2..];
            continue;
        }
        if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let text = rest[..end].to_owned();
            rest = &rest[end..];
            if !first.is_ascii_digit() {
                let is_variable = first == '_' || first.is_uppercase();
                tokens.push(if is_variable { Token::Variable(text) } else { Token::Word(text) });
                continue;
            }
            // A decimal point has a digit on both sides; the full stop of a clause has not.
            let fraction =
                rest.strip_prefix('.').map_or(0, |after| after.bytes().take_while(u8::is_ascii_digit).count());
            let taken = if fraction == 0 { 0 } else { fraction + 1 };
            tokens.push(Token::Number(text + &rest[..taken]));
            rest = &rest[taken..];
            continue;
        }
        for sign in SIGNS {
            if let Some(after) = rest.strip_prefix(sign) {
                tokens.push(Token::Sign(sign));
                rest = after;
                continue 'next;
            }
        }
        if first == '.' {
            tokens.push(Token::End);
            rest = &rest[1..];
            continue;
        }
        bail!("unexpected `{first}` in a case");
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
    variables: BTreeMap<String, usize>,
    anonymous: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        self.position += 1;
        self.tokens.get(self.position - 1).cloned()
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.tokens.get(self.position), Some(Token::Sign(here)) if *here == sign);
        self.position += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, sign: &str) -> anyhow::Result<()> {
        if self.take(sign) { Ok(()) } else { bail!("`{sign}` is missing before {:?}", self.tokens.get(self.position)) }
    }

    /// A term whose operators bind at least as tightly as `least`; all are taken to be right-associative.
    fn term(&mut self, least: u8) -> anyhow::Result<Term> {
        let left = self.primary()?;
        let Some(Token::Sign(sign)) = self.tokens.get(self.position) else { return Ok(left) };
        let Some((operator, _)) = OPERATORS.iter().find(|(operator, strength)| operator == sign && *strength >= least)
        else {
            return Ok(left);
        };
        // A tighter operator may be followed by a looser one: read on from what it made.
        self.position += 1;
        let strength = OPERATORS.iter().find(|(other, _)| other == operator).map_or(1, |(_, strength)| *strength);
        let right = self.term(if strength == 4 { 5 } else { strength })?;
        let pair = Term::Compound((*operator).to_owned(), vec![left, right]);
        self.continued(pair, least)
    }

    fn continued(&mut self, left: Term, least: u8) -> anyhow::Result<Term> {
        let Some(Token::Sign(sign)) = self.tokens.get(self.position) else { return Ok(left) };
        let Some((operator, strength)) =
            OPERATORS.iter().find(|(operator, strength)| operator == sign && *strength >= least)
        else {
            return Ok(left);
        };
        self.position += 1;
        let right = self.term(*strength)?;
        self.continued(Term::Compound((*operator).to_owned(), vec![left, right]), least)
    }

    fn primary(&mut self) -> anyhow::Result<Term> {
        match self.next() {
            Some(Token::Number(number)) => Ok(Term::Number(number)),
            Some(Token::Quoted(text)) => Ok(Term::Word(text)),
            Some(Token::Variable(name)) => Ok(Term::Variable(self.variable(name))),
            Some(Token::Word(name)) if self.take("(") => {
                let arguments = self.arguments(")")?;
                Ok(Term::Compound(name, arguments))
            }
            Some(Token::Word(name)) => Ok(Term::Word(name)),
            Some(Token::Sign("(")) => {
                let inside = self.term(1)?;
                self.expect(")")?;
                Ok(inside)
            }
            Some(Token::Sign("\\+")) => Ok(Term::Compound("\\+".to_owned(), vec![self.term(4)?])),
            Some(Token::Sign("[")) => {
                let members = if self.take("]") { Vec::new() } else { self.arguments("]")? };
                let list = members
                    .into_iter()
                    .rev()
                    .fold(word("[]"), |tail, head| Term::Compound(".".to_owned(), vec![head, tail]));
                Ok(list)
            }
            other => bail!("unexpected {other:?} in a case"),
        }
    }

    fn arguments(&mut self, close: &str) -> anyhow::Result<Vec<Term>> {
        let mut arguments = vec![self.argument()?];
        while self.take(",") {
            arguments.push(self.argument()?);
        }
        self.expect(close)?;
        Ok(arguments)
    }

    /// Below the comma; directives give lists of names with a slash, which nobody reads.
    fn argument(&mut self) -> anyhow::Result<Term> {
        self.term(4)
    }

    fn variable(&mut self, name: String) -> usize {
        let number = self.variables.len() + self.anonymous;
        if name == "_" {
            self.anonymous += 1;
            return number;
        }
        *self.variables.entry(name).or_insert(number)
    }
}
