//! How provisions are cited in each language, as tables.

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

const ENGLISH: Grammar = Grammar {
    language: "en",
    labels: &[
        one("article", UnitKind::Article),
        many("articles", UnitKind::Article),
        one("art", UnitKind::Article),
        many("arts", UnitKind::Article),
        one("paragraph", UnitKind::Paragraph),
        many("paragraphs", UnitKind::Paragraph),
        one("para", UnitKind::Paragraph),
        many("paras", UnitKind::Paragraph),
        one("subparagraph", UnitKind::Subparagraph),
        many("subparagraphs", UnitKind::Subparagraph),
        one("subpara", UnitKind::Subparagraph),
        one("point", UnitKind::Point),
        many("points", UnitKind::Point),
        one("recital", UnitKind::Recital),
        many("recitals", UnitKind::Recital),
        one("chapter", UnitKind::Chapter),
        many("chapters", UnitKind::Chapter),
        one("section", UnitKind::Section),
        many("sections", UnitKind::Section),
        one("annex", UnitKind::Annex),
        many("annexes", UnitKind::Annex),
        one("schedule", UnitKind::Annex),
    ],
    ordinals: &[("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5), ("sixth", 6)],
    joiners: &["and", "or"],
    ranges: &["to"],
    of: &["of"],
    articles: &["the"],
    this: &["this"],
    that: &["that", "said", "the same"],
    genitive_without_of: false,
    letters_stand_alone: false,
    thereof: &["thereof"],
    works: &[
        "Regulation",
        "Directive",
        "Decision",
        "Code",
        "Act",
        "Law",
        "Order",
        "Charter",
        "Treaty",
        "Convention",
        "Protocol",
        "Agreement",
        "Statute",
        "Rules",
        "Constitution",
    ],
    lone_works: &["Charter", "Treaty", "Convention", "Constitution"],
    here: &["above", "below"],
    bridges: &[
        "and",
        "or",
        "as",
        "well",
        "read",
        "in",
        "conjunction",
        "together",
        "with",
        "with",
        "also",
        "both",
        "the",
        "of",
        "to",
    ],
};

const GERMAN: Grammar = Grammar {
    language: "de",
    labels: &[
        many("artikel", UnitKind::Article),
        many("artikels", UnitKind::Article),
        many("artikeln", UnitKind::Article),
        many("art", UnitKind::Article),
        many("§", UnitKind::Article),
        one("absatz", UnitKind::Paragraph),
        one("absatzes", UnitKind::Paragraph),
        many("absätze", UnitKind::Paragraph),
        many("absätzen", UnitKind::Paragraph),
        many("abs", UnitKind::Paragraph),
        one("unterabsatz", UnitKind::Subparagraph),
        many("unterabsätze", UnitKind::Subparagraph),
        one("unterabs", UnitKind::Subparagraph),
        one("buchstabe", UnitKind::Point),
        many("buchstaben", UnitKind::Point),
        many("buchst", UnitKind::Point),
        many("lit", UnitKind::Point),
        one("nummer", UnitKind::Point),
        many("nummern", UnitKind::Point),
        many("nr", UnitKind::Point),
        one("erwägungsgrund", UnitKind::Recital),
        many("erwägungsgründe", UnitKind::Recital),
        many("erwägungsgründen", UnitKind::Recital),
        one("kapitel", UnitKind::Chapter),
        one("kapitels", UnitKind::Chapter),
        one("abschnitt", UnitKind::Section),
        one("abschnitts", UnitKind::Section),
        one("anhang", UnitKind::Annex),
        one("anhangs", UnitKind::Annex),
    ],
    ordinals: &[
        ("ersten", 1),
        ("erster", 1),
        ("erstem", 1),
        ("zweiten", 2),
        ("zweiter", 2),
        ("zweitem", 2),
        ("dritten", 3),
        ("dritter", 3),
    ],
    joiners: &["und", "oder", "sowie"],
    ranges: &["bis"],
    of: &["des", "der", "von", "vom"],
    articles: &["der", "die", "das", "des", "dem", "den"],
    this: &["dieser", "dieses", "diesem", "diese", "vorliegenden", "vorliegender"],
    that: &["jener", "jenes", "genannten", "derselben"],
    genitive_without_of: true,
    letters_stand_alone: true,
    thereof: &[],
    works: &[
        "Verordnung",
        "Richtlinie",
        "Beschluss",
        "Beschlusses",
        "Gesetz",
        "Gesetzes",
        "Charta",
        "Vertrag",
        "Vertrags",
        "Vertrages",
        "Grundverordnung",
        "Protokoll",
        "Protokolls",
        "Übereinkommens",
    ],
    lone_works: &["Charta"],
    here: &["oben", "unten"],
    bridges: &["und", "oder", "sowie", "in", "verbindung", "mit", "des", "der", "von", "nach", "gemäß"],
};

const FRENCH: Grammar = Grammar {
    language: "fr",
    labels: &[
        one("article", UnitKind::Article),
        many("articles", UnitKind::Article),
        one("art", UnitKind::Article),
        one("paragraphe", UnitKind::Paragraph),
        many("paragraphes", UnitKind::Paragraph),
        one("alinéa", UnitKind::Subparagraph),
        many("alinéas", UnitKind::Subparagraph),
        one("point", UnitKind::Point),
        many("points", UnitKind::Point),
        one("considérant", UnitKind::Recital),
        many("considérants", UnitKind::Recital),
        one("chapitre", UnitKind::Chapter),
        many("chapitres", UnitKind::Chapter),
        one("section", UnitKind::Section),
        many("sections", UnitKind::Section),
        one("annexe", UnitKind::Annex),
        many("annexes", UnitKind::Annex),
    ],
    ordinals: &[("premier", 1), ("première", 1), ("deuxième", 2), ("second", 2), ("troisième", 3), ("quatrième", 4)],
    joiners: &["et", "ou"],
    ranges: &["à"],
    of: &["de", "du", "des", "d"],
    articles: &["le", "la", "les", "l", "du", "des"],
    this: &["présent", "présente", "ce", "cet", "cette"],
    that: &["ledit", "ladite", "dudit"],
    genitive_without_of: false,
    letters_stand_alone: false,
    thereof: &[],
    works: &[
        "règlement",
        "directive",
        "décision",
        "charte",
        "traité",
        "loi",
        "code",
        "convention",
        "protocole",
        "accord",
    ],
    lone_works: &[],
    here: &["ci-dessus", "ci-dessous"],
    bridges: &[
        "et",
        "ou",
        "ainsi",
        "que",
        "lu",
        "lus",
        "en",
        "combinaison",
        "liaison",
        "avec",
        "l",
        "à",
        "aux",
        "au",
        "les",
        "de",
        "des",
        "du",
    ],
};

/// The grammar of a language; English where it has none.
pub(crate) fn for_language(language: &str) -> &'static Grammar {
    const GRAMMARS: [&Grammar; 3] = [&ENGLISH, &GERMAN, &FRENCH];
    let primary = language.split('-').next().unwrap_or_default();
    GRAMMARS.into_iter().find(|grammar| grammar.language == primary).unwrap_or(&ENGLISH)
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
        let lower = word.to_lowercase();
        self.ordinals.iter().find(|(name, _)| *name == lower).map(|(_, value)| *value)
    }

    /// Whether `word` is a noun for works, in the case it has as a name.
    pub(crate) fn is_work(&self, word: &str) -> bool {
        self.works.contains(&word)
            || self.works.iter().any(|work| work.to_lowercase() == word.to_lowercase() && starts_upper(word))
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
