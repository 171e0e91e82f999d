//! The words that show conditions, exceptions and deadlines in each language, as tables.

mod english;
mod german;

/// A unit of time, as the rule language counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeUnit {
    Minutes,
    Hours,
    Days,
    WorkingDays,
    Weeks,
    Months,
    Years,
}

/// The words of one language, in lower case; several words of a phrase are separated by one space.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) language: &'static str,
    /// Begin a condition.
    pub(super) conditions: &'static [&'static str],
    /// Begin a condition at the beginning of a sentence, after a comma, or after the verb of the main clause, if no word stands before
    /// them that they relate to.
    pub(super) set_off_conditions: &'static [&'static str],
    /// Words that a relative clause is about: "the place where".
    pub(super) related: &'static [&'static str],
    /// Begin an exception.
    pub(super) exceptions: &'static [&'static str],
    /// Say that something else does not apply.
    pub(super) exclusions: &'static [&'static str],
    /// Forbid.
    pub(super) prohibitions: &'static [&'static str],
    /// Allow.
    pub(super) permissions: &'static [&'static str],
    /// Oblige.
    pub(super) duties: &'static [&'static str],
    /// Announce a length of time as one in which something is to be done.
    pub(super) deadlines: &'static [&'static str],
    pub(super) time_units: &'static [(&'static str, TimeUnit)],
    /// Numbers in words.
    pub(super) numbers: &'static [(&'static str, u32)],
    pub(super) percent: &'static [&'static str],
    /// "whichever is higher"
    pub(super) higher: &'static [&'static str],
    /// "whichever is lower"
    pub(super) lower: &'static [&'static str],
    /// Words and signs for currencies; codes of three capitals are known everywhere.
    pub(super) currencies: &'static [(&'static str, &'static str)],
    /// Between alternatives.
    pub(super) or: &'static [&'static str],
    /// Announce a list of alternatives.
    pub(super) one_of: &'static [&'static str],
    /// Words that say too little to name a fact after them.
    pub(super) small: &'static [&'static str],
    /// What separates the decimals of a number.
    pub(super) decimal: char,
    /// What may group its digits, besides spaces.
    pub(super) group: char,
}

/// The grammar of a language; English where it has none.
pub(super) fn for_language(language: &str) -> &'static Grammar {
    const GRAMMARS: [&Grammar; 2] = [&english::ENGLISH, &german::GERMAN];
    let primary = language.split('-').next().unwrap_or_default();
    GRAMMARS.into_iter().find(|grammar| grammar.language == primary).unwrap_or(&english::ENGLISH)
}
