//! Importing documents: what becomes of a file, format by format, and what no file may break.

mod support;
mod formex;
mod markdown;
mod plain_text;
mod plain_laws;
mod references;
mod han;
mod versions;
mod passages;
mod errors;
mod mutations;
mod real_data;
