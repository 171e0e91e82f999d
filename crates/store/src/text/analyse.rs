//! From text to terms: one function for the index, for queries, and for whoever compares sentences with questions.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};
use unicode_segmentation::UnicodeSegmentation;

/// A term with the place of the word it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What is compared: the word in lower case, without its ending.
    pub term: String,
    /// The first byte of the word.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Splits `text` into terms, in order.
///
/// Words are Unicode's (UAX 29), in lower case, without a possessive "'s" and without invisible characters. They lose their
/// endings by the Snowball stemmer of `language` (BCP 47; the primary subtag counts); a language without a stemmer, such as
/// "und", keeps words whole. English stop words are left out where the language is English or "und". Runs of scripts written
/// without spaces (Han, kana, hangul, Thai, ...) become overlapping pairs of characters.
///
/// # Examples
/// ```
/// let terms: Vec<String> =
///     grounds_store::analyse("The controller's notifications", "en").into_iter().map(|token| token.term).collect();
/// assert_eq!(terms, ["control", "notif"]);
/// ```
pub fn analyse(text: &str, language: &str) -> Vec<Token> {
    let language = Language::of(language);
    let mut tokens = Vec::new();
    for_each_word(text, |word| {
        if let Some(term) = language.term(&word) {
            tokens.push(Token { term: term.into_owned(), start: word.start, end: word.end });
        }
    });
    tokens
}

/// How the words of a language become terms. Two codes with the same treatment are the same language here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Language {
    algorithm: Option<Algorithm>,
    has_stop_words: bool,
}

impl Language {
    /// The treatment of text in the language with this BCP 47 code.
    pub(crate) fn of(code: &str) -> Self {
        let primary = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let algorithm = Algorithm::from_name(&primary).ok();
        let has_stop_words = algorithm == Some(Algorithm::English) || primary == "und" || primary.is_empty();
        Self { algorithm, has_stop_words }
    }

    /// A name that [`Language::from_name`] understands; it begins the terms of this language in the index.
    pub(crate) fn name(self) -> &'static str {
        match self.algorithm {
            Some(algorithm) => algorithm.name(),
            None if self.has_stop_words => "und",
            None => "none",
        }
    }

    /// The language with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "und" => Some(Self { algorithm: None, has_stop_words: true }),
            "none" => Some(Self { algorithm: None, has_stop_words: false }),
            _ => Some(Self::of(name)).filter(|language| language.name() == name),
        }
    }

    /// Whether the language leaves this word out.
    pub(crate) fn is_stop_word(self, word: &Word<'_>) -> bool {
        self.has_stop_words && STOP_WORDS.binary_search(&word.normal.as_ref()).is_ok()
    }

    /// The term of a word; `None` for a stop word.
    pub(crate) fn term<'w>(self, word: &'w Word<'_>) -> Option<Cow<'w, str>> {
        if self.is_stop_word(word) {
            return None;
        }
        match self.algorithm {
            Some(algorithm) if word.is_spaced => Some(Stemmer::new(algorithm).stem(&word.normal)),
            _ => Some(Cow::Borrowed(&word.normal)),
        }
    }
}

/// A word before its language is considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    pub(crate) normal: Cow<'t, str>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// False for a piece of a script written without spaces.
    is_spaced: bool,
}

/// Longer words are cut: the index cannot keep terms above 65,530 bytes, and nobody searches for them.
const WORD_BYTES_MAX: usize = 255;

/// Hands the words of `text` to `visit`, in order.
pub(crate) fn for_each_word<'t>(text: &'t str, mut visit: impl FnMut(Word<'t>)) {
    let mut run: Option<(usize, usize)> = None;
    let mut position = 0;
    while position < text.len() {
        // Each ideograph is a word of its own, which need not be looked for.
        let end = position + leading_ideographs(&text[position..]);
        if end > position {
            extend_run(text, &mut run, (position, end), &mut visit);
        }
        let next = end + before_ideographs(&text[end..]);
        for (at, word) in text[end..next].unicode_word_indices() {
            let (start, end) = (end + at, end + at + word.len());
            if word.chars().any(is_unspaced) {
                extend_run(text, &mut run, (start, end), &mut visit);
                continue;
            }
            finish_run(text, run.take(), &mut visit);
            let normal = normalise(word);
            if !normal.is_empty() {
                visit(Word { normal, start, end, is_spaced: true });
            }
        }
        position = next;
    }
    finish_run(text, run, &mut visit);
}

/// How many bytes of ideographs `text` begins with that are words of their own: UAX 29 breaks on both sides of each.
fn leading_ideographs(text: &str) -> usize {
    let mut characters = text.chars().peekable();
    let mut length = 0;
    while let Some(character) = characters.next() {
        if !stands_alone(character, characters.peek().copied()) {
            break;
        }
        length += character.len_utf8();
    }
    length
}

/// How many bytes come before the first ideograph that is a word of its own.
fn before_ideographs(text: &str) -> usize {
    let mut characters = text.chars().peekable();
    let mut length = 0;
    while let Some(character) = characters.next() {
        if stands_alone(character, characters.peek().copied()) {
            break;
        }
        length += character.len_utf8();
    }
    length
}

/// Whether the character is an ideograph and what follows is no mark that would belong to it.
fn stands_alone(character: char, next: Option<char>) -> bool {
    let is_ideograph = |character| matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}');
    is_ideograph(character)
        && next.is_none_or(|next| {
            next.is_ascii()
                || is_ideograph(next)
                // Punctuation of these scripts; U+302A to U+302F are marks.
                || matches!(next, '\u{3000}'..='\u{3029}' | '\u{ff01}'..='\u{ff60}')
        })
}

/// Adds a piece of a script written without spaces to the run it goes on with, or begins a new one.
fn extend_run<'t>(
    text: &'t str,
    run: &mut Option<(usize, usize)>,
    (start, end): (usize, usize),
    visit: &mut impl FnMut(Word<'t>),
) {
    match run {
        Some((_, run_end)) if *run_end == start => *run_end = end,
        _ => finish_run(text, run.replace((start, end)), visit),
    }
}

/// Hands the overlapping pairs of characters of a run to `visit`; a run of one character is that character.
fn finish_run<'t>(text: &'t str, run: Option<(usize, usize)>, visit: &mut impl FnMut(Word<'t>)) {
    let Some((run_start, run_end)) = run else { return };
    let run = &text[run_start..run_end];
    // Scripts without spaces have no capitals; but a run may hold other characters.
    let has_case = !run.chars().all(is_unspaced);
    let mut hand = |start: usize, end: usize| {
        let pair = &text[start..end];
        let normal = if has_case { Cow::Owned(pair.to_lowercase()) } else { Cow::Borrowed(pair) };
        visit(Word { normal, start, end, is_spaced: false });
    };
    let mut ends = run.char_indices().map(|(at, character)| run_start + at + character.len_utf8());
    let Some(mut middle) = ends.next() else { return };
    let mut start = run_start;
    let mut is_single = true;
    for end in ends {
        hand(start, end);
        (start, middle) = (middle, end);
        is_single = false;
    }
    if is_single {
        hand(run_start, run_end);
    }
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

/// English articles, pronouns, prepositions, conjunctions, auxiliaries and question words, sorted. "May", "shall", "must",
/// "not" and "no" stay: in provisions they decide.
const STOP_WORDS: [&str; 76] = [
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by", "can", "could", "did",
    "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it",
    "its", "me", "my", "of", "on", "or", "our", "she", "should", "so", "some", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "upon", "via", "was", "we", "were", "what",
    "when", "where", "whether", "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str, language: &str) -> Vec<String> {
        analyse(text, language).into_iter().map(|token| token.term).collect()
    }

    #[test]
    fn stop_words_are_sorted_for_the_binary_search() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn words_are_cut_lowered_and_stemmed_by_language() {
        assert_eq!(
            terms("What must the Controller\u{2019}s staff NOTIFY?", "en"),
            ["must", "control", "staff", "notifi"]
        );
        assert_eq!(terms("Article 33(1)(b), 1,000 EUR", "en-GB"), ["articl", "33", "1", "b", "1,000", "eur"]);
        assert_eq!(terms("die Meldungen", "de"), ["die", "meldung"]);
        assert_eq!(terms("les notifications", "fr").last().map(String::as_str), Some("notif"));
        assert_eq!(terms("notifications", "und"), ["notifications"]);
        assert_eq!(terms("ex\u{ad}am\u{200e}ple", "und"), ["example"]);
    }

    #[test]
    fn unspaced_scripts_become_pairs() {
        assert_eq!(terms("数据保护 law", "zh"), ["数据", "据保", "保护", "law"]);
        assert_eq!(terms("法", "zh"), ["法"]);
        let tokens = analyse("第5条", "zh");
        assert_eq!(tokens.iter().map(|token| (token.start, token.end)).collect::<Vec<_>>(), [(0, 3), (3, 4), (4, 7)]);
    }

    /// As [`for_each_word`], without its shorter way through ideographs.
    fn words_as_the_standard_has_them(text: &str) -> Vec<Word<'_>> {
        let (mut words, mut run) = (Vec::new(), None);
        let mut visit = |word| words.push(word);
        for (start, word) in text.unicode_word_indices() {
            let end = start + word.len();
            if word.chars().any(is_unspaced) {
                extend_run(text, &mut run, (start, end), &mut visit);
                continue;
            }
            finish_run(text, run.take(), &mut visit);
            let normal = normalise(word);
            if !normal.is_empty() {
                visit(Word { normal, start, end, is_spaced: true });
            }
        }
        finish_run(text, run, &mut visit);
        words
    }

    proptest::proptest! {
        #[test]
        fn ideographs_are_cut_as_the_standard_cuts_them(
            text in "([一二\u{3400}\u{4dbf}\u{9fff}\u{f900}]{1,3}|[a-zA-Z0-9 ,.'()\n]{1,3}|[、。（）\u{3029}\u{302a}\u{3099}\u{200d}\u{fe0f}\u{e0100}]|[あカ가ก]{1,2}|[\u{1f468}\u{1f1e6}é\u{301}\u{ad}:_]){0,12}"
        ) {
            let mut words = Vec::new();
            for_each_word(&text, |word| words.push(word));
            proptest::prop_assert_eq!(words, words_as_the_standard_has_them(&text));
        }
    }

    #[test]
    fn scripts_without_spaces_have_no_capitals() {
        for character in (0..=0x3ffff).filter_map(char::from_u32).filter(|character| is_unspaced(*character)) {
            assert!(character.to_lowercase().eq([character]), "{character}");
        }
    }

    #[test]
    fn spans_are_those_of_the_words() {
        let text = "A breach\u{2019}s cost";
        for token in analyse(text, "en") {
            assert!(text.is_char_boundary(token.start) && text.is_char_boundary(token.end));
        }
        assert_eq!(analyse(text, "en")[0], Token { term: "breach".into(), start: 2, end: 12 });
    }

    #[test]
    fn very_long_words_are_cut_alike_everywhere() {
        let term = &terms(&"é".repeat(1000), "und")[0];
        assert_eq!(term.len(), 254);
    }

    #[test]
    fn names_and_codes_lead_back_to_the_language() {
        for code in ["en", "de", "fr", "id", "und", "zh", "en-US", "", "xx"] {
            let language = Language::of(code);
            assert_eq!(Language::from_name(language.name()), Some(language), "{code}");
        }
        assert_eq!(Language::from_name("klingon"), None);
    }
}
