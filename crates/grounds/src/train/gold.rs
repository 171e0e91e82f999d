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
    documents: HashMap<&'p DocumentId, Vec<PassageIndex>>,
}

impl<'p> GoldPassages<'p> {
    pub(super) fn new(passages: &'p PassageCollection) -> Self {
        let mut documents: HashMap<&DocumentId, Vec<PassageIndex>> = HashMap::new();
        for (place, passage) in (0..).zip(&passages.passages) {
            documents.entry(&passage.document).or_default().push(place);
        }
        Self { passages, documents }
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

    /// A unit's own passages; where it has none those of its parts; and where these have none, the unit being a point of a paragraph that is one passage,
    /// the passages that it stands in.
    fn of_unit(
        &self,
        view: &View,
        at: AsOf,
        document: &DocumentId,
        unit: &UnitId,
    ) -> Result<Vec<PassageIndex>, GroundsError> {
        let Some(places) = self.documents.get(document) else { return Ok(Vec::new()) };
        let which = |is_meant: &dyn Fn(&PassageRow) -> bool| -> Vec<PassageIndex> {
            let passage = |place: &PassageIndex| &self.passages.passages[*place as usize];
            places.iter().copied().filter(|place| is_meant(passage(place))).collect()
        };
        let own = which(&|passage| passage.unit == *unit);
        if !own.is_empty() {
            return Ok(own);
        }
        let Some(text) = view.text_in_force(document, at.as_of)? else { return Ok(own) };
        let Some(unit) = text.tree.get(unit) else { return Ok(own) };
        let is_part = |passage: &PassageRow| {
            let own = text.tree.get(&passage.unit);
            own.is_some_and(|own| text.tree.ancestry(own).any(|above| above.id == unit.id))
        };
        let parts = which(&is_part);
        if !parts.is_empty() {
            return Ok(parts);
        }
        Ok(which(&|passage| passage.span.start < unit.span.end && unit.span.start < passage.span.end))
    }
}
