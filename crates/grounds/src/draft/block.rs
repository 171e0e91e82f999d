//! The pieces of a provision that stand together: the words of a unit, and the points of its list.

use std::ops::Range;
use std::rc::Rc;

use grounds_core::{Unit, UnitKind};

use crate::answer::sentences;
use crate::view::Text;

/// A unit's own words, sentence by sentence, and its points.
pub(super) struct Block<'a> {
    pub(super) unit: &'a Unit,
    /// In the text of the version.
    pub(super) sentences: Vec<Range<usize>>,
    /// Its list, with each point's words.
    pub(super) points: Vec<(&'a Unit, Range<usize>)>,
}

/// The blocks of a unit and everything below it, in order.
pub(super) fn blocks<'a>(text: &'a Rc<Text>, unit: &'a Unit) -> Vec<Block<'a>> {
    let mut found = Vec::new();
    collect(text, unit, &mut found);
    found
}

fn collect<'a>(text: &'a Rc<Text>, unit: &'a Unit, found: &mut Vec<Block<'a>>) {
    let is_point = |child: &&Unit| matches!(child.kind, UnitKind::Point | UnitKind::Subpoint);
    let children: Vec<&Unit> = text.tree.children(&unit.id).filter(|child| child.kind != UnitKind::Note).collect();
    let points = children.iter().copied().filter(is_point).filter_map(|point| Some((point, words(text, point)?)));
    let block = Block { unit, sentences: own_sentences(text, unit, &children), points: points.collect() };
    if !block.sentences.is_empty() || !block.points.is_empty() {
        found.push(block);
    }
    children.iter().filter(|child| !is_point(child)).for_each(|child| collect(text, child, found));
}

/// The sentences of a unit outside its parts.
fn own_sentences(text: &Text, unit: &Unit, children: &[&Unit]) -> Vec<Range<usize>> {
    let mut own = Vec::new();
    let mut from = unit.body.start;
    for child in children.iter().filter(|child| unit.body.contains(child.span)) {
        own.push(from..child.span.start.max(from));
        from = child.span.end.max(from);
    }
    own.push(from..unit.body.end.max(from));
    let mut found = Vec::new();
    for piece in own {
        let range = piece.start as usize..piece.end as usize;
        let Some(words) = text.version.text.get(range.clone()) else { continue };
        for sentence in sentences(words) {
            let (start, end) = (range.start + sentence.start as usize, range.start + sentence.end as usize);
            // Labels and punctuation that the list leaves behind are no sentences.
            if text.version.text[start..end].chars().filter(|c| c.is_alphabetic()).count() > 2 {
                found.push(start..end);
            }
        }
    }
    found
}

/// Between the last two points of a list.
const JOINERS: [&str; 6] = ["or", "and", "oder", "und", "sowie", "bzw"];

/// The words of a point with those of its own points.
fn words(text: &Text, point: &Unit) -> Option<Range<usize>> {
    let range = point.body.start as usize..point.body.end as usize;
    let words = text.version.text.get(range.clone())?;
    let is_mark = |c: char| c.is_whitespace() || ",;.".contains(c);
    let mut end = words.trim_end_matches(is_mark).len();
    // What joins it with the next point is not its own: "; or".
    let last = words[..end].rsplit(is_mark).next().unwrap_or_default();
    if JOINERS.contains(&last) {
        end = words[..end - last.len()].trim_end_matches(is_mark).len();
    }
    let start = words.len() - words.trim_start().len();
    (start < end).then(|| range.start + start..range.start + end)
}
