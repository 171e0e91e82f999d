//! SQL as its users see it: cases with statements and what they print.

mod cancel;
mod cases;
mod columns;
mod docs;
mod oracle;
