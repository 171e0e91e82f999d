//! Laws as plain text whose lines begin with their labels: "Article 5", "§ 5 Anzeige", "第二章 总则", "第五条　国家…".

mod depth;
mod heading;
mod sort_out;

use std::ops::Range;

use grounds_core::UnitKind;

use super::super::numbering;
use super::super::outline::Outline;
use super::lines::Lines;
use super::parts::{add_parts, add_recitals, recitals};
use super::{is_contents_line, numbered_paragraphs};

/// A law has at least so many articles, or sections where it has none.
const PROVISION_COUNT_MIN: usize = 2;
/// So many numbered paragraphs for each article, after the last one, are those of a judgment that sets out the law first.
const PARAGRAPHS_MAX: usize = 3;
/// What labels may begin.
const KINDS: [UnitKind; 5] = [UnitKind::Part, UnitKind::Annex, UnitKind::Chapter, UnitKind::Section, UnitKind::Article];

/// A division or an article, with the lines until the next one.
#[derive(Debug)]
pub(super) struct Provision {
    pub(super) kind: UnitKind,
    depth: usize,
    number: String,
    heading: String,
    /// Whether its label is of a script without spaces: what stands beside the label of an article is no heading there.
    is_han: bool,
    /// Which lines are its own.
    pub(super) lines: Range<usize>,
    /// The line of its label, which a caption may precede, and where what follows the label begins.
    pub(super) label_line: usize,
    label_end: usize,
    /// The first line after label and heading, and where its words begin.
    pub(super) next_line: usize,
    pub(super) body: usize,
}

impl Provision {
    fn is_article(&self) -> bool {
        self.kind == UnitKind::Article
    }
}

/// Adds the divisions and articles of a law; false, and nothing is added, where the text is none. What `is_said_to_be_law` may have sections and no
/// articles; of other texts, reports and guides have them too.
pub(super) fn add_provisions(outline: &mut Outline, is_said_to_be_law: bool) -> bool {
    let text = std::mem::take(&mut outline.text);
    let lines = Lines::of(&text);
    let (provisions, lists_articles) = provisions(&lines);
    let is_law = if is_said_to_be_law {
        let is_counted = |kind| matches!(kind, UnitKind::Article | UnitKind::Section);
        provisions.iter().filter(|provision| is_counted(provision.kind)).count() >= PROVISION_COUNT_MIN
    } else {
        looks_like_law(&text, &lines, &provisions, lists_articles)
    };
    if is_law {
        add(outline, &lines, &provisions);
    }
    drop(lines);
    outline.text = text;
    is_law
}

/// Whether a text that nothing is said about is a law: its articles begin in its first half, after recitals, or after a table that lists them. A judgment
/// may quote articles at its end, or set them out before its own numbered paragraphs.
fn looks_like_law(text: &str, lines: &Lines<'_>, provisions: &[Provision], lists_articles: bool) -> bool {
    let articles: Vec<&Provision> = provisions.iter().filter(|provision| provision.is_article()).collect();
    let start = |provision: &Provision| lines.lines[provision.lines.start].start;
    let (Some(first), Some(last)) = (articles.first(), articles.last()) else { return false };
    let has_recitals = provisions.first().is_some_and(|first| !recitals(lines, first.lines.start).is_empty());
    let paragraph_count = numbered_paragraphs(&text[start(last)..lines.lines[last.lines.end - 1].end()]).len();
    articles.len() >= PROVISION_COUNT_MIN
        && (lists_articles || has_recitals || start(first) <= text.len() / 2)
        && paragraph_count <= PARAGRAPHS_MAX * articles.len()
}

/// The provisions of a text, and whether a table of contents lists its articles.
fn provisions(lines: &Lines<'_>) -> (Vec<Provision>, bool) {
    let mut found: Vec<Provision> = Vec::new();
    for at in 0..lines.lines.len() {
        let follows_label = found.last().is_some_and(|before| before.label_line + 1 == at);
        found.extend(provision(lines, at, follows_label));
    }
    depth::set_depths(&mut found, lines);
    heading::find(&mut found, lines);
    let lists_articles = sort_out::drop_listed(&mut found, lines);
    sort_out::drop_cited(&mut found);
    heading::find(&mut found, lines);
    (found, lists_articles)
}

/// The provision whose label the line at `at` begins with; `follows_label` tells whether the line before is one.
fn provision(lines: &Lines<'_>, at: usize, follows_label: bool) -> Option<Provision> {
    let line = lines.lines[at];
    let label = numbering::heading(line.text).or_else(|| numbering::lone_annex(line.text));
    let label = label.filter(|label| KINDS.contains(&label.kind) && !is_contents_line(line.text))?;
    let is_article = label.kind == UnitKind::Article;
    let is_han = line.text.starts_with('第');
    if !is_article && line.text[label.rest_start..].ends_with(heading::WORD_ENDS) {
        return None;
    }
    // A line that goes on may break before a citation.
    let may_go_on = at > 0 && !line.is_after_gap && !follows_label && !heading::is_below_division(lines, at - 1);
    if may_go_on && lines.goes_on_after(lines.lines[at - 1]) {
        return None;
    }
    let has_caption = is_han && is_article && at > 0 && heading::is_caption(lines, at - 1);
    let label_end = line.start + label.rest_start;
    Some(Provision {
        kind: label.kind,
        depth: 0,
        number: label.number.into_owned(),
        heading: String::new(),
        is_han,
        lines: at - usize::from(has_caption)..lines.lines.len(),
        label_line: at,
        label_end,
        next_line: at + 1,
        body: label_end,
    })
}

fn add(outline: &mut Outline, lines: &Lines<'_>, provisions: &[Provision]) {
    let end_of = |line: usize| lines.lines[line].end();
    let Some(first) = provisions.first() else { return };
    if first.lines.start > 0 {
        let start = lines.lines[0].start;
        let preamble = outline.add(UnitKind::Preamble, "", 0, start..end_of(first.lines.start - 1), start);
        add_recitals(outline, lines, first.lines.start, preamble);
    }
    // The open divisions: how deep each stands, and its unit.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (at, provision) in provisions.iter().enumerate() {
        let until = provisions[at + 1..].iter().find(|next| next.depth <= provision.depth);
        let end = end_of(until.map_or(lines.lines.len(), |next| next.lines.start) - 1);
        while open.last().is_some_and(|(depth, _)| *depth >= provision.depth) {
            open.pop();
        }
        let parent = open.last().map_or(0, |(_, unit)| *unit);
        let start = lines.lines[provision.lines.start].start;
        let unit = outline.add(provision.kind, &provision.number, parent, start..end, provision.body.min(end));
        outline.drafts[unit].heading.clone_from(&provision.heading);
        if matches!(provision.kind, UnitKind::Article | UnitKind::Annex | UnitKind::Section) {
            add_parts(outline, lines, provision, unit);
        }
        if !provision.is_article() {
            open.push((provision.depth, unit));
        }
    }
}
