//! Names that are not taken.

use std::collections::BTreeSet;

/// The names that a file and those beside it use.
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// Words that names leave out.
    small: &'static [&'static str],
    attributes: BTreeSet<String>,
}

/// How many words of a clause make the name of its fact.
const WORDS_MAX: usize = 4;

impl Names {
    pub(super) fn new(taken: BTreeSet<String>, small: &'static [&'static str]) -> Self {
        Self { taken, small, attributes: BTreeSet::new() }
    }

    /// `name`, or with a number behind it where that is taken.
    pub(super) fn fresh(&mut self, name: &str) -> String {
        unique(name, &mut self.taken)
    }

    /// A name for the fact that a clause states, from its first words.
    pub(super) fn attribute(&mut self, clause: &str) -> String {
        let words = clause.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with(char::is_alphabetic));
        let words: Vec<String> = words.map(lower).filter(|word| !self.small.contains(&word.as_str())).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).take(WORDS_MAX).collect();
        let name = words.join("_");
        unique(if name.is_empty() { "condition" } else { &name }, &mut self.attributes)
    }
}

fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let found = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let found = found.unwrap_or_else(|| name.to_owned());
    taken.insert(found.clone());
    found
}

/// "Art33_1_b" for "art. 33(1)(b)".
pub(super) fn type_name(pinpoint: &str) -> String {
    let parts = parts(pinpoint);
    let mut out = String::new();
    for (position, part) in parts.iter().enumerate() {
        let mut letters = part.chars();
        let first: String = letters.next().map_or(String::new(), |letter| letter.to_uppercase().collect());
        let joined = position > 1 || position == 1 && parts[0].ends_with(|c: char| c.is_ascii_digit());
        out.push_str(if joined { "_" } else { "" });
        out.push_str(&if position == 0 { format!("{first}{}", letters.as_str()) } else { part.clone() });
    }
    if out.starts_with(char::is_uppercase) { out } else { format!("Unit{out}") }
}

/// "art33-1-b" for "art. 33(1)(b)", or with `_` for a name without hyphens.
pub(super) fn written(pinpoint: &str, is_id: bool) -> String {
    let parts = parts(pinpoint);
    let mut out = String::new();
    for (position, part) in parts.iter().enumerate() {
        out.push_str(match (position, is_id) {
            (0, _) | (1, true) => "",
            (_, true) => "-",
            (_, false) => "_",
        });
        out.push_str(part);
    }
    if out.starts_with(char::is_alphabetic) { out } else { format!("unit{out}") }
}

/// The words and numbers of a citation, in lower case.
fn parts(pinpoint: &str) -> Vec<String> {
    let parts = pinpoint.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(lower).collect()
}

/// In small letters; marks that some capitals leave behind are not part of names.
fn lower(word: &str) -> String {
    word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_citations_and_clauses() {
        assert_eq!([type_name("art. 33(1)(b)"), type_name("§ 5 Abs. 2")], ["Art33_1_b", "Unit5_abs_2"]);
        assert_eq!([written("art. 33(1) s2", true), written("Act No 3", false)], ["art33-1-s2", "act_no_3"]);
        let mut names = Names::new(BTreeSet::from(["smc".to_owned()]), &["and", "not"]);
        assert_eq!([names.fresh("smc"), names.fresh("smc"), names.fresh("wdo")], ["smc_2", "smc_3", "wdo"]);
        assert_eq!(names.attribute("where feasible, and not so soon"), "where_feasible_so_soon");
        assert_eq!([names.attribute("12"), names.attribute("(3)")], ["condition", "condition_2"]);
    }
}
