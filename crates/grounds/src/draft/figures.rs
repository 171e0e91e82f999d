//! Amounts, percentages and lengths of time in a sentence.

use grounds_core::{Money, Rational};

use super::grammar::{Grammar, TimeUnit};
use super::phrase::{end_at, find, longest_at, word_starts};

/// What a figure is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FigureKind {
    /// "EUR 10 000 000", as the rule language writes it.
    Amount(String),
    /// "2%"
    Percentage(String),
    /// "72 hours"; whether something is to be done in it.
    Time { count: u32, unit: TimeUnit, is_deadline: bool },
}

/// A figure and where it stands, with the words that announce it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) kind: FigureKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// How many words may stand between the announcement of a deadline and its number: "within a period of 2 months".
const WORDS_BETWEEN_MAX: usize = 3;

/// All figures of a sentence, in order.
pub(super) fn figures(text: &str, grammar: &Grammar) -> Vec<Figure> {
    let mut found: Vec<Figure> = Vec::new();
    for at in word_starts(text, 0) {
        if found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let figure = amount_after_currency(text, at, grammar).or_else(|| figure_from_number(text, at, grammar));
        found.extend(figure);
    }
    found
}

/// "EUR 10 000 000", "$3,000"
fn amount_after_currency(text: &str, at: usize, grammar: &Grammar) -> Option<Figure> {
    let (currency, after) = currency_at(text, at, grammar)?;
    let start = after + (text[after..].len() - text[after..].trim_start().len());
    let (number, end) = number_at(text, start, grammar)?;
    amount(&currency, &number).map(|kind| Figure { kind, start: at, end })
}

fn currency_at(text: &str, at: usize, grammar: &Grammar) -> Option<(String, usize)> {
    let code = text.get(at..at + 3).filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase()));
    if let Some(code) = code.filter(|_| !text[at + 3..].starts_with(char::is_alphanumeric)) {
        return Some((code.to_owned(), at + 3));
    }
    let word = grammar.currencies.iter().find_map(|(word, code)| Some((*code, end_at(text, at, word)?)))?;
    Some((word.0.to_owned(), word.1))
}

fn amount(currency: &str, number: &str) -> Option<FigureKind> {
    Money::parse(&format!("{currency} {number}")).ok().map(|money| FigureKind::Amount(money.to_string()))
}

/// What begins with a number, in digits or words.
fn figure_from_number(text: &str, at: usize, grammar: &Grammar) -> Option<Figure> {
    // A number that goes on a word, a reference or another number is none: "Article 5(1)", "2016/679".
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || "(/.,-–".contains(c)) {
        return None;
    }
    let in_words = grammar.numbers.iter().find_map(|(word, value)| Some((value.to_string(), end_at(text, at, word)?)));
    let (number, end) = number_at(text, at, grammar).or(in_words)?;
    let next = end + (text[end..].len() - text[end..].trim_start().len());
    if let Some(end) = longest_at(text, next, grammar.percent) {
        let kind = FigureKind::Percentage(format!("{number}%"));
        return Rational::parse(&number).ok().map(|_| Figure { kind, start: at, end });
    }
    let units = grammar.time_units.iter().filter_map(|(word, unit)| Some((end_at(text, next, word)?, *unit)));
    if let Some((end, unit)) = units.max_by_key(|(end, _)| *end) {
        let count = number.parse().ok()?;
        let announced = announced_from(text, at, grammar);
        let kind = FigureKind::Time { count, unit, is_deadline: announced.is_some() };
        return Some(Figure { kind, start: announced.unwrap_or(at), end });
    }
    let (currency, end) = currency_at(text, next, grammar)?;
    amount(&currency, &number).map(|kind| Figure { kind, start: at, end })
}

/// Where the words begin that make the length of time at `at` a deadline.
fn announced_from(text: &str, at: usize, grammar: &Grammar) -> Option<usize> {
    let mut from = 0;
    let mut found = None;
    while let Some((start, end)) = find(text, from, grammar.deadlines).filter(|(_, end)| *end <= at) {
        let between = &text[end..at];
        let is_near = between.split_whitespace().count() <= WORDS_BETWEEN_MAX && !between.contains([',', ';', ':']);
        found = found.or(is_near.then_some(start));
        from = end;
    }
    found
}

/// The number at `at` as the rule language writes it, and where it ends.
fn number_at(text: &str, at: usize, grammar: &Grammar) -> Option<(String, usize)> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = at + digits(at);
    let mut number = text.get(at..end).filter(|digits| !digits.is_empty())?.to_owned();
    loop {
        let mut rest = text[end..].chars();
        let Some(mark) = rest.next().filter(|c| " \u{a0}\u{202f}".contains(*c) || *c == grammar.group) else { break };
        let group = end + mark.len_utf8();
        if digits(group) != 3 || number.len() > 12 {
            break;
        }
        number.push_str(&text[group..group + 3]);
        end = group + 3;
    }
    if text[end..].starts_with(grammar.decimal) && digits(end + 1) > 0 {
        let decimals = end + 1..end + 1 + digits(end + 1);
        number.push('.');
        number.push_str(&text[decimals.clone()]);
        end = decimals.end;
    }
    // "2016/679" and "5(1)" are references, "3rd" is an ordinal.
    let goes_on = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '/' || c == '(');
    (!goes_on).then_some((number, end))
}

#[cfg(test)]
mod tests {
    use super::super::grammar::for_language;
    use super::*;

    fn found(language: &str, text: &str) -> Vec<(String, String)> {
        let shown = |figure: Figure| {
            let kind = match figure.kind {
                FigureKind::Amount(amount) => amount,
                FigureKind::Percentage(percentage) => percentage,
                FigureKind::Time { count, unit, is_deadline } => format!("{count} {unit:?} {is_deadline}"),
            };
            (kind, text[figure.start..figure.end].to_owned())
        };
        figures(text, for_language(language)).into_iter().map(shown).collect()
    }

    #[test]
    fn figures_are_read_as_each_language_writes_them() {
        let pair = |kind: &str, words: &str| (kind.to_owned(), words.to_owned());
        assert_eq!(
            found(
                "en",
                "up to 10 000 000 EUR, or up to 2 % of its turnover, within two months under Article 5(1) of 2016/679"
            ),
            [pair("EUR 10 000 000", "10 000 000 EUR"), pair("2%", "2 %"), pair("2 Months true", "within two months")]
        );
        assert_eq!(
            found("en", "\"$18,000\" for more than 2 hours, not later than the end of 3 working days; by 4 months"),
            [
                pair("USD 18 000", "$18,000"),
                pair("2 Hours false", "2 hours"),
                pair("3 WorkingDays true", "not later than the end of 3 working days"),
                pair("4 Months false", "4 months")
            ]
        );
        assert_eq!(
            found("de", "binnen 72 Stunden, von bis zu 20.000.000 EUR oder 2,5 % innerhalb eines Monats"),
            [
                pair("72 Hours true", "binnen 72 Stunden"),
                pair("EUR 20 000 000", "20.000.000 EUR"),
                pair("2.5%", "2,5 %"),
                pair("1 Months true", "innerhalb eines Monats")
            ]
        );
    }
}
