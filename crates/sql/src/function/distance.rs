//! How far the vectors of a column are from one vector: exact, and the same on every machine.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Float32Type};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// How far two vectors are apart; smaller is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Metric {
    Cosine,
    Euclidean,
    /// The negative of the dot product.
    Dot,
}

/// Sums that are carried side by side: in an order that does not depend on the machine, and fast on all of them.
const LANE_COUNT: usize = 8;

/// The sum of `term` over the pairs of two vectors of one length.
fn sum(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANE_COUNT];
    let (a_chunks, a_rest) = a.as_chunks::<LANE_COUNT>();
    let (b_chunks, b_rest) = b.as_chunks::<LANE_COUNT>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANE_COUNT {
            lanes[lane] += term(f64::from(a[lane]), f64::from(b[lane]));
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane += term(f64::from(*a), f64::from(*b));
    }
    lanes.iter().sum()
}

impl Metric {
    fn distance(self, a: &[f32], b: &[f32], b_norm: f64) -> f64 {
        match self {
            Metric::Dot => -sum(a, b, |a, b| a * b),
            Metric::Euclidean => sum(a, b, |a, b| (a - b) * (a - b)).sqrt(),
            Metric::Cosine => {
                let norms = norm(a) * b_norm;
                // A vector without a direction is as far as one at a right angle.
                if norms > 0.0 { 1.0 - sum(a, b, |a, b| a * b) / norms } else { 1.0 }
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Metric::Cosine => "cosine_distance",
            Metric::Euclidean => "l2_distance",
            Metric::Dot => "dot_distance",
        }
    }
}

fn norm(numbers: &[f32]) -> f64 {
    sum(numbers, numbers, |a, b| a * b).sqrt()
}

/// The function of one argument that a plan computes distances with: a vector, or nothing.
#[derive(Clone, Debug)]
pub(crate) struct Distance {
    metric: Metric,
    wanted: Vec<f32>,
    signature: Signature,
}

impl Distance {
    /// Distances from `wanted`.
    pub(crate) fn new(metric: Metric, wanted: Vec<f32>) -> Self {
        Self { metric, wanted, signature: Signature::new(TypeSignature::Any(1), Volatility::Immutable) }
    }

    fn bits(&self) -> impl Iterator<Item = u32> {
        self.wanted.iter().map(|number| number.to_bits())
    }
}

impl PartialEq for Distance {
    fn eq(&self, other: &Self) -> bool {
        self.metric == other.metric && self.bits().eq(other.bits())
    }
}

impl Eq for Distance {}

impl Hash for Distance {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.metric.hash(state);
        self.bits().for_each(|bits| bits.hash(state));
    }
}

impl ScalarUDFImpl for Distance {
    fn name(&self) -> &str {
        self.metric.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [vectors] = arguments.args.as_slice() else { return exec_err!("{} takes one vector", self.name()) };
        let vectors = vectors.to_array(arguments.number_rows)?;
        let not_vectors = || exec_datafusion_err!("{} takes vectors, not {}", self.name(), vectors.data_type());
        let lists = vectors.as_fixed_size_list_opt().ok_or_else(not_vectors)?;
        let numbers = lists.values().as_primitive_opt::<Float32Type>().ok_or_else(not_vectors)?;
        let length = usize::try_from(lists.value_length()).unwrap_or_default();
        if length != self.wanted.len() {
            return exec_err!("{} of vectors of {length} and {} numbers", self.name(), self.wanted.len());
        }
        let (numbers, wanted_norm) = (numbers.values(), norm(&self.wanted));
        let distance = |row: usize| {
            let start = lists.value_offset(row) as usize;
            lists
                .is_valid(row)
                .then(|| self.metric.distance(&numbers[start..start + length], &self.wanted, wanted_norm))
        };
        let distances: Float64Array = (0..lists.len()).map(distance).collect();
        Ok(ColumnarValue::Array(Arc::new(distances) as ArrayRef))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_definition_whatever_the_length() {
        for length in [0_usize, 1, 7, 8, 9, 31, 384] {
            let a: Vec<f32> = (0..length).map(|at| (at % 13) as f32 - 6.0).collect();
            let b: Vec<f32> = (0..length).map(|at| (at % 7) as f32 - 2.0).collect();
            // Whole numbers: every order of adding gives the same.
            let plain: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(a * b)).sum();
            assert!((sum(&a, &b, |a, b| a * b) - plain).abs() < f64::EPSILON, "{length}");
            let squares: f64 = a.iter().zip(&b).map(|(a, b)| f64::from((a - b) * (a - b))).sum();
            let distance = Metric::Euclidean.distance(&a, &b, 0.0);
            assert!((distance - squares.sqrt()).abs() < 1e-12, "{length}");
        }
    }

    #[test]
    fn a_vector_without_a_direction_is_at_a_right_angle() {
        let (zero, one) = ([0.0_f32, 0.0], [1.0_f32, 0.0]);
        assert!((Metric::Cosine.distance(&zero, &one, norm(&one)) - 1.0).abs() < f64::EPSILON);
        assert!(Metric::Cosine.distance(&one, &one, norm(&one)).abs() < f64::EPSILON);
    }
}
