//! Metrics on rankings counted by hand.

use grounds_models::{Estimate, Figures, Outcome};

/// A ranking, its gold, and recall, average precision, nDCG and all-gold.
type Case = (&'static [u32], &'static [u32], f64, f64, f64, f64);

#[test]
fn rankings_are_judged_as_by_hand() {
    let second = 1.0 / 3f64.log2();
    let cases: [Case; 6] = [
        (&[1, 2, 3], &[1], 1.0, 1.0, 1.0, 1.0),
        (&[2, 1, 3], &[1], 1.0, 0.5, second, 1.0),
        (&[1, 2, 3], &[1, 9], 0.5, 0.5, 1.0 / (1.0 + second), 0.0),
        (&[5, 1, 9], &[1, 9], 1.0, (0.5 + 2.0 / 3.0) / 2.0, (second + 0.5) / (1.0 + second), 1.0),
        (&[0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1], &[1], 0.0, 0.0, 0.0, 0.0),
        (&[], &[1], 0.0, 0.0, 0.0, 0.0),
    ];
    for (ranking, gold, recall, precision, ndcg, all) in cases {
        let found = Outcome::of(ranking, gold);
        let pairs =
            [(found.recall, recall), (found.average_precision, precision), (found.ndcg, ndcg), (found.all_gold, all)];
        assert!(pairs.iter().all(|(found, expected)| (found - expected).abs() < 1e-12), "{ranking:?}: {found:?}");
        assert_eq!(found.is_multi, gold.len() > 1);
    }
}

#[test]
fn intervals_hold_the_mean_and_narrow_with_more_questions() {
    let few: Vec<f64> = (0..20).map(|at| f64::from(at % 2)).collect();
    let many: Vec<f64> = (0..2_000).map(|at| f64::from(at % 2)).collect();
    let (few, many) = (Estimate::of(&few), Estimate::of(&many));
    for estimate in [few, many] {
        assert!((estimate.mean - 0.5).abs() < 1e-12 && estimate.low < 0.5 && 0.5 < estimate.high);
    }
    // The deviation of the mean is 0.5 / sqrt(2000) = 0.011, and the interval is about 1.96 of it to each side.
    assert!((many.high - many.low - 0.044).abs() < 0.004, "{many:?}");
    assert!(few.high - few.low > 5.0 * (many.high - many.low));
    assert_eq!(Estimate::of(&[]), Estimate::default());
}

#[test]
fn questions_with_several_golds_are_counted_apart() {
    let outcomes = [Outcome::of(&[1], &[1]), Outcome::of(&[1], &[1, 2]), Outcome::of(&[1, 2], &[1, 2])];
    let figures = Figures::of(&outcomes);
    assert_eq!((figures.question_count, figures.multi_count), (3, 2));
    assert!((figures.all_gold.mean - 2.0 / 3.0).abs() < 1e-12 && (figures.all_gold_multi.mean - 0.5).abs() < 1e-12);
}
