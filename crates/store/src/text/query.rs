//! From a question's words to what is looked up: terms and pairs of neighbours, in each language there is.

use std::collections::HashMap;

use crate::text::TextQuery;
use crate::text::analyse::Language;
use crate::text::bm25f::Bm25fParameters;
use crate::text::chinese::stop_characters;
use crate::text::places::{Places, pair};
use crate::text::words::{Piece, Word, for_each_piece};

/// What is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Probe {
    Term(String),
    Pair(String, String),
}

impl Probe {
    /// The terms it is made of.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Probe::Term(term) => (term, None),
            Probe::Pair(first, second) => (first, Some(second)),
        };
        std::iter::once(first).chain(second).map(String::as_str)
    }

    /// Its name among the words of a passage that is not in the index.
    pub(crate) fn name(&self) -> String {
        match self {
            Probe::Term(term) => term.clone(),
            Probe::Pair(first, second) => pair(first, second),
        }
    }
}

/// A word or pair of the query, and what it is in each language of the visible documents.
pub(crate) struct QueryTerm {
    pub(crate) surface: String,
    /// Whether it is a word of its own: pairs of words, and characters that stand beside others, only add to the score.
    pub(crate) is_word: bool,
    /// Whether it is a character that stands beside others: too common to be looked for in titles and passages around.
    pub(crate) is_character: bool,
    pub(crate) factor: f64,
    pub(crate) probes: Vec<(Language, Probe)>,
}

/// A word of a question, and the term that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionWord {
    /// The word as the question has it.
    pub surface: String,
    /// Its term, as [`analyse_with_characters`](crate::analyse_with_characters) names it.
    pub term: String,
}

/// The distinct words of `text` that are no stop words of `language`, in order: those that a search over documents in this language counts.
/// Of scripts written without spaces, each pair of neighbouring characters is a word.
///
/// # Examples
/// ```
/// let words = grounds_store::question_words("Must controllers keep records?", "en");
/// let words: Vec<(&str, &str)> = words.iter().map(|word| (word.surface.as_str(), word.term.as_str())).collect();
/// assert_eq!(words, [("Must", "must"), ("controllers", "control"), ("keep", "keep"), ("records", "record")]);
/// ```
pub fn question_words(text: &str, language: &str) -> Vec<QuestionWord> {
    let words =
        query_terms(&TextQuery::of_words(text), &[Language::of(language)]).into_iter().filter(|term| term.is_word);
    let word = |term: QueryTerm| {
        let (_, probe) = term.probes.into_iter().next()?;
        let term_name = match probe {
            Probe::Term(term) => term,
            Probe::Pair(first, second) => first + &second,
        };
        Some(QuestionWord { surface: term.surface, term: term_name })
    };
    words.filter_map(word).collect()
}

/// Whether `text` names anything that could be looked for in texts of these languages, or is made of articles, pronouns, auxiliaries and the like only:
/// "What about anything at all?" and "Who must do what?" name nothing. Such words are known of English, German and French, and of Chinese the stop words; in
/// other languages every word names something, and so does an abbreviation ("IT").
///
/// Cost: looks each word up in each language.
///
/// # Examples
/// ```
/// assert!(grounds_store::names_something("What about breaches?", &["en"]));
/// assert!(!grounds_store::names_something("What about anything at all?", &["en"]));
/// ```
pub fn names_something(text: &str, languages: &[&str]) -> bool {
    let languages: Vec<Language> = languages.iter().map(|code| Language::of(code)).collect();
    let asked_in = asked_in(text, &languages, Language::is_empty_word);
    let is_shouted = !text.chars().any(char::is_lowercase);
    let (mut word_count, mut has_abbreviation, mut names_something) = (0, false, false);
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => {
            let surface = &text[word.start..word.end];
            word_count += 1;
            has_abbreviation |= surface.chars().count() > 1 && !surface.chars().any(char::is_lowercase);
            names_something |= !asked_in.iter().any(|language| language.is_empty_word(&word));
        }
        Piece::Run(run) => names_something |= stop_characters(run.text).contains(&false),
    });
    names_something || has_abbreviation && (word_count == 1 || !is_shouted)
}

/// A word or character of the query with its term in each language that has one, and the place of that term.
struct Placed {
    start: usize,
    end: usize,
    is_character: bool,
    /// Whether it is of a word that says nothing of what is asked about: it counts only as a part of pairs with others.
    is_stopped: bool,
    terms: Vec<(Language, String, u32)>,
}

/// The distinct words of the query that are not stop words, and after the second word of each pair that pair, each with its terms.
///
/// A term belongs to the first word that has it in a language, so that no word counts twice; a word whose every term belongs
/// to earlier ones is left out. It counts as much as the word that says most by it: "unlikely" after "unlike" counts whole.
pub(crate) fn query_terms(query: &TextQuery, languages: &[Language]) -> Vec<QueryTerm> {
    let of_query = query.language.as_deref().map(Language::of);
    // Where nothing is visible there is no language to analyse in; the words are still reported.
    let fallback = [of_query.unwrap_or_else(|| Language::of("und"))];
    let languages = if languages.is_empty() { fallback.as_slice() } else { languages };
    let parameters = Bm25fParameters::STANDARD;
    let mut terms = Terms { query: &query.text, found: Vec::new(), known: HashMap::new() };
    let mut pairs = Pairs::default();
    for_each_placed(&query.text, of_query, languages, |placed, is_alone, is_asking| {
        let is_word = !placed.is_character || is_alone;
        let factor = match (is_word, is_asking) {
            (false, _) => parameters.character_factor,
            (true, true) => parameters.asking_factor,
            (true, false) => 1.0,
        };
        let probes = placed.terms.iter().map(|(language, term, _)| (*language, Probe::Term(term.clone()))).collect();
        if !placed.is_stopped {
            terms.add((placed.start, placed.end), (is_word, !is_word, factor), probes);
        }
        for BegunPair { start, is_character, is_stopped, probes } in pairs.with(placed) {
            let end = placed.end;
            match is_character && placed.is_character {
                true if is_stopped && placed.is_stopped => {}
                true => terms.add((start, end), (true, false, 1.0), probes),
                false => terms.add((start, end), (false, false, parameters.word_pair_factor), probes),
            }
        }
    });
    terms.found
}

/// A pair as it begins.
struct BegunPair {
    start: usize,
    /// Whether it begins with a character.
    is_character: bool,
    /// Whether that is of a stop word.
    is_stopped: bool,
    /// What it is in the languages in which it begins there.
    probes: Vec<(Language, Probe)>,
}

/// The last term of each language, to which the next one is a neighbour.
#[derive(Default)]
struct Pairs {
    last: HashMap<Language, LastTerm>,
}

/// A term that a pair may begin with.
struct LastTerm {
    start: usize,
    is_character: bool,
    is_stopped: bool,
    term: String,
    place: u32,
}

impl Pairs {
    /// The pairs that end with `placed`.
    fn with(&mut self, placed: &Placed) -> Vec<BegunPair> {
        let Placed { start, is_character, is_stopped, .. } = *placed;
        let mut pairs: Vec<BegunPair> = Vec::new();
        for (language, term, place) in &placed.terms {
            let next = LastTerm { start, is_character, is_stopped, term: term.clone(), place: *place };
            let Some(first) = self.last.insert(*language, next) else { continue };
            if first.place.wrapping_add(1) != *place {
                continue;
            }
            let pair = (*language, Probe::Pair(first.term, term.clone()));
            match pairs.iter_mut().find(|known| known.start == first.start) {
                Some(known) => known.probes.push(pair),
                None => {
                    let LastTerm { start, is_character, is_stopped, .. } = first;
                    pairs.push(BegunPair { start, is_character, is_stopped, probes: vec![pair] });
                }
            }
        }
        pairs
    }
}

struct Terms<'q> {
    query: &'q str,
    found: Vec<QueryTerm>,
    /// For what is looked up, the place of its word in `found`.
    known: HashMap<(Language, Probe), usize>,
}

impl Terms<'_> {
    fn add(
        &mut self,
        (start, end): (usize, usize),
        (is_word, is_character, factor): (bool, bool, f64),
        mut probes: Vec<(Language, Probe)>,
    ) {
        let surface = &self.query[start..end];
        let next = self.found.len();
        probes.retain(|probe| {
            let at = *self.known.entry(probe.clone()).or_insert(next);
            if let Some(earlier) = self.found.get_mut(at).filter(|earlier| earlier.is_word && earlier.factor < factor) {
                (earlier.surface, earlier.factor) = (surface.to_owned(), factor);
            }
            at == next
        });
        if !probes.is_empty() {
            let surface = surface.to_owned();
            self.found.push(QueryTerm { surface, is_word, is_character, factor, probes });
        }
    }
}

/// Hands each word and character of `text` that is a term in some language to `visit`, with whether it stands alone and whether it is an asking word.
fn for_each_placed(
    text: &str,
    of_query: Option<Language>,
    languages: &[Language],
    mut visit: impl FnMut(&Placed, bool, bool),
) {
    let mut places = vec![Places::default(); languages.len()];
    let tells =
        |language: Language, word: &Word<'_>| language.is_stop_word(word) || language.is_asking_word(&word.normal);
    let asked_in = of_query.map_or_else(|| asked_in(text, languages, tells), |language| vec![language]);
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => {
            if of_query.is_some_and(|language| language.is_stop_word(&word)) {
                return;
            }
            let mut terms = Vec::new();
            for (language, places) in languages.iter().zip(&mut places) {
                terms.extend(language.term(&word).map(|term| (*language, term.into_owned(), places.word())));
            }
            let is_asking = asked_in.iter().any(|language| language.is_asking_word(&word.normal));
            if !terms.is_empty() {
                let (start, end) = (word.start, word.end);
                visit(&Placed { start, end, is_character: false, is_stopped: false, terms }, true, is_asking);
            }
        }
        Piece::Run(run) => {
            places.iter_mut().for_each(Places::begin_run);
            let is_alone = run.text.chars().nth(1).is_none();
            let mut stopped = stop_characters(run.text).into_iter();
            run.for_each_character(|from, to| {
                let term = run.normal(&run.text[from..to]);
                let place = |(language, places): (&Language, &mut Places)| {
                    (*language, term.clone().into_owned(), places.character())
                };
                let terms = languages.iter().zip(&mut places).map(place).collect();
                let (start, end) = (run.start + from, run.start + to);
                let is_stopped = stopped.next().unwrap_or_default();
                visit(&Placed { start, end, is_character: true, is_stopped, terms }, is_alone, false);
            });
        }
    });
}

/// Which of `languages` a question is asked in, as far as words tell that are in them: the one that has most of them. "Car" asks in French and is a thing
/// in English.
fn asked_in(text: &str, languages: &[Language], tells: impl Fn(Language, &Word<'_>) -> bool) -> Vec<Language> {
    let mut counts = vec![0; languages.len()];
    for_each_piece(text, |piece| {
        let Piece::Word(word) = piece else { return };
        for (language, count) in languages.iter().zip(&mut counts) {
            *count += usize::from(tells(*language, &word));
        }
    });
    let most = counts.iter().copied().max().unwrap_or_default();
    let of_most = languages.iter().zip(counts).filter(|(_, count)| *count == most && most > 0);
    of_most.map(|(language, _)| *language).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::analyse::analyse_with_characters;

    #[test]
    fn function_words_name_nothing_in_the_language_of_the_question() {
        let nothing = [
            ("en", "Isn't it? Can't I do that?"),
            ("und", "Who must do what?"),
            ("de", "Wer darf das? Muss man das?"),
            ("de", "Muss nicht?"),
            ("fr", "Que faut-il faire ? Qu'est-ce que c'est ?"),
            ("fr", "Pas ?"),
            ("zh", "什么？"),
            ("en", "§ ?"),
        ];
        for (language, text) in nothing {
            assert!(!names_something(text, &[language]), "{text}");
            assert!(!names_something(text, &["en", "de", "fr", "zh", language]), "{text}");
        }
        let something = [
            ("en", "What about IT?"),
            ("en", "Who gets an explanation? What details?"),
            ("en", "Take-overs?"),
            ("en", "72 hours"),
            ("de", "Welche Einzelheiten?"),
            ("de", "Was ist Soll und Haben?"),
            ("fr", "Qu'est-ce qu'une SA ?"),
            ("zh", "什么是留置权？"),
            ("ja", "これは何ですか"),
            ("es", "¿Quién debe?"),
        ];
        for (language, text) in something {
            assert!(names_something(text, &[language]), "{text}");
        }
        assert!(names_something("AI", &["fr", "en"]), "a word alone in capitals is an abbreviation");
        assert!(!names_something("MUST NOT?", &["en"]), "but not where all is in capitals");
    }

    /// The words of a question asked of documents in `languages` with how much they count, in the order of their spellings.
    fn weighed(text: &str, languages: &[&str]) -> Vec<(String, f64)> {
        let languages: Vec<Language> = languages.iter().map(|code| Language::of(code)).collect();
        let words = query_terms(&TextQuery::of_words(text), &languages).into_iter().filter(|term| term.is_word);
        let mut words: Vec<(String, f64)> = words.map(|term| (term.surface, term.factor)).collect();
        words.sort_by(|a, b| a.0.cmp(&b.0));
        words
    }

    #[test]
    fn a_term_counts_as_much_as_the_word_that_says_most_by_it_in_any_order() {
        let cases = [
            ("en", "several severe", "severe"),
            ("en", "specific specification", "specification"),
            ("de", "sich Sicherheit", "Sicherheit"),
            ("fr", "donner donn\u{e9}es", "donn\u{e9}es"),
        ];
        for (language, text, meant) in cases {
            let backwards: Vec<&str> = text.split(' ').rev().collect();
            for text in [text, &backwards.join(" ")] {
                assert_eq!(weighed(text, &[language]), [(meant.to_owned(), 1.0)], "{text}");
            }
        }
    }

    #[test]
    fn words_ask_in_the_language_of_the_question() {
        let weak = Bm25fParameters::STANDARD.asking_factor;
        let factor = |text: &str, word: &str, languages: &[&str]| {
            let words = weighed(text, languages);
            words.into_iter().find(|(surface, _)| surface == word).map(|(_, factor)| factor)
        };
        for (text, word, expected) in [
            ("Who may take several boats, or a car, to a war?", "car", 1.0),
            ("Who may take several boats, or a car, to a war?", "war", 1.0),
            ("Who may take several boats, or a car, to a war?", "take", weak),
            ("Wer war das, und warum?", "war", weak),
            ("Pourquoi ? Car il le faut.", "Car", weak),
            ("Pourquoi ? Car il le faut.", "faut", 1.0),
        ] {
            assert_eq!(factor(text, word, &["de", "en", "fr"]), Some(expected), "{word} in {text}");
        }
        assert_eq!(factor("take notes", "take", &["de"]), Some(1.0), "English words do not ask in German");
    }

    #[test]
    fn words_of_questions_are_terms_that_models_know() {
        let cases = [
            ("en", "What must the controllers' DPO do, and the DPO's deputies?", "must controllers DPO deputies"),
            ("de", "Wer muss die Meldungen prüfen?", "Wer muss die Meldungen prüfen"),
            ("zh", "公司的 GDPR 义务 是", "公司 司的 GDPR 义务"),
            ("ja", "データの保護", "デー ータ タの の保 保護"),
            ("und", "the rule 5.1(a)", "rule 5.1"),
            ("en", "", ""),
        ];
        for (language, text, expected) in cases {
            let words = question_words(text, language);
            let known = analyse_with_characters(text, language);
            assert!(words.iter().all(|word| known.contains(&word.term)), "{text}: {words:?}, {known:?}");
            let mut surfaces: Vec<&str> = words.iter().map(|word| word.surface.as_str()).collect();
            let mut expected: Vec<&str> = expected.split_whitespace().collect();
            surfaces.sort_unstable();
            expected.sort_unstable();
            assert_eq!(surfaces, expected, "{text}");
        }
    }
}
