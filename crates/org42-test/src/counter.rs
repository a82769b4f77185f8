//! How many requests a server handles at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Counts how many requests are handled at once.
#[derive(Debug, Default)]
pub struct Counter {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Counter {
    /// Waits until `wanted` requests are handled at once, or a moment longer than that should take.
    pub fn wait_for(&self, wanted: usize) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let begun = Instant::now();
        while self.most.load(Ordering::SeqCst) < wanted && begun.elapsed() < Duration::from_secs(1)
        {
            sleep(Duration::from_millis(2));
        }
        sleep(Duration::from_millis(20));
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    /// Returns how many were handled at once, at most.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}
