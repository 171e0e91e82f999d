//! What a change does to the open rows of one key: arithmetic on intervals of valid time.

use grounds_core::Validity;
use jiff::civil::Date;

/// A stretch of valid time in which a key holds one content. Pieces of one key never overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) validity: Validity,
    /// Which of the key's contents.
    pub(crate) content: usize,
    /// The stored row that says so; `None` for a row still to be written.
    pub(crate) row: Option<u64>,
}

/// Lets `content` hold during `validity` (SQL:2011, FOR PORTION OF). Returns whether anything changed.
pub(crate) fn put(pieces: &mut Vec<Piece>, content: usize, validity: Validity) -> bool {
    if holds(pieces, content, validity) {
        return false;
    }
    let mut next = Vec::with_capacity(pieces.len() + 2);
    for piece in pieces.drain(..) {
        next.extend(outside(piece, validity));
    }
    next.push(Piece { validity, content, row: None });
    *pieces = next;
    true
}

/// Lets nothing hold during `validity`. Returns whether anything changed.
pub(crate) fn remove(pieces: &mut Vec<Piece>, validity: Validity) -> bool {
    let overlaps = |piece: &Piece| piece.validity.overlaps(validity);
    if !pieces.iter().any(overlaps) {
        return false;
    }
    *pieces = pieces.drain(..).flat_map(|piece| outside(piece, validity)).collect();
    true
}

/// Ends everything on `from`. Returns whether anything changed.
pub(crate) fn cut(pieces: &mut Vec<Piece>, from: Date) -> bool {
    let mut changed = false;
    pieces.retain_mut(|piece| {
        if piece.validity.to.is_some_and(|to| to <= from) {
            return true;
        }
        changed = true;
        piece.validity.to = Some(from);
        piece.row = None;
        piece.validity.from < from
    });
    changed
}

/// What is left of `piece` outside `validity`.
fn outside(piece: Piece, validity: Validity) -> impl Iterator<Item = Piece> {
    let (from, end, content) = (piece.validity.from, piece.validity.to, piece.content);
    if !piece.validity.overlaps(validity) {
        return [Some(piece), None].into_iter().flatten();
    }
    let rest = |from, to| Piece { validity: Validity { from, to }, content, row: None };
    let before = (from < validity.from).then(|| rest(from, Some(validity.from)));
    let after = validity.to.filter(|to| end.is_none_or(|end| *to < end)).map(|to| rest(to, end));
    [before, after].into_iter().flatten()
}

/// Whether `content` already holds on every day of `validity`.
fn holds(pieces: &[Piece], content: usize, validity: Validity) -> bool {
    let mut same: Vec<Validity> =
        pieces.iter().filter(|piece| piece.content == content).map(|piece| piece.validity).collect();
    same.sort_unstable();
    let mut covered_to = Some(validity.from);
    for piece in same {
        let Some(to) = covered_to else { break };
        if piece.from <= to && piece.to.is_none_or(|end| to < end) {
            covered_to = piece.to;
        }
    }
    match (covered_to, validity.to) {
        (None, _) => true,
        (Some(covered), Some(wanted)) => wanted <= covered,
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Date {
        Date::constant(2020, 1, day)
    }

    fn during(from: i8, to: i8) -> Validity {
        Validity { from: day(from), to: Some(day(to)) }
    }

    fn stored(validity: Validity, content: usize, row: u64) -> Piece {
        Piece { validity, content, row: Some(row) }
    }

    #[test]
    fn a_put_in_the_middle_leaves_both_ends() {
        let mut pieces = vec![stored(Validity::from(day(1)), 0, 1)];
        assert!(put(&mut pieces, 1, during(5, 10)));
        let held: Vec<_> = pieces.iter().map(|piece| (piece.validity, piece.content, piece.row)).collect();
        assert_eq!(held, [(during(1, 5), 0, None), (Validity::from(day(10)), 0, None), (during(5, 10), 1, None)]);
    }

    #[test]
    fn what_already_holds_changes_nothing() {
        let mut pieces = vec![stored(during(1, 5), 0, 1), stored(Validity::from(day(5)), 0, 2)];
        let before = pieces.clone();
        assert!(!put(&mut pieces, 0, during(3, 9)));
        assert!(!put(&mut pieces, 0, Validity::from(day(1))));
        assert_eq!(pieces, before);
        assert!(put(&mut pieces, 0, Validity::always()));
    }

    #[test]
    fn a_cut_ends_what_goes_on_and_drops_what_begins_later() {
        let mut pieces =
            vec![stored(during(1, 5), 0, 1), stored(during(5, 9), 1, 2), stored(Validity::from(day(9)), 2, 3)];
        assert!(cut(&mut pieces, day(7)));
        assert_eq!(pieces, [stored(during(1, 5), 0, 1), Piece { validity: during(5, 7), content: 1, row: None }]);
        assert!(!cut(&mut pieces, day(7)));
    }
}
