//! Tells people who wait that something is going on.

use std::io::IsTerminal as _;
use std::pin::pin;
use std::time::Duration;

use indicatif::ProgressBar;

/// Waits for `work`; what takes longer than a second is shown, to people only.
pub(crate) async fn shown<T>(what: String, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(120));
    let done = work.await;
    spinner.finish_and_clear();
    done
}
