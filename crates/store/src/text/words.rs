//! From text to words: Unicode's, and runs of scripts that are written without spaces, of which each pair of characters is a word.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// A word before its language is considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    pub(crate) normal: Cow<'t, str>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// False for a piece of a script written without spaces.
    pub(crate) is_spaced: bool,
}

/// One word, or many that need not be told apart yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Word(Word<'t>),
    /// Characters of scripts written without spaces, the same in every language. Alone one is a word; of more, each overlapping pair is.
    Run(Run<'t>),
}

/// Neighbouring characters of scripts written without spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run<'t> {
    pub(crate) text: &'t str,
    pub(crate) start: usize,
    /// Whether other characters stand among them: only those have capitals.
    pub(crate) is_mixed: bool,
}

impl<'t> Run<'t> {
    /// A piece of the run as it is compared.
    pub(crate) fn normal(&self, piece: &'t str) -> Cow<'t, str> {
        if self.is_mixed { Cow::Owned(piece.chars().map(lower).collect()) } else { Cow::Borrowed(piece) }
    }

    /// Hands each character to `visit`: where it begins and ends in the run.
    pub(crate) fn for_each_character(&self, mut visit: impl FnMut(usize, usize)) {
        self.text.char_indices().for_each(|(at, character)| visit(at, at + character.len_utf8()));
    }

    fn for_each_word(&self, mut visit: impl FnMut(Word<'t>)) {
        let mut word = |from: usize, to: usize| {
            let normal = self.normal(&self.text[from..to]);
            visit(Word { normal, start: self.start + from, end: self.start + to, is_spaced: false });
        };
        match self.text.chars().nth(1) {
            None => word(0, self.text.len()),
            Some(_) => for_each_pair(self.text, word),
        }
    }
}

/// A character in lower case; one of which that would make two stays as it is, so that a run keeps its number of characters.
fn lower(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => character,
    }
}

/// Longer words are cut: the index cannot keep terms above 65,530 bytes, and nobody searches for them.
const WORD_BYTES_MAX: usize = 255;

/// Bytes of an ideograph.
const IDEOGRAPH_BYTES: usize = 3;

/// Hands the words of `text` to `visit`, in order.
pub(crate) fn for_each_word<'t>(text: &'t str, mut visit: impl FnMut(Word<'t>)) {
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => visit(word),
        Piece::Run(run) => run.for_each_word(&mut visit),
    });
}

/// Hands the words of `text` to `visit`, in order, those of a run together.
///
/// Ideographs are told by their bytes, without Unicode's rules: each is a word of its own, whatever stands before it (UAX 29, WB999), unless a
/// mark follows. What stands between them is cut by the rules as if it stood alone.
pub(crate) fn for_each_piece<'t>(text: &'t str, mut visit: impl FnMut(Piece<'t>)) {
    let mut run = OpenRun::default();
    let mut at = 0;
    while at < text.len() {
        let mut end = at + ideograph_bytes(text, at);
        if end > at && text[end..].chars().next().is_some_and(|next| !is_separate(next)) {
            end -= IDEOGRAPH_BYTES;
        }
        if end > at {
            run.add(text, at..end, true, &mut visit);
        } else {
            end = next_ideograph(text, at);
            between_ideographs(text, at..end, &mut run, &mut visit);
        }
        at = end;
    }
    run.finish(text, &mut visit);
}

/// The words of a part of `text` that begins and ends where words do.
fn between_ideographs<'t>(
    text: &'t str,
    part: std::ops::Range<usize>,
    run: &mut OpenRun,
    visit: &mut impl FnMut(Piece<'t>),
) {
    let offset = part.start;
    let part = &text[part];
    if part.chars().all(|character| is_separate(character) && !character.is_ascii_alphanumeric()) {
        return;
    }
    for (start, word) in part.unicode_word_indices() {
        let (start, end) = (offset + start, offset + start + word.len());
        if word.chars().any(is_unspaced) {
            run.add(text, start..end, word.chars().all(is_unspaced), visit);
            continue;
        }
        run.finish(text, visit);
        let normal = normalise(word);
        if !normal.is_empty() {
            visit(Piece::Word(Word { normal, start, end, is_spaced: true }));
        }
    }
}

/// Words of scripts without spaces that follow each other directly.
#[derive(Default)]
struct OpenRun {
    start: usize,
    /// The same as `start` where there are none.
    end: usize,
    /// Whether it holds other characters too.
    is_mixed: bool,
}

impl OpenRun {
    fn add<'t>(
        &mut self,
        text: &'t str,
        words: std::ops::Range<usize>,
        is_pure: bool,
        visit: &mut impl FnMut(Piece<'t>),
    ) {
        if self.end != words.start {
            self.finish(text, visit);
        }
        if self.start == self.end {
            *self = OpenRun { start: words.start, end: words.start, is_mixed: false };
        }
        self.end = words.end;
        self.is_mixed |= !is_pure;
    }

    /// Hands over what was added.
    fn finish<'t>(&mut self, text: &'t str, visit: &mut impl FnMut(Piece<'t>)) {
        let OpenRun { start, end, is_mixed } = std::mem::take(self);
        if start < end {
            visit(Piece::Run(Run { text: &text[start..end], start, is_mixed }));
        }
    }
}

/// Hands the beginning and end of each overlapping pair of characters to `visit`.
fn for_each_pair(run: &str, mut visit: impl FnMut(usize, usize)) {
    let mut ends = run.char_indices().map(|(at, character)| at + character.len_utf8());
    let Some(mut middle) = ends.next() else { return };
    let mut start = 0;
    for end in ends {
        visit(start, end);
        (start, middle) = (middle, end);
    }
}

/// How many bytes of ideographs stand at `at`.
fn ideograph_bytes(text: &str, at: usize) -> usize {
    let characters = text.as_bytes()[at..].chunks_exact(IDEOGRAPH_BYTES);
    IDEOGRAPH_BYTES * characters.take_while(|bytes| begins_ideograph(bytes[0], bytes[1])).count()
}

/// Where the next ideograph stands, after the first character at `at`; else the end.
fn next_ideograph(text: &str, at: usize) -> usize {
    let first = text[at..].chars().next().map_or(0, char::len_utf8);
    let rest = &text.as_bytes()[at + first..];
    // These bytes begin a character wherever they stand.
    let next = rest.windows(2).position(|bytes| begins_ideograph(bytes[0], bytes[1]));
    next.map_or(text.len(), |next| at + first + next)
}

/// Whether these are the first bytes of U+3400..=U+4DBF or U+4E00..=U+9FFF.
fn begins_ideograph(first: u8, second: u8) -> bool {
    match first {
        0xe5..=0xe9 => true,
        0xe4 => second != 0xb7,
        0xe3 => second >= 0x90,
        _ => false,
    }
}

/// Whether the character surely begins a word of its own after an ideograph, and, unless it is a letter or digit of ASCII, surely is no part of
/// any word; false is no mistake.
fn is_separate(character: char) -> bool {
    matches!(character,
        '\0'..='\u{7f}'
        | '\u{2014}' | '\u{2018}'..='\u{201d}' | '\u{2026}' // dash, quotation marks, ellipsis
        | '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301b}' // space, comma, full stop, brackets
        | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' // the same, wide
    )
}

fn normalise(word: &str) -> Cow<'_, str> {
    let is_normal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if word.len() <= WORD_BYTES_MAX && word.bytes().all(is_normal) {
        return Cow::Borrowed(word);
    }
    let mut normal = String::with_capacity(word.len());
    for character in word.chars() {
        match character {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            '\u{2019}' => normal.push('\''),
            character if character.is_ascii() => normal.push(character.to_ascii_lowercase()),
            character => normal.extend(character.to_lowercase()),
        }
    }
    if normal.ends_with("'s") {
        normal.truncate(normal.len() - 2);
    }
    if normal.len() > WORD_BYTES_MAX {
        let cut = (0..=WORD_BYTES_MAX).rev().find(|at| normal.is_char_boundary(*at)).unwrap_or_default();
        normal.truncate(cut);
    }
    Cow::Owned(normal)
}

/// Whether the character belongs to a script that is written without spaces between words, or whose words are better found
/// by pairs of characters.
fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0e00..=0x0eff // Thai, Lao
        | 0x1000..=0x109f // Myanmar
        | 0x1100..=0x11ff // Hangul Jamo
        | 0x1780..=0x17ff // Khmer
        | 0x2e80..=0x2fdf // CJK radicals
        | 0x3005..=0x3007 // iteration mark, zero
        | 0x3040..=0x30ff // kana
        | 0x3100..=0x31ff // Bopomofo, more Jamo and kana
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff // Han
        | 0xac00..=0xd7ff // Hangul
        | 0xf900..=0xfaff // Han, compatibility
        | 0xff66..=0xffdc // half-width kana and Hangul
        | 0x1b000..=0x1b16f // kana supplement
        | 0x20000..=0x3ffff // Han extensions
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words as Unicode's rules alone give them.
    fn plain_words(text: &str) -> Vec<Word<'_>> {
        let mut runs: Vec<Result<(usize, usize), Word<'_>>> = Vec::new();
        for (start, word) in text.unicode_word_indices() {
            let end = start + word.len();
            match runs.last_mut() {
                Some(Ok((_, run_end))) if word.chars().any(is_unspaced) && *run_end == start => *run_end = end,
                _ if word.chars().any(is_unspaced) => runs.push(Ok((start, end))),
                _ => runs.push(Err(Word { normal: normalise(word), start, end, is_spaced: true })),
            }
        }
        let mut words = Vec::new();
        for run in runs {
            let (start, end) = match run {
                Ok(run) => run,
                Err(word) => {
                    words.extend(Some(word).filter(|word| !word.normal.is_empty()));
                    continue;
                }
            };
            let ends: Vec<usize> = text[start..end].char_indices().map(|(at, _)| start + at).chain([end]).collect();
            let pairs: Vec<(usize, usize)> = match ends.len() {
                2 => vec![(start, end)],
                _ => ends.iter().zip(&ends[2..]).map(|(start, end)| (*start, *end)).collect(),
            };
            words.extend(pairs.into_iter().map(|(start, end)| {
                let normal = Cow::Owned(text[start..end].to_lowercase());
                Word { normal, start, end, is_spaced: false }
            }));
        }
        words
    }

    fn words(text: &str) -> Vec<Word<'_>> {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push(word));
        words
    }

    #[test]
    fn every_ideograph_and_separator_is_cut_as_unicode_says() {
        let ideographs = (0x3400..=0x4dbf).chain(0x4e00..=0x9fff).filter_map(char::from_u32);
        for character in ideographs {
            let text = format!("a{character}1{character}{character}");
            assert_eq!(words(&text), plain_words(&text), "{character}");
        }
        for character in ('\0'..='\u{ffff}').filter(|character| is_separate(*character)) {
            assert!(character.is_ascii() || !character.is_alphanumeric(), "{character}");
            let text = format!("中{character}文{character}");
            assert_eq!(words(&text), plain_words(&text), "{character}");
        }
        for character in ('\0'..='\u{3ffff}').filter(|character| character.len_utf8() == IDEOGRAPH_BYTES) {
            let bytes = character.to_string().into_bytes();
            let expected = matches!(u32::from(character), 0x3400..=0x4dbf | 0x4e00..=0x9fff);
            assert_eq!(begins_ideograph(bytes[0], bytes[1]), expected, "{character}");
        }
    }

    #[test]
    fn scripts_without_spaces_have_no_capitals() {
        for character in (0..=0x3ffff).filter_map(char::from_u32).filter(|character| is_unspaced(*character)) {
            assert!(character.to_lowercase().eq([character]), "{character}");
        }
    }

    proptest! {
        #[test]
        fn words_are_those_of_unicode(
            // Letters, marks, joiners, emoji, flags, digits and what stands between them, next to ideographs.
            text in "([一-龥]{1,4}|[㐀-䶵䷀豈]|[a-zA-ZßÉ]{1,3}|[0-9]{1,2}|[かカー한ก゙]|[.,'_:·\"]|[，。；（）《》“”、　]|[ \n\r\t]|[\u{301}\u{200d}\u{ad}\u{200b}\u{fe0f}\u{e0100}]|[🇨🇳👩㊗𠀀אب]|\u{2019}s){0,12}",
        ) {
            prop_assert_eq!(words(&text), plain_words(&text));
        }
    }
}
