//! Vectors of columns: exact distances, and an index over many that says how much of the nearest it finds.
//!
//! An index is an inverted file: vectors in lists around centres found by k-means, with codes beside each list's centre that tell how far a vector is to a
//! known error. A search looks through the likeliest lists, compares what may be near by better and better codes, and the rest exactly. What it found of the
//! true nearest was measured on the table's own vectors when it was built.

mod metric;
mod bits;
mod nearest;
mod random;
mod rotation;
mod sums;
mod cluster;
mod code;
mod parts;
mod build;
mod question;
mod probe;
mod calibrate;
mod layout;
mod seal;
mod look;
mod reader;

pub use bits::RowBits;
pub use look::VectorQuery;
pub use metric::{DistanceFrom, Metric};
pub use reader::{VectorAccess, VectorSearch};

pub(crate) use layout::{VECTORS_FORMAT, VectorFile};
pub(crate) use seal::write_vectors;
