//! How provisions are cited in each language, as tables.

mod english;
mod german;
mod french;
mod indonesian;

use grounds_core::UnitKind;

/// A word that introduces a number, in lower case without a final full stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelWord {
    pub(crate) word: &'static str,
    pub(crate) kind: UnitKind,
    /// Whether several numbers may follow it: "Articles 5, 6 and 9", but not "Article 5 and 72 hours".
    pub(crate) takes_list: bool,
}

/// The references of one language.
#[derive(Debug)]
pub(crate) struct Grammar {
    pub(crate) language: &'static str,
    pub(crate) labels: &'static [LabelWord],
    /// "the second subparagraph".
    pub(crate) ordinals: &'static [(&'static str, u32)],
    /// Between the last two of a list.
    pub(crate) joiners: &'static [&'static str],
    /// Between the ends of a range.
    pub(crate) ranges: &'static [&'static str],
    /// From a part to what it is part of.
    pub(crate) of: &'static [&'static str],
    /// Skipped in front of nouns.
    pub(crate) articles: &'static [&'static str],
    /// "this" in "this Article", "this Regulation".
    pub(crate) this: &'static [&'static str],
    /// "that" in "that Regulation": the work named last.
    pub(crate) that: &'static [&'static str],
    /// Whether "that" may follow a number without "of", as in the German genitive.
    pub(crate) genitive_without_of: bool,
    /// Whether points are cited by letters without brackets: "Buchstabe f". In English and French such words are articles.
    pub(crate) letters_stand_alone: bool,
    /// "thereof": of the provision cited just before.
    pub(crate) thereof: &'static [&'static str],
    /// Nouns for works, as printed but for the case of their first letter.
    pub(crate) works: &'static [&'static str],
    /// Those of them that name one work even alone: "the Charter".
    pub(crate) lone_works: &'static [&'static str],
    /// "paragraph 12 above".
    pub(crate) here: &'static [&'static str],
    /// Words between two references that make the second one's document the first one's too.
    pub(crate) bridges: &'static [&'static str],
}

const fn one(word: &'static str, kind: UnitKind) -> LabelWord {
    LabelWord { word, kind, takes_list: false }
}

const fn many(word: &'static str, kind: UnitKind) -> LabelWord {
    LabelWord { word, kind, takes_list: true }
}

/// The grammar of a language; English where it has none.
pub(crate) fn for_language(language: &str) -> &'static Grammar {
    const GRAMMARS: [&Grammar; 4] = [&english::ENGLISH, &german::GERMAN, &french::FRENCH, &indonesian::INDONESIAN];
    let primary = language.split('-').next().unwrap_or_default();
    GRAMMARS.into_iter().find(|grammar| grammar.language == primary).unwrap_or(&english::ENGLISH)
}

impl Grammar {
    /// What a word introduces; `word` in any case.
    pub(crate) fn label(&self, word: &str) -> Option<&LabelWord> {
        if word.len() > 24 {
            return None;
        }
        let lower = word.to_lowercase();
        self.labels.iter().find(|label| label.word == lower)
    }

    /// Whether `word` is one of `list`, in any case.
    pub(crate) fn is_in(list: &[&str], word: &str) -> bool {
        word.len() <= 24 && list.contains(&word.to_lowercase().as_str())
    }

    /// Whether a full stop after `word` belongs to it.
    pub(crate) fn is_abbreviation(word: &str) -> bool {
        const ABBREVIATIONS: &[&str] =
            &["art", "arts", "para", "paras", "subpara", "abs", "unterabs", "buchst", "lit", "nr"];
        Self::is_in(ABBREVIATIONS, word)
    }

    /// The value of "second".
    pub(crate) fn ordinal(&self, word: &str) -> Option<u32> {
        if word.len() > 24 {
            return None;
        }
        let lower = word.to_lowercase();
        self.ordinals.iter().find(|(name, _)| *name == lower).map(|(_, value)| *value)
    }

    /// Whether `word` is a noun for works, in the case it has as a name.
    pub(crate) fn is_work(&self, word: &str) -> bool {
        if self.works.contains(&word) {
            return true;
        }
        // Most words begin small, and scripts without capitals have no other.
        starts_upper(word) && {
            let lower = word.to_lowercase();
            self.works.iter().any(|work| work.to_lowercase() == lower)
        }
    }
}

pub(crate) fn starts_upper(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// How wide a unit is: a reference goes down, or up, but not both.
pub(crate) fn rank(kind: UnitKind) -> u8 {
    match kind {
        UnitKind::Root | UnitKind::Preamble | UnitKind::Final => 0,
        UnitKind::Annex | UnitKind::Part => 1,
        UnitKind::Chapter => 2,
        UnitKind::Section => 3,
        UnitKind::Article | UnitKind::Recital => 4,
        UnitKind::Paragraph => 5,
        UnitKind::Subparagraph => 6,
        UnitKind::Point | UnitKind::Subpoint | UnitKind::Note => 7,
    }
}
