//! Row pieces of declared tables as bytes: their place on both time axes, their cells, and a checksum over all of it.

use grounds_core::{Cell, Snapshot, Validity};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::StoreError;
use crate::cells::key::split_engine_key;
use crate::encoding::{Hash, OPEN_DATE, OPEN_SNAPSHOT, decode_date, encode_date};

/// Where a row piece stands on the two time axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) validity: Validity,
    pub(crate) known_from: Snapshot,
    pub(crate) known_to: Option<Snapshot>,
}

impl Place {
    /// Whether a reader at `snapshot` knows it.
    pub(crate) fn is_known_at(&self, snapshot: Snapshot) -> bool {
        self.known_from <= snapshot && self.known_to.is_none_or(|to| snapshot < to)
    }
}

const PLACE_BYTES: usize = 24;
const KNOWN_TO_BYTES: std::ops::Range<usize> = 16..24;
const CHECKSUM_BYTES: usize = 8;

/// A row piece as stored under `engine_key`: its place, `cells` as [`encode_cells`] has them, and a checksum that covers the key too.
pub(crate) fn encode_row(engine_key: &[u8], place: &Place, cells: &[u8], bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.extend(encode_date(place.validity.from).to_le_bytes());
    bytes.extend(place.validity.to.map_or(OPEN_DATE, encode_date).to_le_bytes());
    bytes.extend(place.known_from.0.to_le_bytes());
    bytes.extend(place.known_to.map_or(OPEN_SNAPSHOT, |snapshot| snapshot.0).to_le_bytes());
    bytes.extend(cells);
    bytes.extend(checksum(engine_key, bytes).to_le_bytes());
}

/// The place of a stored row piece, and the bytes of its cells.
///
/// # Errors
/// [`StoreError::Corrupt`] where the checksum does not match the bytes and the key.
pub(crate) fn decode_row<'a>(engine_key: &[u8], bytes: &'a [u8]) -> Result<(Place, &'a [u8]), StoreError> {
    let damaged = || StoreError::corrupt("a row's checksum does not match", place_of(engine_key));
    let (body, stored) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
    if checksum(engine_key, body) != u64::from_le_bytes(*stored) {
        return Err(damaged());
    }
    decode_body(body).ok_or_else(damaged)
}

/// As [`decode_row`], of bytes whose checksum was compared before; `None` where they are no row's.
pub(crate) fn decode_verified_row(bytes: &[u8]) -> Option<(Place, &[u8])> {
    decode_body(bytes.split_last_chunk::<CHECKSUM_BYTES>()?.0)
}

fn decode_body(body: &[u8]) -> Option<(Place, &[u8])> {
    let (place, cells) = body.split_at_checked(PLACE_BYTES)?;
    let word = |at: usize| u64::from_le_bytes(place[at..at + 8].try_into().expect("a place has 24 bytes"));
    let date = |at: usize| i32::from_le_bytes(place[at..at + 4].try_into().expect("a place has 24 bytes"));
    let to = match date(4) {
        OPEN_DATE => None,
        packed => Some(decode_date(packed)?),
    };
    let place = Place {
        validity: Validity { from: decode_date(date(0))?, to },
        known_from: Snapshot(word(8)),
        known_to: Some(word(16)).filter(|snapshot| *snapshot != OPEN_SNAPSHOT).map(Snapshot),
    };
    Some((place, cells))
}

/// What the log's chain has of a row piece: its key and everything but the end of its system time, which a later commit sets.
pub(crate) fn row_digest(engine_key: &[u8], bytes: &[u8]) -> Hash {
    let body = &bytes[..bytes.len().saturating_sub(CHECKSUM_BYTES)];
    let mut hasher = blake3::Hasher::new();
    // No built-in table has this number.
    hasher.update(&[u8::MAX]);
    hasher.update(&(engine_key.len() as u64).to_le_bytes());
    hasher.update(engine_key);
    hasher.update(body.get(..KNOWN_TO_BYTES.start).unwrap_or_default());
    hasher.update(&OPEN_SNAPSHOT.to_le_bytes());
    hasher.update(body.get(KNOWN_TO_BYTES.end..).unwrap_or_default());
    *hasher.finalize().as_bytes()
}

/// XXH3-64 of the bytes, seeded with that of the key.
fn checksum(engine_key: &[u8], body: &[u8]) -> u64 {
    xxh3_64_with_seed(body, xxh3_64(engine_key))
}

/// Where a row is, for messages.
pub(crate) fn place_of(engine_key: &[u8]) -> String {
    match split_engine_key(engine_key) {
        Some((table, _, number)) => format!("declared table {}, row {number}", table.0),
        None => "a row of a declared table".to_owned(),
    }
}

// The first byte of a stored cell. Part of the format: never changed, never used again.
const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INTEGER: u8 = 3;
const DOUBLE: u8 = 4;
const DECIMAL: u8 = 5;
const TEXT: u8 = 6;
const DATE: u8 = 7;
const TIMESTAMP: u8 = 8;
const INSTANT: u8 = 9;
const BINARY: u8 = 10;
const VECTOR: u8 = 11;

/// The cells, each with its kind, without absent ones at the end: equal rows have equal bytes, also after a column was added.
pub(crate) fn encode_cells(cells: &[Cell], bytes: &mut Vec<u8>) {
    bytes.clear();
    let used = cells.iter().rposition(|cell| !matches!(cell, Cell::Null)).map_or(0, |last| last + 1);
    for cell in &cells[..used] {
        match cell {
            Cell::Null => bytes.push(NULL),
            Cell::Boolean(value) => bytes.push(if *value { TRUE } else { FALSE }),
            Cell::Integer(value) => with_number(bytes, INTEGER, zigzag(i128::from(*value))),
            Cell::Double(value) => {
                bytes.push(DOUBLE);
                bytes.extend(value.to_bits().to_le_bytes());
            }
            Cell::Decimal(value) => with_number(bytes, DECIMAL, zigzag(*value)),
            Cell::Text(value) => with_bytes(bytes, TEXT, value.as_bytes()),
            Cell::Date(value) => with_number(bytes, DATE, zigzag(i128::from(*value))),
            Cell::Timestamp(value) => {
                bytes.push(TIMESTAMP);
                bytes.extend(value.to_le_bytes());
            }
            Cell::Instant(value) => {
                bytes.push(INSTANT);
                bytes.extend(value.to_le_bytes());
            }
            Cell::Binary(value) => with_bytes(bytes, BINARY, value),
            Cell::Vector(numbers) => {
                with_number(bytes, VECTOR, numbers.len() as u128);
                numbers.iter().for_each(|number| bytes.extend(number.to_bits().to_le_bytes()));
            }
        }
    }
}

fn with_number(bytes: &mut Vec<u8>, kind: u8, number: u128) {
    bytes.push(kind);
    push_number(bytes, number);
}

fn with_bytes(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    with_number(bytes, kind, value.len() as u128);
    bytes.extend(value);
}

fn zigzag(value: i128) -> u128 {
    ((value << 1) ^ (value >> 127)).cast_unsigned()
}

fn unzigzag(value: u128) -> i128 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Appends a number in groups of seven bits, the lowest first; all but the last have the top bit set.
pub(crate) fn push_number(bytes: &mut Vec<u8>, number: u128) {
    let mut rest = number;
    while rest > 0x7f {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Takes what [`push_number`] wrote; `None` where there is none.
pub(crate) fn take_number(rest: &mut &[u8]) -> Option<u128> {
    // Nearly all are below 2^63, where 64 bits are enough and faster.
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, others) = rest.split_first()?;
        *rest = others;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(u128::from(number));
        }
    }
    let mut number = u128::from(number);
    for shift in (63..128).step_by(7) {
        let (byte, others) = rest.split_first()?;
        *rest = others;
        number |= u128::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The cells that [`encode_cells`] wrote, with absent ones at the end up to `column_count`; `None` where the bytes are no cells.
pub(crate) fn decode_cells(bytes: &[u8], column_count: usize) -> Option<Vec<Cell>> {
    let mut cells = Vec::with_capacity(column_count);
    let mut rest = bytes;
    while !rest.is_empty() {
        cells.push(take_cell(&mut rest)?);
    }
    if cells.len() < column_count {
        cells.resize(column_count, Cell::Null);
    }
    Some(cells)
}

fn take_cell(rest: &mut &[u8]) -> Option<Cell> {
    let (kind, others) = rest.split_first()?;
    *rest = others;
    let cell = match *kind {
        NULL => Cell::Null,
        FALSE => Cell::Boolean(false),
        TRUE => Cell::Boolean(true),
        INTEGER => Cell::Integer(unzigzag(take_number(rest)?).try_into().ok()?),
        DOUBLE => Cell::Double(f64::from_bits(u64::from_le_bytes(take(rest)?))),
        DECIMAL => Cell::Decimal(unzigzag(take_number(rest)?)),
        TEXT => Cell::Text(std::str::from_utf8(take_bytes(rest)?).ok()?.to_owned()),
        DATE => Cell::Date(unzigzag(take_number(rest)?).try_into().ok()?),
        TIMESTAMP => Cell::Timestamp(i64::from_le_bytes(take(rest)?)),
        INSTANT => Cell::Instant(i64::from_le_bytes(take(rest)?)),
        BINARY => Cell::Binary(take_bytes(rest)?.to_vec()),
        VECTOR => {
            let count = usize::try_from(take_number(rest)?).ok()?;
            let (numbers, others) = rest.split_at_checked(count.checked_mul(4)?)?;
            *rest = others;
            let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().expect("chunks of four"));
            Cell::Vector(numbers.chunks_exact(4).map(number).collect())
        }
        _ => return None,
    };
    Some(cell)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk::<N>()?;
    *rest = others;
    Some(*first)
}

fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (bytes, others) = rest.split_at_checked(length)?;
    *rest = others;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::key::engine_key;
    use grounds_core::TableId;
    use jiff::civil::Date;
    use proptest::prelude::*;

    fn cells() -> Vec<Cell> {
        vec![
            Cell::Null,
            Cell::Boolean(true),
            Cell::Integer(i64::MIN),
            Cell::Double(f64::NAN),
            Cell::Decimal(i128::MAX),
            Cell::Decimal(i128::MIN),
            Cell::Text("ä\0".to_owned()),
            Cell::Date(-1),
            Cell::Timestamp(5),
            Cell::Instant(i64::MAX),
            Cell::Binary(vec![0, 255]),
            Cell::Vector(vec![1.5, -0.0]),
        ]
    }

    #[test]
    fn cells_come_back_and_absent_ones_at_the_end_are_not_stored() {
        let (mut bytes, mut longer) = (Vec::new(), Vec::new());
        encode_cells(&cells(), &mut bytes);
        assert_eq!(decode_cells(&bytes, 12), Some(cells()));
        let padded: Vec<Cell> = cells().into_iter().chain([Cell::Null, Cell::Null]).collect();
        encode_cells(&padded, &mut longer);
        assert_eq!(longer, bytes);
        assert_eq!(decode_cells(&bytes, 14), Some(padded));
        for length in 0..bytes.len() {
            // A shorter row or none, never a panic.
            let _ = decode_cells(&bytes[..length], 12);
        }
    }

    #[test]
    fn every_flipped_bit_is_seen_in_the_row_and_in_its_key() {
        let place = Place {
            validity: Validity { from: Date::MIN, to: Some(Date::constant(2021, 3, 1)) },
            known_from: Snapshot(3),
            known_to: None,
        };
        let key = engine_key(TableId(1), b"key", 5);
        let (mut body, mut bytes) = (Vec::new(), Vec::new());
        encode_cells(&cells(), &mut body);
        encode_row(&key, &place, &body, &mut bytes);
        assert_eq!(decode_row(&key, &bytes).expect("as written"), (place, body.as_slice()));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode_row(&key, &damaged).is_err(), "bit {bit}");
        }
        for bit in 0..key.len() * 8 {
            let mut damaged = key.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode_row(&damaged, &bytes).is_err(), "bit {bit} of the key");
        }
        assert!(decode_row(&key, &[]).is_err());
        let mut closed = Vec::new();
        encode_row(&key, &Place { known_to: Some(Snapshot(9)), ..place }, &body, &mut closed);
        assert_eq!(row_digest(&key, &closed), row_digest(&key, &bytes), "closing is no part of the digest");
    }

    proptest! {
        #[test]
        fn numbers_come_back(number in any::<i128>(), shift in 0..127_u32) {
            let number = number >> shift;
            let mut bytes = Vec::new();
            push_number(&mut bytes, zigzag(number));
            let mut rest = bytes.as_slice();
            prop_assert_eq!(take_number(&mut rest).map(unzigzag), Some(number));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_cells_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode_cells(&bytes, 3);
        }
    }
}
