//! A directory in one small file: names and contents, what was there before repeated by its place.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The bundle of everything under `directory`.
pub(crate) fn pack(directory: &Path) -> Vec<u8> {
    let mut files = Vec::new();
    list(directory, Path::new(""), &mut files);
    let mut bytes = Vec::new();
    for path in files {
        let name = path.to_str().expect("names are ASCII").replace('\\', "/");
        let content = fs::read(directory.join(&path)).expect("readable");
        for part in [name.as_bytes(), &content] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
    }
    compress(&bytes)
}

/// Writes what [`pack`] took to `directory`.
#[allow(dead_code, reason = "the example only packs")]
pub(crate) fn unpack(bundle: &[u8], directory: &Path) {
    let bytes = decompress(bundle);
    let mut rest = bytes.as_slice();
    let mut next = || {
        let (length, after) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).expect("small");
        let (part, after) = after.split_at(length);
        rest = after;
        Some(part)
    };
    while let Some(name) = next() {
        let path = directory.join(std::str::from_utf8(name).expect("names are ASCII"));
        fs::create_dir_all(path.parent().expect("it is in the directory")).expect("made");
        fs::write(path, next().expect("every name has a content")).expect("written");
    }
}

fn list(directory: &Path, below: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory.join(below)).expect("readable") {
        let entry = entry.expect("readable");
        let path = below.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            list(directory, &path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}

/// Shorter repetitions cost less as they are.
const MATCH_MIN: usize = 12;

/// `bytes` as steps: a number of bytes that follow as they are, then a length and a distance back from which to repeat; all u32.
fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let (mut start, mut at) = (0, 0);
    while at + MATCH_MIN <= bytes.len() {
        let Some(from) = places.insert(&bytes[at..at + MATCH_MIN], at) else {
            at += 1;
            continue;
        };
        let length = bytes[from..].iter().zip(&bytes[at..]).take_while(|(a, b)| a == b).count();
        step(&mut out, &bytes[start..at], length, at - from);
        at += length;
        start = at;
    }
    step(&mut out, &bytes[start..], 0, 0);
    out
}

fn step(out: &mut Vec<u8>, literal: &[u8], length: usize, distance: usize) {
    let number = |number: usize| u32::try_from(number).expect("a small file").to_le_bytes();
    out.extend(number(literal.len()));
    out.extend(literal);
    out.extend(number(length));
    out.extend(number(distance));
}

/// What [`compress`] was given.
#[allow(dead_code, reason = "the example only packs")]
fn decompress(mut bundle: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let number = |rest: &mut &[u8]| {
        let (number, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        Some(u32::from_le_bytes(*number) as usize)
    };
    while let Some(count) = number(&mut bundle) {
        let (literal, after) = bundle.split_at(count);
        out.extend(literal);
        bundle = after;
        let length = number(&mut bundle).expect("a length follows");
        let distance = number(&mut bundle).expect("a distance follows");
        for _ in 0..length {
            out.push(out[out.len() - distance]);
        }
    }
    out
}
