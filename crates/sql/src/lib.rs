//! SQL over the store.
