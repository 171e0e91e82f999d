//! All tests of the crate's interface, in one binary.

mod law;
mod lock;
mod cases;
mod specification;
mod wording;
mod datalog;
mod mutation;
mod random;
mod exhaustive;
mod property;
mod ranges;
mod explore;
