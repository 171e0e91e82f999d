//! The nearest so far.

use std::collections::BinaryHeap;

/// A row and how far it is; the farther one is greater, and of equals the one that comes later.
#[derive(Clone, Copy, Debug)]
struct Far(f64, u32);

impl PartialEq for Far {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Far {}

impl PartialOrd for Far {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Far {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then_with(|| self.1.cmp(&other.1))
    }
}

/// The `count` nearest of the rows that were offered, and those as far as the last of them.
#[derive(Debug)]
pub(super) struct Nearest {
    count: usize,
    kept: BinaryHeap<Far>,
    /// As far as the farthest kept.
    ties: Vec<u32>,
}

impl Nearest {
    pub(super) fn new(count: usize) -> Self {
        Self { count, kept: BinaryHeap::with_capacity(count.min(1 << 16) + 1), ties: Vec::new() }
    }

    /// Rows farther than this are none of the nearest.
    #[inline(always)]
    pub(super) fn farthest(&self) -> f64 {
        if self.kept.len() < self.count {
            return f64::INFINITY;
        }
        self.kept.peek().map_or(f64::NEG_INFINITY, |far| far.0)
    }

    /// Takes in a row.
    #[inline(always)]
    pub(super) fn offer(&mut self, distance: f64, row: u32) {
        if self.kept.len() < self.count {
            self.kept.push(Far(distance, row));
            return;
        }
        let Some(farthest) = self.kept.peek().map(|far| far.0) else { return };
        match distance.total_cmp(&farthest) {
            std::cmp::Ordering::Greater => {}
            std::cmp::Ordering::Equal => self.ties.push(row),
            std::cmp::Ordering::Less => self.replace(Far(distance, row), farthest),
        }
    }

    fn replace(&mut self, nearer: Far, farthest: f64) {
        self.kept.push(nearer);
        let Some(out) = self.kept.pop() else { return };
        match self.kept.peek() {
            Some(far) if far.0.total_cmp(&farthest).is_eq() => self.ties.push(out.1),
            _ => self.ties.clear(),
        }
    }

    /// They, nearest first; equals in order of row.
    pub(super) fn finish(self) -> Vec<(f64, u32)> {
        let farthest = self.kept.peek().map_or(f64::NAN, |far| far.0);
        let ties = self.ties.into_iter().map(|row| Far(farthest, row));
        let mut found: Vec<Far> = self.kept.into_iter().chain(ties).collect();
        found.sort_unstable();
        found.into_iter().map(|far| (far.0, far.1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_as_far_as_the_last_stay() {
        let distances = [3.0, 1.0, 2.0, 2.0, 5.0, 2.0, 0.5, f64::NAN, 2.0];
        for count in 0..=10 {
            let mut nearest = Nearest::new(count);
            distances.iter().zip(0..).for_each(|(distance, row)| nearest.offer(*distance, row));
            let mut all: Vec<(f64, u32)> = distances.iter().copied().zip(0..).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let last = count.checked_sub(1).and_then(|at| all.get(at.min(all.len() - 1)));
            let kept = all.iter().filter(|(distance, _)| last.is_some_and(|last| distance.total_cmp(&last.0).is_le()));
            let rows: Vec<u32> = kept.map(|(_, row)| *row).collect();
            assert_eq!(nearest.finish().into_iter().map(|(_, row)| row).collect::<Vec<_>>(), rows, "{count}");
        }
    }
}
