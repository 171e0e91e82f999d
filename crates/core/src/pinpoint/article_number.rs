//! Numbers of articles that are more than digits and a letter: "3-1", "2 bis", "L. 121-1".

/// Letters of the parts of French codes: laws, and decrees of three kinds.
const CODE_LETTERS: [char; 4] = ['L', 'R', 'D', 'A'];
/// What is put behind the number of an article that was put in after it.
const SUFFIXES: [&str; 8] = ["bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "nonies"];
/// "bis" is German for "to": what follows it in French.
const AFTER_BIS: [&str; 8] = ["de", "du", "des", "et", "ou", "la", "le", "est"];

/// The number of an article at the beginning of `text` where it is more than digits and a letter, as it is written back, and how many bytes it has.
///
/// "3-1" is the first article after article 3, but "12-22" are eleven articles. Cost: some characters are read.
///
/// ```
/// # use grounds_core::article_number;
/// assert_eq!(article_number("L. 121-1 et"), Some(("L121-1".to_owned(), "L. 121-1".len())));
/// assert_eq!(article_number("3-1, alinéa 2"), Some(("3-1".to_owned(), 3)));
/// assert_eq!(article_number("2 bis du code"), Some(("2 bis".to_owned(), 5)));
/// assert_eq!(article_number("1 bis 3"), None);
/// assert_eq!(article_number("33a"), None);
/// ```
pub fn article_number(text: &str) -> Option<(String, usize)> {
    if let Some(rest) = text.strip_prefix("1er").filter(|rest| !rest.starts_with(char::is_alphanumeric)) {
        return Some(("1".to_owned(), text.len() - rest.len()));
    }
    let (letter, start) = code_letter(text);
    let digits = digit_count(&text[start..]);
    if digits == 0 {
        return None;
    }
    let mut end = start + digits;
    while let Some(inserted) = text[end..].strip_prefix('-').map(digit_count).filter(|count| *count > 0) {
        end += 1 + inserted;
    }
    let number = &text[start..end];
    // The Official Journal has a series L too, and ranges have hyphens.
    let is_one = if letter.is_some() { number.contains('-') } else { !number.contains('-') || is_inserted(number) };
    if !is_one {
        return None;
    }
    let suffix = suffix(&text[end..]);
    let length = end + suffix.map_or(0, |(_, length)| length);
    let is_ended = !text[length..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
    let is_more = letter.is_some() || number.contains('-') || suffix.is_some();
    (is_more && is_ended).then(|| {
        let suffix = suffix.map(|(suffix, _)| format!(" {suffix}")).unwrap_or_default();
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

fn digit_count(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Whether numbers put in after each other are not a range: the second is at most the first.
fn is_inserted(number: &str) -> bool {
    let mut parts = number.split('-').map(|part| part.parse::<u32>().ok());
    let (first, second) = (parts.next().flatten(), parts.next().flatten());
    parts.next().is_some() || first.zip(second).is_some_and(|(first, second)| second <= first)
}

/// " bis", and how many bytes it has with what is before it.
fn suffix(text: &str) -> Option<(&str, usize)> {
    let rest = text.trim_start_matches([' ', '\u{a0}']);
    let length = rest.bytes().take_while(u8::is_ascii_lowercase).count();
    let suffix = SUFFIXES.iter().find(|suffix| **suffix == &rest[..length])?;
    let after = rest[length..].trim_start_matches([' ', '\u{a0}']);
    let next = &after[..after.bytes().take_while(u8::is_ascii_lowercase).count()];
    let is_french =
        *suffix != "bis" || !after.starts_with(|c: char| c.is_alphanumeric() || c == '§') || AFTER_BIS.contains(&next);
    (is_french && rest.len() < text.len()).then_some((*suffix, text.len() - rest.len() + length))
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
            ("2 ter A", "2 ter"),
            ("2 bis et 3", "2 bis"),
            ("10-10", "10-10"),
        ] {
            assert_eq!(article_number(text).map(|found| found.0).as_deref(), Some(number), "{text}");
        }
        for text in [
            "12-22",
            "1 bis 3",
            "1 bis § 3",
            "5 bis Artikel 7",
            "33",
            "33a",
            "L 119, 4.5.2016",
            "L.",
            "bis",
            "2-",
            "2-1a",
            "",
        ] {
            assert_eq!(article_number(text), None, "{text}");
        }
    }
}
