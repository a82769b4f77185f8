//! The end of a command before its work is done: signals, and the time that `--timeout` allows. What is known of a change
//! that is under way is said all the same.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use org42::{Client, ErrorKind};

use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// How long a change that is under way may go on after a signal.
const GRACE: Duration = Duration::from_secs(1);

/// The client by which the command works.
static CLIENT: OnceLock<Client> = OnceLock::new();

/// When the command has to be done.
static END: OnceLock<Instant> = OnceLock::new();

/// Whether a signal has ended the work of the client.
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether an open prompt ends the process on a signal, when it has restored the terminal.
static IS_PROMPTING: AtomicBool = AtomicBool::new(false);

/// How many parts of the command answer SIGINT, and how many SIGTERM.
static CLAIMS: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

#[cfg(unix)]
const SIGNALS: [i32; 2] = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [2, 15];

/// Claims signals for a part of the command that ends in its own way, until it is dropped.
pub(crate) struct SignalClaim(usize);

impl SignalClaim {
    pub(crate) fn interrupts() -> Self {
        Self::of(1)
    }

    pub(crate) fn interrupts_and_ends() -> Self {
        Self::of(SIGNALS.len())
    }

    fn of(count: usize) -> Self {
        for claims in &CLAIMS[..count] {
            claims.fetch_add(1, Ordering::SeqCst);
        }
        Self(count)
    }
}

impl Drop for SignalClaim {
    fn drop(&mut self) {
        for claims in &CLAIMS[..self.0] {
            claims.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn is_claimed(signal: i32) -> bool {
    let mut claims = SIGNALS.iter().zip(&CLAIMS);
    claims.any(|(other, claims)| *other == signal && claims.load(Ordering::SeqCst) > 0)
}

/// Returns whether a part of the command answers a signal, so that it must not end the process.
pub(crate) fn is_answered(signal: i32) -> bool {
    let is_changing = || CLIENT.get().is_some_and(Client::is_changing);
    let is_ours = SIGNALS.contains(&signal);
    is_claimed(signal) || is_ours && (is_changing() || IS_INTERRUPTED.load(Ordering::SeqCst))
}

/// Leaves to prompts what a signal does that nothing answers: they restore the terminal first.
pub(crate) fn leave_to_prompts() {
    IS_PROMPTING.store(true, Ordering::SeqCst);
}

/// Begins to count the time that a command may take, and to watch for signals. One that comes while a change is under way
/// leaves it a moment; a second one does not.
pub(crate) fn begin(timeout: Option<Duration>, printer: Printer) {
    if let Some(end) = timeout.and_then(|timeout| Instant::now().checked_add(timeout)) {
        let _ = END.set(end);
    }
    // A task of its own: the command's may be busy with something that does not wait.
    tokio::spawn(async move {
        loop {
            received(any_signal().await, printer);
        }
    });
}

fn received(signal: i32, printer: Printer) {
    match CLIENT.get() {
        Some(client) if is_answered(signal) => {
            if IS_INTERRUPTED.swap(true, Ordering::SeqCst) {
                let message = "interrupted twice: whether what was under way was carried out is not known; look before \
                               repeating it";
                printer.failure(&Failure::new(Exit::Interrupted, message));
                exit_now();
            }
            client.stop_at(Instant::now() + GRACE);
        }
        // A server ends in its own way.
        None if is_claimed(signal) => {}
        _ if IS_PROMPTING.load(Ordering::SeqCst) => {}
        _ => end_by(signal),
    }
}

/// Notes the client whose calls have to end with the command.
pub(crate) fn register(client: &Client) {
    if let Some(end) = END.get() {
        client.stop_at(*end);
    }
    let _ = CLIENT.set(client.clone());
}

/// Returns how a command ended, by what became of its work and what has cut it short.
pub(crate) fn ended(done: Result<(), Failure>) -> Result<(), Failure> {
    let is_over = || END.get().is_some_and(|end| *end <= Instant::now());
    match done {
        Ok(()) if IS_INTERRUPTED.load(Ordering::SeqCst) => Err(Failure::new(
            Exit::Interrupted,
            "interrupted, when it was done already",
        )),
        Err(failure) if IS_INTERRUPTED.load(Ordering::SeqCst) => {
            Err(failure.ending(Exit::Interrupted))
        }
        Err(failure) if is_stopped(&failure) && is_over() => {
            Err(failure.advising("the time that --timeout allows is over"))
        }
        done => done,
    }
}

fn is_stopped(failure: &Failure) -> bool {
    let call = failure.call();
    call.is_some_and(|call| call.kind() == ErrorKind::Stopped)
}

#[cfg(unix)]
async fn any_signal() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    let coming = |number: i32| async move {
        match signal(SignalKind::from_raw(number)) {
            Ok(mut signals) if !is_ignored(number) => {
                signals.recv().await;
                number
            }
            _ => std::future::pending().await,
        }
    };
    let [interrupt, end] = SIGNALS;
    tokio::select! {
        signal = coming(interrupt) => signal,
        signal = coming(end) => signal,
    }
}

#[cfg(not(unix))]
async fn any_signal() -> i32 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => SIGNALS[0],
        Err(_) => std::future::pending().await,
    }
}

/// Returns whether this process was started to ignore a signal, as by `nohup`.
#[cfg(unix)]
pub(crate) fn is_ignored(signal: i32) -> bool {
    use std::sync::LazyLock;
    static IGNORED: LazyLock<u64> = LazyLock::new(|| {
        // Only Linux says which.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.unwrap_or_default()
    });
    let bit = u32::try_from(signal - 1).unwrap_or_default();
    IGNORED.checked_shr(bit).is_some_and(|bits| bits & 1 == 1)
}

/// Ends the process as the signal does that nobody watches for.
#[cfg(unix)]
fn end_by(signal: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}

#[cfg(not(unix))]
fn end_by(_: i32) {
    exit_now();
}

/// Ends the process in the middle of its work.
#[expect(clippy::exit, reason = "who interrupts twice waits for nothing")]
fn exit_now() {
    std::process::exit(Exit::Interrupted.code().into());
}
