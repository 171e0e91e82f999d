//! Checks proofs: evaluates every rule a proof rests on again, from the proof's own premises, by code of its own.
//!
//! The meaning of rules is `docs/rules.md`, sections "Meaning" and "Arithmetic". This crate and the evaluator are two
//! programs by two authors that share only that page and the data types of `grounds-core`, so that a mistake of one is
//! not a mistake of the other. The page's readings that a proof's author must follow:
//!
//! - **Premises** stand in the order of first look-up. A claim's base rules are evaluated in program order, only those
//!   in force; for each its condition, left to right, depth first, up to the part that decides, an atom's arguments before
//!   the atom itself; then its conclusion's expression, only if the condition is true; then its exceptions in force, in
//!   program order, by the same steps, whatever the condition gave; the limits on the claim come after its base rules, and
//!   the conditions of a rule's amendments before its own. `some`, `sum`, `count` and extremes go through the entities of
//!   the type in the order of the case; those with a value evaluate for each the condition, then, unless it is false, the
//!   value. An atom one of whose arguments is not a value is not looked up.
//! - **Ranges** pass over the entities for which a link is false by the statements of the case; what an entity is linked
//!   with is looked up before the range.
//! - **Circles**: a claim may rest on claims that come later, looked up only as conditions that must hold; what makes it
//!   hold, or possible, comes before it: what is looked up where the later ones are taken as false is a premise, too.
//!   Conflicts in a circle are found again from those outside it.
//! - **Equal instants** with different offsets: the first stated, computed or chosen is kept, and a proof must name it.
//! - **Amounts of two currencies** differ where they are stated or concluded, and may not meet in an operation.
//! - **Every intermediate** sum and every step of a shift must be in range, not only the end.
//!
//! **Architecture invariant:** nothing here knows how proofs are found, and no input makes it panic.

mod error;
mod arithmetic;
mod calendar;
mod quantity;
mod operation;
mod context;
mod evaluation;
mod range;
mod rule;
mod check;

pub use check::{Checked, check};
pub use error::{Cause, CheckError};
