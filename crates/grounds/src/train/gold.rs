//! From the places that labels name to the passages that are searched.

use std::collections::HashMap;

use grounds_core::{AsOf, DocumentId, LabelRow, PassageRow, UnitId};
use grounds_models::PassageIndex;

use crate::error::GroundsError;
use crate::retrieve::PassageCollection;
use crate::view::View;

/// The passages of each document, to find those that labels mean.
pub(super) struct GoldPassages<'p> {
    passages: &'p PassageCollection,
    by_document: HashMap<&'p DocumentId, Vec<PassageIndex>>,
}

impl<'p> GoldPassages<'p> {
    pub(super) fn new(passages: &'p PassageCollection) -> Self {
        let mut by_document: HashMap<&DocumentId, Vec<PassageIndex>> = HashMap::new();
        for (place, passage) in (0..).zip(&passages.passages) {
            by_document.entry(&passage.document).or_default().push(place);
        }
        Self { passages, by_document }
    }

    /// The passages of the places that answer a question, each once, in order.
    pub(super) fn of(&self, view: &View, at: AsOf, label: &LabelRow) -> Result<Vec<PassageIndex>, GroundsError> {
        let mut gold = Vec::new();
        for place in &label.gold {
            let Some((document, unit)) = place.split_once('/') else { continue };
            gold.extend(self.of_unit(view, at, &DocumentId(document.to_owned()), &UnitId(unit.to_owned()))?);
        }
        gold.sort_unstable();
        gold.dedup();
        Ok(gold)
    }

    /// The passages that a unit means, the first of these that there are: its own; those of its parts; those that it stands in, for a point may be part of
    /// a paragraph that is one passage.
    fn of_unit(
        &self,
        view: &View,
        at: AsOf,
        document: &DocumentId,
        unit: &UnitId,
    ) -> Result<Vec<PassageIndex>, GroundsError> {
        let Some(places) = self.by_document.get(document) else { return Ok(Vec::new()) };
        let places_where = |is_meant: &dyn Fn(&PassageRow) -> bool| -> Vec<PassageIndex> {
            let passage = |place: &PassageIndex| &self.passages.passages[*place as usize];
            places.iter().copied().filter(|place| is_meant(passage(place))).collect()
        };
        let own = places_where(&|passage| passage.unit == *unit);
        if !own.is_empty() {
            return Ok(own);
        }
        let Some(text) = view.text_in_force(document, at.as_of)? else { return Ok(Vec::new()) };
        let Some(unit) = text.tree.get(unit) else { return Ok(Vec::new()) };
        let is_part = |passage: &PassageRow| {
            let part = text.tree.get(&passage.unit);
            part.is_some_and(|part| text.tree.ancestry(part).any(|above| above.id == unit.id))
        };
        let parts = places_where(&is_part);
        if !parts.is_empty() {
            return Ok(parts);
        }
        Ok(places_where(&|passage| passage.span.start < unit.span.end && unit.span.start < passage.span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::collection;
    use crate::{Overrides, Upload, Workspace};
    use jiff::civil::date;

    const LAW: &str =
        "---\ndocument: act\nshort: Act\nkind: regulation\nlanguage: en\nin_force: 2015-01-01\n---\n# Act\n
### Article 1 — Delay\n
1. An issuer may delay a notice where:\n
   (a) it would harm the issuer; and\n
   (b) nobody is misled.\n
2. The delay is recorded.\n
### Article 2 — Duties\n
1. The keeper keeps records.\n";

    #[test]
    fn a_label_means_the_passages_of_its_unit_of_its_parts_or_around_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let grounds = Workspace::create(&folder.path().join(".grounds")).expect("created");
        let upload = Upload { name: "act.md".to_owned(), bytes: LAW.as_bytes().to_vec(), ..Upload::default() };
        let now = "2026-01-01T00:00Z".parse().expect("well-formed");
        assert!(grounds.add(&[upload], &Overrides::default(), now).is_ok_and(|outcome| outcome.failures.is_empty()));
        let view = grounds.view(None).expect("readable");
        let at = AsOf { as_of: date(2020, 1, 1), known_at: view.known_at() };
        let passages = collection(&view, at.as_of).expect("readable");
        let gold = GoldPassages::new(&passages);
        for (units, expected) in [
            (&["act/art_1__par_1"][..], &["Act art. 1(1)"][..]),
            (&["act/art_1__par_1__point_a"], &["Act art. 1(1)"]),
            (&["act/art_1__par_1__point_b", "act/art_1__par_1__point_a"], &["Act art. 1(1)"]),
            (&["act/art_1"], &["Act art. 1(1)", "Act art. 1(2)"]),
            (&["act/art_2__par_1", "act/art_1__par_2"], &["Act art. 1(2)", "Act art. 2(1)"]),
            (&["act/art_9", "other/art_1", "act"], &[]),
        ] {
            let label = LabelRow {
                name: "label".to_owned(),
                task: crate::RETRIEVAL_TASK.to_owned(),
                text: "a question".to_owned(),
                gold: units.iter().map(|unit| (*unit).to_owned()).collect(),
                author: "test".to_owned(),
            };
            let places = gold.of(&view, at, &label).expect("readable");
            let found: Vec<&str> =
                places.iter().map(|place| passages.passages[*place as usize].pinpoint.as_str()).collect();
            assert_eq!(found, expected, "{units:?}");
        }
    }
}
