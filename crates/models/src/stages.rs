//! The two stages of ranking: each candidate by itself, then the best beside each other.

use crate::bytes::{Reader, Writer};
use crate::embeddings::{Embeddings, NO_ROW, WIDTH, kept, lengthened};
use crate::error::ModelsError;
use crate::features::{FEATURE_COUNT, is_memory};
use crate::network::{Network, NetworkSettings, RankedList};
use crate::set_stage::SET_FEATURE_COUNT;
use crate::trees::{Node, TreeSettings, Trees};

/// A network and trees, whose opinions count alike.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blend {
    network: Network,
    trees: Trees,
}

impl Blend {
    /// Learns to rank candidates by themselves; without memory, nothing that past questions say is looked at.
    pub(crate) fn fit_first(lists: &[&RankedList<'_>], uses_memory: bool, seed: u64) -> Self {
        let is_used = |feature: usize| uses_memory || !is_memory(feature);
        Self {
            network: Network::fit(FEATURE_COUNT, lists, &is_used, &NetworkSettings::STANDARD, seed),
            trees: Trees::fit(FEATURE_COUNT, lists, &is_used, &TreeSettings::FIRST_STAGE, seed),
        }
    }

    /// Learns to rank the best candidates beside each other.
    pub(crate) fn fit_set(lists: &[&RankedList<'_>], seed: u64) -> Self {
        Self {
            network: Network::fit(SET_FEATURE_COUNT, lists, &|_| true, &NetworkSettings::SET_STAGE, seed),
            trees: Trees::fit(SET_FEATURE_COUNT, lists, &|_| true, &TreeSettings::SET_STAGE, seed),
        }
    }

    /// The scores of a question's candidates, comparable only with each other.
    pub(crate) fn scores(&self, rows: &[&[f32]]) -> Vec<f32> {
        let mut scores = rows.iter().map(|row| self.network.score(row)).collect::<Vec<f32>>();
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
    writer.f32s(&blend.network.means);
    writer.f32s(&blend.network.scales);
    writer.f32s(&blend.network.weights);
    write_trees(writer, &blend.trees);
}

pub(crate) fn read_blend(reader: &mut Reader<'_>, input_count: usize) -> Result<Blend, ModelsError> {
    let (means, scales, weights) = (reader.f32s()?, reader.f32s()?, reader.f32s()?);
    let network = Network::from_parts(means, scales, weights).filter(|network| network.means.len() == input_count);
    let network = network.ok_or(ModelsError::DamagedModel { what: "the parts of the network do not fit" })?;
    Ok(Blend { network, trees: read_trees(reader, input_count)? })
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
