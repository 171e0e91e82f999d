//! Places in whole numbers: all of them are read for each question, and memory is what takes time.

use fearless_simd::{Level, dispatch};

use crate::collection::PassageIndex;
use crate::embeddings::WIDTH;
use crate::lexical::{Scored, best_of};

/// A place of length 1, in parts of [`SHORT_ONE`].
pub(crate) type ShortPlace = [i16; WIDTH];

/// What stands for 1. No sum of a product of two places of length 1 leaves 32 bits then.
const SHORT_ONE: f32 = 16_384.0;
/// Of a rough place, what stands for 1 in 64 of these.
const ROUGH_STEP: i16 = 64;
/// So many times more passages than are asked for are compared exactly.
const ROUGH_FACTOR: usize = 4;

pub(crate) fn shortened(place: &[f32; WIDTH]) -> ShortPlace {
    place.map(|value| (value * SHORT_ONE).round() as i16)
}

/// The cosine of two places.
#[inline(always)]
pub(crate) fn short_dot(a: &ShortPlace, b: &ShortPlace) -> f32 {
    let mut sum = 0i32;
    for (a, b) in a.iter().zip(b) {
        sum += i32::from(*a) * i32::from(*b);
    }
    sum as f32 / (SHORT_ONE * SHORT_ONE)
}

/// The places of all passages; empty where nothing was learned about nearness.
#[derive(Clone, Debug, Default)]
pub(crate) struct PassagePlaces {
    places: Vec<ShortPlace>,
    /// The same in half the bytes.
    rough: Vec<[i8; WIDTH]>,
}

impl PassagePlaces {
    pub(crate) fn new(places: Vec<ShortPlace>) -> Self {
        let rough = places.iter().map(rough).collect();
        Self { places, rough }
    }

    /// The places of passages, in order; none where nothing was learned about nearness.
    pub(crate) fn of(&self, passages: impl Iterator<Item = PassageIndex>) -> Vec<ShortPlace> {
        passages.filter_map(|passage| self.places.get(passage as usize)).copied().collect()
    }

    /// How near a passage is to a place.
    pub(crate) fn nearness(&self, place: &ShortPlace, passage: PassageIndex) -> f32 {
        self.places.get(passage as usize).map_or(0.0, |other| short_dot(place, other))
    }

    /// The `k` passages nearest to a place; those at right angles or beyond are none. Of those that are nearest by rough places, four times as
    /// many are compared exactly.
    pub(crate) fn nearest(&self, place: &ShortPlace, k: usize, room: &mut Vec<i32>) -> Vec<Scored> {
        let from = rough(place);
        room.clear();
        room.resize(self.rough.len(), 0);
        dispatch!(Level::new(), _simd => rough_dots(&from, &self.rough, room));
        let all = (0..).zip(&*room).map(|(passage, dot)| Scored { passage, score: *dot as f32 });
        let near = best_of(all, ROUGH_FACTOR * k).into_iter().map(|one| one.passage);
        let exact = near.map(|passage| Scored { passage, score: self.nearness(place, passage) });
        best_of(exact.filter(|one| one.score > 0.0), k)
    }
}

/// The cosines of a place with others.
pub(crate) fn cosines(place: &ShortPlace, others: &[ShortPlace], cosines: &mut Vec<f32>) {
    cosines.clear();
    cosines.resize(others.len(), 0.0);
    dispatch!(Level::new(), _simd => short_dots(place, others, cosines));
}

#[inline(always)]
fn short_dots(place: &ShortPlace, others: &[ShortPlace], cosines: &mut [f32]) {
    for (cosine, other) in cosines.iter_mut().zip(others) {
        *cosine = short_dot(place, other);
    }
}

fn rough(place: &ShortPlace) -> [i8; WIDTH] {
    let most = i16::from(i8::MAX);
    place.map(|value| (value.saturating_add(ROUGH_STEP / 2).div_euclid(ROUGH_STEP)).clamp(-most, most) as i8)
}

#[inline(always)]
fn rough_dots(place: &[i8; WIDTH], others: &[[i8; WIDTH]], dots: &mut [i32]) {
    for (dot, other) in dots.iter_mut().zip(others) {
        let mut sum = 0i32;
        for (a, b) in place.iter().zip(other) {
            sum += i32::from(*a) * i32::from(*b);
        }
        *dot = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_nearest_are_those_of_comparing_all_exactly() {
        let mut random = Random::new(8);
        let mut drawn = || {
            let numbers: [f32; WIDTH] = std::array::from_fn(|_| random.normal());
            let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
            shortened(&numbers.map(|number| number / length))
        };
        let places = PassagePlaces::new((0..2_000).map(|_| drawn()).collect());
        let mut room = Vec::new();
        for _ in 0..20 {
            let place = drawn();
            let all = (0..2_000).map(|passage| Scored { passage, score: places.nearness(&place, passage) });
            assert_eq!(places.nearest(&place, 60, &mut room), best_of(all, 60));
        }
        assert_eq!(PassagePlaces::default().nearest(&drawn(), 60, &mut room), []);
    }
}
