//! How deep divisions stand, by the words they are called by.

use grounds_core::UnitKind;

use super::super::lines::Lines;
use super::Provision;

/// Words for divisions, in lower case, in the order in which they commonly hold each other; articles stand below all of them.
const WORDS: [&[&str]; 5] = [
    &["book", "buch", "livre", "buku", "编", "編"],
    &["part", "teil", "partie", "部分"],
    &["title", "titel", "titre"],
    &["chapter", "kapitel", "chapitre", "bab", "章"],
    &["section", "abschnitt", "bagian", "节", "節"],
];
const BOOK: usize = 0;
const PART: usize = 1;
const TITLE: usize = 2;
const SECTION: usize = 4;
const ARTICLE_DEPTH: usize = 2 * WORDS.len();

/// Tells how deep each provision stands. Annexes stand beside whatever is outermost. Parts hold books where one comes first, and titles are in sections
/// where those come first.
pub(super) fn set_depths(provisions: &mut [Provision], lines: &Lines<'_>) {
    let groups: Vec<Option<usize>> = provisions.iter().map(|provision| group(provision, lines)).collect();
    let first = |group: usize| groups.iter().position(|one| *one == Some(group));
    let comes_first =
        |one: usize, other: usize| first(one).is_some_and(|one| first(other).is_none_or(|other| one < other));
    let depth = |group: usize| match group {
        BOOK if comes_first(PART, BOOK) => 2 * PART + 1,
        TITLE if comes_first(SECTION, TITLE) => 2 * SECTION + 1,
        _ => 2 * group,
    };
    for (provision, group) in provisions.iter_mut().zip(&groups) {
        provision.depth = match provision.kind {
            UnitKind::Article => ARTICLE_DEPTH,
            UnitKind::Annex => 0,
            _ => group.map_or(2 * SECTION, depth),
        };
    }
}

/// Which of the words a label has: the first, or in Chinese and Japanese the last.
fn group(provision: &Provision, lines: &Lines<'_>) -> Option<usize> {
    let line = lines.lines[provision.label_line];
    let label = line.text[..provision.label_end - line.start].to_lowercase();
    let has = |words: &&[&str]| {
        words.iter().any(|word| if provision.is_han { label.contains(word) } else { label.starts_with(word) })
    };
    WORDS.iter().position(has)
}
