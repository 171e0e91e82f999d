//! Phrases in running text, in any case and with any white space between their words.

/// The first of `phrases` that begins at `from` or later: where it begins and ends. Of several that begin at one place the longest.
pub(super) fn find(text: &str, from: usize, phrases: &[&str]) -> Option<(usize, usize)> {
    word_starts(text, from).find_map(|at| longest_at(text, at, phrases).map(|end| (at, end)))
}

/// Where the longest of `phrases` ends that begins at `at`.
pub(super) fn longest_at(text: &str, at: usize, phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter_map(|phrase| end_at(text, at, phrase)).max()
}

/// Where `phrase` ends, if it stands at `at` as whole words.
pub(super) fn end_at(text: &str, at: usize, phrase: &str) -> Option<usize> {
    let mut rest = text.get(at..)?;
    for (position, word) in phrase.split(' ').enumerate() {
        let trimmed = rest.trim_start();
        if position > 0 && trimmed.len() == rest.len() {
            return None;
        }
        rest = after_word(trimmed, word)?;
    }
    let goes_on = phrase.ends_with(char::is_alphanumeric) && rest.starts_with(char::is_alphanumeric);
    (!goes_on).then(|| text.len() - rest.len())
}

/// What follows `word`, if `text` begins with it in any case.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let mut letters = text.char_indices();
    for expected in word.chars() {
        let (_, found) = letters.next()?;
        if found != expected && !found.to_lowercase().eq(std::iter::once(expected)) {
            return None;
        }
    }
    Some(letters.as_str())
}

/// The places from `from` on at which words and signs begin.
pub(super) fn word_starts(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let mut previous = text.get(..from).and_then(|before| before.chars().next_back());
    text.get(from..).unwrap_or_default().char_indices().filter_map(move |(offset, character)| {
        let begins = !character.is_whitespace()
            && (!character.is_alphanumeric() || !previous.is_some_and(char::is_alphanumeric));
        previous = Some(character);
        begins.then_some(from + offset)
    })
}

/// At most `length` bytes of `text`, cut between words.
pub(super) fn shortened(text: &str, length: usize) -> &str {
    if text.len() <= length {
        return text;
    }
    let mut end = length;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    text[..cut].trim_end_matches(|c: char| c.is_whitespace() || ",;:.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words_in_any_case() {
        let text = "Wherever so, Where  the\nfirm knows";
        assert_eq!(find(text, 0, &["where", "where the firm"]), Some((13, 28)));
        assert_eq!(find(text, 14, &["where"]), None);
        assert_eq!(find("über alles. Über", 3, &["über"]), Some((13, 18)));
        assert_eq!(find("2 % of", 0, &["%"]), Some((2, 3)));
        assert_eq!([shortened("one two three", 9), shortened("äöü", 3), shortened("a", 9)], ["one two", "ä", "a"]);
    }
}
