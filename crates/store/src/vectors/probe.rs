//! Looking through lists, the likeliest first, until what is left is unlikely to hold any of the nearest.

use std::collections::BinaryHeap;

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*};

use super::bits::RowBits;
use super::code::{BLOCK_ROW_COUNT, Factor};
use super::metric::DistanceFrom;
use super::parts::{NO_ROW, Order, Parts};
use super::question::{Question, factor, half_of_factor};
use super::rotation::Rotation;
use super::sums::dot;

/// How thoroughly an index looks. More of either finds more and takes longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Effort {
    /// A list is left out where a vector in it would have to point towards the question with a cosine greater than this to be among the nearest.
    pub(super) reach: f32,
    /// A vector is looked at more closely where its estimated distance, less so many deviations of the estimate, is near enough.
    pub(super) deviation_count: f32,
}

/// What looking cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) list_count: usize,
    pub(super) row_count: usize,
    pub(super) fine_count: usize,
}

impl Cost {
    /// What it comes to, in lines of memory that are read: the same number on every machine.
    pub(super) fn estimate(&self, parts: &Parts<'_>) -> f64 {
        let line_count = |byte_count: usize| byte_count.div_ceil(64) as f64;
        let block = line_count(parts.shape.block_byte_count());
        let row = block / BLOCK_ROW_COUNT as f64;
        // Lines from anywhere take longer than lines in a row.
        self.list_count as f64 * 4.0 * block
            + self.row_count as f64 * row
            + self.fine_count as f64 * 4.0 * line_count(parts.shape.fine_byte_count())
    }
}

/// So many lists are looked at first, then so many more, then all.
const LIST_COUNTS: [usize; 3] = [32, 128, 512];
/// The deviation of an estimate by signs, over the lengths of both differences: for a random rotation the signs point about 0.8 in the direction of a vector.
const SIGN_DEVIATION: f32 = 0.6;

/// So many rows are looked at more closely at a time, so that the next ones have to be nearer.
const PENDING_COUNT: usize = 64;

/// The largest key on top.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Keyed {
    key: f32,
    place: u32,
}

impl Eq for Keyed {}

impl PartialOrd for Keyed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Keyed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.total_cmp(&other.key).then_with(|| self.place.cmp(&other.place))
    }
}

/// A search under way.
struct Probe<'a> {
    parts: &'a Parts<'a>,
    question: Question,
    vector: &'a [f32],
    /// Squared length of the vector that is looked for.
    square: f32,
    order: Order,
    effort: Effort,
    visible: Option<&'a RowBits>,
    /// So many are compared exactly in the end.
    kept_count: usize,
    kept: BinaryHeap<Keyed>,
    /// So many are asked for, and these of the kept: as far as they reach lists are looked through.
    count: usize,
    nearest: BinaryHeap<Keyed>,
    /// Of the list in hand: rows that may be near enough.
    pending: Vec<Keyed>,
    cost: Cost,
}

/// The `count` rows nearest to `vector` that are visible, nearest first, with their distances; equals in order of row.
///
/// Which rows are found is a matter of `effort`; how far they are is exact.
pub(super) fn nearest(
    parts: &Parts<'_>,
    rotation: &Rotation,
    vector: &[f32],
    (distance, order): (&DistanceFrom, Order),
    count: usize,
    effort: Effort,
    visible: Option<&RowBits>,
) -> (Vec<(f64, u32)>, Cost) {
    let mut probe = Probe {
        parts,
        question: Question::new(vector, rotation),
        vector,
        square: dot(vector, vector),
        order,
        effort,
        visible,
        kept_count: count.saturating_mul(2).max(1),
        kept: BinaryHeap::new(),
        count: count.max(1),
        nearest: BinaryHeap::new(),
        pending: Vec::new(),
        cost: Cost::default(),
    };
    dispatch!(Level::new(), simd => probe.run(simd));
    let rows: Vec<u32> = probe.kept.iter().map(|kept| parts.rows[kept.place as usize]).collect();
    let mut found = Vec::with_capacity(rows.len());
    dispatch!(Level::new(), simd => {
        fetch(rows.iter().map(|row| parts.vector(*row as usize)));
        for row in rows {
            found.push((distance.distance(simd, parts.vector(row as usize)), row));
        }
    });
    found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    found.truncate(count);
    (found, probe.cost)
}

impl Probe<'_> {
    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S) {
        let list_count = self.parts.list_count();
        let mut done = vec![false; list_count];
        for count in LIST_COUNTS.into_iter().filter(|count| *count < list_count).chain([list_count]) {
            let mut lists = self.likeliest_lists(simd, count);
            lists.retain(|list| !std::mem::replace(&mut done[list.place as usize], true));
            for list in &mut lists {
                list.key = self.list_key(self.centre_distance(list.place as usize), list.place as usize);
            }
            lists.sort_unstable();
            let mut last_near = 0;
            for (at, list) in lists.iter().enumerate() {
                if self.look_through(simd, list.place as usize) {
                    last_near = at;
                }
            }
            // Those that follow are farther than these.
            if last_near < lists.len() / 2 {
                return;
            }
        }
    }

    /// The squared distance of a list's centre.
    #[inline(always)]
    fn centre_distance(&self, list: usize) -> f32 {
        (self.square + self.parts.squares[list] - 2.0 * dot(self.vector, self.parts.centre(list))).max(0.0)
    }

    /// What lists are ordered by: how near vectors in them are on average.
    #[inline(always)]
    fn list_key(&self, centre_distance: f32, list: usize) -> f32 {
        let (square, radius) = (self.parts.squares[list], self.parts.radii[list]);
        match self.order {
            Order::Square => centre_distance,
            Order::Dot => centre_distance - square,
            Order::Cosine => {
                (centre_distance - square - self.square) / (square + radius * radius).sqrt().max(f32::MIN_POSITIVE)
            }
        }
    }

    /// The `count` lists that are nearest by their codes, in no order.
    #[inline(always)]
    fn likeliest_lists<S: Simd>(&self, simd: S, count: usize) -> Vec<Keyed> {
        let (parts, shape) = (self.parts, self.parts.shape.of_lists());
        let mean_square = self.square + dot(parts.mean, parts.mean) - 2.0 * dot(self.vector, parts.mean);
        let mut lists: Vec<Keyed> =
            Vec::with_capacity((2 * count + BLOCK_ROW_COUNT).min(parts.list_count() + BLOCK_ROW_COUNT));
        let mut cut = f32::INFINITY;
        for (block, bytes) in parts.list_blocks.chunks_exact(shape.block_byte_count()).enumerate() {
            let estimates = self.question.estimates(simd, shape, bytes, mean_square, 0.0);
            let mut numbers = [0.0; BLOCK_ROW_COUNT];
            estimates[0].store_slice(&mut numbers[..16]);
            estimates[1].store_slice(&mut numbers[16..]);
            let first = block * BLOCK_ROW_COUNT;
            if matches!(self.order, Order::Square) {
                let cuts = f32x16::splat(simd, cut);
                let mut near = estimates[0].simd_lt(cuts).to_bitmask() | estimates[1].simd_lt(cuts).to_bitmask() << 16;
                if first + BLOCK_ROW_COUNT > parts.list_count() {
                    near &= (1 << (parts.list_count() - first)) - 1;
                }
                while near != 0 {
                    let at = near.trailing_zeros() as usize;
                    near &= near - 1;
                    lists.push(Keyed { key: numbers[at], place: (first + at) as u32 });
                }
            } else {
                for (at, number) in numbers.iter().enumerate().take(parts.list_count() - first) {
                    let key = self.list_key(number.max(0.0), first + at);
                    if key < cut {
                        lists.push(Keyed { key, place: (first + at) as u32 });
                    }
                }
            }
            if lists.len() >= 2 * count {
                cut = cut_to(&mut lists, count);
            }
        }
        if lists.len() > count {
            cut_to(&mut lists, count);
        }
        lists
    }

    /// How large the cosine between the question and a vector's difference from the centre has to be for it to be among the nearest.
    #[inline(always)]
    fn needed_cosine(&self, centre_distance: f32, list: usize, key: f32) -> f32 {
        let (square, radius) = (self.parts.squares[list], self.parts.radii[list]);
        let centre_dot = 0.5 * (self.square + square - centre_distance);
        match self.order {
            Order::Square => (centre_distance + radius * radius - key) / (2.0 * centre_distance.sqrt() * radius),
            Order::Dot => (0.5 * (self.square - key) - centre_dot) / (self.square.sqrt() * radius),
            Order::Cosine => {
                let wanted = -0.5 * key * (square + radius * radius).sqrt();
                (wanted - centre_dot) / (self.square.sqrt() * radius)
            }
        }
    }

    /// The key that a row must be below of.
    #[inline(always)]
    fn cut(&self) -> f32 {
        if self.kept.len() < self.kept_count {
            f32::INFINITY
        } else {
            self.kept.peek().map_or(f32::INFINITY, |kept| kept.key)
        }
    }

    /// Looks through a list, unless nothing in it is likely to be near enough: then it returns false.
    #[inline(always)]
    fn look_through<S: Simd>(&mut self, simd: S, list: usize) -> bool {
        let centre_distance = self.centre_distance(list);
        let reached = match self.nearest.peek() {
            Some(farthest) if self.nearest.len() == self.count => farthest.key,
            _ => f32::INFINITY,
        };
        if self.needed_cosine(centre_distance, list, reached) > self.effort.reach {
            return false;
        }
        let (start, end) = (self.parts.starts[list] as usize, self.parts.starts[list + 1] as usize);
        self.cost.list_count += 1;
        self.cost.row_count += (end - start) * BLOCK_ROW_COUNT;
        let margin = self.effort.deviation_count * SIGN_DEVIATION * centre_distance.sqrt();
        let mut cut = self.cut();
        for block in start..end {
            self.scan(simd, block, centre_distance, margin, cut);
            // Before there are enough, those that look nearest set the cut.
            if self.pending.len() >= PENDING_COUNT && self.kept.len() == self.kept_count {
                self.refine(simd, centre_distance);
                cut = self.cut();
            }
        }
        self.refine(simd, centre_distance);
        true
    }

    /// Puts the visible rows of a block that may be near enough among those pending.
    #[inline(always)]
    fn scan<S: Simd>(&mut self, simd: S, block: usize, centre_distance: f32, margin: f32, cut: f32) {
        let shape = self.parts.shape;
        let bytes = self.parts.block(block);
        let estimates = self.question.estimates(simd, shape, bytes, centre_distance, margin);
        let mut near = 0;
        for (half, estimates) in estimates.into_iter().enumerate() {
            let cuts = if shape.has_norms {
                self.square_cut(simd, half_of_factor(simd, shape, bytes, Factor::Norm, half), cut)
            } else {
                f32x16::splat(simd, cut)
            };
            near |= estimates.simd_lt(cuts).to_bitmask() << (16 * half);
        }
        if near == 0 {
            return;
        }
        let mut numbers = [0.0; BLOCK_ROW_COUNT];
        estimates[0].store_slice(&mut numbers[..16]);
        estimates[1].store_slice(&mut numbers[16..]);
        while near != 0 {
            let at = near.trailing_zeros() as usize;
            near &= near - 1;
            let place = block * BLOCK_ROW_COUNT + at;
            if self.is_visible(place) {
                let key = if shape.has_norms {
                    self.key(numbers[at], factor(shape, bytes, Factor::Norm, at))
                } else {
                    numbers[at]
                };
                self.pending.push(Keyed { key, place: place as u32 });
            }
        }
    }

    #[inline(always)]
    fn is_visible(&self, place: usize) -> bool {
        let row = self.parts.rows[place];
        match self.visible {
            _ if row == NO_ROW => false,
            Some(visible) => visible.contains(row as usize),
            None => true,
        }
    }

    /// The squared distance below which rows of these lengths have a key below `cut`.
    #[inline(always)]
    fn square_cut<S: Simd>(&self, simd: S, norms: f32x16<S>, cut: f32) -> f32x16<S> {
        match self.order {
            Order::Square => f32x16::splat(simd, cut),
            Order::Dot => norms * norms + cut,
            Order::Cosine => norms * norms + self.square + norms * cut,
        }
    }

    #[inline(always)]
    fn key(&self, square_distance: f32, norm: f32) -> f32 {
        match self.order {
            Order::Square => square_distance,
            Order::Dot => square_distance - norm * norm,
            Order::Cosine if norm > 0.0 => (square_distance - norm * norm - self.square) / norm,
            Order::Cosine => 0.0,
        }
    }

    /// Orders what is pending by four bits a dimension, and keeps the nearest.
    #[inline(always)]
    fn refine<S: Simd>(&mut self, simd: S, centre_distance: f32) {
        let mut pending = std::mem::take(&mut self.pending);
        let first_count = self.kept_count.saturating_mul(2);
        if self.kept.len() < self.kept_count && pending.len() > first_count {
            pending.select_nth_unstable(first_count);
            let mut rest = pending.split_off(first_count);
            self.refine_all(simd, centre_distance, &mut pending);
            std::mem::swap(&mut pending, &mut rest);
        }
        let cut = self.cut();
        pending.retain(|row| row.key < cut);
        self.refine_all(simd, centre_distance, &mut pending);
        pending.clear();
        self.pending = pending;
    }

    #[inline(always)]
    fn refine_all<S: Simd>(&mut self, simd: S, centre_distance: f32, rows: &mut [Keyed]) {
        self.cost.fine_count += rows.len();
        let shape = self.parts.shape;
        let length = shape.fine_byte_count();
        let codes = |place: u32| &self.parts.fine[place as usize * length..(place as usize + 1) * length];
        fetch(rows.iter().map(|row| codes(row.place)));
        for row in rows.iter_mut() {
            let (block, at) = (row.place as usize / BLOCK_ROW_COUNT, row.place as usize % BLOCK_ROW_COUNT);
            let bytes = self.parts.block(block);
            let estimate = self.question.fine_estimate(simd, shape, bytes, at, codes(row.place), centre_distance);
            row.key =
                if shape.has_norms { self.key(estimate, factor(shape, bytes, Factor::Norm, at)) } else { estimate };
        }
        for row in rows {
            if row.key < self.cut() {
                keep(&mut self.kept, self.kept_count, *row);
                keep(&mut self.nearest, self.count, *row);
            }
        }
    }
}

/// Keeps the `count` nearest.
#[inline(always)]
fn keep(kept: &mut BinaryHeap<Keyed>, count: usize, row: Keyed) {
    if kept.len() < count {
        kept.push(row);
    } else if let Some(mut farthest) = kept.peek_mut().filter(|farthest| row < **farthest) {
        *farthest = row;
    }
}

/// Asks memory for all of `parts` before any is needed: waiting for each of them in turn is most of what looking at it costs.
#[inline(always)]
fn fetch<'a, T: Copy + Into<f32> + 'a>(parts: impl Iterator<Item = &'a [T]>) {
    let line_length = 64 / size_of::<T>();
    let mut sum = 0.0;
    for part in parts {
        for line in part.chunks(line_length) {
            sum += line[0].into();
        }
    }
    std::hint::black_box(sum);
}

/// Keeps the `count` with the smallest keys, and returns the largest of these.
fn cut_to(lists: &mut Vec<Keyed>, count: usize) -> f32 {
    let (_, last, _) = lists.select_nth_unstable(count - 1);
    let cut = last.key;
    lists.truncate(count);
    cut
}
