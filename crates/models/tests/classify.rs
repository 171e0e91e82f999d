//! Text classifiers: few labels go far with the workspace's own text, probabilities and sets mean what they say, bytes come back.

use grounds_models::{
    Classifier, ClassifySettings, Example, ModelsError, RepresentationBuilder, TrainedClassifier, train_classifier,
};

/// A small generator (xorshift64*, Vigna 2016).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

/// A text about one of four topics: words of the topic, of which each has ten common and ten rare ones, and words that say nothing.
fn text(numbers: &mut Numbers, topic: usize, words: std::ops::Range<usize>) -> Vec<String> {
    let word = |numbers: &mut Numbers| match numbers.below(3) {
        0 => format!("said{}", numbers.below(40)),
        _ => format!("t{topic}w{}", words.start + numbers.below(words.len())),
    };
    (0..12).map(|_| word(numbers)).collect()
}

/// Texts without labels, in which common and rare words of a topic stand together.
fn workspace() -> RepresentationBuilder {
    let mut numbers = Numbers(7);
    let mut texts = RepresentationBuilder::default();
    (0..800).for_each(|at| texts.push(&text(&mut numbers, at % 4, 0..20)));
    texts
}

fn examples(seed: u64, count: usize, words: std::ops::Range<usize>) -> Vec<Example> {
    let mut numbers = Numbers(seed);
    let example =
        |at: usize| Example { terms: text(&mut numbers, at % 4, words.clone()), class: format!("topic {}", at % 4) };
    (0..count).map(example).collect()
}

fn trained(examples: &[Example]) -> TrainedClassifier {
    train_classifier(workspace(), examples, ClassifySettings::STANDARD).expect("enough examples")
}

#[test]
fn words_that_no_label_has_are_understood_by_the_company_they_keep() {
    let trained = trained(&examples(3, 24, 0..10));
    assert!(trained.report.is_better_than_commonest());
    let unseen = examples(4, 200, 10..20);
    let right = unseen.iter().filter(|one| trained.classifier.predict(&one.terms, 0.1).classes[0].class == one.class);
    let right = right.count();
    assert!(right > 190, "{right}");
}

#[test]
fn training_is_the_same_for_any_number_of_threads_and_comes_back_from_bytes() {
    let examples = examples(5, 40, 0..20);
    let with = |threads| {
        let mut settings = ClassifySettings::STANDARD;
        settings.threads = threads;
        train_classifier(workspace(), &examples, settings).expect("enough examples").classifier.to_bytes()
    };
    let bytes = with(1);
    assert_eq!(bytes, with(3));
    let classifier = Classifier::from_bytes(&bytes).expect("whole bytes");
    assert_eq!(classifier.to_bytes(), bytes);
    assert_eq!(classifier.classes(), ["topic 0", "topic 1", "topic 2", "topic 3"]);
    assert_eq!(Classifier::from_bytes(b"something else"), Err(ModelsError::ForeignModel));
    for at in (0..bytes.len()).step_by(bytes.len() / 97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        assert!(Classifier::from_bytes(&damaged).is_err(), "byte {at}");
        assert!(Classifier::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn sets_miss_the_right_class_as_rarely_as_stated() {
    // A third of the labels are wrong, so no classifier is right more often.
    let mislead = |seed: u64, count: usize| {
        let mut numbers = Numbers(seed ^ 0xabcd);
        let mut examples = examples(seed, count, 0..20);
        for example in &mut examples {
            if numbers.below(3) == 0 {
                example.class = format!("topic {}", numbers.below(4));
            }
        }
        examples
    };
    let (mut missed, mut asked) = (0_u32, 0_u32);
    for seed in 1..=5 {
        let trained = trained(&mislead(seed * 11, 80));
        for one in mislead(seed * 11 + 5, 250) {
            let prediction = trained.classifier.predict(&one.terms, 0.2);
            asked += 1;
            missed += u32::from(!prediction.set.contains(&one.class));
        }
    }
    let share = f64::from(missed) / f64::from(asked);
    assert!((0.13..0.25).contains(&share), "{share}");
}

#[test]
fn a_prediction_says_how_sure_it_is_and_why() {
    let trained = trained(&examples(6, 60, 0..20));
    let prediction = trained.classifier.predict(&["said1", "t2w3", "t2w4", "t2w5"], 0.05);
    assert_eq!(prediction.classes[0].class, "topic 2");
    assert_eq!(prediction.classes, trained.classifier.class_probabilities(&["said1", "t2w3", "t2w4", "t2w5"]));
    let sum: f64 = prediction.classes.iter().map(|class| class.probability).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    assert!(prediction.words[0].word.starts_with("t2w") && prediction.words[0].contribution > 0.0);
    let nothing = trained.classifier.predict(&["never", "heard"], 0.05);
    assert!(nothing.classes.iter().all(|class| class.probability.is_finite()) && nothing.words.is_empty());
}

#[test]
fn what_is_worth_labelling_is_unsure_and_not_twice_the_same() {
    let trained = trained(&examples(8, 60, 0..20));
    let sure: Vec<Vec<String>> = examples(9, 40, 0..20).into_iter().map(|example| example.terms).collect();
    let between: Vec<String> = ["t0w1", "t1w1", "t0w2", "t1w2"].map(str::to_owned).to_vec();
    let pool: Vec<Vec<String>> = sure.into_iter().chain([between.clone(), between]).collect();
    let next = trained.classifier.next_to_label(&pool, 5);
    assert_eq!(next.len(), 5);
    assert!(next[0] == 40, "{next:?}");
    assert!(!next[1..].contains(&41), "{next:?}");
    assert_eq!(trained.classifier.next_to_label::<String>(&[], 5), Vec::<usize>::new());
}

#[test]
fn too_little_to_learn_from_is_said() {
    let train = |examples: &[Example]| train_classifier(workspace(), examples, ClassifySettings::STANDARD);
    assert!(matches!(train(&examples(1, 9, 0..20)), Err(ModelsError::TooFewExamples { example_count: 9, .. })));
    let mut one_class = examples(1, 30, 0..20);
    one_class.iter_mut().for_each(|example| example.class = "one".to_owned());
    assert!(matches!(train(&one_class), Err(ModelsError::TooFewExamples { class_count: 1, .. })));
    // Nothing but the examples to learn words from.
    let alone = train_classifier(RepresentationBuilder::default(), &examples(2, 40, 0..20), ClassifySettings::STANDARD);
    assert!(alone.expect("enough examples").report.figures.accuracy.mean > 0.8);
}
