//! Rust text as the checks look at it: which part is code, which a comment, which a string, and which is only for tests.

/// One line of a Rust file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// As written.
    pub(crate) text: String,
    /// With comments and the insides of strings as spaces, column for column.
    pub(crate) code: String,
    /// With everything but comments as spaces.
    pub(crate) comment: String,
    /// Whether it is part of an item marked `#[cfg(test)]`.
    pub(crate) is_test: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    LineComment,
    BlockComment { depth: usize },
    Text,
    RawText { hashes: usize },
}

/// Splits Rust text into lines. Knows strings, raw strings, characters and nested comments; text that does not compile is split somehow.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut state = State::Code;
    let mut lines = Vec::new();
    for text in text.lines() {
        let (line, next) = scan_line(text, state);
        lines.push(line);
        state = if next == State::LineComment { State::Code } else { next };
    }
    mark_tests(&mut lines);
    lines
}

fn scan_line(text: &str, mut state: State) -> (Line, State) {
    let characters: Vec<char> = text.chars().collect();
    let (mut code, mut comment) = (String::new(), String::new());
    let mut position = 0;
    while position < characters.len() {
        let rest = &characters[position..];
        let (width, next, is_code) = step(rest, state, characters[..position].last().copied());
        for character in &rest[..width] {
            let is_comment = matches!(state, State::LineComment | State::BlockComment { .. })
                || matches!(next, State::LineComment | State::BlockComment { .. });
            code.push(if is_code { *character } else { ' ' });
            comment.push(if is_comment { *character } else { ' ' });
        }
        position += width;
        state = next;
    }
    (Line { text: text.to_owned(), code, comment, is_test: false }, state)
}

/// How many characters belong together at the start of `rest`, the state after them, and whether they are code.
fn step(rest: &[char], state: State, before: Option<char>) -> (usize, State, bool) {
    let second = rest.get(1).copied();
    match (state, rest[0]) {
        (State::Code, '/') if second == Some('/') => (2, State::LineComment, false),
        (State::Code, '/') if second == Some('*') => (2, State::BlockComment { depth: 1 }, false),
        (State::Code, '"') => (1, State::Text, true),
        (State::Code, 'r') if !before.is_some_and(|it| it.is_alphanumeric() && it != 'b' || it == '_') => {
            let hashes = rest[1..].iter().take_while(|it| **it == '#').count();
            match rest.get(1 + hashes) {
                Some('"') => (2 + hashes, State::RawText { hashes }, true),
                _ => (1, State::Code, true),
            }
        }
        (State::Code, '\'') => (character_width(rest), State::Code, character_width(rest) == 1),
        (State::Code, _) => (1, State::Code, true),
        (State::LineComment, _) => (1, State::LineComment, false),
        (State::BlockComment { depth }, '*') if second == Some('/') => {
            (2, if depth > 1 { State::BlockComment { depth: depth - 1 } } else { State::Code }, false)
        }
        (State::BlockComment { depth }, '/') if second == Some('*') => {
            (2, State::BlockComment { depth: depth + 1 }, false)
        }
        (State::BlockComment { .. }, _) => (1, state, false),
        (State::Text, '\\') => (rest.len().min(2), State::Text, false),
        (State::Text, '"') => (1, State::Code, true),
        (State::Text, _) => (1, State::Text, false),
        (State::RawText { hashes }, '"') if rest[1..].iter().take_while(|it| **it == '#').count() >= hashes => {
            (1 + hashes, State::Code, true)
        }
        (State::RawText { .. }, _) => (1, state, false),
    }
}

/// The width of a character literal, or 1 for the quote of a lifetime.
fn character_width(rest: &[char]) -> usize {
    match (rest.get(1), rest.get(2)) {
        (Some('\\'), _) => rest.iter().skip(3).position(|it| *it == '\'').map_or(1, |end| end + 4),
        (Some(_), Some('\'')) => 3,
        _ => 1,
    }
}

/// Marks the items after `#[cfg(test)]`, to the end of their block or statement.
fn mark_tests(lines: &mut [Line]) {
    let mut position = 0;
    while position < lines.len() {
        let line = &lines[position];
        if line.code.trim() != "#[cfg(test)]" {
            position += 1;
            continue;
        }
        let indent = indentation(&line.code);
        let end = item_end(lines, position + 1, indent);
        for line in &mut lines[position..=end] {
            line.is_test = true;
        }
        position = end + 1;
    }
}

/// The last line of the item that begins at `start`: one that ends with `;`, or the closing brace at its indentation.
pub(crate) fn item_end(lines: &[Line], start: usize, indent: usize) -> usize {
    for (position, line) in lines.iter().enumerate().skip(start) {
        let code = line.code.trim_end();
        if indentation(code) != indent {
            continue;
        }
        let trimmed = code.trim_start();
        let is_one_line = (trimmed.ends_with('}') || trimmed.ends_with(';')) && !trimmed.starts_with("#[");
        if is_one_line {
            return position;
        }
    }
    lines.len().saturating_sub(1)
}

pub(crate) fn indentation(code: &str) -> usize {
    code.chars().take_while(|it| *it == ' ').count()
}

/// Whether `word` stands in `code` by itself: not as a part of a longer name.
pub(crate) fn names(code: &str, word: &str) -> bool {
    let is_name = |it: char| it.is_alphanumeric() || it == '_';
    code.match_indices(word).any(|(start, _)| {
        let before = code[..start].chars().next_back().is_some_and(is_name) && word.starts_with(is_name);
        let after = code[start + word.len()..].chars().next().is_some_and(is_name) && word.ends_with(is_name);
        !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<String> {
        lines(text).into_iter().map(|line| line.code.trim_end().to_owned()).collect()
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        assert_eq!(code("let a = \"x // y\"; // z"), ["let a = \"      \";"]);
        assert_eq!(code("a /* b /* c */ d */ e"), ["a                   e"]);
        assert_eq!(code("let a = r#\"x \" y\"#;"), ["let a = r#\"     \"#;"]);
        assert_eq!(
            code("let a = '\"'; let b = '\\''; let c: &'a str;"),
            ["let a =    ; let b =     ; let c: &'a str;"]
        );
        assert_eq!(code("\"one \\\" two\" three"), ["\"          \" three"]);
        assert_eq!(code("\"one\ntwo\" three"), ["\"", "   \" three"]);
        assert_eq!(lines("a // b")[0].comment, "  // b");
        assert_eq!(lines("a /* b\nc */ d")[1].comment, "c */  ");
    }

    #[test]
    fn tests_are_marked_to_their_end() {
        let is_test = |text: &str| lines(text).into_iter().map(|line| line.is_test).collect::<Vec<_>>();
        let module = "a();\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nc();";
        assert_eq!(is_test(module), [false, true, true, true, true, true, false]);
        assert_eq!(is_test("#[cfg(test)]\nmod tests;\nc();"), [true, true, false]);
        assert_eq!(is_test("#[cfg(test)]\n#[allow(x)]\nfn a() {}\nc();"), [true, true, true, false]);
    }

    #[test]
    fn names_are_whole_words() {
        assert!(names("use std::fs;", "std::fs"));
        assert!(names("println!(1)", "println!"));
        assert!(!names("eprintln!(1)", "println!"));
        assert!(!names("unsafe_code", "unsafe"));
    }
}
