//! The peer: plain BM25 over whole articles, as a retrieval library gives it out of the box.
//!
//! Tokens are runs of letters and digits in lower case, k1 1.2, b 0.75 (Robertson & Zaragoza 2009, section 3.2).

use std::collections::{BTreeMap, HashMap};

/// An index over named texts.
pub(crate) struct PlainBm25 {
    names: Vec<String>,
    lengths: Vec<f64>,
    postings: HashMap<String, Vec<(usize, f64)>>,
}

impl PlainBm25 {
    pub(crate) fn new(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut index = Self { names: Vec::new(), lengths: Vec::new(), postings: HashMap::new() };
        for (name, text) in texts {
            let position = index.names.len();
            let mut counts: BTreeMap<String, f64> = BTreeMap::new();
            let tokens = tokens(&text);
            for token in &tokens {
                *counts.entry(token.clone()).or_default() += 1.0;
            }
            for (token, count) in counts {
                index.postings.entry(token).or_default().push((position, count));
            }
            index.names.push(name);
            index.lengths.push(tokens.len() as f64);
        }
        index
    }

    /// The names of the best texts, best first.
    pub(crate) fn search(&self, query: &str, count: usize) -> Vec<&str> {
        let total = self.names.len() as f64;
        let average = self.lengths.iter().sum::<f64>() / total.max(1.0);
        let mut scores = vec![0.0; self.names.len()];
        for token in tokens(query) {
            let Some(postings) = self.postings.get(&token) else { continue };
            let frequency = postings.len() as f64;
            let idf = (1.0 + (total - frequency + 0.5) / (frequency + 0.5)).ln();
            for (position, count) in postings {
                let norm = 1.2 * (0.25 + 0.75 * self.lengths[*position] / average);
                scores[*position] += idf * count * 2.2 / (count + norm);
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|position| scores[*position] > 0.0).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order.into_iter().take(count).map(|position| self.names[position].as_str()).collect()
    }
}

fn tokens(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}
