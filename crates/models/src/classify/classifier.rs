//! A trained classifier: what class a text is of, how sure that is, and which words say so.

use crate::bytes::{Reader, Writer, checksum};
use crate::classify::calibration::{Fold, p_values};
use crate::classify::linear::{Linear, probabilities};
use crate::classify::representation::{Representation, Represented};
use crate::error::ModelsError;

/// How the bytes of a classifier begin.
const MAGIC: &[u8; 8] = b"GRCLASS\0";
/// The format of what follows.
const FORMAT: u32 = 2;

/// A text classifier. Reading it needs nothing of the workspace that it was trained on.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    representation: Representation,
    head: Head,
}

/// What labels taught.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    /// The classes, in order of name.
    pub(crate) names: Vec<String>,
    pub(crate) linear: Linear,
    pub(crate) temperature: f32,
    /// What sets of classes are cut by: see [`p_values`].
    pub(crate) folds: Vec<Fold>,
}

/// A class and how probable it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassProbability {
    /// The class.
    pub class: String,
    /// From 0 to 1; the probabilities of all classes are 1 together.
    pub probability: f64,
}

/// A word of a text, and what it adds to the score of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct WordContribution {
    /// The term.
    pub word: String,
    /// Above 0 where it speaks for the class.
    pub contribution: f32,
}

/// What a classifier says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Every class, the most probable first; equal ones in order of name.
    pub classes: Vec<ClassProbability>,
    /// The classes among which the right one is, but for the stated rate of errors; in the same order. None where the text is like nothing that was labelled.
    pub set: Vec<String>,
    /// The words that say most for or against the most probable class, the weightiest first, at most eight.
    pub words: Vec<WordContribution>,
}

const WORD_COUNT_MAX: usize = 8;

/// The places of numbers, the greatest first; equal ones in order.
fn best_first(numbers: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|a, b| numbers[*b].total_cmp(&numbers[*a]));
    order
}

impl Classifier {
    pub(crate) fn new(representation: Representation, head: Head) -> Self {
        Self { representation, head }
    }

    /// The classes, in order of name.
    pub fn classes(&self) -> &[String] {
        &self.head.names
    }

    /// What class a text is of, by its terms, analysed as those of the examples were.
    ///
    /// The set misses the right class in at most `error_rate` (above 0, below 1) of texts that come as the examples did, but for chance: so it was measured
    /// on four tasks; what is proved is about twice the rate (Barber et al., *Predictive Inference with the Jackknife+*, 2021, theorem 4). It is cut by the
    /// classifiers of the folds, each beside the examples that it had not seen (Vovk, *Cross-Conformal Predictors*, 2015): where they disagree with the
    /// classifier of all examples, the most probable class need not be in it.
    ///
    /// Cost: microseconds.
    pub fn predict<S: AsRef<str>>(&self, terms: &[S], error_rate: f64) -> Prediction {
        let text = self.representation.of(terms);
        let probabilities = self.probabilities(&text);
        let order = best_first(&probabilities);
        let p_values = p_values(&self.head.folds, &text, self.head.temperature, probabilities.len());
        let belongs = |class: &&usize| p_values[**class] > error_rate;
        let set = order.iter().filter(belongs).map(|class| self.head.names[*class].clone()).collect();
        let words = order.first().map_or_else(Vec::new, |best| self.contributions(&text, *best));
        Prediction { classes: self.named(&order, &probabilities), set, words }
    }

    /// How probable each class is of a text, the most probable first; equal ones in order of name. As [`Classifier::predict`] says it, at less cost.
    pub fn class_probabilities<S: AsRef<str>>(&self, terms: &[S]) -> Vec<ClassProbability> {
        let probabilities = self.probabilities(&self.representation.of(terms));
        self.named(&best_first(&probabilities), &probabilities)
    }

    fn named(&self, order: &[usize], probabilities: &[f64]) -> Vec<ClassProbability> {
        let named = |class: &usize| ClassProbability {
            class: self.head.names[*class].clone(),
            probability: probabilities[*class],
        };
        order.iter().map(named).collect()
    }

    pub(crate) fn represent<S: AsRef<str>>(&self, terms: &[S]) -> Represented {
        self.representation.of(terms)
    }

    pub(crate) fn probabilities(&self, text: &Represented) -> Vec<f64> {
        let mut scores = self.head.linear.scores(text);
        scores.iter_mut().for_each(|score| *score /= f64::from(self.head.temperature));
        probabilities(&mut scores);
        scores
    }

    /// What each word adds to a class's score: by itself, and through the text's vector, which is a sum over words.
    fn contributions(&self, text: &Represented, class: usize) -> Vec<WordContribution> {
        let (of_words, of_vector) = self.head.linear.of_class(class, text);
        let length = text.length.max(f32::MIN_POSITIVE);
        let both = text.words.iter().zip(of_words);
        let mut found: Vec<WordContribution> = both
            .map(|((word, weight), of_word)| {
                let contribution = of_word + weight / length * self.representation.along(*word, of_vector);
                WordContribution { word: self.representation.name(*word).to_owned(), contribution }
            })
            .collect();
        found.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        found.truncate(WORD_COUNT_MAX);
        found
    }

    /// The classifier as bytes, the same for the same classifier.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer(MAGIC.to_vec());
        writer.u32(FORMAT);
        self.representation.write(&mut writer);
        let head = &self.head;
        writer.list(&head.names, |writer, name| writer.list(name.as_bytes(), |writer, byte| writer.0.push(*byte)));
        head.linear.write(&mut writer);
        writer.f32(head.temperature);
        writer.list(&head.folds, |writer, fold| {
            fold.linear.write(writer);
            writer.f32s(&fold.strangeness);
        });
        let sum = checksum(&writer.0);
        writer.u64(sum);
        writer.0
    }

    /// Reads what [`Classifier::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ModelsError::ForeignModel`], [`ModelsError::ModelVersion`]: other bytes, or another build's. [`ModelsError::DamagedModel`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelsError> {
        let damaged = |what| ModelsError::DamagedModel { what };
        let body = bytes.strip_prefix(MAGIC.as_slice()).ok_or(ModelsError::ForeignModel)?;
        let (body, sum) = body.split_last_chunk::<8>().ok_or_else(|| damaged("it ends too early"))?;
        if checksum(&bytes[..bytes.len() - 8]) != u64::from_le_bytes(*sum) {
            return Err(damaged("its checksum differs"));
        }
        let mut reader = Reader(body);
        let found = reader.u32()?;
        if found != FORMAT {
            return Err(ModelsError::ModelVersion { found, readable: FORMAT });
        }
        let representation = Representation::read(&mut reader)?;
        let names = reader.list(8, |reader| {
            let count = reader.count(1)?;
            let name = std::str::from_utf8(reader.bytes(count)?).map_err(|_| damaged("a class is not text"))?;
            Ok(name.to_owned())
        })?;
        let linear = |reader: &mut Reader<'_>| Linear::read(reader, names.len(), representation.word_count());
        let (of_all, temperature) = (linear(&mut reader)?, reader.f32()?);
        let folds = reader.list(8, |reader| Ok(Fold { linear: linear(reader)?, strangeness: reader.f32s()? }))?;
        let is_in_order = folds.iter().all(|fold| fold.strangeness.is_sorted());
        let fits = !names.is_empty() && temperature > 0.0 && is_in_order && reader.0.is_empty();
        if !fits {
            return Err(damaged("its parts do not fit"));
        }
        Ok(Self { representation, head: Head { names, linear: of_all, temperature, folds } })
    }
}
