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
use grounds_store::{DistanceFrom, Metric};

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
        match self.metric {
            Metric::Cosine => "cosine_distance",
            Metric::Euclidean => "l2_distance",
            Metric::Dot => "dot_distance",
        }
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
        let (numbers, from) = (numbers.values(), DistanceFrom::new(self.metric, &self.wanted));
        let distance = |row: usize| {
            let start = lists.value_offset(row) as usize;
            lists.is_valid(row).then(|| from.to(&numbers[start..start + length]))
        };
        let distances: Float64Array = (0..lists.len()).map(distance).collect();
        Ok(ColumnarValue::Array(Arc::new(distances) as ArrayRef))
    }
}
