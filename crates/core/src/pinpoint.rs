//! Citations as people write them.

mod keywords;
mod article_number;
mod han;

use std::fmt;

use thiserror::Error;

use crate::{UnitKind, han_number};

pub use article_number::{article_number, article_suffix_place};
use han::{below, ends_counted, han_step, is_part};
use keywords::{FOREIGN_KEYWORDS, KEYWORD_CHARACTER_COUNT_MAX, KEYWORDS, PART_KEYWORDS};

/// What a step of a pinpoint names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// "art. 33", "Article 33".
    Article,
    /// "recital 71".
    Recital,
    /// "annex II", "schedule 1".
    Annex,
    /// "part 2", "title III".
    Part,
    /// "chapter IV".
    Chapter,
    /// "section 2", "§ 33".
    Section,
    /// "paragraph 2", "para. 2".
    Paragraph,
    /// "subparagraph 2".
    Subparagraph,
    /// "point (b)".
    Point,
    /// "(1)", "(b)": whatever child has that number.
    Any,
}

/// A number in brackets has at most so many characters, with the spaces around it.
const BRACKETED_CHARS_MAX: usize = 32;

impl StepKind {
    /// The kind of unit that it names; `None` for whatever child has the number.
    pub fn unit_kind(self) -> Option<UnitKind> {
        match self {
            StepKind::Article => Some(UnitKind::Article),
            StepKind::Recital => Some(UnitKind::Recital),
            StepKind::Annex => Some(UnitKind::Annex),
            StepKind::Part => Some(UnitKind::Part),
            StepKind::Chapter => Some(UnitKind::Chapter),
            StepKind::Section => Some(UnitKind::Section),
            StepKind::Paragraph => Some(UnitKind::Paragraph),
            StepKind::Subparagraph => Some(UnitKind::Subparagraph),
            StepKind::Point => Some(UnitKind::Point),
            StepKind::Any => None,
        }
    }

    fn written(self) -> &'static str {
        match self {
            StepKind::Article => "art.",
            StepKind::Recital => "recital",
            StepKind::Annex => "annex",
            StepKind::Part => "part",
            StepKind::Chapter => "chapter",
            StepKind::Section => "section",
            StepKind::Paragraph => "para.",
            StepKind::Subparagraph => "subpara.",
            StepKind::Point => "point",
            StepKind::Any => "",
        }
    }
}

/// One step down the tree of units.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// What it names.
    pub kind: StepKind,
    /// The number in lower case, without brackets: "33", "41a", "b", "iv".
    pub number: String,
}

/// A unit's citation as people write it, such as "GDPR art. 33(1)(b)".
///
/// Letters are folded to lower case; "Article 33(1), point (b)" and "art. 33(1)(b)" name the same unit, for bracketed numbers match
/// any kind of child.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pinpoint {
    /// The document as named by its writer (id or short title); `None` where the citation is relative.
    pub document: Option<String>,
    /// From the top down; never empty.
    pub steps: Vec<Step>,
}

/// Why a text is not a pinpoint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PinpointError {
    /// Nothing in the text names a provision.
    #[error("`{text}` names no provision: write for example \"GDPR art. 33(1)(b)\" or \"recital 71\"")]
    NoStep {
        /// The text as found.
        text: String,
    },
    /// Something after the first step is not a step.
    #[error("`{rest}` in `{text}` is not part of a citation: write for example \"art. 33(1)(b)\"")]
    Trailing {
        /// The text as found.
        text: String,
        /// From the first character not understood.
        rest: String,
    },
}

impl Pinpoint {
    /// Reads a citation.
    ///
    /// # Errors
    /// [`PinpointError`], for the writer of the citation.
    pub fn parse(text: &str) -> Result<Self, PinpointError> {
        let no_step = || PinpointError::NoStep { text: text.to_owned() };
        let (start, mut rest, mut first) = first_step(text).ok_or_else(no_step)?;
        // One citation is no range: "art. 2-3" is an article that was put in.
        let inserted = rest.strip_prefix('-').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        if first.kind == StepKind::Article && inserted > 0 {
            first.number.push_str(&rest[..1 + inserted]);
            rest = &rest[1 + inserted..];
        }
        let mut steps = vec![first];
        while let Some((step, after)) = next_step(rest, &steps) {
            steps.push(step);
            rest = after;
        }
        let rest = rest.trim_start_matches(is_between);
        if !rest.is_empty() {
            return Err(PinpointError::Trailing { text: text.to_owned(), rest: rest.to_owned() });
        }
        Ok(Self { document: document_before(&text[..start]), steps })
    }

    /// Every citation in running text, in its order, each as long as it goes: all words since the one before are its document, for only who knows
    /// the documents can tell where a name begins. Cost: one pass over `text`.
    ///
    /// ```
    /// # use grounds_core::Pinpoint;
    /// let found = Pinpoint::all_in("GDPR art. 33(1) applies, Article 34 does not");
    /// assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["GDPR art. 33(1)", "applies art. 34"]);
    /// ```
    pub fn all_in(text: &str) -> Vec<Pinpoint> {
        let mut found = Vec::new();
        // What is not read yet, and what was read since the last citation.
        let (mut rest, mut unnamed) = (text, text);
        while let Some((start, after, first)) = first_step(rest) {
            let mut steps = vec![first];
            let mut complete = ends_here(rest, after).then_some((1, after));
            let mut reading = after;
            while let Some((step, after)) = next_step(reading, &steps) {
                steps.push(step);
                reading = after;
                if ends_here(rest, after) {
                    complete = Some((steps.len(), after));
                }
            }
            if let Some((count, after)) = complete {
                steps.truncate(count);
                let before = &unnamed[..unnamed.len() - rest.len() + start];
                found.push(Self { document: document_before(before), steps });
                (rest, unnamed) = (after, after);
            } else {
                // From none of these steps on would it be another.
                rest = reading;
            }
        }
        found
    }

    /// The steps of the Chinese or Japanese citation at the beginning of `text`, and how many bytes it has: "第五十四条第二款", and "第二款" alone too.
    ///
    /// ```
    /// # use grounds_core::Pinpoint;
    /// let (steps, length) = Pinpoint::counted_at("第五条第二款规定").unwrap();
    /// assert_eq!((steps.len(), length), (2, "第五条第二款".len()));
    /// ```
    pub fn counted_at(text: &str) -> Option<(Vec<Step>, usize)> {
        let (mut steps, mut rest) = (Vec::new(), text);
        while let Some((step, after)) = han_step(rest) {
            steps.push(below(&steps, step));
            rest = after;
        }
        (!steps.is_empty()).then_some((steps, text.len() - rest.len()))
    }

    /// The citation without its document: "art. 33(1)(b)".
    pub fn relative(&self) -> Pinpoint {
        Self { document: None, steps: self.steps.clone() }
    }
}

impl fmt::Display for Pinpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(document) = &self.document {
            write!(f, "{document} ")?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            match step.kind {
                StepKind::Any => write!(f, "({})", step.number)?,
                StepKind::Point if index > 0 => write!(f, "({})", step.number)?,
                StepKind::Paragraph if index > 0 && self.steps[index - 1].kind == StepKind::Article => {
                    write!(f, "({})", step.number)?;
                }
                kind => {
                    let space = if index > 0 { " " } else { "" };
                    if is_plain_number(&step.number) {
                        write!(f, "{space}{} {}", kind.written(), step.number)?;
                    } else {
                        write!(f, "{space}{} ({})", kind.written(), step.number)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a citation in `text` may end where `rest`, which ends it, begins: not within a word.
fn ends_here(text: &str, rest: &str) -> bool {
    // Where words are not spaced, what a number counts ends them.
    rest.chars().next().is_none_or(|next| !next.is_alphanumeric()) || ends_counted(&text[..text.len() - rest.len()])
}

/// Whether a character may stand between steps, and around the name of a document.
fn is_between(c: char) -> bool {
    c.is_whitespace() || c == ','
}

/// What the words before a citation name.
fn document_before(words: &str) -> Option<String> {
    let document = words.trim_matches(is_between);
    (!document.is_empty()).then(|| document.to_owned())
}

/// The step that `rest` goes on with after `steps`, and what follows.
fn next_step<'t>(rest: &'t str, steps: &[Step]) -> Option<(Step, &'t str)> {
    let rest = rest.trim_start_matches(is_between);
    let han = || han_step(rest).map(|(step, rest)| (below(steps, step), rest));
    let part = || keyword_step(rest, PART_KEYWORDS);
    bracketed(rest).or_else(han).or_else(|| foreign_or_english_step(rest)).or_else(part)
}

/// The first keyword step of `text`: where it starts, what follows it, and the step.
fn first_step(text: &str) -> Option<(usize, &str, Step)> {
    let mut previous_is_word = false;
    for (index, character) in text.char_indices() {
        if !previous_is_word && let Some((step, rest)) = foreign_or_english_step(&text[index..]) {
            return Some((index, rest, step));
        }
        // Parts of a provision are only cited after it: alone they are as often ordinary words.
        if let Some((step, rest)) = han_step(&text[index..]).filter(|(step, _)| !is_part(step.kind)) {
            return Some((index, rest, step));
        }
        previous_is_word = character.is_alphanumeric() || character == '-' || character == '_';
    }
    None
}

/// The step of a keyword with which citations may begin.
fn foreign_or_english_step(text: &str) -> Option<(Step, &str)> {
    keyword_step(text, KEYWORDS).or_else(|| {
        let (step, rest) = keyword_step(text, FOREIGN_KEYWORDS)?;
        let printed = text[..text.len() - rest.len()].split_whitespace().next_back()?;
        let is_roman = printed.chars().all(|c| "IVXLCDM".contains(c));
        (is_roman || printed.starts_with(|c: char| c.is_ascii_digit())).then_some((step, rest))
    })
}

/// "art. 33a", "Article 33", "§ 12", "point (b)": the step and what follows.
fn keyword_step<'t>(text: &'t str, keywords: &[(&str, StepKind)]) -> Option<(Step, &'t str)> {
    let word_end = if text.starts_with('§') {
        '§'.len_utf8()
    } else {
        // Where words are not spaced, what looks like one can be the whole text.
        let mut characters = text.char_indices().take(KEYWORD_CHARACTER_COUNT_MAX + 1);
        characters.find(|(_, c)| !c.is_alphabetic())?.0
    };
    let word = text[..word_end].to_lowercase();
    let (_, kind) = keywords.iter().find(|(keyword, _)| *keyword == word)?;
    let rest = text[word_end..].trim_start_matches('.').trim_start();
    if let Some((step, rest)) = bracketed(rest) {
        return Some((Step { kind: *kind, ..step }, rest));
    }
    if let Some((number, length)) = article_number(rest).filter(|_| *kind == StepKind::Article) {
        return Some((Step { kind: *kind, number }, &rest[length..]));
    }
    let number_end = number_end(rest);
    let number = rest[..number_end].to_lowercase();
    is_plain_number(&number).then(|| (Step { kind: *kind, number }, &rest[number_end..]))
}

/// Whether `number` reads as one without brackets: digits, a Roman numeral, or one letter. "of" in "part of" does not.
fn is_plain_number(number: &str) -> bool {
    let is_roman = number.chars().all(|c| "ivxlcdm".contains(c)) && !number.is_empty();
    let is_of_code = || number.trim_start_matches(|c: char| c.is_ascii_alphabetic()).contains('-');
    is_roman || number.starts_with(|c: char| c.is_ascii_digit()) || number.chars().count() == 1 || is_of_code()
}

/// Where the number at the start of `text` ends: "3.45" is one number, "33." is a number and the end of a sentence.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let goes_on = |(index, c): &(usize, char)| {
        c.is_alphanumeric() || (*c == '.' && *index > 0 && bytes.get(index + 1).is_some_and(u8::is_ascii_digit))
    };
    text.char_indices().find(|position| !goes_on(position)).map_or(text.len(), |(index, _)| index)
}

/// "(1)", "(b)", "（二）": the step and what follows.
fn bracketed(text: &str) -> Option<(Step, &str)> {
    let inside = text.strip_prefix(['(', '（'])?;
    // What closes far away closes something else; looking for it at every bracket would cost the square of the text.
    let (end, close) = inside.char_indices().take(BRACKETED_CHARS_MAX).find(|(_, c)| matches!(c, ')' | '）'))?;
    let number = inside[..end].trim();
    let counted = han_number(number).filter(|(_, length)| !number.is_ascii() && *length == number.len());
    let number = counted.map_or_else(|| number.to_lowercase(), |(value, _)| value.to_string());
    let is_short = number.chars().count() <= 2 || (number.len() <= 8 && is_plain_number(&number));
    // Two signs of Chinese or Japanese are words: "第二条（定义）".
    let is_sign = |c: char| c.is_alphanumeric() && !matches!(c, '\u{3005}'..='\u{9fff}');
    let fits = !number.is_empty() && is_short && number.chars().all(is_sign);
    fits.then(|| (Step { kind: StepKind::Any, number }, &inside[end + close.len_utf8()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Pinpoint::parse(text) {
            Ok(pinpoint) => pinpoint.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn one_provision_written_many_ways() {
        for text in [
            "GDPR art. 33(1)(b)",
            "GDPR Art 33 (1) (b)",
            "GDPR Article 33(1), point (b)",
            "GDPR, article 33 paragraph 1 point (b)",
        ] {
            assert_eq!(shown(text), "GDPR art. 33(1)(b)", "{text}");
        }
        assert_eq!(shown("recital 71"), "recital 71");
        assert_eq!(shown("securities-code art 41a(2)(ii)"), "securities-code art. 41a(2)(ii)");
        assert_eq!(shown("Annex II section 3"), "annex ii section 3");
        assert_eq!(shown("§ 33"), "section 33");
        assert_eq!(shown("ICO 12 para. 3.45"), "ICO 12 para. 3.45");
        assert_eq!(
            shown("art. 33."),
            "`.` in `art. 33.` is not part of a citation: write for example \"art. 33(1)(b)\""
        );
    }

    #[test]
    fn citations_in_running_text() {
        let shown = |text: &str| Pinpoint::all_in(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown("Does GDPR art. 33(1) apply, and Article 34 too?"),
            ["Does GDPR art. 33(1)", "apply, and art. 34"]
        );
        assert_eq!(shown("art. 33(1), point (b) and art. 4, which"), ["art. 33(1)(b)", "and art. 4"]);
        assert_eq!(shown("art. 33(1)th of art. 5(2)"), ["art. 33", "(1)th of art. 5(2)"]);
        assert_eq!(shown("the art. (1)st part of the art, para. 3.4"), ["the art. (1)st part of the art para. 3.4"]);
        assert_eq!(shown("GDPR art. 12-22 apply, art. 3-1 does not"), ["GDPR art. 12", "-22 apply art. 3-1"]);
        assert_eq!(shown("how soon must we notify, as part of it?"), Vec::<String>::new());
        // Of each citation as much as parses by itself.
        for found in ["GDPR art. 33(1)", "annex ii section 3", "recital 71"] {
            assert_eq!(shown(found), [found]);
        }
        for endless in ["art. (".repeat(20_000), "art. (1)".repeat(20_000) + "x"] {
            assert_eq!(shown(&endless), Vec::<String>::new());
        }
        assert_eq!(shown(&"第一条".repeat(20_000)).len(), 1, "one citation of many steps");
        assert_eq!(shown(&"第一条的".repeat(20_000)).len(), 20_000);
    }

    #[test]
    fn provisions_are_named_in_other_languages() {
        for (text, pinpoint) in [
            ("DSGVO Art. 6 Abs. 1 Buchst. f", "DSGVO art. 6(1)(f)"),
            ("DSGVO Artikel 6 Absatz 1 Unterabsatz 2", "DSGVO art. 6(1) subpara. 2"),
            ("RGPD article 6, paragraphe 1, point (f)", "RGPD art. 6(1)(f)"),
            ("RGPD article 6, paragraphe 1, alinéa 2", "RGPD art. 6(1) subpara. 2"),
            ("CC article 3-1, alinéa 2", "CC art. 3-1 subpara. 2"),
            (
                "C. consom. article L. 121-1, 2",
                "`2` in `C. consom. article L. 121-1, 2` is not part of a citation: write for example \"art. 33(1)(b)\"",
            ),
            ("Code article L. 121-1-2 bis", "Code art. L121-1-2 bis"),
            ("art. L121-1", "art. L121-1"),
            ("CPP art. 2-23(1)", "CPP art. 2-23(1)"),
            ("CGI article 39 bis A", "CGI art. 39 bis A"),
            ("UU ITE Pasal 27 ayat (1) huruf a", "UU ITE art. 27(1)(a)"),
            ("BAB IV Bagian 2", "chapter iv section 2"),
        ] {
            assert_eq!(shown(text), pinpoint, "{text}");
        }
        for text in ["Abs. 2", "et al. 5", "Nr. 3", "angka 7", "à titre d'information", "la partie à lire", "Teil a"]
        {
            assert!(shown(text).contains("names no provision"), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_pinpoint_says_so() {
        assert!(shown("late notification").contains("names no provision"));
        assert!(shown("the state of the art").contains("names no provision"));
        assert!(shown("art. 33(1) and more").contains("`and more`"));
    }
}
