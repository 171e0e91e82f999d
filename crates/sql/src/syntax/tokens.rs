//! A text of statements cut at its semicolons.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::SqlError;

/// The dialect that is read: the parser's generic one, which takes what most databases write.
pub(crate) static DIALECT: GenericDialect = GenericDialect {};

/// One statement, not yet parsed.
#[derive(Debug)]
pub(crate) struct StatementTokens {
    pub(crate) tokens: Vec<TokenWithSpan>,
    pub(crate) text: String,
}

/// Cuts a text into its statements; empty ones are left out.
///
/// # Errors
/// [`SqlError::Syntax`] for a quotation or comment without an end.
pub(crate) fn split(sql: &str) -> Result<Vec<StatementTokens>, SqlError> {
    let tokens = Tokenizer::new(&DIALECT, sql).tokenize_with_location().map_err(|error| SqlError::Syntax {
        message: error.message,
        line: error.location.line,
        column: error.location.column,
    })?;
    let mut places = Places::new(sql);
    let mut statements = Vec::new();
    let mut current: Vec<TokenWithSpan> = Vec::new();
    let mut finish = |tokens: Vec<TokenWithSpan>| {
        let is_word = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
        let (Some(first), Some(last)) = (tokens.iter().find(is_word), tokens.iter().rfind(is_word)) else { return };
        let (start, end) = (places.offset(first.span.start), places.offset(last.span.end));
        let text = sql.get(start..end).unwrap_or_default().to_owned();
        statements.push(StatementTokens { tokens, text });
    };
    for token in tokens {
        match token.token {
            Token::SemiColon => finish(std::mem::take(&mut current)),
            Token::EOF => {}
            _ => current.push(token),
        }
    }
    finish(current);
    Ok(statements)
}

/// What follows the first word AS of a statement.
pub(crate) fn after_as(text: &str) -> Option<String> {
    let tokens = Tokenizer::new(&DIALECT, text).tokenize_with_location().ok()?;
    let word = tokens.iter().find(|token| {
        matches!(&token.token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("as"))
    })?;
    let end = Places::new(text).offset(word.span.end);
    text.get(end..).map(|query| query.trim().to_owned())
}

/// Finds byte offsets of places that are asked for in order.
struct Places<'a> {
    sql: &'a str,
    offset: usize,
    line: u64,
    column: u64,
}

impl<'a> Places<'a> {
    fn new(sql: &'a str) -> Self {
        Self { sql, offset: 0, line: 1, column: 1 }
    }

    fn offset(&mut self, place: Location) -> usize {
        for character in self.sql[self.offset..].chars() {
            if (self.line, self.column) >= (place.line, place.column) {
                break;
            }
            self.offset += character.len_utf8();
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_in_quotations_and_comments_end_nothing() {
        let sql = "SELECT 'a;b' ;\n-- none; here\n;; SELECT 「;」 \n FROM \"x;y\" /* ; */";
        let sql = sql.replace(['「', '」'], "'");
        let texts: Vec<String> = split(&sql).expect("well-formed").into_iter().map(|tokens| tokens.text).collect();
        assert_eq!(texts, ["SELECT 'a;b'", "SELECT ';' \n FROM \"x;y\""]);
    }

    #[test]
    fn an_open_quotation_is_a_mistake_with_a_place() {
        let error = split("SELECT 1;\nSELECT 'abc").expect_err("no end");
        assert!(matches!(error, SqlError::Syntax { line: 2, .. }), "{error}");
    }
}
