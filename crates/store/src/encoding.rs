//! Row heads and contents as bytes, each with what it takes to see that they are what was written.

use grounds_core::{Row, Snapshot, Table, Validity};
use jiff::civil::Date;

use crate::StoreError;
use crate::schema::table_number;

/// A BLAKE3 hash.
pub(crate) type Hash = [u8; 32];

/// One rectangle on the two time axes, and the content that holds in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowHead {
    pub(crate) validity: Validity,
    pub(crate) known_from: Snapshot,
    pub(crate) known_to: Option<Snapshot>,
    /// The key in the contents table.
    pub(crate) content: u64,
    /// BLAKE3 of the content's bytes.
    pub(crate) content_hash: Hash,
    /// For a version, its document; else empty. Saves reading a whole text to know whose it is.
    pub(crate) owner: String,
}

impl RowHead {
    /// Whether a reader at `snapshot` knows it.
    pub(crate) fn is_known_at(&self, snapshot: Snapshot) -> bool {
        self.known_from <= snapshot && self.known_to.is_none_or(|to| snapshot < to)
    }

    /// The stored form: fields at fixed places, the owner, and a checksum that also covers the key.
    pub(crate) fn encode(&self, table: Table, key: &str, number: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + self.owner.len() + CHECKSUM_BYTES);
        bytes.extend(encode_date(self.validity.from).to_le_bytes());
        bytes.extend(self.validity.to.map_or(OPEN_DATE, encode_date).to_le_bytes());
        bytes.extend(self.known_from.0.to_le_bytes());
        bytes.extend(self.known_to.map_or(OPEN_SNAPSHOT, |snapshot| snapshot.0).to_le_bytes());
        bytes.extend(self.content.to_le_bytes());
        bytes.extend(self.content_hash);
        bytes.extend(self.owner.as_bytes());
        let checksum = checksum(table, key, number, &bytes);
        bytes.extend(checksum);
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the checksum does not match the bytes and the key.
    pub(crate) fn decode(table: Table, key: &str, number: u64, bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = || StoreError::corrupt("a row head's checksum does not match", place(table, key));
        let body_bytes = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or_else(damaged)?;
        let (body, stored) = bytes.split_at(body_bytes);
        if body.len() < FIXED_BYTES || checksum(table, key, number, body) != stored {
            return Err(damaged());
        }
        let (fixed, owner) = body.split_at(FIXED_BYTES);
        let word = |at: usize| u64::from_le_bytes(array(&fixed[at..at + 8]));
        let date = |at: usize| i32::from_le_bytes(array(&fixed[at..at + 4]));
        let to = match date(4) {
            OPEN_DATE => None,
            packed => Some(decode_date(packed).ok_or_else(damaged)?),
        };
        Ok(Self {
            validity: Validity { from: decode_date(date(0)).ok_or_else(damaged)?, to },
            known_from: Snapshot(word(8)),
            known_to: Some(word(16)).filter(|snapshot| *snapshot != OPEN_SNAPSHOT).map(Snapshot),
            content: word(24),
            content_hash: array(&fixed[32..64]),
            owner: String::from_utf8(owner.to_vec()).map_err(|_| damaged())?,
        })
    }
}

const FIXED_BYTES: usize = 64;
const CHECKSUM_BYTES: usize = 8;
/// Stands for "until further notice"; greater than every packed date.
pub(crate) const OPEN_DATE: i32 = i32::MAX;
/// Stands for "still known".
pub(crate) const OPEN_SNAPSHOT: u64 = u64::MAX;

/// The year, month and day in one number that sorts as the dates do.
pub(crate) fn encode_date(date: Date) -> i32 {
    (i32::from(date.year()) << 9) | (i32::from(date.month()) << 5) | i32::from(date.day())
}

/// The date packed in `packed`, or `None` where there is no such day.
pub(crate) fn decode_date(packed: i32) -> Option<Date> {
    let year = i16::try_from(packed >> 9).ok()?;
    let month = i8::try_from((packed >> 5) & 0xf).ok()?;
    let day = i8::try_from(packed & 0x1f).ok()?;
    Date::new(year, month, day).ok()
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the caller cuts a slice of N bytes")
}

fn checksum(table: Table, key: &str, number: u64, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[table_number(table)]);
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key.as_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.update(body);
    array(&hasher.finalize().as_bytes()[..CHECKSUM_BYTES])
}

/// Where a row is, for messages.
pub(crate) fn place(table: Table, key: &str) -> String {
    format!("table {}, key {key}", table.name())
}

/// The content of a row as stored: the JSON of the row itself, without the name of its table.
pub(crate) fn encode_row(row: &Row) -> Vec<u8> {
    let json = match row {
        Row::Document(row) => serde_json::to_vec(row),
        Row::Version(row) => serde_json::to_vec(row),
        Row::Unit(row) => serde_json::to_vec(row),
        Row::Passage(row) => serde_json::to_vec(row),
        Row::Link(row) => serde_json::to_vec(row),
        Row::RuleFile(row) => serde_json::to_vec(row),
        Row::Matter(row) => serde_json::to_vec(row),
        Row::Answer(row) => serde_json::to_vec(row),
        Row::Table(row) => serde_json::to_vec(row),
        Row::Principal(row) => serde_json::to_vec(row),
        Row::Label(row) => serde_json::to_vec(row),
        Row::Model(row) => serde_json::to_vec(row),
    };
    json.expect("rows hold only strings, numbers and maps with string keys")
}

/// BLAKE3 of `bytes`.
pub(crate) fn hash(bytes: &[u8]) -> Hash {
    *blake3::hash(bytes).as_bytes()
}

/// 64 hexadecimal digits.
pub(crate) fn hex(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// The hash written as 64 hexadecimal digits, or `None`.
pub(crate) fn from_hex(text: &str) -> Option<Hash> {
    blake3::Hash::from_hex(text).ok().map(|hash| *hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> RowHead {
        RowHead {
            validity: Validity { from: Date::MIN, to: Some(Date::constant(2021, 3, 1)) },
            known_from: Snapshot(3),
            known_to: None,
            content: 7,
            content_hash: [9; 32],
            owner: "gdpr".to_owned(),
        }
    }

    #[test]
    fn heads_come_back_and_every_flipped_bit_is_seen() {
        let bytes = head().encode(Table::Versions, "gdpr@1", 5);
        let decoded = RowHead::decode(Table::Versions, "gdpr@1", 5, &bytes).expect("as written");
        assert_eq!(decoded, head());
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(RowHead::decode(Table::Versions, "gdpr@1", 5, &damaged).is_err(), "bit {bit}");
        }
        assert!(RowHead::decode(Table::Versions, "gdpr@2", 5, &bytes).is_err());
        assert!(RowHead::decode(Table::Versions, "gdpr@1", 6, &bytes).is_err());
        assert!(RowHead::decode(Table::Versions, "gdpr@1", 5, &[]).is_err());
    }

    #[test]
    fn packed_dates_sort_as_dates() {
        let dates = [
            Date::MIN,
            Date::constant(-1, 12, 31),
            Date::constant(0, 1, 1),
            Date::constant(2021, 3, 1),
            Date::constant(2021, 12, 31),
            Date::MAX,
        ];
        for pair in dates.windows(2) {
            assert!(encode_date(pair[0]) < encode_date(pair[1]));
        }
        for date in dates {
            assert_eq!(decode_date(encode_date(date)), Some(date));
            assert!(encode_date(date) < OPEN_DATE);
        }
    }
}
