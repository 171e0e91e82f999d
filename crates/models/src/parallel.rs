//! Work in blocks over threads, with results that do not depend on how many there are.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What both say; the first one on a thread of its own where that `is_worth` it: starting one takes some hundredths of a millisecond.
pub(crate) fn both<A: Send, B>(is_worth: bool, first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    if !is_worth {
        return (first(), second());
    }
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// Calls `work` on the blocks of `0..count`, each at most `block` long, and returns what it says in the order of the blocks.
///
/// Blocks are cut alike for any number of threads; each thread makes one `scratch` and keeps it. Sums over blocks are
/// therefore added in one order, to the last bit.
pub(crate) fn map_blocks<S, R: Send>(
    count: usize,
    block: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Range<usize>) -> R + Sync,
) -> Vec<R> {
    let block = block.max(1);
    let block_count = count.div_ceil(block);
    let range = |at: usize| at * block..count.min((at + 1) * block);
    if threads <= 1 || block_count <= 1 {
        let mut scratch = scratch();
        return (0..block_count).map(|at| work(&mut scratch, range(at))).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(block_count));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(block_count) {
            scope.spawn(|| {
                let mut scratch = scratch();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= block_count {
                        break;
                    }
                    let result = work(&mut scratch, range(at));
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
