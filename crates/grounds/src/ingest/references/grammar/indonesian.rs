//! References in Indonesian.

use grounds_core::UnitKind;

use super::{Grammar, many, one};

pub(super) const INDONESIAN: Grammar = Grammar {
    language: "id",
    labels: &[
        many("pasal", UnitKind::Article),
        many("ayat", UnitKind::Paragraph),
        many("huruf", UnitKind::Point),
        many("angka", UnitKind::Point),
        one("bab", UnitKind::Chapter),
        one("bagian", UnitKind::Section),
        one("lampiran", UnitKind::Annex),
    ],
    ordinals: &[],
    joiners: &["dan", "atau", "serta"],
    ranges: &["sampai", "hingga"],
    of: &["dari"],
    articles: &[],
    // "Pasal ini": the noun comes first, and stands for where it is; that needs no link.
    this: &[],
    that: &[],
    genitive_without_of: false,
    letters_stand_alone: true,
    thereof: &[],
    works: &["Undang", "Peraturan", "Keputusan", "Kitab", "Qanun"],
    lone_works: &[],
    here: &["di atas", "di bawah"],
    bridges: &["dan", "atau", "serta", "sebagaimana", "dimaksud", "dalam", "jo", "juncto"],
};
