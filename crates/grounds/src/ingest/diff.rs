//! What changed between two versions, unit by unit and word by word.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use grounds_core::{Span, Unit, UnitId, UnitKind};
use serde::{Deserialize, Serialize};
use similar::{Algorithm, ChangeTag, TextDiff};

/// What happened to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Only the new version has it.
    Added,
    /// Only the old version has it.
    Removed,
    /// Both have it, with other words.
    Changed,
}

/// What a run of words is in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditKind {
    /// Both versions have it.
    Kept,
    /// Only the old version has it.
    Deleted,
    /// Only the new version has it.
    Inserted,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEdit {
    /// What it is.
    pub kind: EditKind,
    /// The words, with the space between them.
    pub text: String,
}

/// The smallest unit that says something else than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitDifference {
    /// The article, recital or annex it belongs to, or itself where it belongs to none.
    pub group: UnitId,
    /// The citation of the group.
    pub group_pinpoint: String,
    /// The unit.
    pub unit: UnitId,
    /// Its citation without the document.
    pub pinpoint: String,
    /// What happened to it.
    pub kind: DifferenceKind,
    /// Where it stands in the old text.
    pub old: Option<Span>,
    /// Where it stands in the new text.
    pub new: Option<Span>,
    /// Its words, old and new, without those of units inside it that are compared on their own.
    pub edits: Vec<TextEdit>,
}

/// Longer texts are shown as replaced whole: comparing them word by word takes time that grows with their changes.
const COMPARED_BYTES_MAX: usize = 200_000;

/// Compares two versions given as their units in document order, and their texts.
///
/// Units are paired by name. A unit is reported where its own words differ, or where it is new or gone; what is inside an
/// added or removed unit is not reported again. White space does not count. In the order of the new version, removed
/// units where they stood.
pub fn diff(old: &[Unit], old_text: &str, new: &[Unit], new_text: &str) -> Vec<UnitDifference> {
    let old = Side::new(old, old_text);
    let new = Side::new(new, new_text);
    let mut differences: Vec<((u32, u8), UnitDifference)> = Vec::new();
    let mut position_of_kept: BTreeMap<u32, u32> = BTreeMap::new();
    for (index, unit) in new.units.iter().enumerate() {
        match old.position_of.get(&unit.id) {
            None if new.parent(unit).is_none_or(|parent| old.position_of.contains_key(&parent.id)) => {
                let edits = compare("", span_text(unit, new_text));
                differences.push((
                    (unit.ordinal, 1),
                    difference(&new, unit, DifferenceKind::Added, None, Some(unit.span), edits),
                ));
            }
            None => {}
            Some(before) => {
                let before_unit = &old.units[*before];
                position_of_kept.insert(before_unit.ordinal, unit.ordinal);
                if before_unit.hash == unit.hash {
                    continue;
                }
                let (before_words, words) = (old.own_words(*before), new.own_words(index));
                if before_words.split_whitespace().ne(words.split_whitespace()) {
                    let edits = compare(&before_words, &words);
                    let found =
                        difference(&new, unit, DifferenceKind::Changed, Some(before_unit.span), Some(unit.span), edits);
                    differences.push(((unit.ordinal, 1), found));
                }
            }
        }
    }
    for unit in old.units {
        let is_gone = !new.position_of.contains_key(&unit.id);
        if is_gone && old.parent(unit).is_none_or(|parent| new.position_of.contains_key(&parent.id)) {
            let edits = compare(span_text(unit, old_text), "");
            let place = position_of_kept.range(..unit.ordinal).next_back().map_or(0, |(_, position)| *position);
            differences
                .push(((place, 2), difference(&old, unit, DifferenceKind::Removed, Some(unit.span), None, edits)));
        }
    }
    differences.sort_by_key(|(place, _)| *place);
    differences.into_iter().map(|(_, difference)| difference).collect()
}

struct Side<'s> {
    units: &'s [Unit],
    text: &'s str,
    position_of: HashMap<&'s UnitId, usize>,
    children: HashMap<&'s UnitId, Vec<usize>>,
}

impl<'s> Side<'s> {
    fn new(units: &'s [Unit], text: &'s str) -> Self {
        let mut children: HashMap<&UnitId, Vec<usize>> = HashMap::new();
        for (index, unit) in units.iter().enumerate() {
            if let Some(parent) = &unit.parent {
                children.entry(parent).or_default().push(index);
            }
        }
        Self {
            units,
            text,
            position_of: units.iter().enumerate().map(|(index, unit)| (&unit.id, index)).collect(),
            children,
        }
    }

    fn parent(&self, unit: &Unit) -> Option<&'s Unit> {
        unit.parent.as_ref().and_then(|parent| self.position_of.get(parent)).map(|index| &self.units[*index])
    }

    /// The words of a unit without those of its children.
    fn own_words(&self, index: usize) -> String {
        let unit = &self.units[index];
        let mut words = String::new();
        let mut position = unit.span.start as usize;
        for child in self.children.get(&unit.id).into_iter().flatten() {
            let span = self.units[*child].span;
            words.push_str(self.text.get(position..span.start as usize).unwrap_or_default());
            position = span.end as usize;
        }
        words.push_str(self.text.get(position..unit.span.end as usize).unwrap_or_default());
        words
    }

    /// The article, recital or annex that a unit belongs to.
    fn group(&self, unit: &'s Unit) -> &'s Unit {
        let is_group = |unit: &Unit| matches!(unit.kind, UnitKind::Article | UnitKind::Recital | UnitKind::Annex);
        let mut seen = BTreeSet::new();
        let mut current = Some(unit);
        while let Some(candidate) = current.filter(|candidate| seen.insert(&candidate.id)) {
            if is_group(candidate) {
                return candidate;
            }
            current = self.parent(candidate);
        }
        unit
    }
}

fn difference<'s>(
    side: &Side<'s>,
    unit: &'s Unit,
    kind: DifferenceKind,
    old: Option<Span>,
    new: Option<Span>,
    edits: Vec<TextEdit>,
) -> UnitDifference {
    let group = side.group(unit);
    UnitDifference {
        group: group.id.clone(),
        group_pinpoint: group.pinpoint.clone(),
        unit: unit.id.clone(),
        pinpoint: unit.pinpoint.clone(),
        kind,
        old,
        new,
        edits,
    }
}

fn span_text<'t>(unit: &Unit, text: &'t str) -> &'t str {
    unit.span.of(text).unwrap_or_default()
}

/// Two texts word by word, white space made single spaces.
pub(crate) fn compare(old: &str, new: &str) -> Vec<TextEdit> {
    let old_words: Vec<&str> = old.split_whitespace().collect();
    let new_words: Vec<&str> = new.split_whitespace().collect();
    let whole = |kind, words: &[&str]| TextEdit { kind, text: words.join(" ") };
    if old_words.is_empty() || new_words.is_empty() || old.len() + new.len() > COMPARED_BYTES_MAX {
        let edits = [whole(EditKind::Deleted, &old_words), whole(EditKind::Inserted, &new_words)];
        return edits.into_iter().filter(|edit| !edit.text.is_empty()).collect();
    }
    let comparison = TextDiff::configure().algorithm(Algorithm::Patience).diff_slices(&old_words, &new_words);
    let mut edits: Vec<TextEdit> = Vec::new();
    for change in comparison.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => EditKind::Kept,
            ChangeTag::Delete => EditKind::Deleted,
            ChangeTag::Insert => EditKind::Inserted,
        };
        let word: &str = change.value();
        match edits.last_mut().filter(|last| last.kind == kind) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            None => edits.push(TextEdit { kind, text: word.to_owned() }),
        }
    }
    edits
}
