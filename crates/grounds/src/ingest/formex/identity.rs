//! Which work a Formex file is a text of, and since when.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::SourceFile;
use super::super::parsed::{id_from_file, slug};
use super::dom::Tree;

/// What the bibliographic part of a file says.
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) short_titles: Vec<String>,
    pub(crate) language: String,
    pub(crate) valid_from: Option<Date>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) targets: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// Words that name a type of act in titles, in lower case, the letter it has in a CELEX number, and its short form.
const ACT_TYPES: &[(&str, char, &str)] = &[
    ("regulation", 'R', "reg"),
    ("verordnung", 'R', "reg"),
    ("règlement", 'R', "reg"),
    ("directive", 'L', "dir"),
    ("richtlinie", 'L', "dir"),
    ("decision", 'D', "dec"),
    ("beschluss", 'D', "dec"),
    ("décision", 'D', "dec"),
];

/// Remarks in brackets that are no short titles contain one of these.
const REMARKS: &[&str] = &["EEA", "EWR", "EEE"];

/// Words left out of initials.
const SMALL_WORDS: &[&str] = &[
    "of", "the", "on", "and", "for", "in", "to", "sur", "la", "le", "les", "de", "du", "des", "et", "à", "der", "die",
    "das", "und", "über", "zur", "zum", "für",
];

/// Reads the bibliographic part and the title.
pub(crate) fn identify(tree: &Tree<'_>, file: &SourceFile<'_>) -> Identity {
    let is_corrigendum = tree.name(0) == "CORR";
    let paragraphs = title_paragraphs(tree);
    let language = tree.descendant(0, "LG.DOC").or_else(|| tree.descendant(0, "LG.OJ"));
    let language = language.map_or_else(|| "und".to_owned(), |index| tree.plain(index, &[]).to_lowercase());
    let act = if is_corrigendum { None } else { act_number(tree, &paragraphs) };
    let mut identity = Identity {
        id: id_from_file(file),
        title: paragraphs.iter().filter(|paragraph| !is_remark(paragraph)).cloned().collect::<Vec<_>>().join(" "),
        short_titles: Vec::new(),
        language,
        valid_from: None,
        metadata: BTreeMap::new(),
        targets: Vec::new(),
        notes: Vec::new(),
    };
    if let Some((kind, year, number)) = &act {
        identity.id = format!("{kind}-{}-{}", slug(year), slug(number));
        identity.metadata.insert("number".to_owned(), format!("{year}/{number}"));
        if !matches!(identity.language.as_str(), "en" | "und") {
            identity.id = format!("{}-{}", identity.id, slug(&identity.language));
            identity.notes.push(format!(
                "the document is named {} because each language is a document of its own: say --document NAME",
                identity.id
            ));
        }
        identity.short_titles = short_titles(&paragraphs);
    }
    if is_corrigendum {
        corrigendum(tree, &paragraphs, &mut identity);
    }
    if let Some(celex) = tree.descendant(0, "NO.CELEX") {
        identity.metadata.insert("celex".to_owned(), tree.plain(celex, &[]));
    }
    if let Some(date) = tree.descendant(0, "DATE").and_then(|index| date_of(tree, index)) {
        identity.metadata.insert("date".to_owned(), date.to_string());
    }
    valid_from(tree, &mut identity);
    identity
}

fn title_paragraphs(tree: &Tree<'_>) -> Vec<String> {
    // The title of the act itself, not those of the acts that changed it.
    let holder = tree.child(0, "CONS.DOC").unwrap_or(0);
    let title = tree.child(holder, "TITLE").or_else(|| tree.descendant(0, "TITLE"));
    let Some(title) = title.and_then(|title| tree.child(title, "TI")) else { return Vec::new() };
    let paragraphs: Vec<String> = tree
        .children(title)
        .iter()
        .filter(|child| tree.element(**child).is_some())
        .map(|child| tree.plain(*child, &["NOTE"]))
        .filter(|text| !text.is_empty())
        .collect();
    if paragraphs.is_empty() { vec![tree.plain(title, &["NOTE"])] } else { paragraphs }
}

fn is_remark(paragraph: &str) -> bool {
    paragraph.starts_with('(') && REMARKS.iter().any(|remark| paragraph.contains(remark))
}

/// The short form of the act's type, its year and its number.
fn act_number(tree: &Tree<'_>, title: &[String]) -> Option<(&'static str, String, String)> {
    if let Some(reference) = tree.descendant(0, "INFO.CONSLEG").and_then(|info| tree.attribute(info, "CONSLEG.REF")) {
        // "2016R0679"
        let letter = reference.chars().nth(4)?;
        let (_, _, kind) = ACT_TYPES.iter().find(|(_, celex, _)| *celex == letter)?;
        let number = reference.get(5..)?.trim_start_matches('0');
        return Some((kind, reference.get(..4)?.to_owned(), number.to_owned()));
    }
    let number = tree.descendant(0, "NO.DOC")?;
    let year = tree.plain(tree.child(number, "YEAR")?, &[]);
    let current = tree.plain(tree.child(number, "NO.CURRENT")?, &[]);
    let first_word = title.first()?.split_whitespace().next()?.to_lowercase();
    let kind = ACT_TYPES.iter().find(|(word, ..)| *word == first_word).map_or("act", |(_, _, kind)| kind);
    Some((kind, year, current))
}

/// "(General Data Protection Regulation)" gives its initials and itself; the label comes first.
fn short_titles(title: &[String]) -> Vec<String> {
    let in_brackets = title.iter().rev().filter(|paragraph| !is_remark(paragraph)).find_map(|paragraph| {
        let inside = paragraph.trim_end().strip_suffix(')')?;
        let (_, name) = inside.rsplit_once('(')?;
        (name.split_whitespace().count() <= 12 && !name.is_empty()).then(|| name.to_owned())
    });
    let Some(name) = in_brackets else { return Vec::new() };
    let initials: String = name
        .split_whitespace()
        .filter(|word| !SMALL_WORDS.contains(&word.to_lowercase().as_str()))
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .filter(|character| character.is_alphabetic())
        .collect();
    let mut titles = Vec::new();
    if (3..=6).contains(&initials.chars().count()) {
        titles.push(initials);
    }
    titles.push(name);
    titles
}

/// A corrigendum has no number: its place in the Official Journal names it, and its title the act it corrects.
fn corrigendum(tree: &Tree<'_>, title: &[String], identity: &mut Identity) {
    let field = |name| tree.descendant(0, name).map(|index| tree.plain(index, &[])).unwrap_or_default();
    let place = [field("COLL"), field("YEAR"), field("NO.OJ"), field("PAGE.FIRST")];
    if place.iter().all(|part| !part.is_empty()) {
        identity.id = slug(&format!("corrigendum-{}", place.join("-")));
    }
    let number = title.iter().flat_map(|paragraph| paragraph.split_whitespace()).find(|word| is_act_number(word));
    identity.targets.extend(number.map(str::to_owned));
    identity.notes.push(
        "a corrigendum is kept as a document of its own: import the consolidated text to correct the act".to_owned(),
    );
}

/// "2016/679", "95/46/EC".
fn is_act_number(word: &str) -> bool {
    let mut parts = word.split('/');
    let is_digits = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_digits(parts.next()) && is_digits(parts.next())
}

fn valid_from(tree: &Tree<'_>, identity: &mut Identity) {
    if let Some(date) =
        tree.descendant(0, "INFO.CONSLEG").and_then(|info| compact_date(tree.attribute(info, "CONSLEG.DATE")?))
    {
        identity.valid_from = Some(date);
        identity
            .notes
            .push(format!("in force from {date}, the date of the consolidation: say --valid-from DATE for another"));
        return;
    }
    let date =
        tree.descendant(0, "BIB.INSTANCE").and_then(|bib| tree.child(bib, "DATE")).and_then(|date| date_of(tree, date));
    if let Some(date) = date {
        identity.valid_from = Some(date);
        identity
            .notes
            .push(format!("in force from {date}, the date of the document: say --valid-from DATE for another"));
    }
}

fn date_of(tree: &Tree<'_>, index: usize) -> Option<Date> {
    compact_date(tree.attribute(index, "ISO")?)
}

/// "20160427"
fn compact_date(text: &str) -> Option<Date> {
    (text.len() == 8).then_some(())?;
    let month = text.get(4..6)?.parse().ok()?;
    let day = text.get(6..8)?.parse().ok()?;
    Date::new(text.get(..4)?.parse().ok()?, month, day).ok()
}
