//! Numbers as Chinese and Japanese texts write them.

/// What the signs of ten, a hundred and a thousand multiply.
const UNITS: [(char, u32); 3] = [('十', 10), ('百', 100), ('千', 1000)];
const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
/// Numbers have fewer than so many digits or signs.
const SIGN_COUNT_MAX: usize = 8;

/// The number at the beginning of `text`, from 1 to 9,999, and how many bytes it has: "五十四", "二〇二", "54", "５４".
///
/// A number of Chinese signs is written as it should be: "百" and "一百五" are none. Cost: a few characters are read.
///
/// ```
/// # use grounds_core::han_number;
/// assert_eq!(han_number("五十四条"), Some((54, "五十四".len())));
/// assert_eq!(han_number("54 條"), Some((54, 2)));
/// assert_eq!(han_number("一百零五"), Some((105, "一百零五".len())));
/// assert_eq!(han_number("条"), None);
/// ```
pub fn han_number(text: &str) -> Option<(u32, usize)> {
    let is_sign = |c: &char| digit_of_han(*c).is_some() || UNITS.iter().any(|(unit, _)| unit == c);
    let is_arabic = |c: &char| digit(*c).is_some();
    let is_han = text.starts_with(|c| is_sign(&c));
    let signs: Vec<char> = if is_han {
        text.chars().take_while(is_sign).take(SIGN_COUNT_MAX).collect()
    } else {
        text.chars().take_while(is_arabic).take(SIGN_COUNT_MAX).collect()
    };
    let length = signs.iter().map(|sign| sign.len_utf8()).sum();
    let is_counted = is_han && signs.iter().any(|sign| digit_of_han(*sign).is_none());
    let value = if is_counted { counted(&signs)? } else { positional(&signs)? };
    (1..=9_999).contains(&value).then_some((value, length))
}

/// Digits one after the other: "二〇二", "54".
fn positional(signs: &[char]) -> Option<u32> {
    let mut digits = signs.iter().map(|sign| digit_of_han(*sign).or_else(|| digit(*sign)));
    digits.try_fold(0_u32, |value, digit| value.checked_mul(10)?.checked_add(digit?))
}

/// Thousands, hundreds, tens and ones: "一百三十三", "十五", "一千零五".
fn counted(signs: &[char]) -> Option<u32> {
    let (mut total, mut waiting, mut last_unit, mut skipped) = (0, None, 10_000, false);
    for sign in signs {
        if let Some((_, unit)) = UNITS.iter().find(|(name, _)| name == sign) {
            // Only ten stands without its "one", and only at the beginning.
            let count = waiting.take().or_else(|| (*unit == 10 && total == 0 && !skipped).then_some(1))?;
            let is_next = match last_unit {
                10_000 => true,
                // A zero stands for what is left out, and for nothing else.
                last if skipped => *unit * 10 < last,
                last => *unit * 10 == last,
            };
            is_next.then_some(())?;
            total += count * unit;
            (last_unit, skipped) = (*unit, false);
        } else if digit_of_han(*sign)? == 0 {
            (waiting.is_none() && !skipped && total > 0 && last_unit > 10).then_some(())?;
            skipped = true;
        } else if waiting.replace(digit_of_han(*sign)?).is_some() {
            return None;
        }
    }
    match waiting {
        // "一百五" leaves open which five it is.
        Some(ones) => (last_unit == 10 || skipped).then_some(total + ones),
        None => (!skipped).then_some(total),
    }
}

fn digit_of_han(sign: char) -> Option<u32> {
    let sign = if sign == '〇' { '零' } else { sign };
    (0..).zip(DIGITS).find(|(_, name)| *name == sign).map(|(value, _)| value)
}

/// Of ASCII or as wide as a Chinese sign.
fn digit(character: char) -> Option<u32> {
    match character {
        '０'..='９' => Some(u32::from(character) - u32::from('０')),
        _ => character.to_digit(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number as it should be written.
    fn written(value: u32) -> String {
        let mut text = String::new();
        let mut is_skipped = false;
        for (unit, sign) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = value / unit % 10;
            if digit == 0 {
                is_skipped = !text.is_empty();
                continue;
            }
            if std::mem::take(&mut is_skipped) {
                text.push('零');
            }
            if !(unit == 10 && digit == 1 && text.is_empty()) {
                text.push(DIGITS[digit as usize]);
            }
            text.push_str(sign);
        }
        text
    }

    #[test]
    fn every_number_is_read_as_it_is_written() {
        for value in 1..=9_999 {
            let text = written(value);
            assert_eq!(han_number(&format!("{text}条")), Some((value, text.len())), "{text}");
            let arabic = value.to_string();
            assert_eq!(han_number(&arabic), Some((value, arabic.len())));
        }
        assert_eq!(han_number("二〇二四"), Some((2024, 12)));
        assert_eq!(han_number("５４"), Some((54, 6)));
    }

    #[test]
    fn what_is_not_written_as_a_number_is_none() {
        for text in [
            "",
            "条",
            "百",
            "百五",
            "一百五",
            "十十",
            "一二十",
            "一千一十",
            "零",
            "〇",
            "一百零",
            "12345",
            "五千千",
            "十零五",
            "一百零五十",
        ] {
            assert_eq!(han_number(text), None, "{text}");
        }
        let endless = "九".repeat(1000);
        assert_eq!(han_number(&endless), None);
    }
}
