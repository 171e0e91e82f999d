//! The work that a reference names: "of Regulation (EU) 2016/679", "TFEU", "of this Code", "GDPR" in front.

use super::super::grammar::{Grammar, starts_upper};
use super::super::tokens::{Token, TokenKind};
use super::super::{LastNamed, Target};
use super::Segment;

/// How many tokens before a reference a name in front of it can begin.
const NAME_TOKENS_MAX: usize = 6;
/// How many tokens may stand between "Regulation" and its number.
const NUMBER_TOKENS_MAX: usize = 5;

impl Segment<'_> {
    /// The work named after a reference that ends before token `end`, and the token after its name.
    pub(super) fn work_after(&self, end: usize, last_named: &LastNamed) -> Option<(Target, usize)> {
        // "Article 5 [of the GDPR]", "Article 5 of [the GDPR]"
        let at = self.skip_mark(self.skip_mark(end, ","), "[");
        let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
        let is_this = |token: &str| Grammar::is_in(self.grammar.this, token);
        if Grammar::is_in(self.grammar.thereof, token.text) {
            return Some((last_named.any.clone().unwrap_or(Target::Unclear), at + 1));
        }
        let is_of = Grammar::is_in(self.grammar.of, token.text);
        let is_genitive =
            self.grammar.genitive_without_of && (is_this(token.text) || Grammar::is_in(self.grammar.that, token.text));
        if !is_of && !is_genitive {
            // "Article 16 TFEU", "Artikel 6 DSGVO"
            // Indonesian names the work right after: "Pasal 20 Undang-Undang Dasar".
            let follows_directly = self.grammar.language == "id" && self.is_work_noun(token.text);
            return match at == end {
                true if follows_directly => self.named_work(at),
                true => self.abbreviation(at),
                false => None,
            };
        }
        let start = if is_of { at + 1 } else { at };
        let start = self.skip_mark(self.skip_mark(self.skip_mark(start, "'"), "’"), "[");
        if let Some((document, after)) = self.names.named_at(self.text, &self.tokens, self.skip_articles(start)) {
            return Some((Target::Known(document), after));
        }
        let determiner = self.tokens.get(start)?;
        let noun = self.tokens.get(start + 1).filter(|token| token.kind == TokenKind::Word);
        if is_this(determiner.text) {
            return noun.filter(|noun| self.is_work_noun(noun.text)).map(|_| (Target::Home, start + 2));
        }
        if Grammar::is_in(self.grammar.that, determiner.text) {
            return noun.map(|noun| (self.work_named_before(noun.text, last_named), start + 2));
        }
        self.named_work(self.skip_articles(start))
    }

    /// "that directive", "that act".
    fn work_named_before(&self, noun: &str, last_named: &LastNamed) -> Target {
        let lower = noun.to_lowercase();
        let is_work = self.grammar.works.iter().any(|work| work.to_lowercase() == lower);
        let found = if is_work { last_named.of_noun.get(&lower) } else { last_named.any.as_ref() };
        found.cloned().unwrap_or(Target::Unclear)
    }

    /// "Regulation (EU) 2016/679", "Charter", "Code".
    fn named_work(&self, at: usize) -> Option<(Target, usize)> {
        if let Some(found) = self.abbreviation(at) {
            return Some(found);
        }
        let noun = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
        if let Some(found) = self.act_number(at) {
            return Some(found);
        }
        if self.is_work_noun(noun.text) {
            return Some((Target::Noun(noun.text.to_owned()), at + 1));
        }
        // Any other name: "of the Rome Statute".
        let is_name =
            starts_upper(noun.text) && self.grammar.label(noun.text).is_none() && self.grammar.language != "de";
        is_name.then(|| {
            let is_part = |token: &&Token<'_>| token.kind == TokenKind::Word && starts_upper(token.text);
            let length = self.tokens[at..].iter().take(NAME_TOKENS_MAX).take_while(is_part).count();
            let words: Vec<&str> = self.tokens[at..at + length].iter().map(|token| token.text).collect();
            (Target::External(words.join(" ")), at + length)
        })
    }

    fn is_work_noun(&self, word: &str) -> bool {
        self.grammar.is_work(word)
    }

    /// A word in capitals: the short title of a document, or of a work that is not in the workspace.
    fn abbreviation(&self, at: usize) -> Option<(Target, usize)> {
        if let Some((document, after)) = self.names.named_at(self.text, &self.tokens, at) {
            return Some((Target::Known(document), after));
        }
        let token = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
        let capitals = token.text.chars().filter(|character| character.is_uppercase()).count();
        let is_label = self.grammar.label(token.text).is_some();
        (capitals >= 2 && token.text.len() <= 12 && !is_label).then_some(())?;
        // "PNR Directive"
        let noun = self.tokens.get(at + 1).filter(|next| next.kind == TokenKind::Word && starts_upper(next.text));
        match noun.filter(|noun| self.is_work_noun(noun.text)) {
            Some(noun) => Some((Target::External(format!("{} {}", token.text, noun.text)), at + 2)),
            None => Some((Target::External(token.text.to_owned()), at + 1)),
        }
    }

    /// "Regulation (EU) No 2016/679", "Directive 95/46/EC".
    fn act_number(&self, at: usize) -> Option<(Target, usize)> {
        let noun =
            self.tokens.get(at).filter(|token| token.kind == TokenKind::Word && self.is_work_noun(token.text))?;
        for position in at + 1..(at + 1 + NUMBER_TOKENS_MAX).min(self.tokens.len()) {
            let token = self.tokens[position];
            match token.kind {
                TokenKind::Number => {
                    let slash = self.tokens.get(position + 1).filter(|token| token.text == "/")?;
                    let second = self.tokens.get(position + 2).filter(|token| token.kind == TokenKind::Number)?;
                    let mut end = position + 3;
                    if self.tokens.get(end).is_some_and(|token| token.text == "/") {
                        end += 2;
                    }
                    let end = end.min(self.tokens.len());
                    let target = match self.names.numbered(token.text, second.text) {
                        Some(document) => Target::Known(document),
                        None => Target::External(format!("{} {}{}{}", noun.text, token.text, slash.text, second.text)),
                    };
                    return Some((target, end));
                }
                TokenKind::Bracket => {}
                TokenKind::Word
                    if matches!(
                        token.text,
                        "No" | "Nr" | "n" | "EU" | "EC" | "EG" | "CE" | "UE" | "EEC" | "EWG" | "CEE"
                    ) => {}
                TokenKind::Mark if matches!(token.text, "(" | ")" | "," | "." | "°" | "º") => {}
                _ => return None,
            }
        }
        None
    }

    /// A work named in running text at token `at`.
    pub(super) fn mention(&self, at: usize) -> Option<(Target, usize)> {
        self.tokens.get(at).filter(|token| token.kind == TokenKind::Word)?;
        if let Some((document, after)) = self.names.named_at(self.text, &self.tokens, at) {
            return Some((Target::Known(document), after));
        }
        let named = self.abbreviation(at).filter(|(_, end)| *end > at + 1);
        let lone = || {
            let noun = self.tokens[at].text;
            self.grammar.lone_works.contains(&noun).then(|| (Target::External(noun.to_owned()), at + 1))
        };
        named.or_else(|| self.act_number(at)).or_else(lone)
    }

    /// "GDPR" in "GDPR Article 33", from token `free_from` on: the work and the token where its name begins.
    pub(super) fn name_before(&self, at: usize, free_from: usize) -> Option<(Target, usize)> {
        let known = (at.saturating_sub(NAME_TOKENS_MAX).max(free_from)..at).find_map(|start| {
            let (document, end) = self.names.named_at(self.text, &self.tokens, start)?;
            (end == at || (end + 1 == at && self.tokens[end].text == ",")).then_some((Target::Known(document), start))
        });
        known.or_else(|| {
            let start = at.checked_sub(1).filter(|start| *start >= free_from)?;
            let word = self.tokens[start].text;
            let is_upper = |word: &str| word.chars().all(char::is_uppercase);
            // In "UNDER ARTICLE 5" capitals mean nothing.
            let is_name = self.tokens[start].kind == TokenKind::Word
                && (3..=8).contains(&word.len())
                && is_upper(word)
                && !is_upper(self.tokens[at].text);
            is_name.then(|| (Target::External(word.to_owned()), start))
        })
    }
}
