//! Laws as plain text whose lines begin with their labels: "第二章 总则", "第五条　国家…", "（一）…".

use std::ops::Range;

use grounds_core::UnitKind;

use super::super::numbering::{self, Shape, han_heading};
use super::super::outline::Outline;

/// A law has at least so many articles.
const ARTICLE_COUNT_MIN: usize = 2;
/// How deep divisions and articles stand.
const DEPTHS: [(UnitKind, usize); 4] =
    [(UnitKind::Part, 0), (UnitKind::Chapter, 1), (UnitKind::Section, 2), (UnitKind::Article, 3)];
/// What a line ends with that is whole: other lines go on with the next.
const SENTENCE_ENDS: [char; 10] = ['。', '；', '：', '！', '？', '”', '）', '.', ';', ':'];

/// A line of the text, without white space around it.
struct Line<'t> {
    start: usize,
    text: &'t str,
}

impl Line<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// A division or an article, with the lines until the next one.
struct Provision {
    kind: UnitKind,
    depth: usize,
    number: String,
    heading: String,
    /// Which lines are its own.
    lines: Range<usize>,
    /// Where its words begin.
    body: usize,
}

/// Adds the divisions and articles of a law; false, and nothing is added, where the text is none.
pub(super) fn add_provisions(outline: &mut Outline) -> bool {
    let text = std::mem::take(&mut outline.text);
    let lines = lines(&text);
    let provisions = provisions(&lines);
    let article_count = provisions.iter().filter(|provision| provision.kind == UnitKind::Article).count();
    // What a judgment quotes at its end makes it no law.
    let first = provisions.first().map_or(text.len(), |first| lines[first.lines.start].start);
    let is_law = article_count >= ARTICLE_COUNT_MIN && first <= text.len() / 2;
    if is_law {
        add(outline, &lines, &provisions);
    }
    drop(lines);
    outline.text = text;
    is_law
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut position = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let words = line.trim();
        if !words.is_empty() {
            lines.push(Line { start: position + line.len() - line.trim_start().len(), text: words });
        }
        position += line.len();
    }
    lines
}

fn provisions(lines: &[Line<'_>]) -> Vec<Provision> {
    let mut found: Vec<Provision> = Vec::new();
    let mut has_article = false;
    for (at, line) in lines.iter().enumerate() {
        let Some(heading) = han_heading(line.text) else { continue };
        let Some((kind, depth)) = DEPTHS.iter().find(|(kind, _)| *kind == heading.kind) else { continue };
        let is_article = *kind == UnitKind::Article;
        let words = line.text[heading.rest_start..].trim_end();
        if !is_article && words.ends_with('。') {
            continue;
        }
        // A line that goes on may break before the citation of an article.
        let goes_on = |before: &Line<'_>| {
            !before.text.ends_with(SENTENCE_ENDS)
                && han_heading(before.text).is_none_or(|heading| heading.kind == UnitKind::Article)
        };
        if is_article && has_article && lines[at - 1..at].iter().all(goes_on) {
            continue;
        }
        has_article |= is_article;
        found.push(Provision {
            kind: *kind,
            depth: *depth,
            number: heading.number.into_owned(),
            heading: if is_article { String::new() } else { words.to_owned() },
            lines: at..lines.len(),
            body: line.start + if is_article { heading.rest_start } else { line.text.len() },
        });
    }
    // In a table of contents a division is followed by the next one, not by what it holds.
    let mut next_depth = None;
    let mut is_listed: Vec<bool> = Vec::with_capacity(found.len());
    for provision in found.iter().rev() {
        let listed = provision.kind != UnitKind::Article && next_depth.is_some_and(|next| next <= provision.depth);
        is_listed.push(listed);
        next_depth = if listed { next_depth } else { Some(provision.depth) };
    }
    found.retain(|_| !is_listed.pop().unwrap_or_default());
    for at in 1..found.len() {
        found[at - 1].lines.end = found[at].lines.start;
    }
    found
}

fn add(outline: &mut Outline, lines: &[Line<'_>], provisions: &[Provision]) {
    let end_of = |line: usize| lines[line].end();
    let Some(first) = provisions.first() else { return };
    if first.lines.start > 0 {
        outline.add(UnitKind::Preamble, "", 0, lines[0].start..end_of(first.lines.start - 1), lines[0].start);
    }
    // The open divisions: how deep each stands, and its unit.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (at, provision) in provisions.iter().enumerate() {
        let until = provisions[at + 1..].iter().find(|next| next.depth <= provision.depth);
        let end = end_of(until.map_or(lines.len(), |next| next.lines.start) - 1);
        while open.last().is_some_and(|(depth, _)| *depth >= provision.depth) {
            open.pop();
        }
        let parent = open.last().map_or(0, |(_, unit)| *unit);
        let start = lines[provision.lines.start].start;
        let unit = outline.add(provision.kind, &provision.number, parent, start..end, provision.body.min(end));
        outline.drafts[unit].heading.clone_from(&provision.heading);
        if provision.kind == UnitKind::Article {
            add_parts(outline, lines, provision, unit);
        } else {
            open.push((provision.depth, unit));
        }
    }
}

/// Adds the paragraphs of an article after its first, and the points of each.
fn add_parts(outline: &mut Outline, lines: &[Line<'_>], article: &Provision, unit: usize) {
    let Some((mut before, rest)) = lines[article.lines.clone()].split_first() else { return };
    // A label alone has its words in the next line.
    let mut awaits_words = article.body == before.end();
    let (mut number, mut paragraph) = (1, unit);
    let mut point: Option<usize> = None;
    for line in rest {
        let span = line.start..line.end();
        if let Some(label) = numbering::label(line.text).filter(|label| label.shape == Shape::Brackets) {
            let body = line.start + label.rest_start;
            point = Some(outline.add(UnitKind::Point, &numbering::digits(label.number), paragraph, span, body));
        } else if before.text.ends_with(SENTENCE_ENDS) && !awaits_words {
            number += 1;
            point = None;
            paragraph = outline.add(UnitKind::Subparagraph, &number.to_string(), unit, span, line.start);
        }
        for part in [Some(paragraph).filter(|paragraph| *paragraph != unit), point].into_iter().flatten() {
            outline.drafts[part].end = line.end();
        }
        (before, awaits_words) = (line, false);
    }
}
