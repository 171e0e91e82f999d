//! The same work for many things, on all processors.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More threads than this are of no use for what is done here: something else becomes the limit.
const THREAD_COUNT_MAX: usize = 8;
/// Each thread takes so many things at a time at most.
const PART_LENGTH_MAX: usize = 512;

#[cfg(test)]
thread_local! {
    /// How many threads work at the same time for whoever asks on this one.
    pub(crate) static THREAD_COUNT: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// How many threads work at the same time.
pub(crate) fn thread_count() -> usize {
    #[cfg(test)]
    if let Some(count) = THREAD_COUNT.get() {
        return count;
    }
    std::thread::available_parallelism().map_or(1, NonZero::get).min(THREAD_COUNT_MAX)
}

/// What `work` makes of each of `items`, in their order, whichever thread made it.
///
/// Fewer than `alone_below` items are not worth a thread. A panic of `work` is a panic of this.
pub fn map_in_parallel<T: Sync, R: Send>(items: &[T], alone_below: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let thread_count = thread_count();
    if items.len() < alone_below || thread_count == 1 {
        return items.iter().map(work).collect();
    }
    let part_length = (items.len() / (8 * thread_count)).clamp(1, PART_LENGTH_MAX);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<R>)>> = Mutex::default();
    let take_parts = || {
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            let Some(rest) = items.get(part * part_length..).filter(|rest| !rest.is_empty()) else { return };
            let made = rest.iter().take(part_length).map(&work).collect();
            crate::store::lock(&done).push((part, made));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..thread_count {
            scope.spawn(take_parts);
        }
        take_parts();
    });
    let mut parts = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    parts.sort_unstable_by_key(|(part, _)| *part);
    parts.into_iter().flat_map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for count in [0, 1, 7, 64, 10_000] {
            let items: Vec<usize> = (0..count).collect();
            for alone_below in [0, usize::MAX] {
                let doubled = map_in_parallel(&items, alone_below, |item| item * 2);
                assert!(doubled.iter().enumerate().all(|(at, double)| *double == at * 2));
                assert_eq!(doubled.len(), count);
            }
        }
    }
}
