//! Places for terms in a space in which questions lie near the passages that answer them.

use crate::adam::Adam;
use crate::collection::{Collection, PassageIndex, TermId};
use crate::parallel::map_blocks;
use crate::places::{PassagePlaces, ShortPlace, shortened};
use crate::question::AskedTerms;
use crate::random::Random;
use crate::spectrum;

/// Numbers of a place.
pub(crate) const WIDTH: usize = 128;
/// Terms that have a place: those that most bodies have, so that a model stays small.
const TERM_COUNT_MAX: usize = 20_000;
/// Different terms of a body that count.
const PASSAGE_TERMS_MAX: usize = 200;
/// Questions a step.
const BATCH: usize = 128;
/// Passages a question is told from besides those of the other questions.
const NEGATIVES: usize = 2;
/// Titles a step that learn to be near what they stand over, as questions do; fewer where there are few.
const TITLED: usize = 256;
/// So many times more titles than a step takes bring that many.
const TITLED_ROUNDS: usize = 8;
/// Steps besides where there are so many titles: these do not run out of what they teach.
const TITLED_STEP_COUNT: usize = 250;
/// More fit the questions and not what is asked next.
const STEP_COUNT: usize = 250;
const RATE: f32 = 1e-3;
/// Weights of terms move faster than their places.
const WEIGHT_RATE: f32 = 1e-2;
/// How sharply nearness is told, at first: the logarithm.
const SHARPNESS: f32 = 3.0;
const PASSAGE_BLOCK: usize = 256;

/// A place and two weights for each of some terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Embeddings {
    /// For each term of the collection, its row; [`NO_ROW`] for those without a place.
    pub(crate) rows: Vec<u32>,
    pub(crate) places: Vec<f32>,
    /// How much a term of a question, and one of a passage, counts: logarithms.
    pub(crate) question_weights: Vec<f32>,
    pub(crate) passage_weights: Vec<f32>,
}

/// The row of a term without a place.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// What stands for 1 where a model keeps places; they stay well below 4.
const KEPT_ONE: f32 = 8_192.0;

/// A number of a place as a model keeps it.
pub(crate) fn kept(value: f32) -> i16 {
    (value * KEPT_ONE).round() as i16
}

/// A number of a place as it is reckoned with.
pub(crate) fn lengthened(kept: i16) -> f32 {
    f32::from(kept) / KEPT_ONE
}

/// A labelled question, and passages that look like answers and are none.
pub(crate) struct Example<'q> {
    pub(crate) asked: &'q AskedTerms,
    pub(crate) gold: &'q [PassageIndex],
    pub(crate) negatives: &'q [PassageIndex],
}

/// A text on its way to its place.
struct Encoded {
    rows: Vec<u32>,

    length: f32,
    place: [f32; WIDTH],
}

/// Slopes of everything that is learned, for one step.
struct Slopes {
    places: Vec<f32>,
    question_weights: Vec<f32>,
    passage_weights: Vec<f32>,
}

impl Embeddings {
    /// Learns from questions: each is told from the answers of others, and from passages that look like answers. Titles of single
    /// passages, of which there may be many more, are questions too.
    ///
    /// A bag of words in a space (as in Wieting et al., *Towards Universal Paraphrastic Sentence Embeddings*, 2016) with a
    /// softmax within the batch (Karpukhin et al., *Dense Passage Retrieval*, 2020, section 3.2).
    pub(crate) fn fit(
        &self,
        collection: &Collection,
        examples: &[Example<'_>],
        titled: &[Example<'_>],
        seed: u64,
    ) -> Self {
        let mut random = Random::new(seed);
        let mut learned = self.clone();
        let row_count = learned.question_weights.len();
        let mut slopes = Slopes {
            places: vec![0.0; row_count * WIDTH],
            question_weights: vec![0.0; row_count],
            passage_weights: vec![0.0; row_count],
        };
        let mut adams = [row_count * WIDTH, row_count, row_count, 1].map(Adam::new);
        let mut sharpness = [SHARPNESS];
        let mut order: Vec<usize> = Vec::new();
        let titled_count = TITLED.min(titled.len() / TITLED_ROUNDS);
        let step_count = STEP_COUNT + TITLED_STEP_COUNT * titled_count / TITLED;
        for step in 0..step_count {
            if order.len() < BATCH.min(examples.len()) {
                order = (0..examples.len()).collect();
                random.shuffle(&mut order);
            }
            let batch = order.split_off(order.len() - BATCH.min(order.len()));
            let mut batch: Vec<&Example<'_>> = batch.into_iter().map(|at| &examples[at]).collect();
            batch.extend((0..titled_count).map(|_| &titled[random.below(titled.len())]));
            slopes.places.fill(0.0);
            slopes.question_weights.fill(0.0);
            slopes.passage_weights.fill(0.0);
            let slope = learned.add_slopes(collection, &batch, sharpness[0], &mut slopes, &mut random);
            let left = 1.0 - step as f32 / step_count as f32;
            adams[0].step(&mut learned.places, &slopes.places, RATE * left, 0.0);
            adams[1].step(&mut learned.question_weights, &slopes.question_weights, WEIGHT_RATE * left, 0.0);
            adams[2].step(&mut learned.passage_weights, &slopes.passage_weights, WEIGHT_RATE * left, 0.0);
            adams[3].step(&mut sharpness, &[slope], WEIGHT_RATE * left, 0.0);
        }
        // Rounded to what a model keeps, so that it ranks as what is judged.
        learned.places.iter_mut().for_each(|value| *value = lengthened(kept(*value)));
        learned
    }

    /// Places by the company that terms keep, before any label is seen.
    pub(crate) fn unlabelled(collection: &Collection, seed: u64) -> Self {
        let mut terms: Vec<TermId> = (0..collection.term_count() as TermId).collect();
        // Terms of one body only cannot be placed by it.
        terms.retain(|term| collection.shares.of(*term as usize).len() > 1);
        terms.sort_by_key(|term| std::cmp::Reverse(collection.shares.of(*term as usize).len()));
        terms.truncate(TERM_COUNT_MAX);
        let mut rows = vec![NO_ROW; collection.term_count()];
        for (row, term) in terms.iter().enumerate() {
            rows[*term as usize] = row as u32;
        }
        let places = spectrum::places::<WIDTH>(collection, &rows, terms.len(), seed);
        let weights: Vec<f32> = terms.iter().map(|term| 0.5 * collection.idf[*term as usize].max(1e-3).ln()).collect();
        Self { rows, places, question_weights: weights.clone(), passage_weights: weights }
    }

    /// The same places for terms under other numbers; none where none were learned.
    pub(crate) fn of_terms(&self, terms: impl Iterator<Item = Option<usize>>) -> Self {
        let row = |term: Option<usize>| term.and_then(|term| self.rows.get(term)).copied().unwrap_or(NO_ROW);
        let rows = if self.rows.is_empty() { Vec::new() } else { terms.map(row).collect() };
        Self { rows, ..self.clone() }
    }

    /// The place of a question with these terms, in whole numbers.
    pub(crate) fn place_of(&self, terms: &[TermId]) -> ShortPlace {
        shortened(&self.encode(terms.iter().copied(), &self.question_weights).place)
    }

    /// The place of a question, in whole numbers.
    pub(crate) fn question_place(&self, asked: &AskedTerms) -> ShortPlace {
        shortened(&self.question(asked).place)
    }

    pub(crate) fn place(&self, row: u32) -> &[f32] {
        &self.places[row as usize * WIDTH..(row as usize + 1) * WIDTH]
    }

    fn encode(&self, terms: impl Iterator<Item = TermId>, weights: &[f32]) -> Encoded {
        let mut rows: Vec<u32> = terms.map(|term| self.rows[term as usize]).filter(|row| *row != NO_ROW).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut sum = [0.0; WIDTH];
        for row in &rows {
            let weight = weights[*row as usize].exp();
            sum.iter_mut().zip(self.place(*row)).for_each(|(sum, value)| *sum += weight * value);
        }
        let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
        Encoded { rows, length, place: sum.map(|value| value / length) }
    }

    fn question(&self, asked: &AskedTerms) -> Encoded {
        self.encode(asked.unique.iter().copied(), &self.question_weights)
    }

    fn passage(&self, collection: &Collection, passage: PassageIndex) -> Encoded {
        let body = collection.body(passage);
        self.encode(body[..body.len().min(PASSAGE_TERMS_MAX)].iter().copied(), &self.passage_weights)
    }

    /// Adds the slopes of a batch's loss, and returns that of the sharpness.
    fn add_slopes(
        &self,
        collection: &Collection,
        batch: &[&Example<'_>],
        sharpness: f32,
        slopes: &mut Slopes,
        random: &mut Random,
    ) -> f32 {
        let mut passages: Vec<PassageIndex> =
            batch.iter().map(|example| example.gold[random.below(example.gold.len())]).collect();
        for example in batch.iter().filter(|example| !example.negatives.is_empty()) {
            passages.extend((0..NEGATIVES).map(|_| example.negatives[random.below(example.negatives.len())]));
        }
        let questions: Vec<Encoded> = batch.iter().map(|example| self.question(example.asked)).collect();
        let answers: Vec<Encoded> = passages.iter().map(|passage| self.passage(collection, *passage)).collect();
        let mut answer_slopes = vec![[0.0f32; WIDTH]; answers.len()];
        let sharp = sharpness.exp();
        let mut sharpness_slope = 0.0;
        for (at, (example, question)) in batch.iter().zip(&questions).enumerate() {
            let nearness: Vec<f32> = answers.iter().map(|answer| dot(&question.place, &answer.place)).collect();
            let logit = |other: usize| {
                let is_other_gold = other != at && example.gold.contains(&passages[other]);
                if is_other_gold { f32::NEG_INFINITY } else { sharp * nearness[other] }
            };
            let mut shares: Vec<f32> = (0..answers.len()).map(logit).collect();
            crate::term_weights::softmax(&mut shares);
            shares[at] -= 1.0;
            let mut question_slope = [0.0f32; WIDTH];
            for (other, share) in shares.iter().enumerate().filter(|(_, share)| share.abs() > 1e-6) {
                let slope = share / batch.len() as f32;
                sharpness_slope += slope * sharp * nearness[other];
                for number in 0..WIDTH {
                    question_slope[number] += slope * sharp * answers[other].place[number];
                    answer_slopes[other][number] += slope * sharp * question.place[number];
                }
            }
            self.add_text_slopes(question, &question_slope, true, slopes);
        }
        for (answer, slope) in answers.iter().zip(&answer_slopes) {
            self.add_text_slopes(answer, slope, false, slopes);
        }
        sharpness_slope
    }

    /// Adds the slopes of a text's place.
    fn add_text_slopes(&self, text: &Encoded, slope: &[f32; WIDTH], is_question: bool, slopes: &mut Slopes) {
        let along = dot(slope, &text.place);
        let mut before = [0.0; WIDTH];
        for number in 0..WIDTH {
            before[number] = (slope[number] - along * text.place[number]) / text.length;
        }
        let (weights, weight_slopes) = if is_question {
            (&self.question_weights, &mut slopes.question_weights)
        } else {
            (&self.passage_weights, &mut slopes.passage_weights)
        };
        for row in &text.rows {
            let weight = weights[*row as usize].exp();
            weight_slopes[*row as usize] += weight * dot(self.place(*row), &before);
            let places = &mut slopes.places[*row as usize * WIDTH..(*row as usize + 1) * WIDTH];
            places.iter_mut().zip(&before).for_each(|(sum, slope)| *sum += weight * slope);
        }
    }

    /// The places of all passages, one after the other.
    pub(crate) fn passages(&self, collection: &Collection, threads: usize) -> PassagePlaces {
        if self.rows.is_empty() {
            return PassagePlaces::default();
        }
        let blocks = map_blocks(
            collection.passage_count(),
            PASSAGE_BLOCK,
            threads,
            || (),
            |(), block| {
                let places = block.map(|passage| shortened(&self.passage(collection, passage as PassageIndex).place));
                places.collect::<Vec<ShortPlace>>()
            },
        );
        PassagePlaces::new(blocks.into_iter().flatten().collect())
    }
}

/// The product of two places, in sums that a processor adds at once.
fn dot(a: &[f32], b: &[f32; WIDTH]) -> f32 {
    let mut sums = [0.0f32; 16];
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        for at in 0..16 {
            sums[at] += a[at] * b[at];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::PassageTerms;
    use crate::lexical::LexicalSettings;

    #[test]
    fn slopes_lead_downhill_and_training_brings_answers_near() {
        let mut random = Random::new(4);
        let mut builder = Collection::builder(LexicalSettings::STANDARD);
        let names: Vec<String> = (0..40).map(|at| format!("w{at}")).collect();
        for document in 0..60 {
            // Terms come in pairs: questions use the odd ones, passages the even ones and noise.
            let body: Vec<&str> = (0..8).map(|_| names[2 * random.below(20)].as_str()).collect();
            let body = builder.terms(&body);
            let passage = PassageTerms { document, body: &body, ..PassageTerms::default() };
            assert!(builder.push(&passage).is_ok());
        }
        for document in 60..62 {
            let body = builder.terms(&names);
            assert!(builder.push(&PassageTerms { document, body: &body, ..PassageTerms::default() }).is_ok());
        }
        let collection = builder.finish(1);
        let asked: Vec<AskedTerms> = (0..60)
            .map(|passage| {
                let body = collection.body(passage).iter().take(4);
                let terms: Vec<String> = body.map(|term| collection.names[*term as usize][1..].to_owned()).collect();
                let odd =
                    terms.iter().filter_map(|number| number.parse::<usize>().ok()).map(|number| &names[number + 1]);
                AskedTerms::new(&collection, &odd.collect::<Vec<_>>())
            })
            .collect();
        let gold: Vec<[u32; 1]> = (0..60).map(|at| [at]).collect();
        let examples: Vec<Example<'_>> =
            asked.iter().zip(&gold).map(|(asked, gold)| Example { asked, gold, negatives: &[] }).collect();
        let rank = |learned: &Embeddings| {
            let places = learned.passages(&collection, 1);
            let rank = |at: u32| {
                let place = learned.question_place(&asked[at as usize]);
                let nearness = |passage: u32| places.nearness(&place, passage);
                (0..62).filter(|other| nearness(*other) > nearness(at)).count()
            };
            (0..60).map(rank).sum::<usize>()
        };
        let unlabelled = Embeddings::unlabelled(&collection, 1);
        let before = rank(&unlabelled);
        let after = rank(&unlabelled.fit(&collection, &examples, &[], 1));
        assert!(after * 10 < before, "{before} {after}");
    }
}
