//! From text to terms: one function for the index, for queries, and for whoever compares sentences with questions.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

use crate::text::asking::{self, AskingWords};
use crate::text::empty_words;
use crate::text::words::{Piece, Word, for_each_piece, for_each_word};

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

/// The terms that a question has only to ask in a language ("explain", "rather"), as [`analyse`] has them: none where they are not known. Terms that
/// words with a meaning of their own have too ("directly" and "directive") are left out, of German and French all.
pub fn asking_terms(language: &str) -> Vec<String> {
    let words = Language::of(language).asking_words().into_iter().flat_map(AskingWords::unambiguous);
    words.flat_map(|word| analyse_with_characters(word, language)).collect()
}

/// The terms of [`analyse`], and after those of each run of characters without spaces its single characters, in order: what models learn
/// from, for neither pairs nor characters alone say all.
pub fn analyse_with_characters(text: &str, language: &str) -> Vec<String> {
    let language = Language::of(language);
    let mut terms = Vec::new();
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => terms.extend(language.term_of(word).map(Cow::into_owned)),
        Piece::Run(run) => {
            let characters: Vec<String> = run.normal(run.text).chars().map(String::from).collect();
            terms.extend(characters.windows(2).map(|pair| pair.concat()));
            terms.extend(characters);
        }
    });
    terms
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
        // Most words of other scripts are told by their first byte.
        let is_latin = word.normal.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        self.has_stop_words && is_latin && STOP_WORDS.binary_search(&word.normal.as_ref()).is_ok()
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

    /// As [`Language::term`], of a word that is needed no more.
    pub(crate) fn term_of<'t>(self, word: Word<'t>) -> Option<Cow<'t, str>> {
        if self.is_stop_word(&word) {
            return None;
        }
        let Some(algorithm) = self.algorithm.filter(|_| word.is_spaced) else { return Some(word.normal) };
        let stemmer = Stemmer::new(algorithm);
        Some(match word.normal {
            Cow::Borrowed(normal) => stemmer.stem(normal),
            Cow::Owned(normal) => Cow::Owned(stemmer.stem(&normal).into_owned()),
        })
    }

    /// Whether a question has the word only to ask, so that it says little of what is asked about.
    pub(crate) fn is_asking_word(self, word: &str) -> bool {
        self.asking_words().is_some_and(|words| words.has(word))
    }

    /// Whether a word of a question names nothing that could be looked for, in English short forms too ("don't").
    pub(crate) fn is_empty_word(self, word: &Word<'_>) -> bool {
        let names_nothing = |word: &str| {
            self.has_stop_words && STOP_WORDS.binary_search(&word).is_ok()
                || empty_words::has(self.function_words(), word)
        };
        let is_short_form = |whole: &str| names_nothing(whole) || whole.strip_suffix('n').is_some_and(names_nothing);
        let short_form = word.normal.split_once(['\'', '\u{2019}']).filter(|_| self.has_stop_words);
        names_nothing(&word.normal) || short_form.is_some_and(|(whole, _)| is_short_form(whole))
    }

    /// Text whose language is not known may be English, as for stop words.
    fn asking_words(self) -> Option<&'static AskingWords> {
        asking::of(self.function_words())
    }

    fn function_words(self) -> Option<Algorithm> {
        if self.has_stop_words { Some(Algorithm::English) } else { self.algorithm }
    }
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
    fn a_language_has_its_own_asking_words() {
        for (language, its, foreign) in
            [("en", "explain", "warum"), ("de", "warum", "explain"), ("und", "explain", "warum")]
        {
            let language = Language::of(language);
            assert!(language.is_asking_word(its) && !language.is_asking_word(foreign));
        }
        let terms = asking_terms("en");
        assert!(terms.contains(&"explain".to_owned()) && terms.contains(&"specif".to_owned()), "{terms:?}");
        assert!(Language::of("en").is_asking_word("directly") && !terms.contains(&"direct".to_owned()));
        assert!(asking_terms("de").is_empty(), "nobody looked which of these are told by their terms");
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

    #[test]
    fn models_see_characters_too() {
        assert_eq!(analyse_with_characters("数据法 laws，数", "zh"), ["数据", "据法", "数", "据", "法", "laws", "数"]);
        assert_eq!(analyse_with_characters("the laws", "en"), ["law"]);
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
