//! Rankings that hear an embedding model: all-MiniLM-L6-v2, whose vectors a peer makes and a file keeps.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use grounds::TextVectors;
use grounds_core::{Embed, EmbedError, EmbedRole, Hint, Kind};
use serde_json::json;

use super::Indexed;
use crate::store::peer::Peer;

const MODEL: &str = "all-MiniLM-L6-v2, numpy";
const DIMENSION: usize = 384;

/// The peer, and what it said before. The model has no prompts: questions and passages are embedded alike.
#[derive(Debug)]
struct MiniLm {
    peer: Mutex<Peer>,
    known: Option<Arc<TextVectors>>,
}

impl MiniLm {
    fn ask(&self, texts: &[&str]) -> anyhow::Result<Vec<Vec<f32>>> {
        let mut peer = self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(serde_json::from_value(peer.ask("embed", json!(texts))?.result)?)
    }
}

impl Embed for MiniLm {
    fn id(&self) -> &str {
        MODEL
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn embed(&self, texts: &[&str], _: EmbedRole) -> Result<Vec<Vec<f32>>, EmbedError> {
        let known = |text: &&str| self.known.as_ref().and_then(|known| known.of(text)).map(<[f32]>::to_vec);
        if let Some(vectors) = texts.iter().map(known).collect() {
            return Ok(vectors);
        }
        let failed = |error: anyhow::Error| EmbedError {
            kind: Kind::Bug,
            hint: Hint::new(),
            source: error.into_boxed_dyn_error(),
        };
        self.ask(texts).map_err(failed)
    }
}

impl Indexed {
    /// Lets rankings hear the vectors of passages and questions that a file has; those that are missing are made, and added to it.
    pub(crate) fn hear(&mut self, path: &Path) -> anyhow::Result<()> {
        let model = MiniLm { peer: Mutex::new(Peer::start("embed", path)?), known: None };
        let mut vectors = TextVectors::new(&model);
        if path.exists() {
            let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            let (known, whole) = TextVectors::from_bytes(&bytes)?;
            vectors.take_in(known)?;
            File::options().write(true).open(path)?.set_len(whole as u64)?;
        } else {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(path, vectors.header()).with_context(|| format!("writing {}", path.display()))?;
        }
        let mut file = File::options().append(true).open(path)?;
        let texts = self.set.embedded_texts(&self.view)?;
        let questions = (0..self.set.question_count()).map(|question| self.set.question_text(question));
        let texts: Vec<&str> = texts.iter().map(String::as_str).chain(questions).collect();
        vectors.embed(&model, &texts, &mut |step| {
            if step.done < step.total {
                println!("{} of {} texts embedded", step.done, step.total);
            }
            let failed = |error: std::io::Error| grounds::GroundsError::DataFile {
                file: path.display().to_string(),
                message: error.to_string(),
            };
            file.write_all(step.bytes).map_err(failed)
        })?;
        let vectors = Arc::new(vectors);
        let model = MiniLm { known: Some(Arc::clone(&vectors)), ..model };
        Ok(self.view.use_vectors(vectors, Arc::new(model))?)
    }
}
