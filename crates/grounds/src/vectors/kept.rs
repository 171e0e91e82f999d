//! The vectors of a workspace: one generation at a time, kept as a row of the models, so that every snapshot has its own.

use grounds_core::{Instant, Snapshot};
use serde_json::{Value, json};

use crate::error::GroundsError;
use crate::retrieve::embedded_texts_of;
use crate::train::{NewModel, RETRIEVAL_MODEL};
use crate::vectors::TextVectors;
use crate::view::View;
use crate::workspace::Workspace;

/// The name of the row that keeps vectors.
pub const VECTORS_MODEL: &str = "vectors";

/// Which model made a view's vectors, and where its folder was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorsOrigin {
    /// The model's id.
    pub model: String,
    /// The folder, as it was named when the vectors were made.
    pub folder: String,
}

impl Workspace {
    /// Keeps vectors in one commit, for searches from then on; those of earlier snapshots stay theirs. Only vectors of texts that `view` sees are kept:
    /// after an erasure the next generation has nothing of what was erased.
    ///
    /// Cost: reads every text; writes all vectors.
    ///
    /// # Errors
    /// Those of the store.
    pub fn keep_vectors(
        &self,
        view: &View,
        mut vectors: TextVectors,
        folder: &str,
        at: Instant,
    ) -> Result<Snapshot, GroundsError> {
        let texts = view.texts_to_embed()?;
        vectors.retain(texts.iter().map(String::as_str));
        let missing = vectors.missing_count(texts.iter().map(String::as_str));
        let model = NewModel {
            name: VECTORS_MODEL.to_owned(),
            bytes: vectors.to_bytes(),
            parameters: json!({ "model": vectors.model(), "folder": folder, "dimension": vectors.dimension() }),
            figures: json!({ "texts": vectors.count(), "texts_without": missing }),
            lineage: json!({ "snapshot": view.known_at(), "build": env!("CARGO_PKG_VERSION") }),
        };
        self.keep_as(&model, "embed passages", at)
    }
}

impl View {
    /// What an embedding model embeds of everything that this view sees: the passages of every version, each text once.
    ///
    /// # Errors
    /// Those of the store.
    pub fn texts_to_embed(&self) -> Result<Vec<String>, GroundsError> {
        let mut texts = Vec::new();
        for document in self.documents() {
            for stored in self.versions(&document.id)? {
                let Some(text) = self.text(&stored.row.id)? else { continue };
                texts.extend(embedded_texts_of(self, document, &text)?.into_iter().map(|(_, text)| text));
            }
        }
        let mut seen = std::collections::HashSet::new();
        texts.retain(|text| seen.insert(blake3::hash(text.as_bytes())));
        Ok(texts)
    }

    /// Which model made the vectors that are kept at this view's snapshot; `None` where there are none. A principal has none: their row belongs to the owner.
    ///
    /// # Errors
    /// Those of the store.
    pub fn vectors_origin(&self) -> Result<Option<VectorsOrigin>, GroundsError> {
        let Some(stored) = self.reader().models()?.into_iter().find(|stored| stored.row.name == VECTORS_MODEL) else {
            return Ok(None);
        };
        let parameters: Value = serde_json::from_str(&stored.row.parameters)?;
        let text = |name: &str| parameters[name].as_str().unwrap_or_default().to_owned();
        Ok(Some(VectorsOrigin { model: text("model"), folder: text("folder") }))
    }

    /// The id of the embedding model that the kept ranking hears; `None` where none is kept, or it hears none. A principal has no ranking.
    ///
    /// # Errors
    /// Those of the store.
    pub fn model_heard_by_ranking(&self) -> Result<Option<String>, GroundsError> {
        let rows = self.reader().models()?;
        let Some(stored) = rows.into_iter().find(|stored| stored.row.name == RETRIEVAL_MODEL) else { return Ok(None) };
        let parameters: Value = serde_json::from_str(&stored.row.parameters)?;
        Ok(parameters["embedding_model"].as_str().map(str::to_owned))
    }

    /// The vectors that are kept at this view's snapshot; `None` as for [`View::vectors_origin`], or where their bytes were erased.
    ///
    /// Cost: reads them all.
    ///
    /// # Errors
    /// Those of the store; [`GroundsError::ForeignVectors`]: they are damaged.
    pub fn kept_vectors(&self) -> Result<Option<TextVectors>, GroundsError> {
        let Some((_, bytes)) = self.model(VECTORS_MODEL)? else { return Ok(None) };
        let (vectors, whole) = TextVectors::from_bytes(&bytes)?;
        if whole < bytes.len() {
            return Err(GroundsError::ForeignVectors { what: "one of them is damaged" });
        }
        Ok(Some(vectors))
    }
}
