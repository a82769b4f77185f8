//! Progress on a terminal, while a user waits.

use std::io::IsTerminal as _;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Returns a bar that counts what is done of many things; hidden where there is no terminal.
pub(super) fn counting(what: String, total: usize) -> ProgressBar {
    let bar = match std::io::stderr().is_terminal() {
        true => ProgressBar::new(total as u64),
        false => ProgressBar::hidden(),
    };
    bar.with_message(what).with_style(
        ProgressStyle::default_bar()
            .template("{msg} {pos}/{len} {wide_bar}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
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
    }
}
