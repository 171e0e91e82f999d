//! Ranking and learning against something simpler: naive formulas, hand-made cases, damaged bytes.

mod classify;
mod hearing;
mod lexical;
mod metrics;
mod order;
#[cfg(feature = "candle")]
mod sentence;
mod small;
mod train;
