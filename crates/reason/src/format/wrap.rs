//! Lines that are too long, broken where their conditions and lists have joints.

use std::ops::Range;

use super::atom::Atom;
use super::spacing::{is_minus, written};
use super::structure::Start;
use crate::lex::TokenKind;
use crate::parse::ITEM_WORDS;

/// How many characters a line has at most, where it can be broken at all. Texts and comments never are.
pub(super) const WIDTH_MAX: usize = 130;

/// One line: a stretch of atoms, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) atoms: Range<usize>,
    /// Of the part that begins with the line, or goes on in it.
    pub(super) indent: usize,
    /// Of the lines that go on with the part.
    pub(super) continued: usize,
    /// Whether it begins a part.
    begins: bool,
    /// How many brackets are open where it begins.
    depth: usize,
    /// Whether it may be broken.
    pub(super) is_free: bool,
    /// Atoms at which another part begins.
    pub(super) joins: Vec<usize>,
}

impl Line {
    pub(super) fn new(part: Start, first: usize) -> Self {
        let Start { indent, continued, is_free, .. } = part;
        Self { atoms: first..first + 1, indent, continued, begins: true, depth: 0, is_free, joins: Vec::new() }
    }

    /// A line that goes on with `part` inside `depth` brackets.
    pub(super) fn continuing(part: Start, first: usize, depth: usize) -> Self {
        Self { begins: false, depth, ..Self::new(part, first) }
    }

    /// Whether an item or a part of it begins with it.
    pub(super) fn begins_part(&self) -> bool {
        self.begins
    }

    /// How many blanks stand before it.
    pub(super) fn margin(&self, atoms: &[Atom<'_>]) -> usize {
        if self.begins {
            return self.indent;
        }
        let closes = atoms.get(self.atoms.start).is_some_and(|atom| atom.is(")") || atom.is("}"));
        self.continued + 2 * self.depth.saturating_sub(usize::from(closes))
    }
}

/// How loosely the parts beside a joint hang together; a line is broken at its loosest joints first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Joint {
    Or,
    And,
    Comma,
    Range,
    Sum,
}

/// Brackets of at most so many characters hold together.
const BRACKETS_WIDTH_MAX: usize = 40;

/// The joints before atoms, at which a line can be broken. The `and` of `days between … and …` and of `1 year and 6 months` is none.
pub(super) fn joints(atoms: &[Atom<'_>]) -> Vec<Option<Joint>> {
    let mut found = vec![None; atoms.len()];
    // Of each open bracket: the joints after its commas.
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut between = Vec::new();
    for index in 1..atoms.len() {
        let (previous, atom) = (&atoms[index - 1], &atoms[index]);
        if previous.is(",") {
            match open.last_mut() {
                Some((_, commas)) => commas.push(index),
                None => found[index] = Some(Joint::Comma),
            }
        }
        if opens(atom) {
            open.push((index, Vec::new()));
        } else if closes(atom)
            && let Some((start, commas)) = open.pop()
        {
            let is_wide = written(atoms, start..index + 1).chars().count() > BRACKETS_WIDTH_MAX;
            commas.into_iter().filter(|_| is_wide).for_each(|comma| found[comma] = Some(Joint::Comma));
        } else if atom.is("between") && (previous.is("days") || previous.is("years")) {
            between.push(open.len());
        } else if atom.is("and") && between.last() == Some(&open.len()) {
            between.pop();
        } else if let Some(joint) = joint(atoms, index) {
            found[index] = Some(joint);
        }
        // A word that begins items would be taken for one at the beginning of a line.
        if ITEM_WORDS.contains(&atom.text) {
            found[index] = None;
        }
    }
    found
}

/// What the word or sign at `index` joins.
fn joint(atoms: &[Atom<'_>], index: usize) -> Option<Joint> {
    let is_word = |word: &str| atoms[index].is(word) && !atoms[index - 1].is(".");
    // A number that is added or taken away stays where it is.
    let is_sign = |sign: &str| atoms[index].is(sign) && atoms[index + 1].kind != TokenKind::Number;
    match () {
        () if is_word("or") => Some(Joint::Or),
        () if is_word("and") => (!is_length(atoms, index)).then_some(Joint::And),
        () if is_word("for") && atoms[index + 1].is("each") => Some(Joint::Range),
        () if is_sign("+") || is_sign("-") && !is_minus(atoms, index) => Some(Joint::Sum),
        () => None,
    }
}

/// Whether the `and` at `index` stands inside a length of time, between a unit and a number.
fn is_length(atoms: &[Atom<'_>], index: usize) -> bool {
    index > 1 && atoms[index - 2].kind == TokenKind::Number && atoms[index + 1].kind == TokenKind::Number
}

/// The line, or the lines it is broken into.
pub(super) fn wrap(atoms: &[Atom<'_>], joints: &[Option<Joint>], line: Line) -> Vec<Line> {
    if !line.is_free || !line.joins.is_empty() || line.width(atoms) <= WIDTH_MAX {
        return vec![line];
    }
    let Some(loosest) = inside(atoms, &line).filter_map(|(index, depth)| Some((depth, joints[index]?))).min() else {
        return vec![line];
    };
    let mut pieces = vec![Line { atoms: line.atoms.start..line.atoms.start + 1, ..line.clone() }];
    for (index, depth) in inside(atoms, &line) {
        if depth == loosest.0 && joints[index] == Some(loosest.1) {
            pieces.push(Line { atoms: index..index, begins: false, depth, ..line.clone() });
        }
        if let Some(piece) = pieces.last_mut() {
            piece.atoms.end = index + 1;
        }
    }
    let lines = pieces.into_iter().map(|piece| wrap(atoms, joints, piece));
    if loosest.1 == Joint::Comma { filled(atoms, lines) } else { lines.flatten().collect() }
}

/// Lists fill their lines: an element begins one only where it finds no room on the line before.
fn filled(atoms: &[Atom<'_>], elements: impl Iterator<Item = Vec<Line>>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for element in elements {
        let mut element = element.into_iter();
        let first = element.next();
        let longer = lines.last().zip(first.as_ref()).map(|(last, first)| {
            let atoms = last.atoms.start..first.atoms.end;
            Line { atoms, ..last.clone() }
        });
        match longer.filter(|longer| longer.width(atoms) <= WIDTH_MAX).zip(lines.last_mut()) {
            Some((longer, last)) => *last = longer,
            None => lines.extend(first),
        }
        lines.extend(element);
    }
    lines
}

/// The atoms of a line after its first, with the number of brackets that are open before each.
fn inside(atoms: &[Atom<'_>], line: &Line) -> impl Iterator<Item = (usize, usize)> {
    let mut depth = line.depth;
    line.atoms.clone().skip(1).map(move |index| {
        let before = &atoms[index - 1];
        depth = (depth + usize::from(opens(before))).saturating_sub(usize::from(closes(before)));
        (index, depth)
    })
}

fn opens(atom: &Atom<'_>) -> bool {
    atom.is("(") || atom.is("{")
}

fn closes(atom: &Atom<'_>) -> bool {
    atom.is(")") || atom.is("}")
}
