//! Generations built beside the commits that made them due: one thread at most, which ends when nothing is due any more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::store::{Inner, lock};

/// Who builds generations in the background.
#[derive(Default)]
pub(crate) struct Background(Mutex<State>);

#[derive(Default)]
struct State {
    thread: Option<JoinHandle<()>>,
    /// Whether the thread is at work, or about to look once more.
    is_running: bool,
    /// Whether a commit came since it last looked.
    is_due: bool,
}

impl Background {
    /// Has `work` done on a thread of its own, once more where it is being done. Where no thread can be had, it is done here.
    pub(crate) fn ask(inner: &Arc<Inner>, work: fn(&Arc<Inner>)) {
        let mut state = lock(&inner.background.0);
        state.is_due = true;
        if state.is_running {
            return;
        }
        state.is_running = true;
        // It has come to its end, or was never begun.
        drop(state.thread.take());
        let own = Arc::clone(inner);
        let run = move || {
            while own.background.begins() {
                // What panics is a generation being built, which is derived: the next commit asks again.
                let _ = catch_unwind(AssertUnwindSafe(|| work(&own)));
            }
        };
        match std::thread::Builder::new().name("generations".to_owned()).spawn(run) {
            Ok(thread) => state.thread = Some(thread),
            Err(_) => {
                (state.is_running, state.is_due) = (false, false);
                drop(state);
                work(inner);
            }
        }
    }

    /// Whether there is something to do; if not, the thread ends.
    fn begins(&self) -> bool {
        let mut state = lock(&self.0);
        state.is_running = std::mem::take(&mut state.is_due);
        state.is_running
    }

    /// Waits until nothing is being built.
    pub(crate) fn finish(&self) {
        let thread = lock(&self.0).thread.take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}
