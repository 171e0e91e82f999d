//! A bar for work that takes long: shown to people on a terminal, never in JSON.

use grounds::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Runs `work` with a bar that follows it.
pub(crate) fn with_bar<T>(
    quiet: bool,
    work: impl FnOnce(&mut dyn FnMut(Progress)) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
    let counted = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left")?;
    let uncounted = ProgressStyle::with_template("{msg} {spinner} {elapsed}")?;
    let done = work(&mut |progress: Progress| {
        bar.set_style(if progress.total > 0 { counted.clone() } else { uncounted.clone() });
        bar.set_message(progress.step);
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    done
}
