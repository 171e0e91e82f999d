//! Numbers of articles that are more than digits and a letter: "3-1", "2 bis", "L. 121-1".

/// Letters of the parts of French codes: laws, and decrees of three kinds.
const CODE_LETTERS: [char; 4] = ['L', 'R', 'D', 'A'];
/// What is put behind the number of an article that was put in after it, in order.
const SUFFIXES: [&str; 15] = [
    "bis",
    "ter",
    "quater",
    "quinquies",
    "sexies",
    "septies",
    "octies",
    "nonies",
    "decies",
    "undecies",
    "duodecies",
    "terdecies",
    "quaterdecies",
    "quindecies",
    "sexdecies",
];
/// "bis" is German for "to": words that follow it there, besides numbers.
const AFTER_TO: [&str; 10] =
    ["artikel", "art", "absatz", "abs", "satz", "nummer", "nr", "einschließlich", "einschl", "zu"];
/// Numbers have at most so many parts, each of so many digits.
const PARTS_MAX: usize = 4;
const DIGITS_MAX: usize = 5;

/// The number of an article at the beginning of `text` where it is more than digits and a letter, as it is written back, and how many bytes it has.
///
/// "3-1" is the first article after article 3, but "12-22" are eleven articles. Cost: some characters are read.
///
/// ```
/// # use grounds_core::article_number;
/// assert_eq!(article_number("L. 121-1 et"), Some(("L121-1".to_owned(), "L. 121-1".len())));
/// assert_eq!(article_number("3-1, alinéa 2"), Some(("3-1".to_owned(), 3)));
/// assert_eq!(article_number("2 bis prévoit"), Some(("2 bis".to_owned(), 5)));
/// assert_eq!(article_number("1 bis 3"), None);
/// assert_eq!(article_number("33a"), None);
/// ```
pub fn article_number(text: &str) -> Option<(String, usize)> {
    let (letter, start) = code_letter(text);
    let mut end = start + digit_count(&text[start..])?;
    let mut part_count = 1;
    while let Some(inserted) = text[end..].strip_prefix('-').and_then(digit_count) {
        end += 1 + inserted;
        part_count += 1;
        (part_count <= PARTS_MAX).then_some(())?;
    }
    let number = &text[start..end];
    let is_ordinal = letter.is_none() && number == "1" && text[end..].starts_with("er");
    end += if is_ordinal { "er".len() } else { 0 };
    let is_range = letter.is_none() && part_count > 1 && !is_inserted(number);
    let suffix = suffix(&text[end..]);
    let length = end + suffix.as_ref().map_or(0, |(_, length)| *length);
    let is_ended = !text[length..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
    let is_more = letter.is_some() || part_count > 1 || is_ordinal || suffix.is_some();
    (is_more && is_ended && !is_range).then(|| {
        let suffix = suffix.map(|(suffix, _)| suffix).unwrap_or_default();
        (format!("{}{number}{suffix}", letter.map(String::from).unwrap_or_default()), length)
    })
}

/// The letter of a code before a number, and where the number begins: "L. 121-1", "L121-1", "R 12-3".
fn code_letter(text: &str) -> (Option<char>, usize) {
    let Some(letter) = text.chars().next().filter(|letter| CODE_LETTERS.contains(letter)) else { return (None, 0) };
    let rest = text[letter.len_utf8()..].trim_start_matches('*');
    let rest = rest.strip_prefix('.').unwrap_or(rest).trim_start_matches([' ', '\u{a0}']);
    (Some(letter), text.len() - rest.len())
}

/// How many digits `text` begins with: one at least, and not too many.
fn digit_count(text: &str) -> Option<usize> {
    let count = text.bytes().take(DIGITS_MAX + 1).take_while(u8::is_ascii_digit).count();
    (1..=DIGITS_MAX).contains(&count).then_some(count)
}

/// Whether numbers put in after each other are not a range: the second is at most the first.
fn is_inserted(number: &str) -> bool {
    let mut parts = number.split('-').map(|part| part.parse::<u32>().ok());
    let (first, second) = (parts.next().flatten(), parts.next().flatten());
    parts.next().is_some() || first.zip(second).is_some_and(|(first, second)| second <= first)
}

/// " bis", " ter A", and how many bytes it has with what is before it.
fn suffix(text: &str) -> Option<(String, usize)> {
    let rest = text.trim_start_matches([' ', '\u{a0}']);
    let length = rest.bytes().take_while(u8::is_ascii_lowercase).count();
    let suffix = SUFFIXES.iter().find(|suffix| **suffix == &rest[..length])?;
    (rest.len() < text.len() && !(*suffix == "bis" && is_to(&rest[length..]))).then_some(())?;
    let before = text.len() - rest.len() + length;
    let mut after = rest[length..].chars();
    let letter = if after.next() == Some(' ') { after.next().filter(char::is_ascii_uppercase) } else { None };
    match letter.filter(|_| after.next().is_none_or(|next| !next.is_alphanumeric() && next != '\'')) {
        Some(letter) => Some((format!(" {suffix} {letter}"), before + 2)),
        None => Some((format!(" {suffix}"), before)),
    }
}

/// Whether what follows "bis" is the end of a range.
fn is_to(text: &str) -> bool {
    let after = text.trim_start();
    let length = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
    let word = after[..length].to_lowercase();
    after.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '§' | '(' | '[' | '„'))
        || AFTER_TO.contains(&word.as_str())
}

/// Where the suffix of an article's number stands among its like: 0 for none.
///
/// ```
/// # use grounds_core::article_suffix_place;
/// assert!(article_suffix_place("2 quinquies") < article_suffix_place("2 sexies"));
/// assert_eq!(article_suffix_place("2"), 0);
/// ```
pub fn article_suffix_place(number: &str) -> usize {
    let suffix = number.split(' ').nth(1);
    suffix.and_then(|suffix| SUFFIXES.iter().position(|one| *one == suffix)).map_or(0, |place| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_ranges_and_journals() {
        for (text, number) in [
            ("3-1", "3-1"),
            ("L121-1.", "L121-1"),
            ("L. 121-1-2 bis, alinéa 1", "L121-1-2 bis"),
            ("R. 4127-2 du code", "R4127-2"),
            ("R*123-4", "R123-4"),
            ("2 bis", "2 bis"),
            ("1er du code", "1"),
            ("2 ter A", "2 ter A"),
            ("2 ter Article", "2 ter"),
            ("2 bis s'applique", "2 bis"),
            ("3 bis à 5", "3 bis"),
            ("3 bis Champ", "3 bis"),
            ("1er bis", "1 bis"),
            ("39 decies", "39 decies"),
            ("L. 118", "L118"),
            ("2 bis et 3", "2 bis"),
            ("10-10", "10-10"),
        ] {
            assert_eq!(article_number(text).map(|found| found.0).as_deref(), Some(number), "{text}");
        }
        for text in ["12-22", "1 bis 3", "1 bis § 3", "5 bis Artikel 7", "33", "33a", "L.", "bis", "2-", "2-1a", ""] {
            assert_eq!(article_number(text), None, "{text}");
        }
    }
}
