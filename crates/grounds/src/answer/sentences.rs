//! Where sentences begin and end in canonical text.

use grounds_core::Span;

/// Words that end in a full stop without ending a sentence, in lower case.
const ABBREVIATIONS: &[&str] = &[
    "art", "arts", "no", "nos", "para", "paras", "p", "pp", "cf", "e.g", "i.e", "v", "vs", "mr", "ms", "mrs", "dr",
    "abs", "nr", "bzw", "z.b", "op", "cit", "ltd", "inc", "co", "st",
];

/// The sentences of `text` as spans into it, in order; together they hold every character but white space between them.
///
/// A sentence ends at `.`, `!`, `?` (or their full-width forms) before white space and a capital, digit or bracket; a blank line ends one too.
pub(crate) fn sentences(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    for (index, character) in text.char_indices() {
        let end = index + character.len_utf8();
        let rest = &text[end..];
        let ends = match character {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => {
                rest.starts_with(char::is_whitespace) && starts_sentence(rest) && !is_abbreviation(&text[start..index])
            }
            '\n' => rest.starts_with('\n'),
            _ => false,
        };
        if ends {
            push(text, start, end, &mut found);
            start = end;
        }
    }
    push(text, start, text.len(), &mut found);
    found
}

fn push(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let piece = &text[start..end];
    let trimmed_start = start + (piece.len() - piece.trim_start().len());
    let trimmed_end = start + piece.trim_end().len();
    if trimmed_start < trimmed_end {
        found.push(Span::new(trimmed_start, trimmed_end));
    }
}

fn starts_sentence(rest: &str) -> bool {
    let next = rest.trim_start().chars().next();
    next.is_none_or(|c| c.is_uppercase() || c.is_ascii_digit() || "([\"'‘“«".contains(c))
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_lowercase();
    let is_label = word.len() <= 3 && word.chars().all(|c| c.is_ascii_digit());
    // "1." at the start of a paragraph is its number, "in 1." is the end of a sentence.
    ABBREVIATIONS.contains(&word.as_str()) || (is_label && before.trim() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|span| span.of(text).expect("in the text")).collect()
    }

    #[test]
    fn sentences_end_where_readers_say() {
        assert_eq!(
            split("1. The firm shall notify. It shall not delay."),
            ["1. The firm shall notify.", "It shall not delay."]
        );
        assert_eq!(split("See Art. 5 of the Code. Done"), ["See Art. 5 of the Code.", "Done"]);
        assert_eq!(split("Heading\n\nText of it"), ["Heading", "Text of it"]);
        assert_eq!(split("已经通知。第二句"), ["已经通知。", "第二句"]);
        assert_eq!(split("  "), Vec::<&str>::new());
    }
}
