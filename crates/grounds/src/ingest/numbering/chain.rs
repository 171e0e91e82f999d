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

/// Numbers that may be missing between two paragraphs: a page break or a scanner's error swallows some.
const GAP_MAX: u32 = 4;
/// Shorter sequences are lists or chance.
const LENGTH_MIN: usize = 2;
/// A bare number may be a date or a footnote, so it takes more of them.
const BARE_LENGTH_MIN: usize = 4;

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
        let mut consider = |found: Option<&usize>| {
            if let Some(found) = found.filter(|found| before.is_none_or(|before| scores[**found] > scores[before])) {
                before = Some(*found);
            }
        };
        for step in 1..=GAP_MAX + 1 {
            if shape == Shape::Decimal {
                consider(minor.checked_sub(step).and_then(|minor| best_of.get(&(shape, major, minor))));
            } else {
                consider(major.checked_sub(step).and_then(|major| best_of.get(&(shape, major, minor))));
            }
        }
        if shape == Shape::Decimal && minor <= 2 {
            consider(major.checked_sub(1).and_then(|major| best_of_major.get(&(shape, major))));
        }
        // Eight points for being next, so that a chain is first of all long.
        let score = before.map_or(0, |before| scores[before]) + 8 + u64::from(candidate.weight);
        previous.push(before);
        scores.push(score);
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
    if chain.len() < length_min || candidates[chain[0]].major > GAP_MAX {
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
