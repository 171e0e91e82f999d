//! Which item a word in a rule file means, by the words around it: for files with mistakes, too.

use grounds::rules::OutlineItem;

use crate::serve::project::{Project, ProjectFile};

/// A piece of a rule file: a word, or one sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'t> {
    pub(crate) text: &'t str,
    pub(crate) start: usize,
}

impl Piece<'_> {
    pub(crate) fn is_word(&self) -> bool {
        self.text.chars().next().is_some_and(is_word_character)
    }
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words and signs of a text, without comments and white space; a text in quotation marks is one piece.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(character) = text[start..].chars().next() {
        let rest = &text[start..];
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if character == '"' {
            rest[1..].find('"').map_or(rest.len(), |end| end + 2)
        } else if is_word_character(character) {
            rest.find(|character| !is_word_character(character)).unwrap_or(rest.len())
        } else {
            character.len_utf8()
        };
        if !character.is_whitespace() && !rest.starts_with("--") {
            found.push(Piece { text: &rest[..length], start });
        }
        start += length;
    }
    found
}

/// Whether an offset lies in a comment or a text in quotation marks, where nothing is a name.
pub(crate) fn is_in_prose(text: &str, offset: usize) -> bool {
    let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let pieces = pieces(&text[..offset]);
    let in_quotes = pieces
        .last()
        .is_some_and(|last| last.text.starts_with('"') && (last.text.len() == 1 || !last.text.ends_with('"')));
    let mut quoted = false;
    let line = &text[line_start..offset];
    let in_comment = line.char_indices().any(|(at, character)| {
        quoted ^= character == '"';
        !quoted && line[at..].starts_with("--")
    });
    in_quotes || in_comment
}

/// The longest stretch around an offset whose characters are all letters, digits or one of `also`.
pub(crate) fn stretch_at<'t>(text: &'t str, offset: usize, also: &[char]) -> Piece<'t> {
    let belongs = |character: char| is_word_character(character) || also.contains(&character);
    let before = text[..offset].char_indices().rev().take_while(|(_, character)| belongs(*character)).last();
    let start = before.map_or(offset, |(at, _)| at);
    let after = text[offset..].find(|character| !belongs(character)).unwrap_or(text.len() - offset);
    Piece { text: &text[start..offset + after], start }
}

/// The items that the word at an offset can mean: one, or several attributes of that name where its owner's type is not plain.
pub(crate) fn meant<'p>(
    project: &'p Project,
    file: &'p ProjectFile,
    offset: usize,
) -> Vec<(&'p ProjectFile, &'p OutlineItem)> {
    if is_in_prose(&file.text, offset) {
        return Vec::new();
    }
    let id = stretch_at(&file.text, offset, &['-', '.']);
    let rules: Vec<_> = project.items().filter(|(_, item)| is_rule(item) && item.name == id.text).collect();
    if !rules.is_empty() {
        return rules;
    }
    let word = stretch_at(&file.text, offset, &[]);
    if word.text.is_empty() {
        return Vec::new();
    }
    if file.text[..word.start].ends_with('.') {
        let owner = owner_type(project, file, word.start - 1);
        let is_attribute = |item: &OutlineItem| {
            item.name.split_once('.').is_some_and(|(of, attribute)| {
                attribute == word.text && owner.as_deref().is_none_or(|owner| owner == of)
            })
        };
        return project.items().filter(|(_, item)| is_fact(item) && is_attribute(item)).collect();
    }
    project.items().filter(|(_, item)| item.word != "test" && !is_rule(item) && item.name == word.text).collect()
}

/// Where a variable is bound: the first place in its item that has it, outside quotations.
pub(crate) fn binding(file: &ProjectFile, offset: usize) -> Option<(usize, usize)> {
    let word = stretch_at(&file.text, offset, &[]);
    let item = file.item_at(offset)?;
    let first = pieces(file.words(item)).into_iter().find(|piece| piece.text == word.text)?;
    let starts_small = word.text.chars().next().is_some_and(|character| !character.is_uppercase());
    let start = item.start + first.start;
    (starts_small && first.is_word()).then_some((start, start + first.text.len()))
}

pub(crate) fn is_rule(item: &OutlineItem) -> bool {
    matches!(item.word.as_str(), "rule" | "exception" | "limit" | "amend")
}

pub(crate) fn is_fact(item: &OutlineItem) -> bool {
    matches!(item.word.as_str(), "fact" | "judgement")
}

pub(crate) fn is_claim(item: &OutlineItem) -> bool {
    matches!(item.word.as_str(), "claim" | "violation" | "sanction")
}

/// The entity type of what stands before the point at `point`: a variable, or a chain of attributes from one.
pub(crate) fn owner_type(project: &Project, file: &ProjectFile, point: usize) -> Option<String> {
    let chain = file.text[..point].rsplit(|character| !is_word_character(character) && character != '.').next()?;
    let mut steps = chain.split('.').filter(|step| !step.is_empty());
    let variable = steps.next()?;
    // The declaration `fact Incident.firm` names the type itself.
    let mut of = match project.items().any(|(_, item)| item.word == "entity" && item.name == variable) {
        true => variable.to_owned(),
        false => variable_type(project, file, point, variable)?,
    };
    for attribute in steps {
        let name = format!("{of}.{attribute}");
        let (file, item) = project.items().find(|(_, item)| is_fact(item) && item.name == name)?;
        of = value_type(file, item)?;
    }
    Some(of)
}

/// The type after the colon of a declaration.
fn value_type(file: &ProjectFile, item: &OutlineItem) -> Option<String> {
    let after = file.text.get(item.name_end..item.end)?;
    let pieces = pieces(after);
    let colon = pieces.iter().position(|piece| piece.text == ":")?;
    pieces.get(colon + 1).map(|piece| piece.text.to_owned())
}

/// The types in the brackets of a claim or relation.
fn parameters(file: &ProjectFile, item: &OutlineItem) -> Vec<String> {
    let after = file.text.get(item.name_end..item.end).unwrap_or_default();
    let inside = after.trim_start().strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or_default();
    inside.split(',').map(|name| name.trim().to_owned()).collect()
}

/// The entity type of a variable in the item around an offset: by `x in Type`, `x : Type`, or its place in a claim or relation.
fn variable_type(project: &Project, file: &ProjectFile, offset: usize, variable: &str) -> Option<String> {
    let item = file.item_at(offset)?;
    let next = file.items.iter().find(|other| other.start > item.start).map_or(file.text.len(), |other| other.start);
    let pieces = pieces(file.text.get(item.start..next)?);
    let is_entity = |name: &str| project.items().any(|(_, item)| item.word == "entity" && item.name == name);
    for window in pieces.windows(3) {
        if window[0].text == variable && matches!(window[1].text, "in" | ":") && is_entity(window[2].text) {
            return Some(window[2].text.to_owned());
        }
    }
    for (at, window) in pieces.windows(2).enumerate() {
        if window[1].text != "(" {
            continue;
        }
        let declared =
            project.items().find(|(_, item)| (is_claim(item) || is_fact(item)) && item.name == window[0].text);
        let Some((of, declared)) = declared else { continue };
        let arguments = pieces[at + 2..].iter().take_while(|piece| piece.text != ")");
        let position = arguments.filter(|piece| piece.text != ",").position(|piece| piece.text == variable);
        if let Some(name) = position.and_then(|position| parameters(of, declared).get(position).cloned()) {
            return Some(name);
        }
    }
    None
}
