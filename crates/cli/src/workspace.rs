//! Finding, opening and reading the workspace.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use grounds::{View, Workspace};
use grounds_core::{DocumentId, Snapshot, SourceKind};
use jiff::civil::Date;

use crate::args::{FilterArguments, GlobalArguments, KindArgument};
use crate::clock;
use crate::exit::Mistake;

/// The directory's name in a folder.
pub(crate) const DIRECTORY: &str = ".grounds";

/// Opens the workspace that the arguments name, else the nearest one upward from the current folder, as git does.
pub(crate) fn open(global: &GlobalArguments) -> anyhow::Result<Workspace> {
    let directory = match &global.workspace {
        Some(path) => named(path),
        None => nearest(&std::env::current_dir().context("the current folder cannot be read")?)?,
    };
    Ok(Workspace::open(&directory)?)
}

/// As [`open`], or `None` where no workspace is named and none is near.
pub(crate) fn open_if_any(global: &GlobalArguments) -> anyhow::Result<Option<Workspace>> {
    if global.workspace.is_none() {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        if nearest(&here).is_err() {
            return Ok(None);
        }
    }
    open(global).map(Some)
}

/// The directory of a workspace to be made: the one that the arguments name, else in the current folder.
pub(crate) fn new(global: &GlobalArguments) -> anyhow::Result<PathBuf> {
    match &global.workspace {
        Some(path) => Ok(named(path)),
        None => Ok(std::env::current_dir().context("the current folder cannot be read")?.join(DIRECTORY)),
    }
}

/// The `.grounds` directory that `path` is or holds.
pub(crate) fn named(path: &Path) -> PathBuf {
    if path.file_name().is_some_and(|name| name == DIRECTORY) { path.to_owned() } else { path.join(DIRECTORY) }
}

/// The `.grounds` directory of `from` or of the nearest folder above it that has one.
pub(crate) fn nearest(from: &Path) -> anyhow::Result<PathBuf> {
    let found = from.ancestors().map(|folder| folder.join(DIRECTORY)).find(|directory| directory.is_dir());
    found.ok_or_else(|| {
        let message =
            format!("no workspace here: {} and the folders above it have no {DIRECTORY} directory", from.display());
        Mistake::new(message).hint("make one with `grounds init`, or name one with --workspace").into()
    })
}

/// What the arguments ask to see.
pub(crate) fn view(global: &GlobalArguments, grounds: &Workspace) -> anyhow::Result<View> {
    Ok(grounds.view_for(global.known_at.map(Snapshot), global.principal.as_deref())?)
}

/// The date whose law applies.
pub(crate) fn as_of(global: &GlobalArguments) -> Date {
    global.as_of.unwrap_or_else(clock::today)
}

/// The filter's kinds and documents, as stored.
pub(crate) fn filter(view: &View, filter: &FilterArguments) -> anyhow::Result<(Vec<SourceKind>, Vec<DocumentId>)> {
    let kinds = filter.kind.iter().copied().map(KindArgument::into).collect();
    let document =
        |name: &String| view.find_document(name).map(|document| document.id.clone()).map_err(anyhow::Error::from);
    Ok((kinds, filter.document.iter().map(document).collect::<anyhow::Result<_>>()?))
}

/// Reads a file that the caller names.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    let bytes =
        std::fs::read(path).map_err(|error| Mistake::new(format!("{} cannot be read: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| Mistake::new(format!("{} is not UTF-8 text", path.display())).into())
}

/// Writes a file that the caller names, whole or not at all; one that is there keeps its permissions.
pub(crate) fn write(path: &Path, contents: &str) -> anyhow::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".grounds-tmp");
    let partial = PathBuf::from(partial);
    let permissions = std::fs::metadata(path).map(|metadata| metadata.permissions()).ok();
    std::fs::write(&partial, contents)
        .and_then(|()| permissions.map_or(Ok(()), |permissions| std::fs::set_permissions(&partial, permissions)))
        .and_then(|()| std::fs::rename(&partial, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}
