//! Syntax that the parser lacks, taken out of the tokens or put into words that it knows.

use datafusion::sql::sqlparser::ast::{Expr, Ident, ObjectName};
use datafusion::sql::sqlparser::dialect::{Dialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::SqlError;
use crate::syntax::period::{PeriodClause, TimedName};
use crate::syntax::{DIALECT, syntax_error};

/// What marks a comment of a column as the statement that it is searched.
pub(crate) const FULL_TEXT_MARK: &str = "\u{1}full text ";

/// The setting that stands for REINDEX.
pub(crate) const REINDEX_MARK: &str = "\u{1}reindex";

/// Tokens that the parser reads, and what was taken out of them.
pub(crate) struct Extended {
    pub(crate) tokens: Vec<TokenWithSpan>,
    pub(crate) timed: Vec<TimedName>,
    pub(crate) portion: Option<(Expr, Expr)>,
}

/// Takes periods out of the tokens of a statement, and writes `FULLTEXT` as a comment that says so.
///
/// # Errors
/// [`SqlError::Syntax`]
pub(crate) fn extend(tokens: Vec<TokenWithSpan>) -> Result<Extended, SqlError> {
    let tokens = with_reindex(tokens);
    let declares = first_word(&tokens).is_some_and(|word| word == "create" || word == "alter");
    let mut extended = Extended { tokens: Vec::with_capacity(tokens.len()), timed: Vec::new(), portion: None };
    let mut at = 0;
    while at < tokens.len() {
        if declares && is_word(&tokens[at], "fulltext") {
            at = extended.full_text(&tokens, at);
        } else if is_word(&tokens[at], "for") && words_follow(&tokens, at + 1, &["portion", "of", "valid_time"]) {
            at = extended.portion(&tokens, at)?;
        } else if is_word(&tokens[at], "for") && axis_at(&tokens, at + 1).is_some() {
            at = extended.period(&tokens, at)?;
        } else if let Some(end) = empty_list_end(&tokens, at) {
            at = extended.empty_list(&tokens, at, end);
        } else {
            extended.tokens.push(tokens[at].clone());
            at += 1;
        }
    }
    Ok(extended)
}

/// `REINDEX [name]`, which the parser does not know, as a setting that says so.
fn with_reindex(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let first = skip_space(&tokens, 0);
    if !tokens.get(first).is_some_and(|token| is_word(token, "reindex")) {
        return tokens;
    }
    let span = tokens[first].span;
    let mark = Word { value: REINDEX_MARK.to_owned(), quote_style: Some('"'), keyword: Keyword::NoKeyword };
    let mut written = vec![Token::make_keyword("PRAGMA"), Token::Word(mark)];
    let named = skip_space(&tokens, first + 1);
    let mut end = first + 1;
    if let Some(Token::Word(word)) = tokens.get(named).map(|token| token.token.clone()) {
        let name = if word.quote_style.is_some() { word.value } else { word.value.to_ascii_lowercase() };
        written.extend([Token::Eq, Token::SingleQuotedString(name)]);
        end = named + 1;
    }
    tokens.splice(first..end, written.into_iter().map(|token| TokenWithSpan::new(token, span)));
    tokens
}

/// Where `IN ()` that begins at `at` has its closing parenthesis.
fn empty_list_end(tokens: &[TokenWithSpan], at: usize) -> Option<usize> {
    let open = skip_space(tokens, at + 1);
    let close = skip_space(tokens, open + 1);
    let is = |at: usize, token: Token| tokens.get(at).is_some_and(|found| found.token == token);
    (is_word(&tokens[at], "in") && is(open, Token::LParen) && is(close, Token::RParen)).then_some(close)
}

impl Extended {
    /// `IN ()`, which the parser does not take, as membership in no rows.
    fn empty_list(&mut self, tokens: &[TokenWithSpan], at: usize, end: usize) -> usize {
        let span = tokens[at].span;
        self.tokens.extend([tokens[at].clone(), TokenWithSpan::new(Token::LParen, span)]);
        for keyword in ["SELECT", "NULL", "WHERE", "FALSE"] {
            self.tokens.push(TokenWithSpan::new(Token::make_keyword(keyword), span));
        }
        self.tokens.push(tokens[end].clone());
        end + 1
    }

    /// `FULLTEXT [LANGUAGE 'xx']` after a column's type.
    fn full_text(&mut self, tokens: &[TokenWithSpan], at: usize) -> usize {
        let mut end = at + 1;
        let mut language = "und".to_owned();
        let next = skip_space(tokens, end);
        if tokens.get(next).is_some_and(|token| is_word(token, "language")) {
            let value = skip_space(tokens, next + 1);
            if let Some(Token::SingleQuotedString(text)) = tokens.get(value).map(|token| &token.token) {
                language.clone_from(text);
                end = value + 1;
            }
        }
        let span = tokens[at].span;
        let comment = format!("{FULL_TEXT_MARK}{language}");
        self.tokens.push(TokenWithSpan::new(Token::make_keyword("COMMENT"), span));
        self.tokens.push(TokenWithSpan::new(Token::SingleQuotedString(comment), span));
        end
    }

    /// `FOR PORTION OF VALID_TIME FROM a TO b`
    fn portion(&mut self, tokens: &[TokenWithSpan], at: usize) -> Result<usize, SqlError> {
        let mut clause = Clause { tokens, at: at + 1 };
        for word in ["portion", "of", "valid_time", "from"] {
            clause.expect(word)?;
        }
        let from = clause.expression()?;
        clause.expect("to")?;
        let to = clause.expression()?;
        self.portion = Some((from, to));
        Ok(clause.at)
    }

    /// One or two periods after the name of a table.
    fn period(&mut self, tokens: &[TokenWithSpan], at: usize) -> Result<usize, SqlError> {
        let (start, name) = self.name_before(&tokens[at])?;
        let mut clause = Clause { tokens, at };
        let (mut valid, mut system) = (None, None);
        let mut end = at;
        while let Some(axis) = tokens
            .get(skip_space(tokens, clause.at))
            .filter(|token| is_word(token, "for"))
            .and_then(|_| axis_at(tokens, skip_space(tokens, clause.at) + 1))
        {
            let place = skip_space(tokens, clause.at);
            clause.expect("for")?;
            clause.expect(axis)?;
            let period = clause.period()?;
            let slot = if axis == "valid_time" { &mut valid } else { &mut system };
            if slot.replace(period).is_some() {
                return Err(mistake(&tokens[place], format!("{} is stated twice", axis.to_uppercase())));
            }
            end = clause.at;
        }
        let written: String = tokens[at..end].iter().map(|token| token.to_string()).collect();
        let label = format!("{name} {}", written.split_whitespace().collect::<Vec<_>>().join(" "));
        self.tokens.truncate(start);
        let word = Word { value: label.clone(), quote_style: Some('"'), keyword: Keyword::NoKeyword };
        self.tokens.push(TokenWithSpan::new(Token::Word(word), tokens[at].span));
        if !self.timed.iter().any(|timed| timed.label == label) {
            self.timed.push(TimedName { label, name, valid, system });
        }
        Ok(end)
    }

    /// The name of a table at the end of the tokens so far, and where it begins.
    fn name_before(&self, period: &TokenWithSpan) -> Result<(usize, ObjectName), SqlError> {
        let missing = || mistake(period, "a period follows the name of a table".to_owned());
        let mut parts: Vec<Ident> = Vec::new();
        let mut end = self.tokens.len();
        loop {
            while end > 0 && matches!(self.tokens[end - 1].token, Token::Whitespace(_)) {
                end -= 1;
            }
            let word = end.checked_sub(1).map(|last| &self.tokens[last].token);
            let Some(Token::Word(word)) = word else { return Err(missing()) };
            parts.insert(0, Ident { value: word.value.clone(), quote_style: word.quote_style, span: period.span });
            end -= 1;
            match end.checked_sub(1).map(|last| &self.tokens[last].token) {
                Some(Token::Period) => end -= 1,
                _ => return Ok((end, ObjectName::from(parts))),
            }
        }
    }
}

/// Reads the words and expressions of a clause.
struct Clause<'a> {
    tokens: &'a [TokenWithSpan],
    at: usize,
}

impl Clause<'_> {
    fn expect(&mut self, word: &str) -> Result<(), SqlError> {
        if self.take(word) {
            return Ok(());
        }
        let expected = word.to_uppercase();
        match self.tokens.get(skip_space(self.tokens, self.at)) {
            Some(found) => Err(mistake(found, format!("expected {expected}, found: {found}"))),
            None => Err(SqlError::Syntax { message: format!("expected {expected}"), line: 0, column: 0 }),
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let next = skip_space(self.tokens, self.at);
        let found = self.tokens.get(next).is_some_and(|token| is_word(token, word));
        if found {
            self.at = next + 1;
        }
        found
    }

    fn period(&mut self) -> Result<PeriodClause, SqlError> {
        if self.take("all") {
            return Ok(PeriodClause::All);
        }
        if self.take("from") {
            let from = self.expression()?;
            self.expect("to")?;
            return Ok(PeriodClause::FromTo(from, self.expression()?));
        }
        if self.take("between") {
            let from = self.expression()?;
            self.expect("and")?;
            return Ok(PeriodClause::Between(from, self.expression()?));
        }
        self.expect("as")?;
        self.expect("of")?;
        Ok(PeriodClause::AsOf(self.expression()?))
    }

    /// An expression that binds closer than `AND`.
    fn expression(&mut self) -> Result<Expr, SqlError> {
        let mut parser = Parser::new(&DIALECT).with_tokens_with_locations(self.tokens[self.at..].to_vec());
        let precedence = DIALECT.prec_value(Precedence::Between);
        let expression = parser.parse_subexpr(precedence).map_err(syntax_error)?;
        self.at += parser.get_current_index() + 1;
        Ok(expression)
    }
}

fn mistake(token: &TokenWithSpan, message: String) -> SqlError {
    SqlError::Syntax { message, line: token.span.start.line, column: token.span.start.column }
}

fn is_word(token: &TokenWithSpan, word: &str) -> bool {
    matches!(&token.token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

fn first_word(tokens: &[TokenWithSpan]) -> Option<String> {
    match &tokens.get(skip_space(tokens, 0))?.token {
        Token::Word(word) => Some(word.value.to_ascii_lowercase()),
        _ => None,
    }
}

fn skip_space(tokens: &[TokenWithSpan], at: usize) -> usize {
    let is_space = |token: &&TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    at + tokens.get(at..).unwrap_or_default().iter().take_while(is_space).count()
}

fn words_follow(tokens: &[TokenWithSpan], at: usize, words: &[&str]) -> bool {
    let mut at = at;
    words.iter().all(|word| {
        at = skip_space(tokens, at);
        at += 1;
        tokens.get(at - 1).is_some_and(|token| is_word(token, word))
    })
}

fn axis_at(tokens: &[TokenWithSpan], at: usize) -> Option<&'static str> {
    ["valid_time", "system_time"].into_iter().find(|axis| words_follow(tokens, at, &[axis]))
}
