//! A label with its numbers: "Articles 5, 6 and 9", "points (a) to (c)", "the second subparagraph", "this Article".

use grounds_core::{UnitKind, article_number};

use super::super::super::numbering::{Style, roman_numeral, values};
use super::super::Step;
use super::super::grammar::{Grammar, LabelWord, starts_upper};
use super::super::tokens::{Token, TokenKind};
use super::Segment;

/// Ranges longer than this are not ranges of provisions.
const RANGE_MAX: u32 = 150;
/// "the first, second and third subparagraphs".
const ORDINAL_TOKENS_MAX: usize = 8;
/// Longer lists are cut.
const ITEMS_MAX: usize = 200;

/// A label with its numbers.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) kind: UnitKind,
    /// What it names, each with the bracketed numbers after it. Empty for "this Article".
    pub(super) items: Vec<Vec<Step>>,
    pub(super) is_this: bool,
    /// The token after it.
    pub(super) end: usize,
}

impl Segment<'_> {
    /// The group that begins at token `at`.
    pub(super) fn group(&self, at: usize) -> Option<Group> {
        let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
        if let Some(label) = self.grammar.label(token.text) {
            return self.numbered_group(label, at);
        }
        if self.grammar.ordinal(token.text).is_some() {
            return self.ordinal_group(at);
        }
        if Grammar::is_in(self.grammar.this, token.text) {
            let label = self.grammar.label(self.tokens.get(at + 1)?.text)?;
            // "this Article", but not "this Article 6".
            let is_numbered = self.tokens.get(at + 2).is_some_and(|next| next.kind == TokenKind::Number);
            let may_be_singular = !label.takes_list || self.grammar.language == "de";
            return (!is_numbered && may_be_singular).then_some(Group {
                kind: label.kind,
                items: Vec::new(),
                is_this: true,
                end: at + 2,
            });
        }
        None
    }

    /// "first subparagraph", "first and second subparagraphs".
    fn ordinal_group(&self, at: usize) -> Option<Group> {
        let mut values = Vec::new();
        let mut position = at;
        loop {
            let token = self.tokens.get(position)?;
            if let Some(value) = self.grammar.ordinal(token.text) {
                values.push(value);
            } else if !Grammar::is_in(self.grammar.joiners, token.text) && token.text != "," {
                break;
            }
            position += 1;
            (position < at + ORDINAL_TOKENS_MAX).then_some(())?;
        }
        let label = self.grammar.label(self.tokens.get(position)?.text)?;
        let step = |value: u32| vec![Step { kind: Some(UnitKind::Subparagraph), number: value.to_string() }];
        (label.kind == UnitKind::Subparagraph).then(|| Group {
            kind: label.kind,
            items: values.into_iter().map(step).collect(),
            is_this: false,
            end: position + 1,
        })
    }

    fn numbered_group(&self, label: &LabelWord, at: usize) -> Option<Group> {
        let mut start = at + 1;
        let has_stop =
            self.tokens.get(start).is_some_and(|token| token.text == "." && token.start == self.tokens[at].end);
        if has_stop && Grammar::is_abbreviation(self.tokens[at].text) {
            start += 1;
        }
        if self.tokens.get(start).is_some_and(|token| token.text == "§") {
            start += 1;
        }
        let (first, mut end) = self.item(label.kind, start)?;
        let mut items = vec![first];
        while items.len() < ITEMS_MAX {
            if let Some((range, after)) = self.range(label, &items, end) {
                items.extend(range);
                end = after;
            } else if let Some((item, after)) = self.next_item(label, &items, end) {
                items.push(item);
                end = after;
            } else {
                break;
            }
        }
        Some(Group { kind: label.kind, items, is_this: false, end })
    }

    /// A number with the bracketed numbers after it.
    fn item(&self, kind: UnitKind, at: usize) -> Option<(Vec<Step>, usize)> {
        let token = self.tokens.get(at)?;
        let number = self.number(kind, token)?;
        let mut steps = vec![Step { kind: Some(kind), number }];
        let mut end = at + 1;
        while let Some(token) = self.tokens.get(end).filter(|token| token.kind == TokenKind::Bracket) {
            let touches = token.start <= self.tokens[end - 1].end + 1;
            if !touches || !is_step(token.text) {
                break;
            }
            steps.push(Step { kind: None, number: token.text.to_lowercase() });
            end += 1;
        }
        Some((steps, end))
    }

    /// What a token says as the number of a unit of this kind.
    fn number(&self, kind: UnitKind, token: &Token<'_>) -> Option<String> {
        let text = token.text;
        if let Some((number, _)) = article_number(text).filter(|_| token.kind == TokenKind::Number) {
            return (kind == UnitKind::Article).then(|| number.to_lowercase());
        }
        let fits = match token.kind {
            TokenKind::Number => text.len() <= 6 && !matches!(kind, UnitKind::Subparagraph if text.len() > 2),
            TokenKind::Bracket | TokenKind::HalfBracket => {
                matches!(kind, UnitKind::Point | UnitKind::Paragraph | UnitKind::Recital | UnitKind::Subparagraph)
                    && is_step(text)
            }
            TokenKind::Word => match kind {
                UnitKind::Chapter | UnitKind::Annex | UnitKind::Part | UnitKind::Section => {
                    starts_upper(text) && (is_roman(text) || text.len() == 1)
                }
                UnitKind::Point if self.grammar.letters_stand_alone => {
                    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_lowercase())
                }
                _ => false,
            },
            TokenKind::Mark => false,
        };
        fits.then(|| text.to_lowercase())
    }

    /// ", 6" or " and (c)" after an item.
    fn next_item(&self, label: &LabelWord, items: &[Vec<Step>], end: usize) -> Option<(Vec<Step>, usize)> {
        let start = self.separator(end)?;
        let token = self.tokens.get(start)?;
        let last = items.last()?;
        // "Article 9(1) and (2)": the bracket takes the place of the last one.
        if token.kind == TokenKind::Bracket && last.len() > 1 && is_step(token.text) {
            return self.bracket_item(last, start);
        }
        let is_bracketed = matches!(token.kind, TokenKind::Bracket | TokenKind::HalfBracket);
        (label.takes_list || is_bracketed).then_some(())?;
        self.item(label.kind, start).filter(|_| self.is_like_first(label.kind, token))
    }

    /// A single lower-case word is a letter only beside letters: "Buchstabe a und in".
    fn is_like_first(&self, kind: UnitKind, token: &Token<'_>) -> bool {
        kind != UnitKind::Point || token.kind != TokenKind::Word || token.text.len() == 1
    }

    fn bracket_item(&self, last: &[Step], start: usize) -> Option<(Vec<Step>, usize)> {
        let token = self.tokens.get(start)?;
        let style = |number: &str| values(number).first().map(|(style, _)| *style == Style::Arabic);
        // It replaces the last number that is printed like it: "6(1)(a) and (2)" goes up again.
        let depth = (1..last.len()).rev().find(|depth| style(&last[*depth].number) == style(token.text))?;
        let mut steps = last[..depth].to_vec();
        let mut end = start;
        while let Some(token) =
            self.tokens.get(end).filter(|token| token.kind == TokenKind::Bracket && is_step(token.text))
        {
            if end > start && token.start > self.tokens[end - 1].end + 1 {
                break;
            }
            steps.push(Step { kind: None, number: token.text.to_lowercase() });
            end += 1;
        }
        Some((steps, end))
    }

    /// Past "," or "and" or ", and".
    fn separator(&self, at: usize) -> Option<usize> {
        let after_comma = self.skip_mark(at, ",");
        let joined = self.tokens.get(after_comma).is_some_and(|token| Grammar::is_in(self.grammar.joiners, token.text));
        let end = if joined { after_comma + 1 } else { after_comma };
        (end > at).then_some(end)
    }

    /// " to 22" after "Articles 12": everything after the first, up to the last.
    fn range(&self, label: &LabelWord, items: &[Vec<Step>], end: usize) -> Option<(Vec<Vec<Step>>, usize)> {
        let token = self.tokens.get(end)?;
        let is_dash = matches!(token.text, "–" | "-") && token.kind == TokenKind::Mark;
        (is_dash || Grammar::is_in(self.grammar.ranges, token.text)).then_some(())?;
        let next = self.tokens.get(end + 1)?;
        let last = items.last()?;
        let (first_step, upper, prefix, after) = if next.kind == TokenKind::Bracket && last.len() > 1 {
            (last.last()?, next.text.to_lowercase(), &last[..last.len() - 1], end + 2)
        } else {
            let is_bracketed = matches!(next.kind, TokenKind::Bracket | TokenKind::HalfBracket);
            (last.len() == 1 && (label.takes_list || is_bracketed)).then_some(())?;
            let (item, after) = self.item(label.kind, end + 1)?;
            (item.len() == 1).then_some(())?;
            (last.first()?, item.first()?.number.clone(), &last[..0], after)
        };
        let numbers = between(&first_step.number, &upper)?;
        let step = |number: String| prefix.iter().cloned().chain([Step { kind: first_step.kind, number }]).collect();
        Some((numbers.into_iter().map(step).collect(), after))
    }
}

/// The numbers after `first` up to `last`, both printed alike.
fn between(first: &str, last: &str) -> Option<Vec<String>> {
    if [first, last].iter().any(|number| number.contains(['-', ' '])) {
        return Some(between_inserted(first, last));
    }
    let (firsts, lasts) = (values(first), values(last));
    let (style, from, to) = firsts.iter().find_map(|(style, from)| {
        let (_, to) = lasts.iter().find(|(other, _)| other == style)?;
        Some((*style, *from, *to))
    })?;
    (from < to && to - from <= RANGE_MAX).then_some(())?;
    (from + 1..=to)
        .map(|value| match style {
            Style::Arabic => Some(value.to_string()),
            Style::LowerLetter | Style::UpperLetter if value <= 26 => {
                char::from_u32(u32::from('a') + value - 1).map(String::from)
            }
            Style::LowerRoman | Style::UpperRoman => Some(roman_numeral(value)),
            _ => None,
        })
        .collect()
}

/// The same for "l. 121-1" and "l. 121-4"; the last alone where what lies between cannot be counted.
fn between_inserted(first: &str, last: &str) -> Vec<String> {
    let counted = first.rsplit_once('-').zip(last.rsplit_once('-')).filter(|(first, last)| first.0 == last.0);
    let counted =
        counted.and_then(|(first, last)| Some((first.0, first.1.parse::<u32>().ok()?, last.1.parse::<u32>().ok()?)));
    match counted.filter(|(_, from, to)| from < to && to - from <= RANGE_MAX) {
        Some((head, from, to)) => (from + 1..=to).map(|value| format!("{head}-{value}")).collect(),
        None => vec![last.to_owned()],
    }
}

/// Whether something in brackets is the number of a unit: "(EU)" is not.
fn is_step(text: &str) -> bool {
    let starts_with_digit = text.starts_with(|c: char| c.is_ascii_digit());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if starts_with_digit {
        return digits <= 3 && text.len() - digits <= 2;
    }
    !values(text).is_empty()
}

fn is_roman(text: &str) -> bool {
    values(text).iter().any(|(style, _)| *style == Style::UpperRoman)
}
