//! Judging classifiers on a folder of texts whose classes are known.

use std::collections::BTreeSet;
use std::path::Path;

use grounds_models::{
    Classifier, ClassifyFigures, ClassifyOutcome, ClassifySettings, Example, RepresentationBuilder, train_classifier,
};
use grounds_store::analyse_with_characters;
use serde::Deserialize;

use super::folder;
use super::import::language;
use crate::error::GroundsError;
use crate::labels::read_labels;

/// Into how many parts texts are divided where none are given to learn from.
const FOLD_COUNT: usize = 5;

/// Texts with their classes, and other texts from which words are learned.
#[derive(Clone, Debug)]
pub struct ClassificationSet {
    corpus: Vec<Vec<String>>,
    examples: Vec<Example>,
}

/// How sets of classes did that may miss the right one at a stated rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetFigures {
    /// The rate that was stated.
    pub error_rate: f64,
    /// The share of texts whose class was not in its set.
    pub missed: f64,
    /// How many classes a set has, on average.
    pub class_count: f64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassificationFigures {
    /// How many texts were judged.
    pub text_count: usize,
    /// How many texts taught: of each part, where texts were divided, the others; the fewest.
    pub example_count: usize,
    /// How many classes the texts have, those that taught and those that were judged.
    pub class_count: usize,
    /// How good the classes are that were named.
    pub figures: ClassifyFigures,
    /// For each rate that was asked for.
    pub sets: Vec<SetFigures>,
    /// Seconds that one training took, on average.
    pub train_s: f64,
    /// Of each text, in order of time.
    pub latencies_ms: Vec<f64>,
    /// The size of the last classifier.
    pub model_bytes: usize,
}

#[derive(Deserialize)]
struct CorpusLine {
    #[serde(default)]
    text: Option<String>,
}

/// What judging collects.
struct Collected {
    classes: Vec<String>,
    outcomes: Vec<ClassifyOutcome>,
    /// For each rate how many sets missed, and how many classes they have.
    sets: Vec<(f64, usize, usize)>,
    latencies_ms: Vec<f64>,
    train_s: Vec<f64>,
    model_bytes: usize,
}

impl ClassificationSet {
    /// Reads a folder with `labels.jsonl` (`text` and `class`, as `grounds labels add --task` takes them) and, where it is there, `corpus.jsonl` (`text`).
    ///
    /// # Errors
    /// [`GroundsError::DataFile`]: a file that is missing or a line that cannot be read; its author can change it.
    pub fn read(folder: &Path) -> Result<Self, GroundsError> {
        let path = folder.join("labels.jsonl");
        let labels = read_labels("class", &path.display().to_string(), &folder::text(&path)?)?;
        let corpus = folder.join("corpus.jsonl");
        let corpus: Vec<CorpusLine> = if corpus.is_file() { folder::json_lines(&corpus)? } else { Vec::new() };
        let corpus: Vec<String> = corpus.into_iter().filter_map(|line| line.text).collect();
        let texts = labels.iter().map(|label| label.text.as_str()).chain(corpus.iter().map(String::as_str));
        let language = language(texts);
        let terms = |text: &String| analyse_with_characters(text, language);
        let example = |label: &grounds_core::LabelRow| Example {
            terms: terms(&label.text),
            class: label.gold.first().cloned().unwrap_or_default(),
        };
        Ok(Self { corpus: corpus.iter().map(terms).collect(), examples: labels.iter().map(example).collect() })
    }

    /// Judges classifiers on every text: one that `training` taught, or where that is `None` for each fifth of the texts one that the others taught. `error_rates` are those of
    /// sets, each above 0 and below 1; `seconds` is a clock that only goes forward.
    ///
    /// # Errors
    /// [`GroundsError::Models`]: too few texts to learn from, or only one class.
    pub fn judge(
        &self,
        training: Option<&ClassificationSet>,
        error_rates: &[f64],
        settings: ClassifySettings,
        seconds: &dyn Fn() -> f64,
    ) -> Result<ClassificationFigures, GroundsError> {
        let all = self.examples.iter().chain(training.iter().flat_map(|training| &training.examples));
        let classes: BTreeSet<&str> = all.map(|example| example.class.as_str()).collect();
        let mut collected = Collected {
            classes: classes.into_iter().map(str::to_owned).collect(),
            outcomes: Vec::with_capacity(self.examples.len()),
            sets: error_rates.iter().map(|rate| (*rate, 0, 0)).collect(),
            latencies_ms: Vec::with_capacity(self.examples.len()),
            train_s: Vec::new(),
            model_bytes: 0,
        };
        let mut example_count = usize::MAX;
        match training {
            Some(training) => {
                example_count = training.examples.len();
                let asked: Vec<&Example> = self.examples.iter().collect();
                collected.judge(&training.corpus, &training.examples, &asked, (settings, seconds))?;
            }
            None => {
                // As they come in the file, one by one into each part: the file's order decides, and no seed.
                for fold in 0..FOLD_COUNT {
                    let (mut taught, mut asked) = (Vec::new(), Vec::new());
                    for (at, example) in self.examples.iter().enumerate() {
                        if at % FOLD_COUNT == fold { asked.push(example) } else { taught.push(example.clone()) }
                    }
                    example_count = example_count.min(taught.len());
                    collected.judge(&self.corpus, &taught, &asked, (settings, seconds))?;
                }
            }
        }
        Ok(collected.finish(example_count))
    }
}

impl Collected {
    /// Trains on `examples` and judges what is said of the texts `asked`.
    fn judge(
        &mut self,
        corpus: &[Vec<String>],
        examples: &[Example],
        asked: &[&Example],
        (settings, seconds): (ClassifySettings, &dyn Fn() -> f64),
    ) -> Result<(), GroundsError> {
        let start = seconds();
        let mut texts = RepresentationBuilder::default();
        corpus.iter().for_each(|terms| texts.push(terms));
        let trained = train_classifier(texts, examples, settings)?;
        self.train_s.push(seconds() - start);
        let bytes = trained.classifier.to_bytes();
        self.model_bytes = bytes.len();
        let classifier = Classifier::from_bytes(&bytes)?;
        for example in asked {
            let start = seconds();
            let prediction = classifier.predict(&example.terms, 0.1);
            self.latencies_ms.push((seconds() - start) * 1e3);
            let number = |class: &str| self.classes.partition_point(|own| own.as_str() < class);
            let Some(best) = prediction.classes.first() else { continue };
            let (right, named) = (number(&example.class), number(&best.class));
            self.outcomes.push(ClassifyOutcome { right, named, probability: best.probability });
            for (rate, missed, class_count) in &mut self.sets {
                let set = classifier.predict(&example.terms, *rate).set;
                *missed += usize::from(!set.contains(&example.class));
                *class_count += set.len();
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 texts")]
    fn finish(mut self, example_count: usize) -> ClassificationFigures {
        self.latencies_ms.sort_by(f64::total_cmp);
        let text_count = self.outcomes.len();
        let share = |count: usize| count as f64 / text_count.max(1) as f64;
        let set = |(error_rate, missed, class_count): &(f64, usize, usize)| SetFigures {
            error_rate: *error_rate,
            missed: share(*missed),
            class_count: share(*class_count),
        };
        ClassificationFigures {
            text_count,
            example_count,
            class_count: self.classes.len(),
            figures: ClassifyFigures::of(&self.outcomes, self.classes.len()),
            sets: self.sets.iter().map(set).collect(),
            train_s: self.train_s.iter().sum::<f64>() / self.train_s.len().max(1) as f64,
            latencies_ms: self.latencies_ms,
            model_bytes: self.model_bytes,
        }
    }
}
