//! Numbers and lists as little-endian bytes, and back without trusting them.

use crate::collection::Lists;
use crate::error::ModelsError;

/// Writes values one after the other.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn i16(&mut self, value: i16) {
        self.0.extend(value.to_le_bytes());
    }

    /// A number in as few bytes as it needs: seven bits each, the lowest first, the eighth bit saying that more follow.
    pub(crate) fn short(&mut self, mut value: u32) {
        while value >= 128 {
            self.0.push(value as u8 | 128);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn f32(&mut self, value: f32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.u64(count as u64);
    }

    /// A list: how many, then each.
    pub(crate) fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.count(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    pub(crate) fn f32s(&mut self, values: &[f32]) {
        self.list(values, |writer, value| writer.f32(*value));
    }

    /// Many lists: how many, then each.
    pub(crate) fn lists<T>(&mut self, lists: &Lists<T>, mut write: impl FnMut(&mut Self, &T)) {
        self.count(lists.count());
        (0..lists.count()).for_each(|at| self.list(lists.of(at), &mut write));
    }
}

/// Reads what [`Writer`] wrote; whatever does not fit is damage.
#[derive(Debug)]
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

const SHORT: ModelsError = ModelsError::DamagedModel { what: "it ends too early" };

impl<'b> Reader<'b> {
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'b [u8], ModelsError> {
        let (head, rest) = self.0.split_at_checked(count).ok_or(SHORT)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ModelsError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn i16(&mut self) -> Result<i16, ModelsError> {
        self.array().map(i16::from_le_bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, ModelsError> {
        self.array().map(|[byte]| byte)
    }

    /// What [`Writer::short`] wrote.
    pub(crate) fn short(&mut self) -> Result<u32, ModelsError> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                break;
            }
        }
        u32::try_from(value).map_err(|_| ModelsError::DamagedModel { what: "a number is too large" })
    }

    pub(crate) fn u32(&mut self) -> Result<u32, ModelsError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, ModelsError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number that can be reckoned with.
    pub(crate) fn f32(&mut self) -> Result<f32, ModelsError> {
        let value = self.array().map(f32::from_le_bytes)?;
        let not_finite = ModelsError::DamagedModel { what: "a number is not finite" };
        if value.is_finite() { Ok(value) } else { Err(not_finite) }
    }

    /// A count of items of at least `item_bytes` each, which must still be there.
    pub(crate) fn count(&mut self, item_bytes: usize) -> Result<usize, ModelsError> {
        let count = usize::try_from(self.u64()?).map_err(|_| SHORT)?;
        if count.checked_mul(item_bytes).is_some_and(|bytes| bytes <= self.0.len()) { Ok(count) } else { Err(SHORT) }
    }

    pub(crate) fn list<T>(
        &mut self,
        item_bytes: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, ModelsError>,
    ) -> Result<Vec<T>, ModelsError> {
        let count = self.count(item_bytes)?;
        (0..count).map(|_| read(self)).collect()
    }

    pub(crate) fn f32s(&mut self) -> Result<Vec<f32>, ModelsError> {
        self.list(4, Self::f32)
    }

    pub(crate) fn lists<T>(
        &mut self,
        item_bytes: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, ModelsError>,
    ) -> Result<Lists<T>, ModelsError> {
        let count = self.count(8)?;
        let mut lists = Lists::default();
        for _ in 0..count {
            lists.push(self.list(item_bytes, &mut read)?);
        }
        Ok(lists)
    }
}

/// A number that changes with any byte: FNV-1a, 64 bits (Fowler, Noll and Vo).
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_come_back_and_too_long_ones_do_not() {
        let numbers = [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX - 1, u32::MAX];
        let mut writer = Writer::default();
        numbers.iter().for_each(|number| writer.short(*number));
        let mut reader = Reader(&writer.0);
        for number in numbers {
            assert_eq!(reader.short(), Ok(number));
        }
        assert!(reader.0.is_empty());
        for bytes in [&[][..], &[128], &[255, 255, 255, 255, 16]] {
            assert!(Reader(bytes).short().is_err(), "{bytes:?}");
        }
    }
}
