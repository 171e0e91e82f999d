//! Labels in front of paragraphs and points: "1.", "(a)", "ii)", "12 ", "a.", "（一）".

use std::borrow::Cow;

use super::han;

/// How a label is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// "1.", and in Japanese laws "一" and a wide space
    Dot,
    /// "(1)"
    Brackets,
    /// "1)"
    HalfBracket,
    /// "1 "
    Bare,
    /// "3.45" or "3.45."
    Decimal,
}

/// What a label counts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Style {
    Arabic,
    LowerLetter,
    UpperLetter,
    LowerRoman,
    UpperRoman,
    /// Chinese signs.
    Han,
    /// "イ", "ロ", "ハ".
    Iroha,
}

/// A label at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label<'a> {
    pub(crate) shape: Shape,
    /// As printed, without punctuation.
    pub(crate) number: &'a str,
    /// The bytes of number and punctuation.
    pub(crate) length: usize,
    /// Where the words after it begin.
    pub(crate) rest_start: usize,
}

const DIGITS_MAX: usize = 4;
const LETTERS_MAX: usize = 6;

/// The label at the beginning of `text`, if words or the end of the text follow it.
pub(crate) fn label(text: &str) -> Option<Label<'_>> {
    if let Some((number, length)) = han::bracketed(text) {
        // Nothing is put between these and the words after them.
        let rest_start = text.len() - text[length..].trim_start().len();
        return Some(Label { shape: Shape::Brackets, number, length, rest_start });
    }
    if let Some(number) = han::before_wide_space(text) {
        let (length, words) = (number.len(), text[number.len()..].trim_start());
        return Some(Label { shape: Shape::Dot, number, length, rest_start: text.len() - words.len() });
    }
    let (shape, number, length) = if let Some(inside) = text.strip_prefix('(') {
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric())?;
        inside[end..].starts_with(')').then_some(())?;
        (Shape::Brackets, &inside[..end], end + 2)
    } else {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (number, rest) = text.split_at(end);
        if rest.starts_with(')') {
            (Shape::HalfBracket, number, end + 1)
        } else if number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_lowercase()) && begins_item(rest) {
            (Shape::Dot, number, end + 1)
        } else if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        } else if let Some(after) = rest.strip_prefix('.') {
            let minor_length = after.bytes().take_while(u8::is_ascii_digit).count();
            if minor_length == 0 {
                (Shape::Dot, number, end + 1)
            } else if minor_length <= 3 && number.bytes().all(|byte| byte.is_ascii_digit()) {
                let length = end + 1 + minor_length;
                let dot = usize::from(text[length..].starts_with('.'));
                (Shape::Decimal, &text[..length], length + dot)
            } else {
                return None;
            }
        } else {
            (Shape::Bare, number, end)
        }
    };
    let fits = if number.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        shape == Shape::Decimal || (digits <= DIGITS_MAX && number.len() - digits <= 2)
    } else {
        number.len() <= 2 || roman(&number.to_ascii_lowercase()).is_some()
    };
    let after = &text[length..];
    let rest_start = text.len() - after.trim_start().len();
    let is_separate = after.is_empty() || after.starts_with(char::is_whitespace);
    (fits && !number.is_empty() && is_separate).then_some(Label { shape, number, length, rest_start })
}

/// What `number` can mean: "i" is the ninth letter and the first Roman numeral.
pub(crate) fn values(number: &str) -> Vec<(Style, u32)> {
    let mut values = Vec::new();
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        values.extend(number[..digits].parse().ok().map(|value| (Style::Arabic, value)));
        return values;
    }
    if let Some(value) = han::value(number) {
        values.push((Style::Han, value));
        return values;
    }
    if let Some(place) = han::iroha(number) {
        values.push((Style::Iroha, place));
        return values;
    }
    let lower = number.to_ascii_lowercase();
    let is_lower = lower == number;
    let first = lower.bytes().next().filter(u8::is_ascii_lowercase);
    if let Some(first) = first.filter(|first| number.len() <= 2 && lower.bytes().all(|byte| byte == *first)) {
        // "aa" follows "z" in some texts and "a" in others; the second is told by the level it is on.
        let value = u32::from(first - b'a') + 1 + 26 * (number.len() as u32 - 1);
        values.push((if is_lower { Style::LowerLetter } else { Style::UpperLetter }, value));
    }
    if let Some(value) = roman(&lower) {
        values.push((if is_lower { Style::LowerRoman } else { Style::UpperRoman }, value));
    }
    values
}

/// A number as it is cited: as printed, and Chinese signs as digits.
pub(crate) fn digits(number: &str) -> Cow<'_, str> {
    han::value(number).map_or(Cow::Borrowed(number), |value| Cow::Owned(value.to_string()))
}

/// Whether what follows a letter is the full stop of a label: "a. nama", but not "i. V. m.", "s. 12" or "s. § 12".
fn begins_item(rest: &str) -> bool {
    let Some(words) = rest.strip_prefix('.') else { return false };
    let mut characters = words.trim_start().chars();
    let first = characters.next();
    first.is_none_or(char::is_alphabetic) && characters.next() != Some('.')
}

const ROMAN_DIGITS: &[(&str, u32)] =
    &[("c", 100), ("xc", 90), ("l", 50), ("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1)];

/// The value of a Roman numeral in lower case, written as it should be, up to 399.
pub(crate) fn roman(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > LETTERS_MAX + 4 {
        return None;
    }
    let mut rest = text;
    let mut value = 0;
    for (digit, worth) in ROMAN_DIGITS {
        while let Some(after) = rest.strip_prefix(digit) {
            value += worth;
            rest = after;
        }
    }
    // "iiii" and "ic" have a value too, but nobody writes them so.
    (rest.is_empty() && value <= 399 && roman_numeral(value) == text).then_some(value)
}

/// A number in Roman numerals, in lower case.
pub(crate) fn roman_numeral(mut value: u32) -> String {
    let mut text = String::new();
    for (digit, worth) in ROMAN_DIGITS {
        while value >= *worth {
            text.push_str(digit);
            value -= worth;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_printed() {
        let shown =
            |text| label(text).map(|label| (label.shape, label.number.to_owned(), text[label.rest_start..].to_owned()));
        let found = |shape, number: &str, rest: &str| Some((shape, number.to_owned(), rest.to_owned()));
        assert_eq!(shown("1. Every issuer"), found(Shape::Dot, "1", "Every issuer"));
        assert_eq!(shown("(iv)  a bond"), found(Shape::Brackets, "iv", "a bond"));
        assert_eq!(shown("a) une action"), found(Shape::HalfBracket, "a", "une action"));
        assert_eq!(shown("a. nama"), found(Shape::Dot, "a", "nama"));
        assert_eq!(shown("12      The request"), found(Shape::Bare, "12", "The request"));
        assert_eq!(shown("（十二）其他"), found(Shape::Brackets, "十二", "其他"));
        assert_eq!((values("十二"), digits("十二"), digits("iv")), (vec![(Style::Han, 12)], "12".into(), "iv".into()));
        assert_eq!(shown("3.45. The fine"), found(Shape::Decimal, "3.45", "The fine"));
        for text in [
            "Every issuer",
            "A. Facts",
            "i. V. m. § 6",
            "a. a. O.",
            "s. 12",
            "s. § 12",
            "e.g. bonds",
            "(for example) this",
            "2016/679 is",
            "1.Every",
            "a bond",
            "(",
            "",
            "(a",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn roman_numerals_are_strict() {
        for (text, value) in [("i", 1), ("iv", 4), ("ix", 9), ("xiv", 14), ("xlii", 42), ("xcix", 99)] {
            assert_eq!(roman(text), Some(value), "{text}");
        }
        for text in ["", "iiii", "vv", "ic", "a", "ivi"] {
            assert_eq!(roman(text), None, "{text}");
        }
    }
}
