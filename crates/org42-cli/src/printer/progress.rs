//! Progress on a terminal, while a user waits.

use std::convert::Infallible;
use std::io::IsTerminal as _;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use org42_admin::{Observer, Progress};

use crate::logs;

/// Counts what is done of many things, on a terminal, and takes interrupts for the wish to stop before the next of them.
pub(crate) struct Counting {
    bar: ProgressBar,
    is_interrupted: AtomicBool,
}

impl Counting {
    pub(super) fn new() -> Self {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new(0),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::default_bar().template("{msg} {pos}/{len} {wide_bar}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            bar: bar.with_style(style),
            is_interrupted: AtomicBool::new(false),
        }
    }

    /// Waits for `work`, which watches this to know whether it was interrupted.
    pub(crate) async fn interruptible<T>(&self, work: impl Future<Output = T>) -> T {
        let interrupted = async {
            if tokio::signal::ctrl_c().await.is_ok() {
                self.is_interrupted.store(true, Ordering::Relaxed);
            }
            std::future::pending::<Infallible>().await
        };
        tokio::select! {
            done = work => done,
            never = interrupted => match never {},
        }
    }
}

impl Observer for Counting {
    fn progress(&self, progress: Progress) {
        self.bar.set_message(progress.items.to_string());
        self.bar.set_length(progress.total as u64);
        self.bar.set_position(progress.done as u64);
    }

    fn is_stopped(&self) -> bool {
        self.is_interrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How many prompts are open.
static PROMPTS: AtomicUsize = AtomicUsize::new(0);

/// Shows no progress until it is dropped, since a prompt is open.
pub(crate) struct Pause;

impl Pause {
    pub(crate) fn now() -> Self {
        PROMPTS.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        PROMPTS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits for `work`, and shows `what` on a terminal once it takes longer than a second.
pub(super) async fn shown<T>(what: String, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let mut spinner: Option<ProgressBar> = None;
    loop {
        let look_again = match spinner {
            None => Duration::from_secs(1),
            Some(_) => Duration::from_millis(100),
        };
        tokio::select! {
            done = &mut work => {
                if let Some(spinner) = spinner {
                    spinner.finish_and_clear();
                }
                return done;
            }
            () = tokio::time::sleep(look_again) => {}
        }
        // A prompt may open at any time.
        match (PROMPTS.load(Ordering::SeqCst), &spinner) {
            (0, None) => {
                let shown = ProgressBar::new_spinner().with_message(what.clone());
                shown.enable_steady_tick(Duration::from_millis(120));
                spinner = Some(shown);
            }
            (1.., Some(shown)) => {
                shown.finish_and_clear();
                spinner = None;
            }
            _ => {}
        }
        if let Some(shown) = &spinner {
            let doing = logs::under_way().map(|doing| format!("{what}: {doing}"));
            shown.set_message(doing.unwrap_or_else(|| what.clone()));
        }
    }
}
