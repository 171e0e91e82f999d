//! Which texts are worth labelling next.

use crate::classify::classifier::Classifier;
use crate::classify::representation::Represented;

impl Classifier {
    /// The `count` texts of `pool` that are most worth labelling, by their places, the most useful first: those about which the classifier is least sure (entropy;
    /// Settles, *Active Learning Literature Survey*, 2009, section 3.1), each the less useful the more it is like one that was chosen before it.
    ///
    /// Cost: for each text that is chosen one comparison with every other.
    pub fn next_to_label<S: AsRef<str>>(&self, pool: &[Vec<S>], count: usize) -> Vec<usize> {
        let texts: Vec<Represented> = pool.iter().map(|terms| self.represent(terms)).collect();
        let unsure: Vec<f64> = texts.iter().map(|text| entropy(&self.probabilities(text))).collect();
        let mut likeness = vec![0.0_f32; texts.len()];
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < count.min(texts.len()) {
            let worth = |at: &usize| unsure[*at] * unlikeness(likeness[*at]);
            let left = (0..texts.len()).filter(|at| !chosen.contains(at));
            // The first of equally useful ones.
            let Some(best) = left.rev().max_by(|a, b| worth(a).total_cmp(&worth(b))) else { break };
            for (like, text) in likeness.iter_mut().zip(&texts) {
                let cosine: f32 = text.vector.iter().zip(&texts[best].vector).map(|(a, b)| a * b).sum();
                *like = like.max(cosine);
            }
            chosen.push(best);
        }
        chosen
    }
}

/// How unlike texts with this cosine are, from 0 to 1; what rounding leaves of that of equal ones counts for nothing.
fn unlikeness(cosine: f32) -> f64 {
    let unlike = 1.0 - cosine.clamp(0.0, 1.0);
    if unlike < 1e-5 { 0.0 } else { f64::from(unlike) }
}

fn entropy(probabilities: &[f64]) -> f64 {
    -probabilities.iter().filter(|share| **share > 0.0).map(|share| share * share.ln()).sum::<f64>()
}
