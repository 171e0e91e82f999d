//! What stands between two atoms of one line.

use std::ops::Range;

use super::atom::Atom;
use crate::lex::TokenKind;

/// The atoms of a range on one line, with the white space that belongs between them.
pub(super) fn written(atoms: &[Atom<'_>], range: Range<usize>) -> String {
    let mut out = String::new();
    for index in range.clone() {
        if index > range.start {
            out.push_str(space(atoms, index));
        }
        out.push_str(atoms[index].text);
    }
    out
}

/// What stands before the atom at `index`, which is not the first of its line.
pub(super) fn space(atoms: &[Atom<'_>], index: usize) -> &'static str {
    let [Some(before), Some(atom)] = [index.checked_sub(1).and_then(|at| atoms.get(at)), atoms.get(index)] else {
        return "";
    };
    let is_tight = match atom.text {
        _ if atom.is_verbatim || atom.kind != TokenKind::Sign => {
            before.is("(") || before.is(".") || before.is("-") && is_minus(atoms, index - 1)
        }
        ")" | "," | "." | "%" => true,
        "(" => before.is("(") || is_call(atoms, index),
        "-" => before.is("(") || before.is("-") && is_minus(atoms, index - 1),
        _ => before.is("("),
    };
    if is_tight { "" } else { " " }
}

/// Whether the `-` at `index` is the sign of a number, not an operator between two.
pub(super) fn is_minus(atoms: &[Atom<'_>], index: usize) -> bool {
    let Some(before) = index.checked_sub(1).and_then(|at| atoms.get(at)) else { return true };
    let is_currency =
        before.text.len() == 3 && before.text.bytes().all(|byte| byte.is_ascii_uppercase()) && !before.is_verbatim;
    let after_attribute = index > 1 && atoms[index - 2].is(".");
    let is_value = match before.kind {
        _ if before.is_verbatim => true,
        TokenKind::Sign => before.text == ")" || before.text == "%",
        TokenKind::Word => after_attribute || !is_currency && !ANNOUNCE.contains(&before.text),
        _ => true,
    };
    !is_value
}

/// Words after which a value begins.
const ANNOUNCE: [&str; 24] = [
    "and", "or", "not", "some", "no", "has", "is", "in", "where", "when", "then", "of", "to", "put", "for", "most",
    "least", "between", "each", "expect", "only", "over", "yes", "rounded",
];

/// Whether the `(` at `index` belongs to the name before it.
fn is_call(atoms: &[Atom<'_>], index: usize) -> bool {
    let Some(name) = index.checked_sub(1).and_then(|at| atoms.get(at)) else { return false };
    if name.kind != TokenKind::Word || name.is_verbatim || index > 1 && atoms[index - 2].is(".") {
        return false;
    }
    if !name.text.starts_with(char::is_lowercase) {
        return true;
    }
    // A look-up in a table is followed by the name of the column; in front of a bracket, other words keep their distance.
    !ANNOUNCE.contains(&name.text)
        && name.kind == TokenKind::Word
        && closing(atoms, index).is_some_and(|close| atoms[close + 1].is("."))
}

/// The bracket that closes the one at `index`; it is never the last atom.
fn closing(atoms: &[Atom<'_>], index: usize) -> Option<usize> {
    let mut depth = 0_usize;
    (index..atoms.len().saturating_sub(1)).find(|at| {
        depth += usize::from(atoms[*at].is("("));
        depth = depth.saturating_sub(usize::from(atoms[*at].is(")")));
        depth == 0
    })
}
