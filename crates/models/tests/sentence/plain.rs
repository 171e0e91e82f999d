//! The same model by loops over single numbers, in double precision.

use grounds_core::EmbedRole;

use super::folder::{Shape, WORDS, Weights};

/// A model to compare with.
pub(super) struct PlainModel<'s> {
    pub(super) shape: &'s Shape,
    pub(super) weights: Weights,
}

type Rows = Vec<Vec<f64>>;

impl PlainModel<'_> {
    /// The vector of a text.
    pub(super) fn vector(&self, text: &str, role: EmbedRole) -> Vec<f64> {
        let tokens = self.tokens(text, role);
        let mut rows: Rows = tokens.iter().enumerate().map(|(place, token)| self.embedded(place, *token)).collect();
        rows = self.norm(&rows, "embeddings.LayerNorm");
        for layer in 0..self.shape.layer_count {
            let name = |part: &str| format!("encoder.layer.{layer}.{part}");
            let mixed = self.linear(&self.attention(&rows, layer), &name("attention.output.dense"));
            rows = self.norm(&sum(&rows, &mixed), &name("attention.output.LayerNorm"));
            let mut inner = self.linear(&rows, &name("intermediate.dense"));
            inner.iter_mut().flatten().for_each(|number| *number = self.bent(*number));
            rows = self.norm(&sum(&rows, &self.linear(&inner, &name("output.dense"))), &name("output.LayerNorm"));
        }
        let mut vector = rows[0].clone();
        if self.shape.pooling == "mean" {
            for (column, number) in vector.iter_mut().enumerate() {
                *number = rows.iter().map(|row| row[column]).sum::<f64>() / rows.len() as f64;
            }
        }
        if self.shape.is_normalised {
            let length = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
            vector.iter_mut().for_each(|number| *number /= length);
        }
        vector
    }

    /// Words by their numbers, cut, between their brackets.
    fn tokens(&self, text: &str, role: EmbedRole) -> Vec<usize> {
        let prompt = self.shape.prompts.map_or("", |(question, passage)| match role {
            EmbedRole::Question => question,
            EmbedRole::Passage => passage,
        });
        let text = format!("{prompt}{text}");
        let number = |word: &str| WORDS.iter().position(|known| *known == word).unwrap_or(1);
        let words = text.split_whitespace().map(number).take(self.shape.token_count_max - 2);
        std::iter::once(2).chain(words).chain(std::iter::once(3)).collect()
    }

    fn embedded(&self, place: usize, token: usize) -> Vec<f64> {
        let position = place + self.shape.first_position();
        (0..self.shape.width)
            .map(|column| {
                self.at("embeddings.word_embeddings.weight", token, column)
                    + self.at("embeddings.position_embeddings.weight", position, column)
                    + self.at("embeddings.token_type_embeddings.weight", 0, column)
            })
            .collect()
    }

    fn attention(&self, rows: &Rows, layer: usize) -> Rows {
        let part = |part: &str| self.linear(rows, &format!("encoder.layer.{layer}.attention.self.{part}"));
        let (query, key, value) = (part("query"), part("key"), part("value"));
        let width = self.shape.width / self.shape.head_count;
        let mut mixed = vec![vec![0.0; self.shape.width]; rows.len()];
        for head in 0..self.shape.head_count {
            let columns = head * width..(head + 1) * width;
            for (place, mixed) in mixed.iter_mut().enumerate() {
                let score = |key: &Vec<f64>| {
                    columns.clone().map(|column| query[place][column] * key[column]).sum::<f64>()
                        / (width as f64).sqrt()
                };
                let shares: Vec<f64> = key.iter().map(|key| score(key).exp()).collect();
                let total: f64 = shares.iter().sum();
                for column in columns.clone() {
                    mixed[column] = shares.iter().zip(&value).map(|(share, value)| share / total * value[column]).sum();
                }
            }
        }
        mixed
    }

    fn linear(&self, rows: &Rows, name: &str) -> Rows {
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        let outputs = self.weights[&bias].1.len();
        let output = |row: &Vec<f64>, output: usize| {
            let products = row.iter().enumerate().map(|(column, number)| number * self.at(&weight, output, column));
            products.sum::<f64>() + self.at(&bias, 0, output)
        };
        rows.iter().map(|row| (0..outputs).map(|number| output(row, number)).collect()).collect()
    }

    fn norm(&self, rows: &Rows, name: &str) -> Rows {
        let norm = |row: &Vec<f64>| {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            let variance = row.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / row.len() as f64;
            let scaled = row.iter().map(|number| (number - mean) / (variance + 1e-12).sqrt()).enumerate();
            scaled
                .map(|(column, number)| {
                    number * self.at(&format!("{name}.weight"), 0, column) + self.at(&format!("{name}.bias"), 0, column)
                })
                .collect()
        };
        rows.iter().map(norm).collect()
    }

    fn bent(&self, number: f64) -> f64 {
        match self.shape.activation {
            "relu" => number.max(0.0),
            "gelu_new" => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (number + 0.044_715 * number.powi(3));
                0.5 * number * (1.0 + inner.tanh())
            }
            _ => number * normal(number),
        }
    }

    fn at(&self, name: &str, row: usize, column: usize) -> f64 {
        let (sizes, numbers) = &self.weights[name];
        f64::from(numbers[row * sizes[sizes.len() - 1] + column])
    }
}

fn sum(a: &Rows, b: &Rows) -> Rows {
    let add = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a + b).collect();
    a.iter().zip(b).map(add).collect()
}

/// The share of the normal distribution below a number, by Simpson's rule from 0.
fn normal(number: f64) -> f64 {
    const STEP_COUNT: usize = 400;
    let density = |at: f64| (-at * at / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let step = number / STEP_COUNT as f64;
    let factor = |number: usize| match number {
        0 | STEP_COUNT => 1.0,
        number if number % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let area: f64 = (0..=STEP_COUNT).map(|number| factor(number) * density(step * number as f64)).sum();
    0.5 + area * step / 3.0
}
