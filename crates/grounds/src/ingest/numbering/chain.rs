//! Which of the numbers at the beginnings of lines number the paragraphs of a document.

use std::collections::HashMap;

use super::label::Shape;

/// A line that may begin a numbered paragraph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) shape: Shape,
    pub(crate) major: u32,
    /// 0 but for decimal numbers.
    pub(crate) minor: u32,
    /// How much it looks like one, from 1.
    pub(crate) weight: u32,
}

/// The first paragraph that is found has at most this number.
const START_MAX: u32 = 4;
/// Numbers that may be missing between two paragraphs: a page break or a scanner's error swallows some.
const GAP_MAX: u32 = 20;
/// A gap wider than this must be outweighed by the paragraphs after it.
const GAP_FREE_MAX: u32 = 5;
/// What a candidate is worth for being next, beside its weight: a chain is first of all long.
const LINK_SCORE: u64 = 8;
/// What a wide gap costs.
const GAP_PENALTY: u64 = 6;
/// Shorter sequences are lists or chance.
const LENGTH_MIN: usize = 2;
/// A bare number may be a date or a footnote, so it takes more of them.
const BARE_LENGTH_MIN: usize = 3;

/// The positions of the most convincing sequence of numbers that grow through the document, all printed alike; empty if
/// there is none. Cost: linear.
pub(crate) fn longest_chain(candidates: &[Candidate]) -> Vec<usize> {
    let mut best_of: HashMap<(Shape, u32, u32), usize> = HashMap::new();
    let mut best_of_major: HashMap<(Shape, u32), usize> = HashMap::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(candidates.len());
    let mut scores: Vec<u64> = Vec::with_capacity(candidates.len());
    for (index, candidate) in candidates.iter().enumerate() {
        let Candidate { shape, major, minor, .. } = *candidate;
        let mut before: Option<usize> = None;
        let mut before_score = 0;
        let mut consider = |found: Option<&usize>, penalty: u64| {
            if let Some(found) = found.filter(|found| scores[**found].saturating_sub(penalty) > before_score) {
                before = Some(*found);
                before_score = scores[*found].saturating_sub(penalty);
            }
        };
        for step in 1..=GAP_MAX {
            let penalty = if step > GAP_FREE_MAX { GAP_PENALTY } else { 0 };
            let key = match shape {
                Shape::Decimal => minor.checked_sub(step).map(|minor| (shape, major, minor)),
                _ => major.checked_sub(step).map(|major| (shape, major, minor)),
            };
            consider(key.and_then(|key| best_of.get(&key)), penalty);
        }
        if shape == Shape::Decimal && minor <= 2 {
            consider(major.checked_sub(1).and_then(|major| best_of_major.get(&(shape, major))), 0);
        }
        let may_stand = before.is_some() || major <= START_MAX;
        let score = if may_stand { before_score + LINK_SCORE + u64::from(candidate.weight) } else { 0 };
        previous.push(before);
        scores.push(score);
        if !may_stand {
            continue;
        }
        let better = |known: Option<&usize>| known.is_none_or(|known| score > scores[*known]);
        if better(best_of.get(&(shape, major, minor))) {
            best_of.insert((shape, major, minor), index);
        }
        if better(best_of_major.get(&(shape, major))) {
            best_of_major.insert((shape, major), index);
        }
    }
    let Some(last) = (0..candidates.len()).max_by_key(|index| (scores[*index], std::cmp::Reverse(*index))) else {
        return Vec::new();
    };
    let mut chain: Vec<usize> = std::iter::successors(Some(last), |index| previous[*index]).collect();
    chain.reverse();
    let length_min = if candidates[last].shape == Shape::Bare { BARE_LENGTH_MIN } else { LENGTH_MIN };
    if chain.len() < length_min || scores[last] == 0 {
        return Vec::new();
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(numbers: &[(u32, Shape)]) -> Vec<usize> {
        let candidates: Vec<Candidate> = numbers
            .iter()
            .map(|(number, shape)| Candidate { shape: *shape, major: *number, minor: 0, weight: 1 })
            .collect();
        longest_chain(&candidates)
    }

    #[test]
    fn footnotes_and_tables_of_contents_do_not_number_paragraphs() {
        use Shape::{Bare, Dot};
        let numbers =
            [(1, Bare), (2, Bare), (1, Dot), (2, Dot), (1, Bare), (2, Bare), (3, Dot), (3, Bare), (5, Dot), (6, Dot)];
        assert_eq!(chain(&numbers), [2, 3, 6, 8, 9]);
        assert_eq!(chain(&[(2016, Dot), (2017, Dot), (2018, Dot)]), [] as [usize; 0]);
        assert_eq!(chain(&[]), [] as [usize; 0]);
    }
}
