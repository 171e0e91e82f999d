//! Vectors of texts from a folder of sentence-transformers (Reimers and Gurevych 2019), in process, with nothing downloaded.

mod folder;
mod bert;

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use grounds_core::{Embed, EmbedError, EmbedRole};
use tokenizers::{PostProcessor as _, Tokenizer, TruncationParams};

use crate::ModelsError;
use bert::Bert;
use folder::{Folder, Pooling, Settings};

/// So many tokens go through the network together, at least one text: more would leave the processor's caches.
const GROUP_TOKEN_COUNT_MAX: usize = 2_048;

/// An embedding model of the BERT family: BERT, RoBERTa, XLM-RoBERTa, with absolute positions, pooled by mean or by the first token.
#[derive(Debug)]
pub struct SentenceModel {
    id: String,
    settings: Settings,
    tokenizer: Tokenizer,
    network: Bert,
}

impl SentenceModel {
    /// Reads a folder as sentence-transformers saves it: `config.json`, `tokenizer.json` and `model.safetensors`; where they are there also `modules.json`
    /// with the pooling it names, `sentence_bert_config.json` and `config_sentence_transformers.json` (prompts).
    ///
    /// Its id is a hash of all these. Cost: reads the weights, and holds them as 32-bit numbers.
    ///
    /// # Errors
    /// [`ModelsError::UnreadableFile`], [`ModelsError::MalformedFile`], [`ModelsError::UnsupportedModel`]: the caller names another folder.
    pub fn open(folder: &Path) -> Result<Self, ModelsError> {
        let Folder { settings, tokenizer: (tokenizer_path, tokenizer), weights: (weights_path, weights), hash } =
            Folder::read(folder)?;
        let tokenizer = guarded(|| read_tokenizer(&tokenizer, settings.token_count_max))
            .map_err(|reason| malformed(&tokenizer_path, reason))?;
        let weights = || VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu);
        let network = guarded(|| weights().and_then(|weights| Bert::new(&settings, weights)))
            .map_err(|reason| malformed(&weights_path, reason))?;
        Ok(Self { id: format!("sentence-transformers {hash}"), settings, tokenizer, network })
    }

    /// A vector for each text; see [`Embed::embed`]. Cost: with the six layers of MiniLM some 15 texts of 128 tokens a second on two cores.
    ///
    /// # Errors
    /// [`ModelsError::NoVector`]: a token that the model does not have, or weights that give no finite number.
    pub fn vectors(&self, texts: &[&str], role: EmbedRole) -> Result<Vec<Vec<f32>>, ModelsError> {
        let failed = |reason: String| ModelsError::NoVector { reason };
        let tokens = self.tokens(texts, role)?;
        let mut vectors = vec![vec![0.0; self.settings.width]; texts.len()];
        // Texts of equal length go together, so that nothing is padded. Those without a token keep zeros.
        let mut order: Vec<usize> = (0..texts.len()).filter(|text| !tokens[*text].is_empty()).collect();
        order.sort_by_key(|text| tokens[*text].len());
        for equal in order.chunk_by(|a, b| tokens[*a].len() == tokens[*b].len()) {
            let length = tokens[equal[0]].len();
            for group in equal.chunks((GROUP_TOKEN_COUNT_MAX / length).max(1)) {
                let of_group: Vec<u32> = group.iter().flat_map(|text| tokens[*text].iter().copied()).collect();
                let pooled = guarded(|| self.pooled(&of_group, length)).map_err(failed)?;
                for (text, vector) in group.iter().zip(pooled) {
                    vectors[*text] = self.finished(vector).ok_or_else(|| {
                        failed(format!("text {} of {} has numbers that are not finite", text + 1, texts.len()))
                    })?;
                }
            }
        }
        Ok(vectors)
    }

    /// The tokens of each text, cut where the model ends.
    fn tokens(&self, texts: &[&str], role: EmbedRole) -> Result<Vec<Vec<u32>>, ModelsError> {
        let prompt = match role {
            EmbedRole::Question => &self.settings.question_prompt,
            EmbedRole::Passage => &self.settings.passage_prompt,
        };
        let prepared = texts.iter().map(|text| {
            let text = format!("{prompt}{}", text.trim());
            if self.settings.is_lowercased { text.to_lowercase() } else { text }
        });
        let encoded = guarded(|| self.tokenizer.encode_batch_fast(prepared.collect(), true))
            .map_err(|reason| ModelsError::NoVector { reason })?;
        let mut tokens = Vec::with_capacity(encoded.len());
        for encoding in encoded {
            let ids = encoding.get_ids();
            if let Some(token) = ids.iter().find(|token| **token as usize >= self.settings.word_count) {
                let known = self.settings.word_count;
                let reason = format!("the tokenizer gives token {token}, and the model has {known}");
                return Err(ModelsError::NoVector { reason });
            }
            tokens.push(ids.to_vec());
        }
        Ok(tokens)
    }

    fn pooled(&self, tokens: &[u32], length: usize) -> candle_core::Result<Vec<Vec<f32>>> {
        let hidden = self.network.forward(tokens, length)?;
        let pooled = match self.settings.pooling {
            Pooling::Mean => bert::mean(&hidden)?,
            Pooling::FirstToken => bert::first(&hidden)?,
        };
        pooled.to_vec2()
    }

    /// The vector as the folder wants it; `None` where it is not finite.
    fn finished(&self, mut vector: Vec<f32>) -> Option<Vec<f32>> {
        if self.settings.is_normalised {
            let length = vector.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt().max(1e-12);
            vector.iter_mut().for_each(|number| *number = (f64::from(*number) / length) as f32);
        }
        vector.iter().all(|number| number.is_finite()).then_some(vector)
    }
}

fn malformed(path: &Path, reason: String) -> ModelsError {
    ModelsError::MalformedFile { file: path.display().to_string(), reason }
}

/// The tokenizer, which cuts texts as sentence-transformers does.
fn read_tokenizer(bytes: &[u8], token_count_max: usize) -> tokenizers::Result<Tokenizer> {
    let mut tokenizer = Tokenizer::from_bytes(bytes)?;
    let added = tokenizer.get_post_processor().map_or(0, |processor| processor.added_tokens(false));
    if token_count_max <= added {
        return Err(format!("texts are cut at {token_count_max} tokens, and {added} are added").into());
    }
    // Its own settings of both are for other libraries; nothing is padded here.
    tokenizer.with_padding(None);
    let truncation = TruncationParams { max_length: token_count_max, ..TruncationParams::default() };
    tokenizer.with_truncation(Some(truncation))?;
    // One whose parts do not fit each other fails on any text.
    tokenizer.encode_fast("a", true)?;
    Ok(tokenizer)
}

/// Runs what the libraries do, which panic on some damaged files, and gives what went wrong in words.
fn guarded<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("what reads it stopped: {}", said.unwrap_or("no reason given")))
        }
    }
}

impl Embed for SentenceModel {
    fn id(&self) -> &str {
        &self.id
    }

    fn dimension(&self) -> usize {
        self.settings.width
    }

    fn embed(&self, texts: &[&str], role: EmbedRole) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.vectors(texts, role).map_err(|error| EmbedError {
            kind: error.kind(),
            hint: error.hint(),
            source: Box::new(error),
        })
    }
}
