//! Passages near a question by the vectors of an embedding model, beside those found by words.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use grounds_core::{Document, FoundBy, PassageRow, Question};
use grounds_models::UnitVectors;
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::retrieve::RetrieveParameters;
use crate::retrieve::learned::is_wanted;
use crate::retrieve::parts::Found;
use crate::vectors::{QuestionEmbedder, TextVectors};
use crate::view::{Text, View};

/// The vectors of the passages that a view sees on a day, and the model that embeds questions.
#[derive(Debug)]
pub(crate) struct Nearness {
    embedder: Arc<QuestionEmbedder>,
    /// Those that have a vector, in reading order.
    passages: Vec<PassageRow>,
    /// By version and ordinal, their places.
    places: HashMap<(String, u32), usize>,
    vectors: UnitVectors,
    /// The cosines of the last question: answering asks several times, with other filters.
    last: RefCell<Option<(String, Rc<Vec<f32>>)>>,
}

/// What is embedded of the passages that a view sees on a day, in reading order.
pub(crate) fn embedded_texts(view: &View, as_of: Date) -> Result<Vec<(PassageRow, String)>, GroundsError> {
    let mut texts = Vec::new();
    for document in view.documents() {
        let Some(text) = view.text_in_force(&document.id, as_of)? else { continue };
        texts.extend(embedded_texts_of(view, document, &text)?);
    }
    Ok(texts)
}

/// What stands for the passages of a version before an embedding model: their own words, and the title where the document is one passage.
pub(crate) fn embedded_texts_of(
    view: &View,
    document: &Document,
    text: &Text,
) -> Result<Vec<(PassageRow, String)>, GroundsError> {
    let passages = view.passages(&text.version.id)?;
    let title = document.title.trim();
    let embedded = |passage: &PassageRow| {
        let words = passage.span.of(&text.version.text).unwrap_or_default();
        let is_alone = passages.len() == 1 && !title.is_empty();
        (passage.clone(), if is_alone { format!("{title}\n{words}") } else { words.to_owned() })
    };
    Ok(passages.iter().map(embedded).collect())
}

impl Nearness {
    /// Binds the vectors to the passages in force. Passages without one are found by words alone.
    pub(crate) fn of(
        view: &View,
        as_of: Date,
        vectors: &TextVectors,
        embedder: Arc<QuestionEmbedder>,
    ) -> Result<Self, GroundsError> {
        let mut unit = UnitVectors::new(vectors.dimension());
        let (mut passages, mut places) = (Vec::new(), HashMap::new());
        for (passage, text) in embedded_texts(view, as_of)? {
            let Some(vector) = vectors.of(&text) else { continue };
            unit.push(vector);
            places.insert(place_name(&passage), passages.len());
            passages.push(passage);
        }
        Ok(Self { embedder, passages, places, vectors: unit, last: RefCell::default() })
    }

    /// Adds to what `by_words` found the passages nearest to the question, and to the score of each its cosine: in parts of the best score by words.
    pub(crate) fn blended(
        &self,
        view: &View,
        question: &Question,
        by_words: Vec<Found>,
        parameters: RetrieveParameters,
    ) -> Result<Vec<Found>, GroundsError> {
        let cosines = self.cosines(&question.text)?;
        let mut order: Vec<usize> = (0..self.passages.len()).collect();
        order.sort_by(|a, b| cosines[*b].total_cmp(&cosines[*a]).then(a.cmp(b)));
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, place)| ranks[*place] = rank + 1);
        let best = by_words.first().map_or(1.0, |found| found.score);
        let addition = |place: usize| parameters.vector_factor * best * f64::from(cosines[place].max(0.0));
        let found_by = |place: usize| FoundBy::Vector { cosine: f64::from(cosines[place]), rank: ranks[place] };
        let mut all = by_words;
        let mut known = HashSet::new();
        for found in &mut all {
            let Some(place) = self.places.get(&place_name(&found.passage)).copied() else { continue };
            known.insert(place);
            found.score += addition(place);
            if ranks[place] <= parameters.candidate_count {
                found.found_by.push(found_by(place));
            }
        }
        let wanted = order.iter().copied().filter(|place| is_wanted(view, question, &self.passages[*place]));
        for place in wanted.take(parameters.candidate_count).filter(|place| !known.contains(place)) {
            let score = addition(place);
            if score > 0.0 {
                let passage = self.passages[place].clone();
                all.push(Found { passage, score, matched: Vec::new(), found_by: vec![found_by(place)] });
            }
        }
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(all)
    }

    fn cosines(&self, question: &str) -> Result<Rc<Vec<f32>>, GroundsError> {
        if let Some((text, cosines)) = &*self.last.borrow()
            && text == question
        {
            return Ok(Rc::clone(cosines));
        }
        let cosines = Rc::new(self.vectors.cosines(&self.embedder.vector(question)?));
        *self.last.borrow_mut() = Some((question.to_owned(), Rc::clone(&cosines)));
        Ok(cosines)
    }
}

fn place_name(passage: &PassageRow) -> (String, u32) {
    (passage.version.0.clone(), passage.ordinal)
}
