//! Centres of lists, by k-means in two levels: the same centres on any number of threads.

use super::random::Random;
use super::sums::Centres;
use crate::parallel::map_in_parallel;

const ITERATION_COUNT: usize = 10;
/// So many vectors of the sample for each centre.
const SAMPLE_PER_CENTRE: usize = 40;
/// So many groups are looked into for the nearest list of a vector.
const GROUP_PROBE_COUNT: usize = 6;

/// Centres in groups of neighbours, so that the nearest one of thousands is found by looking at few.
#[derive(Debug)]
pub(super) struct Clusters {
    dimension_count: usize,
    /// One after the other, group by group.
    pub(super) centres: Vec<f32>,
    groups: Centres,
    /// Of each group: the number of its first centre, and its centres.
    members: Vec<(usize, Centres)>,
}

impl Clusters {
    /// About `count` centres of `vectors`, of `dimension_count` numbers each, at least one.
    pub(super) fn of(vectors: &[&[f32]], dimension_count: usize, count: usize) -> Self {
        let sample = sample(vectors, count * SAMPLE_PER_CENTRE);
        let group_count = count.isqrt().max(1);
        let training: Vec<&[f32]> = spread(&sample, group_count * 256);
        let group_centres = k_means(&training, dimension_count, group_count, 1);
        let groups = Centres::new(&group_centres, dimension_count);
        let nearest = map_in_parallel(&sample, 256, |vector| groups.nearest(vector, &mut Vec::new()).0);
        let mut parts = vec![Vec::new(); group_count];
        for (vector, group) in sample.iter().zip(nearest) {
            parts[group].push(*vector);
        }
        parts.retain(|part| !part.is_empty());
        let trained = map_in_parallel(&parts, 0, |part| {
            let share = (part.len() * count).div_ceil(sample.len());
            k_means(part, dimension_count, share, part.len() as u64)
        });
        // The centre of a group is that of its lists, for the groups were drawn from a part of the sample.
        let (mut centres, mut group_centres, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for own in trained {
            members.push((centres.len() / dimension_count, Centres::new(&own, dimension_count)));
            let vectors: Vec<&[f32]> = own.chunks_exact(dimension_count).collect();
            group_centres.extend(mean(&vectors, dimension_count));
            centres.extend(own);
        }
        Self { dimension_count, centres, groups: Centres::new(&group_centres, dimension_count), members }
    }

    pub(super) fn count(&self) -> usize {
        self.centres.len() / self.dimension_count
    }

    /// The list whose centre is nearest to `vector` among those of the nearest groups.
    pub(super) fn nearest(&self, vector: &[f32]) -> usize {
        let (mut group_distances, mut distances) = (Vec::new(), Vec::new());
        self.groups.distances(vector, &mut group_distances);
        let mut groups: Vec<usize> = (0..group_distances.len()).collect();
        let by_distance =
            |a: &usize, b: &usize| group_distances[*a].total_cmp(&group_distances[*b]).then_with(|| a.cmp(b));
        if groups.len() > GROUP_PROBE_COUNT {
            groups.select_nth_unstable_by(GROUP_PROBE_COUNT, by_distance);
            groups.truncate(GROUP_PROBE_COUNT);
        }
        groups.sort_unstable();
        let mut nearest = (0, f32::INFINITY);
        for group in groups {
            let (first, centres) = &self.members[group];
            let (at, distance) = centres.nearest(vector, &mut distances);
            if distance < nearest.1 {
                nearest = (first + at, distance);
            }
        }
        nearest.0
    }
}

/// `count` vectors, one at random of each of as many equal parts.
fn sample<'a>(vectors: &[&'a [f32]], count: usize) -> Vec<&'a [f32]> {
    if count >= vectors.len() {
        return vectors.to_vec();
    }
    let mut random = Random::new(1);
    let part = |at: usize| at * vectors.len() / count;
    (0..count).map(|at| vectors[part(at) + random.below(part(at + 1) - part(at))]).collect()
}

/// `count` of them at equal distances.
fn spread<'a>(vectors: &[&'a [f32]], count: usize) -> Vec<&'a [f32]> {
    let count = count.min(vectors.len());
    (0..count).map(|at| vectors[at * vectors.len() / count]).collect()
}

/// At most `count` centres by Lloyd's algorithm, from vectors drawn at random.
fn k_means(vectors: &[&[f32]], dimension_count: usize, count: usize, seed: u64) -> Vec<f32> {
    let count = count.clamp(1, vectors.len());
    let mut random = Random::new(seed);
    let mut draw = |at: usize| {
        let (start, end) = (at * vectors.len() / count, (at + 1) * vectors.len() / count);
        vectors[start + random.below(end - start)]
    };
    let mut centres: Vec<f32> = (0..count).flat_map(|at| draw(at).iter().copied()).collect();
    for _ in 0..ITERATION_COUNT {
        let blocks = Centres::new(&centres, dimension_count);
        let nearest = map_in_parallel(vectors, 256, |vector| blocks.nearest(vector, &mut Vec::new()).0);
        let (mut sums, mut counts) = (vec![0.0_f64; centres.len()], vec![0_u32; count]);
        for (vector, centre) in vectors.iter().zip(nearest) {
            counts[centre] += 1;
            let own = &mut sums[centre * dimension_count..(centre + 1) * dimension_count];
            own.iter_mut().zip(*vector).for_each(|(sum, number)| *sum += f64::from(*number));
        }
        for (at, centre) in centres.chunks_exact_mut(dimension_count).enumerate() {
            if counts[at] == 0 {
                centre.copy_from_slice(draw(at));
                continue;
            }
            let own = &sums[at * dimension_count..(at + 1) * dimension_count];
            centre.iter_mut().zip(own).for_each(|(number, sum)| *number = (sum / f64::from(counts[at])) as f32);
        }
    }
    centres
}

fn mean(vectors: &[&[f32]], dimension_count: usize) -> Vec<f32> {
    let sum = |at: usize| vectors.iter().map(|vector| f64::from(vector[at])).sum::<f64>();
    (0..dimension_count).map(|at| (sum(at) / vectors.len() as f64) as f32).collect()
}
