//! Embedding models from a folder, and files of vectors that grow as texts are embedded.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use grounds::{GroundsError, Progress, TextVectors, VectorsOrigin, View, Workspace};
use grounds_core::Embed;

use crate::args::GlobalArguments;
use crate::{render, workspace};

/// Reads the model of a folder that sentence-transformers saved.
#[cfg(feature = "candle")]
pub(crate) fn open(folder: &Path) -> anyhow::Result<Arc<dyn Embed>> {
    Ok(Arc::new(grounds::models::SentenceModel::open(folder).map_err(GroundsError::from)?))
}

/// Says which build reads the model of a folder.
#[cfg(not(feature = "candle"))]
pub(crate) fn open(folder: &Path) -> anyhow::Result<Arc<dyn Embed>> {
    let message = format!("this build computes no embeddings, so {} cannot be used", folder.display());
    Err(crate::exit::Mistake::new(message)
        .hint("install one that does: `cargo install --path crates/cli --features candle`")
        .into())
}

/// What the arguments ask to see, to be searched: by vectors too where some are kept, unless a trained ranking does without. Where the model that made
/// them cannot be read, words alone rank, and a note says so.
pub(crate) fn searching_view(global: &GlobalArguments, grounds: &Workspace) -> anyhow::Result<View> {
    let mut view = workspace::view(global, grounds)?;
    let (heard, origin) = (view.model_heard_by_ranking()?, view.vectors_origin()?);
    if let Some(heard) = &heard
        && origin.as_ref().is_none_or(|origin| origin.model != *heard)
    {
        eprintln!(
            "note: the trained ranking does not rank, for it hears an embedding model whose vectors are not the kept ones: \
             `grounds train retrieval` trains one anew"
        );
    }
    let Some(origin) = origin else { return Ok(view) };
    if heard.is_none() && view.learned(workspace::as_of(global))?.is_some() {
        return Ok(view);
    }
    if let Err(error) = use_kept(&mut view, &origin) {
        eprintln!("note: words alone rank, for the model of the vectors cannot be used: {error:#}");
    }
    Ok(view)
}

/// What the arguments ask to see, to learn a ranking from: with the vectors that are kept. Where the model that made them cannot be read, the ranking
/// learns without them, and a note says so.
pub(crate) fn training_view(global: &GlobalArguments, grounds: &Workspace) -> anyhow::Result<View> {
    let mut view = workspace::view(global, grounds)?;
    if let Some(origin) = view.vectors_origin()?
        && let Err(error) = use_kept(&mut view, &origin)
    {
        eprintln!("note: the ranking learns without vectors, for the model that made them cannot be used: {error:#}");
    }
    Ok(view)
}

/// Lets a view use the vectors that are kept at its snapshot.
fn use_kept(view: &mut View, origin: &VectorsOrigin) -> anyhow::Result<()> {
    let model = open(Path::new(&origin.folder))?;
    if let Some(vectors) = view.kept_vectors()? {
        view.use_vectors(Arc::new(vectors), model)?;
    }
    Ok(())
}

/// Embeds what of `texts` has no vector in `vectors` or in `file`, with a bar. The file is made where it is missing, and grows as it goes: what
/// is in it when the work is stopped is not embedded again.
pub(crate) fn embed(
    is_quiet: bool,
    model: &dyn Embed,
    texts: &[&str],
    vectors: &mut TextVectors,
    file: Option<&Path>,
) -> anyhow::Result<()> {
    let mut growing = file.map(|path| Growing::open(path, vectors)).transpose()?;
    render::progress::with_bar(is_quiet, |progress| {
        Ok(vectors.embed(model, texts, &mut |step| {
            progress(Progress { step: "embedding", done: step.done as u64, total: step.total as u64 });
            // What cannot be kept is not worth going on for.
            growing.as_mut().map_or(Ok(()), |growing| growing.append(step.bytes))
        })?)
    })
}

/// A file of vectors, open at its end.
struct Growing<'p> {
    path: &'p Path,
    file: File,
}

impl<'p> Growing<'p> {
    /// Takes what is in the file into `vectors`, and cuts off what is not whole.
    fn open(path: &'p Path, vectors: &mut TextVectors) -> anyhow::Result<Self> {
        let cannot = |what: &str| format!("{} cannot be {what}", path.display());
        if std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0) || !path.exists() {
            std::fs::write(path, vectors.header()).with_context(|| cannot("written"))?;
        }
        let bytes = std::fs::read(path).with_context(|| cannot("read"))?;
        let (known, whole) = TextVectors::from_bytes(&bytes).with_context(|| path.display().to_string())?;
        vectors.take_in(known).with_context(|| path.display().to_string())?;
        let mut file = File::options().write(true).open(path).with_context(|| cannot("written"))?;
        file.set_len(whole as u64).with_context(|| cannot("written"))?;
        file.seek(SeekFrom::End(0)).with_context(|| cannot("written"))?;
        Ok(Self { path, file })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), GroundsError> {
        self.file.write_all(bytes).map_err(|error| GroundsError::DataFile {
            file: self.path.display().to_string(),
            message: format!("it cannot be written: {error}"),
        })
    }
}
