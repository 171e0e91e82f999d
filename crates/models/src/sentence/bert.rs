//! The network of BERT (Devlin et al. 2018) and RoBERTa (Liu et al. 2019): what texts of equal length become, token by token.

use candle_core::{D, Device, IndexOp as _, Result, Tensor};
use candle_nn::{LayerNorm, Linear, Module as _, VarBuilder, layer_norm, linear, ops::softmax_last_dim};

use super::folder::{Activation, Settings};

/// All weights, ready to compute.
#[derive(Debug)]
pub(super) struct Bert {
    words: Tensor,
    /// From the first position that a text has.
    positions: Tensor,
    /// Of the first kind of segment: a text is one segment.
    segment: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    head_count: usize,
    activation: Activation,
    query: Linear,
    key: Linear,
    value: Linear,
    mixed: Linear,
    mixed_norm: LayerNorm,
    inner: Linear,
    outer: Linear,
    outer_norm: LayerNorm,
}

impl Bert {
    /// Takes the weights by the names that the library transformers gives them.
    pub(super) fn new(settings: &Settings, weights: VarBuilder<'_>) -> Result<Self> {
        let width = settings.width;
        let prefix = ["bert", "roberta"]
            .into_iter()
            .find(|prefix| weights.contains_tensor(&format!("{prefix}.embeddings.word_embeddings.weight")));
        let weights = prefix.map_or_else(|| weights.clone(), |prefix| weights.pp(prefix));
        let embeddings = weights.pp("embeddings");
        let positions = embeddings.get((settings.position_count, width), "position_embeddings.weight")?;
        let position_count = settings.position_count - settings.first_position;
        let segments = embeddings.get((settings.segment_count, width), "token_type_embeddings.weight")?;
        let layer = |number: usize| Layer::new(settings, weights.pp(format!("encoder.layer.{number}")));
        Ok(Self {
            words: embeddings.get((settings.word_count, width), "word_embeddings.weight")?,
            positions: positions.narrow(0, settings.first_position, position_count)?,
            segment: segments.i(0)?,
            norm: layer_norm(width, settings.epsilon, embeddings.pp("LayerNorm"))?,
            layers: (0..settings.layer_count).map(layer).collect::<Result<_>>()?,
        })
    }

    /// The last layer for `tokens` of texts of `length` each, one after the other: texts, tokens, numbers.
    pub(super) fn forward(&self, tokens: &[u32], length: usize) -> Result<Tensor> {
        let (text_count, width) = (tokens.len() / length, self.words.dim(1)?);
        let tokens = Tensor::from_slice(tokens, tokens.len(), &Device::Cpu)?;
        let words = self.words.embedding(&tokens)?.reshape((text_count, length, width))?;
        let places = self.positions.narrow(0, 0, length)?.broadcast_add(&self.segment)?;
        let mut hidden = self.norm.forward(&words.broadcast_add(&places)?)?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden)?;
        }
        Ok(hidden)
    }
}

impl Layer {
    fn new(settings: &Settings, weights: VarBuilder<'_>) -> Result<Self> {
        let (width, inner) = (settings.width, settings.inner_width);
        let attention = weights.pp("attention");
        Ok(Self {
            head_count: settings.head_count,
            activation: settings.activation,
            query: linear(width, width, attention.pp("self.query"))?,
            key: linear(width, width, attention.pp("self.key"))?,
            value: linear(width, width, attention.pp("self.value"))?,
            mixed: linear(width, width, attention.pp("output.dense"))?,
            mixed_norm: layer_norm(width, settings.epsilon, attention.pp("output.LayerNorm"))?,
            inner: linear(width, inner, weights.pp("intermediate.dense"))?,
            outer: linear(inner, width, weights.pp("output.dense"))?,
            outer_norm: layer_norm(width, settings.epsilon, weights.pp("output.LayerNorm"))?,
        })
    }

    fn forward(&self, hidden: &Tensor) -> Result<Tensor> {
        let (text_count, length, width) = hidden.dims3()?;
        let head_width = width / self.head_count;
        let heads = |of: &Linear| {
            let split = of.forward(hidden)?.reshape((text_count, length, self.head_count, head_width))?;
            split.transpose(1, 2)?.contiguous()
        };
        let (query, key, value) = (heads(&self.query)?, heads(&self.key)?, heads(&self.value)?);
        // Texts of one call are as long as each other, so nothing is padded and nothing need be masked.
        let scores = (query.matmul(&key.t()?)? * (head_width as f64).sqrt().recip())?;
        let mixed = softmax_last_dim(&scores)?.matmul(&value)?;
        let mixed = mixed.transpose(1, 2)?.contiguous()?.reshape((text_count, length, width))?;
        let hidden = self.mixed_norm.forward(&(self.mixed.forward(&mixed)? + hidden)?)?;
        let inner = self.inner.forward(&hidden)?;
        let inner = match self.activation {
            Activation::Gelu => inner.gelu_erf()?,
            Activation::GeluTanh => inner.gelu()?,
            Activation::Relu => inner.relu()?,
        };
        self.outer_norm.forward(&(self.outer.forward(&inner)? + hidden)?)
    }
}

/// The mean over tokens.
pub(super) fn mean(hidden: &Tensor) -> Result<Tensor> {
    hidden.mean(D::Minus2)
}

/// The first token, which begins every text.
pub(super) fn first(hidden: &Tensor) -> Result<Tensor> {
    hidden.i((.., 0))
}
