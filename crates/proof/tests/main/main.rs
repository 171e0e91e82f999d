//! The checker on hand-written programs, cases and proofs.

mod build;
mod expressions;
mod conditions;
mod outcomes;
mod order;
mod ranges;
mod cycles;
mod refusals;
mod mutations;
mod anything;
