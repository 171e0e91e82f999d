//! Made-up embeddings: clusters of many sizes, each spread differently in its own directions, of length 1.

/// Numbers of a vector.
pub(super) const DIMENSION_COUNT: usize = 128;
const CLUSTER_COUNT: usize = 2_000;
/// Each cluster is spread mostly along so many directions of its own.
const DIRECTION_COUNT: usize = 24;

/// Sebastiano Vigna's splitmix64.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Fills `numbers` from a normal distribution of the deviation 1 (Box and Muller 1958).
    fn fill(&mut self, numbers: &mut [f32]) {
        for pair in numbers.chunks_mut(2) {
            let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
            let angle = self.share() * std::f64::consts::TAU;
            for (number, value) in pair.iter_mut().zip([angle.cos(), angle.sin()]) {
                *number = (radius * value) as f32;
            }
        }
    }
}

/// Which vectors are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In clusters, as embeddings of texts are.
    Clustered,
    /// In one cloud whose directions matter less and less: neighbours are hardly nearer than others.
    Cloud,
}

/// Where vectors are drawn from.
pub(super) struct Source {
    kind: Kind,
    random: Random,
    centres: Vec<f32>,
    directions: Vec<f32>,
    /// The sum of the weights up to each cluster.
    weights: Vec<f64>,
}

impl Source {
    pub(super) fn new(kind: Kind, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut centres = vec![0.0; CLUSTER_COUNT * DIMENSION_COUNT];
        random.fill(&mut centres);
        for centre in centres.chunks_mut(DIMENSION_COUNT) {
            weaken(centre, 16.0, 0.5);
            normalise(centre);
        }
        let mut directions = vec![0.0; CLUSTER_COUNT * DIRECTION_COUNT * DIMENSION_COUNT];
        random.fill(&mut directions);
        directions.chunks_mut(DIMENSION_COUNT).for_each(normalise);
        let mut sum = 0.0;
        let weight = |at: usize| {
            sum += 1.0 / ((at + 10) as f64).sqrt();
            sum
        };
        Self { kind, random, centres, directions, weights: (0..CLUSTER_COUNT).map(weight).collect() }
    }

    /// The next `count` vectors, one after the other.
    pub(super) fn draw(&mut self, count: usize) -> Vec<f32> {
        let mut vectors = vec![0.0; count * DIMENSION_COUNT];
        for vector in vectors.chunks_mut(DIMENSION_COUNT) {
            self.random.fill(vector);
            match self.kind {
                Kind::Cloud => weaken(vector, 8.0, 0.7),
                Kind::Clustered => self.put_into_cluster(vector),
            }
            normalise(vector);
        }
        vectors
    }

    fn put_into_cluster(&mut self, vector: &mut [f32]) {
        let total = self.weights[CLUSTER_COUNT - 1];
        let wanted = self.random.share() * total;
        let cluster = self.weights.partition_point(|sum| *sum < wanted).min(CLUSTER_COUNT - 1);
        let centre = &self.centres[cluster * DIMENSION_COUNT..][..DIMENSION_COUNT];
        vector.iter_mut().zip(centre).for_each(|(number, centre)| *number = *number * 0.035 + centre);
        let mut amounts = [0.0; DIRECTION_COUNT];
        self.random.fill(&mut amounts);
        let first = cluster * DIRECTION_COUNT;
        for (at, amount) in amounts.into_iter().enumerate() {
            let amount = amount * 0.25 * (1.0 + at as f32 / 4.0).powf(-0.5);
            let direction = &self.directions[(first + at) * DIMENSION_COUNT..][..DIMENSION_COUNT];
            vector.iter_mut().zip(direction).for_each(|(number, part)| *number += amount * part);
        }
    }
}

fn weaken(vector: &mut [f32], scale: f32, power: f32) {
    vector.iter_mut().enumerate().for_each(|(at, number)| *number *= (1.0 + at as f32 / scale).powf(-power));
}

fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|number| *number /= length);
}
