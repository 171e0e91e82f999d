//! Between byte offsets, which the rule language counts in, and the protocol's lines of UTF-16 code units.

use crate::serve::protocol::{Position, Range};

/// The position of a byte offset; one inside a character counts as before it, one past the end as the end.
pub(crate) fn position_of(text: &str, offset: usize) -> Position {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let character = before[line_start..].encode_utf16().count();
    Position { line: number(line), character: number(character) }
}

/// The range of a stretch of bytes.
pub(crate) fn range_of(text: &str, start: usize, end: usize) -> Range {
    Range { start: position_of(text, start), end: position_of(text, end) }
}

/// The byte offset of a position; one past the end of its line counts as the end of the line, one past the last line as the end.
pub(crate) fn offset_of(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text[start..].find('\n') {
            Some(newline) => start += newline + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut units = 0;
    for (offset, character) in line.char_indices() {
        units += number(character.len_utf16());
        // A position inside a surrogate pair counts as before the character.
        if units > position.character {
            return start + offset;
        }
    }
    start + line.len()
}

/// The range that the compiler describes by line and column in characters, both from 1, and a length in characters.
pub(crate) fn range_in_line(text: &str, line: usize, column: usize, length: usize) -> Range {
    let words = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let units = |characters: usize| number(words.chars().take(characters).map(char::len_utf16).sum());
    let line = number(line.saturating_sub(1));
    let start = column.saturating_sub(1);
    Range {
        start: Position { line, character: units(start) },
        end: Position { line, character: units(start.saturating_add(length)) },
    }
}

/// The protocol counts with 32 bits; no document is longer.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a𝄞b\r\nß 第五\n";

    #[test]
    fn offsets_and_positions_agree_at_every_character() {
        for (offset, _) in TEXT.char_indices().filter(|(_, character)| *character != '\n') {
            let position = position_of(TEXT, offset);
            assert_eq!(offset_of(TEXT, position), offset, "{position:?}");
        }
        assert_eq!(position_of(TEXT, "a𝄞".len()), Position { line: 0, character: 3 });
        assert_eq!(position_of(TEXT, TEXT.len()), Position { line: 2, character: 0 });
    }

    #[test]
    fn what_lies_outside_is_brought_inside() {
        let at = |line, character| offset_of(TEXT, Position { line, character });
        assert_eq!(at(0, 2), 1, "inside a surrogate pair");
        assert_eq!(at(0, 99), "a𝄞b".len());
        assert_eq!(at(9, 0), TEXT.len());
        assert_eq!(at(u32::MAX, u32::MAX), TEXT.len());
        assert_eq!(position_of(TEXT, 2), Position { line: 0, character: 1 });
        assert_eq!(position_of(TEXT, usize::MAX), Position { line: 2, character: 0 });
        assert_eq!(range_in_line(TEXT, 7, 3, usize::MAX).start, Position { line: 6, character: 0 });
    }

    #[test]
    fn columns_of_the_compiler_are_characters() {
        let range = range_in_line(TEXT, 1, 3, 1);
        assert_eq!((range.start.character, range.end.character), (3, 4));
    }
}
