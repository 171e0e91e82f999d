//! What introduces numbers in citations, by language.

use super::StepKind;

/// Keywords in lower case without a final full stop, and what they name. The first of each kind is how it is written back.
pub(super) const KEYWORDS: &[(&str, StepKind)] = &[
    ("art", StepKind::Article),
    ("article", StepKind::Article),
    ("arts", StepKind::Article),
    ("articles", StepKind::Article),
    ("recital", StepKind::Recital),
    ("rec", StepKind::Recital),
    ("annex", StepKind::Annex),
    ("schedule", StepKind::Annex),
    ("part", StepKind::Part),
    ("title", StepKind::Part),
    ("chapter", StepKind::Chapter),
    ("section", StepKind::Section),
    ("sec", StepKind::Section),
    ("§", StepKind::Section),
    ("para", StepKind::Paragraph),
    ("paragraph", StepKind::Paragraph),
    ("par", StepKind::Paragraph),
    ("subpara", StepKind::Subparagraph),
    ("subparagraph", StepKind::Subparagraph),
    ("point", StepKind::Point),
    ("pt", StepKind::Point),
];

/// The same in German, French and Indonesian. Only digits and Roman numerals in capitals follow: "à titre d'exemple" names nothing.
pub(super) const FOREIGN_KEYWORDS: &[(&str, StepKind)] = &[
    ("artikel", StepKind::Article),
    ("erwägungsgrund", StepKind::Recital),
    ("anhang", StepKind::Annex),
    ("teil", StepKind::Part),
    ("titel", StepKind::Part),
    ("kapitel", StepKind::Chapter),
    ("abschnitt", StepKind::Section),
    ("considérant", StepKind::Recital),
    ("annexe", StepKind::Annex),
    ("partie", StepKind::Part),
    ("titre", StepKind::Part),
    ("chapitre", StepKind::Chapter),
    ("pasal", StepKind::Article),
    ("lampiran", StepKind::Annex),
    ("bab", StepKind::Chapter),
    ("bagian", StepKind::Section),
];

/// The same for parts of provisions, which are only cited after these: alone such words are as often ordinary ones.
pub(super) const PART_KEYWORDS: &[(&str, StepKind)] = &[
    ("absatz", StepKind::Paragraph),
    ("abs", StepKind::Paragraph),
    ("unterabsatz", StepKind::Subparagraph),
    ("unterabs", StepKind::Subparagraph),
    ("buchstabe", StepKind::Point),
    ("buchst", StepKind::Point),
    ("lit", StepKind::Point),
    ("nummer", StepKind::Point),
    ("nr", StepKind::Point),
    ("paragraphe", StepKind::Paragraph),
    ("alinéa", StepKind::Subparagraph),
    ("al", StepKind::Subparagraph),
    ("ayat", StepKind::Paragraph),
    ("huruf", StepKind::Point),
    ("angka", StepKind::Point),
];

/// No keyword has more characters.
pub(super) const KEYWORD_CHARACTER_COUNT_MAX: usize = 16;
