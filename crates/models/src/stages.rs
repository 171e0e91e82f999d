//! The two stages of ranking: each candidate by itself, then the best beside each other.

use crate::bytes::{Reader, Writer};
use crate::embeddings::{Embeddings, NO_ROW, WIDTH, kept, lengthened};
use crate::error::ModelsError;
use crate::features::is_memory;
use crate::network::{Network, NetworkSettings, RankedList};
use crate::trees::{Node, TreeSettings, Trees};

/// Networks of the set stage, which differ in nothing but chance: together they are wrong less often, and there are few rows.
const SET_NETWORK_COUNT: u64 = 3;

/// Networks and trees; the opinion of all networks together counts as much as that of the trees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blend {
    networks: Vec<Network>,
    trees: Trees,
}

impl Blend {
    /// Learns to rank candidates by themselves from rows of `width` numbers; without memory, nothing that past questions say is looked at.
    pub(crate) fn fit_first(width: usize, lists: &[&RankedList<'_>], uses_memory: bool, seed: u64) -> Self {
        let is_used = |feature: usize| uses_memory || !is_memory(feature);
        Self {
            networks: vec![Network::fit(width, lists, &is_used, &NetworkSettings::STANDARD, seed)],
            trees: Trees::fit(width, lists, &is_used, &TreeSettings::FIRST_STAGE, seed),
        }
    }

    /// Learns to rank the best candidates beside each other from rows of `width` numbers.
    pub(crate) fn fit_set(width: usize, lists: &[&RankedList<'_>], seed: u64) -> Self {
        let network = |number| Network::fit(width, lists, &|_| true, &NetworkSettings::SET_STAGE, seed + number);
        Self {
            networks: (0..SET_NETWORK_COUNT).map(network).collect(),
            trees: Trees::fit(width, lists, &|_| true, &TreeSettings::SET_STAGE, seed),
        }
    }

    /// The scores of a question's candidates, comparable only with each other.
    pub(crate) fn scores(&self, rows: &[&[f32]]) -> Vec<f32> {
        let mut scores = vec![0.0; rows.len()];
        for network in &self.networks {
            let mut by_network = network.scores(rows);
            standardise(&mut by_network);
            scores.iter_mut().zip(by_network).for_each(|(score, other)| *score += other);
        }
        standardise(&mut scores);
        let mut by_trees = self.trees.scores(rows);
        standardise(&mut by_trees);
        scores.iter_mut().zip(by_trees).for_each(|(score, other)| *score += other);
        scores
    }
}

/// Brings numbers to mean 0 and deviation 1.
pub(crate) fn standardise(values: &mut [f32]) {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / count;
    let scale = 1.0 / variance.sqrt().max(1e-6);
    values.iter_mut().for_each(|value| *value = (*value - mean) * scale);
}

pub(crate) fn write_blend(writer: &mut Writer, blend: &Blend) {
    writer.count(blend.networks.len());
    for network in &blend.networks {
        writer.f32s(&network.means);
        writer.f32s(&network.scales);
        writer.f32s(&network.weights);
    }
    write_trees(writer, &blend.trees);
}

pub(crate) fn read_blend(reader: &mut Reader<'_>, input_count: usize) -> Result<Blend, ModelsError> {
    let mut networks = Vec::new();
    for _ in 0..reader.count(24)? {
        let (means, scales, weights) = (reader.f32s()?, reader.f32s()?, reader.f32s()?);
        let network = Network::from_parts(means, scales, weights).filter(|network| network.means.len() == input_count);
        networks.push(network.ok_or(ModelsError::DamagedModel { what: "the parts of the network do not fit" })?);
    }
    Ok(Blend { networks, trees: read_trees(reader, input_count)? })
}

pub(crate) fn write_embeddings(writer: &mut Writer, embeddings: &Embeddings) {
    writer.list(&embeddings.rows, |writer, row| writer.u32(*row));
    writer.list(&embeddings.places, |writer, value| writer.i16(kept(*value)));
    writer.f32s(&embeddings.question_weights);
    writer.f32s(&embeddings.passage_weights);
}

pub(crate) fn read_embeddings(reader: &mut Reader<'_>) -> Result<Embeddings, ModelsError> {
    let rows = reader.list(4, Reader::u32)?;
    let places = reader.list(2, |reader| reader.i16().map(lengthened))?;
    let (question_weights, passage_weights) = (reader.f32s()?, reader.f32s()?);
    let count = question_weights.len();
    let fits = places.len() == count * WIDTH
        && passage_weights.len() == count
        && rows.iter().all(|row| *row == NO_ROW || (*row as usize) < count);
    let embeddings = Embeddings { rows, places, question_weights, passage_weights };
    if fits { Ok(embeddings) } else { Err(ModelsError::DamagedModel { what: "the places of terms do not fit" }) }
}

fn write_trees(writer: &mut Writer, trees: &Trees) {
    writer.list(&trees.roots().collect::<Vec<u32>>(), |writer, root| writer.u32(*root));
    writer.list(trees.nodes(), |writer, node| {
        writer.u32(node.input);
        // A leaf compares with infinity, which is no number that is read back.
        writer.f32(if node.bound.is_finite() { node.bound } else { 0.0 });
        writer.u32(node.left);
        writer.f32(node.output);
    });
}

fn read_trees(reader: &mut Reader<'_>, input_count: usize) -> Result<Trees, ModelsError> {
    let roots = reader.list(4, Reader::u32)?;
    let mut at = 0;
    let nodes = reader.list(16, |reader| {
        let (input, mut bound, left, output) = (reader.u32()?, reader.f32()?, reader.u32()?, reader.f32()?);
        if left == at {
            bound = f32::INFINITY;
        }
        at += 1;
        Ok(Node { input, bound, left, output })
    })?;
    Trees::from_parts(&roots, nodes, input_count)
        .ok_or(ModelsError::DamagedModel { what: "the parts of the trees do not fit" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FEATURE_COUNT;
    use crate::random::Random;

    #[test]
    fn networks_speak_with_one_voice() {
        let mut random = Random::new(7);
        let rows: Vec<Vec<f32>> = (0..120).map(|_| (0..FEATURE_COUNT).map(|_| random.normal()).collect()).collect();
        let rows: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
        let is_gold = |at: usize, list: &[&[f32]]| (0..list.len()).map(|row| row == at % list.len()).collect();
        let lists: Vec<RankedList<'_>> = rows
            .chunks(6)
            .enumerate()
            .map(|(at, list)| RankedList { rows: list.to_vec(), is_gold: is_gold(at, list) })
            .collect();
        let one = Blend::fit_first(FEATURE_COUNT, &lists.iter().collect::<Vec<_>>(), true, 1);
        let thrice = Blend { networks: vec![one.networks[0].clone(); 3], trees: one.trees.clone() };
        for (alone, together) in one.scores(&rows).iter().zip(thrice.scores(&rows)) {
            assert!((alone - together).abs() < 1e-4, "{alone} {together}");
        }
        let mut writer = Writer::default();
        write_blend(&mut writer, &thrice);
        assert!(read_blend(&mut Reader(&writer.0), FEATURE_COUNT).is_ok_and(|read| read == thrice));
        assert!(read_blend(&mut Reader(&writer.0), FEATURE_COUNT + 1).is_err());
    }
}
