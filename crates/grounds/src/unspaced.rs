//! Names in scripts that put no spaces between words.

/// Characters after which a name may begin, beside marks and spaces: prepositions, conjunctions and verbs of citing, and "the".
const BEFORE_NAMES: &str = "据照按依反用和与及或对于在由从向受属是为因以违合当即自该跟同比看查";

/// Whether the character belongs to a script in which no spaces part words.
pub(crate) fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Whether a name can begin at `at` in `text`: "依照采蜜法" has 采蜜法, but "劳动合同法" has no 合同法.
pub(crate) fn may_begin_name(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_none_or(|before| !before.is_alphanumeric() || BEFORE_NAMES.contains(before))
}
