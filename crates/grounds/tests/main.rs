//! The pipeline on the teaching corpus: one binary, one imported workspace.

mod abbreviations;
mod citations;
mod corpus;
mod garbage;
mod hearing;
mod ingest;
mod learned;
mod odd_folders;
mod matters;
mod precedents;
mod mutations;
mod past;
mod questions;
mod quotations;
mod rules;
mod reading;
mod draft;
mod descriptions;
mod vectors;
