//! Reading references from tokens.

mod group;
mod work;

use std::ops::Range;

use grounds_core::{Span, UnitKind};

use super::grammar::{Grammar, rank};
use super::names::Names;
use super::tokens::{Token, TokenKind, tokens};
use super::{LastNamed, Reference, References, Step, Target};
use group::Group;

/// A reference that names more provisions than this is a mistake of the text or of the reader.
const PROVISIONS_MAX: usize = 200;
/// Between two references, at most so many words leave them one enumeration.
const BRIDGE_TOKENS_MAX: usize = 6;

/// A piece of running text.
pub(crate) struct Segment<'s> {
    text: &'s str,
    tokens: Vec<Token<'s>>,
    grammar: &'static Grammar,
    names: &'s Names,
}

/// A reference with the tokens it covers.
struct Covered {
    reference: Reference,
    tokens: Range<usize>,
}

impl<'s> Segment<'s> {
    pub(crate) fn new(text: &'s str, range: Range<usize>, grammar: &'static Grammar, names: &'s Names) -> Self {
        Self { text, tokens: tokens(text, range), grammar, names }
    }

    /// Adds the references of this piece, which belongs to `unit`. `last_named` is the work named last before.
    pub(crate) fn read(&self, unit: usize, references: &mut References, last_named: &mut LastNamed) {
        let mut found: Vec<Covered> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if let Some(covered) = self.reference(at, unit, found.last(), last_named) {
                self.remember(&covered.reference.target, references, last_named);
                at = covered.tokens.end.max(at + 1);
                found.push(covered);
            } else if let Some((target, end)) = self.mention(at) {
                self.remember(&target, references, last_named);
                at = end.max(at + 1);
            } else {
                at += 1;
            }
        }
        self.share_targets(&mut found);
        references.found.extend(found.into_iter().map(|covered| covered.reference));
    }

    fn remember(&self, target: &Target, references: &mut References, last_named: &mut LastNamed) {
        let title = match target {
            Target::Known(document) => {
                *references.named.entry(*document).or_insert(0) += 1;
                self.names.document(*document).title.as_str()
            }
            Target::External(name) => {
                let mut words = name.split(' ');
                let is_act = self.grammar.lone_works.contains(&name.as_str())
                    || name.contains('/')
                    || (name.contains(' ') && words.any(|word| self.grammar.is_work(word)));
                if !is_act {
                    return;
                }
                *references.named_outside.entry(name.clone()).or_insert(0) += 1;
                name.as_str()
            }
            _ => return,
        };
        let mut words = title.split(|c: char| !c.is_alphabetic());
        if let Some(noun) = words.find(|word| self.grammar.is_work(word)) {
            last_named.of_noun.insert(noun.to_lowercase(), target.clone());
        }
        last_named.any = Some(target.clone());
    }

    /// "Article 5, Article 6(1) and Article 9 of Regulation X": the first two are of Regulation X too.
    fn share_targets(&self, found: &mut [Covered]) {
        for index in (1..found.len()).rev() {
            let (before, after) = found.split_at_mut(index);
            let (Some(first), Some(second)) = (before.last_mut(), after.first()) else { continue };
            let is_named = !matches!(second.reference.target, Target::Unnamed | Target::Unclear);
            let between = first.tokens.end..second.tokens.start;
            let is_bridge = between.len() <= BRIDGE_TOKENS_MAX
                && self.tokens[between].iter().all(|token| match token.kind {
                    TokenKind::Word => Grammar::is_in(self.grammar.bridges, token.text),
                    TokenKind::Mark => matches!(token.text, "," | "'" | "’"),
                    _ => false,
                });
            let is_whole = |reference: &Reference| {
                reference.anchor.is_none()
                    && reference
                        .provisions
                        .first()
                        .and_then(|steps| steps.first())
                        .is_some_and(|step| step.kind.is_some_and(|kind| rank(kind) <= rank(UnitKind::Article)))
            };
            if first.reference.target == Target::Unnamed
                && is_named
                && is_bridge
                && is_whole(&first.reference)
                && is_whole(&second.reference)
            {
                first.reference.target = second.reference.target.clone();
            }
        }
    }

    /// The reference that begins at token `at`; `before` is the one before it.
    fn reference(&self, at: usize, unit: usize, before: Option<&Covered>, last_named: &LastNamed) -> Option<Covered> {
        let first = self.group(at)?;
        let mut end = first.end;
        let mut groups = vec![first];
        while let Some(group) = self.narrower(end, &groups) {
            end = group.end;
            groups.push(group);
        }
        if groups.len() == 1 {
            while let Some(group) = self.wider(end, &groups) {
                end = group.end;
                groups.insert(0, group);
            }
            // "points (i) and (ii) of Article 2(1), point (j)"
            if let Some(group) =
                groups.get(..1).filter(|_| groups.len() > 1).and_then(|widest| self.narrower(end, widest))
            {
                end = group.end;
                groups.insert(1, group);
            }
        }
        let anchor = groups.first().filter(|group| group.is_this).map(|group| group.kind);
        if anchor.is_some() {
            groups.remove(0);
        }
        let mut start = at;
        if let Some(covered) = self.of_provision_before(at, end, unit, &groups, before) {
            return covered;
        }
        let (target, end) = match self.work_after(end, last_named) {
            Some(found) => found,
            None => match self.name_before(at, before.map_or(0, |before| before.tokens.end)) {
                Some((target, name_start)) => {
                    start = name_start;
                    (target, end)
                }
                None => (Target::Unnamed, end),
            },
        };
        let points_here = self.tokens.get(end).is_some_and(|token| Grammar::is_in(self.grammar.here, token.text));
        let span = Span::new(self.tokens[start].start, self.tokens[end - 1].end);
        let provisions = expand(&groups)?;
        if provisions.is_empty() && anchor.is_none() {
            return None;
        }
        let named_before = last_named.any.clone();
        let reference = Reference { unit, span, target, named_before, provisions, anchor, points_here };
        Some(Covered { reference, tokens: start..end })
    }

    /// "paragraph 2 of that Article", "the second subparagraph thereof": `Some(None)` where no single provision was cited
    /// before, so that nobody can say what is meant.
    fn of_provision_before(
        &self,
        at: usize,
        end: usize,
        unit: usize,
        groups: &[Group],
        before: Option<&Covered>,
    ) -> Option<Option<Covered>> {
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.text);
        let first = groups.first()?;
        let (kind, end) = if Grammar::is_in(self.grammar.thereof, word(end)) {
            // "Article 5 thereof" is an article of the work named before.
            (rank(first.kind) > rank(UnitKind::Article)).then_some(())?;
            (None, end + 1)
        } else {
            let start = if Grammar::is_in(self.grammar.of, word(end)) { end + 1 } else { end };
            Grammar::is_in(self.grammar.that, word(start)).then_some(())?;
            (Some(self.grammar.label(word(start + 1))?.kind), start + 2)
        };
        let is_base = |step: &&Step| match kind {
            Some(kind) => step.kind.is_none_or(|step| rank(step) <= rank(kind)),
            None => step.kind.is_none_or(|step| rank(step) < rank(first.kind)),
        };
        let found = before.and_then(|before| {
            let base: Vec<Step> = before.reference.provisions.first()?.iter().take_while(is_base).cloned().collect();
            let base = if kind == Some(UnitKind::Article) { base.into_iter().take(1).collect() } else { base };
            let is_single = before.reference.provisions.iter().all(|steps| steps.starts_with(&base));
            let wanted = kind.is_none_or(|kind| {
                base.first().and_then(|step| step.kind).is_some_and(|first| rank(first) <= rank(kind))
            });
            (is_single && wanted && !base.is_empty()).then_some(())?;
            let mut provisions = expand(groups)?;
            for steps in &mut provisions {
                steps.splice(0..0, base.iter().cloned());
            }
            let Reference { target, named_before, anchor, .. } = before.reference.clone();
            let span = Span::new(self.tokens[at].start, self.tokens[end - 1].end);
            let reference = Reference { unit, span, target, named_before, provisions, anchor, points_here: false };
            Some(Covered { reference, tokens: at..end })
        });
        Some(found)
    }

    /// ", point (b)" after "Article 6(1)".
    fn narrower(&self, end: usize, groups: &[Group]) -> Option<Group> {
        let last = groups.last()?;
        let after_comma = self.skip_mark(end, ",");
        let start = if self.is_article(after_comma) { after_comma + 1 } else { after_comma };
        let group = self.group(start)?;
        (rank(group.kind) > rank(last.kind) && !group.is_this && rank(last.kind) >= rank(UnitKind::Article))
            .then_some(group)
    }

    /// "of the first subparagraph", "of Article 6(1)", "of this Article".
    fn wider(&self, end: usize, groups: &[Group]) -> Option<Group> {
        let first = groups.first().filter(|first| !first.is_this)?;
        let connector = self.tokens.get(end).filter(|token| token.kind == TokenKind::Word)?;
        let is_of = Grammar::is_in(self.grammar.of, connector.text) || matches!(connector.text, "in");
        let start = if is_of {
            end + 1
        } else if self.grammar.genitive_without_of && Grammar::is_in(self.grammar.this, connector.text) {
            end
        } else {
            return None;
        };
        let mut start = self.skip_articles(start);
        if is_of && connector.text == "in" && self.group(start).is_none() {
            return None;
        }
        start = self.skip_mark(start, ",");
        let group = self.group(start)?;
        (rank(group.kind) < rank(first.kind)).then_some(group)
    }

    fn is_article(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| Grammar::is_in(self.grammar.articles, token.text))
    }

    /// Past "the", "de la", "l'".
    fn skip_articles(&self, mut at: usize) -> usize {
        for _ in 0..2 {
            if self.is_article(at) {
                at += 1;
            }
            at = self.skip_mark(self.skip_mark(at, "'"), "’");
        }
        at
    }

    fn skip_mark(&self, at: usize, mark: &str) -> usize {
        if self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Mark && token.text == mark) {
            at + 1
        } else {
            at
        }
    }
}

/// Every provision that the groups name together, from the top down; `None` where there are too many.
fn expand(groups: &[Group]) -> Option<Vec<Vec<Step>>> {
    let mut provisions: Vec<Vec<Step>> = vec![Vec::new()];
    for group in groups {
        let mut longer = Vec::new();
        for provision in &provisions {
            for item in &group.items {
                longer.push(provision.iter().chain(item).cloned().collect());
            }
        }
        provisions = longer;
        if provisions.len() > PROVISIONS_MAX {
            return None;
        }
    }
    provisions.retain(|provision: &Vec<Step>| !provision.is_empty());
    Some(provisions)
}
