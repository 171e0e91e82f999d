//! Training: settings are chosen, and everything that is said of the classifier is measured, on texts that were held out.

use crate::classify::calibration::{Fold, Held, temperature};
use crate::classify::classifier::{Classifier, Head};
use crate::classify::figures::{ClassifyFigures, ClassifyOutcome};
use crate::classify::linear::{Linear, LinearSettings, log_probability, probabilities};
use crate::classify::representation::{RepresentationBuilder, Represented};
use crate::error::ModelsError;
use crate::random::Random;

/// A labelled text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its terms in order, analysed as the workspace's passages are.
    pub terms: Vec<String>,
    /// Its class.
    pub class: String,
}

/// How a classifier is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassifySettings {
    /// Decides which texts are held out together.
    pub seed: u64,
    /// How many threads work; the result is the same for any number.
    pub threads: usize,
    /// Into how many parts the labelled texts are divided; each is held out once.
    pub fold_count: usize,
}

impl ClassifySettings {
    /// Five folds, two threads.
    pub const STANDARD: ClassifySettings = ClassifySettings { seed: 1, threads: 2, fold_count: 5 };
}

/// Fewer labelled texts teach nothing that could be tested.
const EXAMPLE_COUNT_MIN: usize = 10;
/// What is tried: the price of errors, and the weight of vectors. The first is taken where nothing is better.
const TRIED: [LinearSettings; 6] = [
    LinearSettings { cost: 3.0, vector_weight: 1.0 },
    LinearSettings { cost: 1.0, vector_weight: 1.0 },
    LinearSettings { cost: 10.0, vector_weight: 1.0 },
    LinearSettings { cost: 1.0, vector_weight: 2.0 },
    LinearSettings { cost: 3.0, vector_weight: 2.0 },
    LinearSettings { cost: 30.0, vector_weight: 1.0 },
];

/// What a training made.
#[derive(Clone, Debug)]
pub struct TrainedClassifier {
    /// The classifier, trained on every example.
    pub classifier: Classifier,
    /// How it did on examples that were held out.
    pub report: ClassifyReport,
}

/// How classifiers did on examples they were not trained on, each of which was held out once.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClassifyReport {
    /// How many examples.
    pub example_count: usize,
    /// The classes in order of name, with their numbers of examples.
    pub classes: Vec<(String, usize)>,
    /// How good the classes are that were named.
    pub figures: ClassifyFigures,
    /// The accuracy of always naming the commonest class: what a classifier has to beat.
    pub accuracy_of_commonest: f64,
}

impl ClassifyReport {
    /// Whether it is better than naming the commonest class, beyond doubt.
    pub fn is_better_than_commonest(&self) -> bool {
        self.figures.accuracy.low > self.accuracy_of_commonest
    }
}

/// Learns the classes of `examples`, with words weighed by `texts`: the passages of the workspace, to which the examples are added without their classes.
///
/// Cost: some seconds for some ten thousand passages, and about a millisecond for each example. Deterministic.
///
/// # Errors
/// [`ModelsError::TooFewExamples`]: fewer than ten examples, or only one class.
pub fn train_classifier(
    mut texts: RepresentationBuilder,
    examples: &[Example],
    settings: ClassifySettings,
) -> Result<TrainedClassifier, ModelsError> {
    let mut names: Vec<&str> = examples.iter().map(|example| example.class.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if examples.len() < EXAMPLE_COUNT_MIN || names.len() < 2 {
        let (example_count, class_count) = (examples.len(), names.len());
        let example_count_min = EXAMPLE_COUNT_MIN;
        return Err(ModelsError::TooFewExamples { example_count, class_count, example_count_min });
    }
    let unlabelled_count = texts.text_count();
    examples.iter().for_each(|example| texts.push(&example.terms));
    let representation = texts.finish(unlabelled_count, settings.threads);
    let represented: Vec<(Represented, usize)> = examples
        .iter()
        .map(|example| {
            let class = names.partition_point(|name| *name < example.class.as_str());
            (representation.of(&example.terms), class)
        })
        .collect();
    let folds = folds(&represented, names.len(), settings);
    let mut best: Option<(f64, LinearSettings, Vec<Linear>, Vec<Held>)> = None;
    for tried in TRIED {
        let (linears, held) = held_out(&represented, &folds, names.len(), tried, settings);
        let likelihood = balanced_likelihood(&held, names.len());
        if best.as_ref().is_none_or(|(greatest, ..)| likelihood > *greatest) {
            best = Some((likelihood, tried, linears, held));
        }
    }
    let Some((_, chosen, linears, held)) = best else { return Err(ModelsError::Stopped) };
    let temperature = temperature(&held);
    let texts: Vec<(&Represented, usize)> = represented.iter().map(|(text, class)| (text, *class)).collect();
    let linear = Linear::train(&texts, names.len(), chosen);
    let report = report(&held, temperature, &names);
    let names = names.into_iter().map(str::to_owned).collect();
    let temperature = temperature as f32;
    let of_fold = |(fold, linear)| {
        let held: Vec<&Held> = held.iter().zip(&folds).filter(|(_, own)| **own == fold).map(|(held, _)| held).collect();
        Fold::new(linear, &held, temperature)
    };
    let folds = (0..).zip(linears).map(of_fold).collect();
    let head = Head { names, linear, temperature, folds };
    Ok(TrainedClassifier { classifier: Classifier::new(representation, head), report })
}

/// For each example the number of its fold. Every class is spread over all of them.
fn folds(examples: &[(Represented, usize)], class_count: usize, settings: ClassifySettings) -> Vec<usize> {
    let mut random = Random::new(settings.seed);
    let mut folds = vec![0; examples.len()];
    let mut next = 0;
    for class in 0..class_count {
        let mut own: Vec<usize> = (0..examples.len()).filter(|at| examples[*at].1 == class).collect();
        random.shuffle(&mut own);
        for at in own {
            folds[at] = next % settings.fold_count.max(2);
            next += 1;
        }
    }
    folds
}

/// For each fold a classifier that was trained on the others, and the scores of each example by the one that did not learn from it.
fn held_out(
    examples: &[(Represented, usize)],
    folds: &[usize],
    class_count: usize,
    tried: LinearSettings,
    settings: ClassifySettings,
) -> (Vec<Linear>, Vec<Held>) {
    let of_fold = |fold: usize| {
        let texts = examples.iter().zip(folds).filter(|(_, own)| **own != fold);
        let texts: Vec<(&Represented, usize)> = texts.map(|((text, class), _)| (text, *class)).collect();
        Linear::train(&texts, class_count, tried)
    };
    let linears = crate::parallel::map_blocks(
        settings.fold_count.max(2),
        1,
        settings.threads,
        || (),
        |(), range| of_fold(range.start),
    );
    let held = examples.iter().zip(folds).map(|((text, class), fold)| (linears[*fold].scores(text), *class)).collect();
    (linears, held)
}

/// How likely held-out examples are, at the temperature that suits them, each class counting alike.
fn balanced_likelihood(held: &[Held], class_count: usize) -> f64 {
    let temperature = temperature(held);
    let (mut sums, mut counts) = (vec![0.0; class_count], vec![0.0_f64; class_count]);
    for (scores, class) in held {
        let scores: Vec<f64> = scores.iter().map(|score| score / temperature).collect();
        sums[*class] += log_probability(&scores, *class);
        counts[*class] += 1.0;
    }
    sums.iter().zip(&counts).map(|(sum, count)| sum / count.max(1.0)).sum()
}

fn report(held: &[Held], temperature: f64, names: &[&str]) -> ClassifyReport {
    let mut there = vec![0_usize; names.len()];
    held.iter().for_each(|(_, class)| there[*class] += 1);
    let outcome = |(scores, class): &Held| {
        let mut scores: Vec<f64> = scores.iter().map(|score| score / temperature).collect();
        probabilities(&mut scores);
        // The first of equally probable ones.
        let named = (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default();
        ClassifyOutcome { right: *class, named, probability: scores[named] }
    };
    let outcomes: Vec<ClassifyOutcome> = held.iter().map(outcome).collect();
    ClassifyReport {
        example_count: held.len(),
        classes: names.iter().map(|name| (*name).to_owned()).zip(there.iter().copied()).collect(),
        figures: ClassifyFigures::of(&outcomes, names.len()),
        accuracy_of_commonest: there.iter().copied().max().unwrap_or_default() as f64 / held.len().max(1) as f64,
    }
}
