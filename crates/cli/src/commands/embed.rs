//! `grounds embed`

use grounds::{TextVectors, VECTORS_MODEL, Workspace};
use serde_json::json;

use crate::args::{EmbedArguments, GlobalArguments};
use crate::exit::Outcome;
use crate::{clock, embedding, render, workspace};

pub(crate) fn run(global: &GlobalArguments, arguments: &EmbedArguments) -> anyhow::Result<Outcome> {
    let model = embedding::open(&arguments.folder)?;
    let grounds = workspace::open(global)?;
    let (mut vectors, texts, is_current) = at_hand(&grounds, &TextVectors::new(&*model))?;
    // Embedding takes long, and others may use the workspace meanwhile.
    drop(grounds);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let missing = vectors.missing_count(texts.iter().copied());
    embedding::embed(global.json, &*model, &texts, &mut vectors, arguments.state.as_deref())?;
    let snapshot = if missing == 0 && is_current {
        None
    } else {
        let grounds = workspace::open(global)?;
        let view = grounds.view(None)?;
        let folder = std::path::absolute(&arguments.folder).unwrap_or_else(|_| arguments.folder.clone());
        Some(grounds.keep_vectors(&view, vectors, &folder.display().to_string(), clock::now())?)
    };
    if let Some(path) = arguments.state.as_deref().filter(|path| path.exists()) {
        std::fs::remove_file(path)?;
    }
    if global.json {
        let body = json!({ "model": model.id(), "name": VECTORS_MODEL, "texts": texts.len(), "embedded": missing, "kept_at": snapshot });
        render::print_json(&body)?;
        return Ok(Outcome::Done);
    }
    let (count, of) = (missing, texts.len());
    render::print(&match snapshot {
        Some(snapshot) => format!("Embedded {count} of {of} texts. Kept and in use.\nsnapshot {snapshot}"),
        None => format!("All {of} texts have their vectors by this model. Nothing was changed."),
    })?;
    Ok(Outcome::Done)
}

/// The vectors that the model of `none` made before, the texts that are to have one, and whether these vectors are in use.
fn at_hand(grounds: &Workspace, none: &TextVectors) -> anyhow::Result<(TextVectors, Vec<String>, bool)> {
    let view = grounds.view(None)?;
    let kept = view.vectors_origin()?.filter(|origin| origin.model == none.model());
    let kept = kept.and_then(|_| view.kept_vectors().transpose()).transpose()?;
    let is_current = kept.is_some();
    Ok((kept.unwrap_or_else(|| none.clone()), view.texts_to_embed()?, is_current))
}
