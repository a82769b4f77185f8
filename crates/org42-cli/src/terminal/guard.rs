//! Restores the terminal after a prompt, however that ends.

#[cfg(unix)]
pub(super) use unix::hidden_line;
#[cfg(unix)]
pub(crate) use unix::{SignalClaim, TerminalGuard};

#[cfg(not(unix))]
pub(super) use other::hidden_line;
#[cfg(not(unix))]
pub(crate) use other::{SignalClaim, TerminalGuard};

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, BufRead as _, BufReader, Write as _};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, Once, PoisonError};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{
        SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP,
        SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
    };
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, exit};

    /// The signals that end or stop a process while it waits for an answer: all that can be watched for, but SIGXFSZ and
    /// SIGPIPE, which the command outlives, and those that a fault of its own sends.
    const SIGNALS: [i32; 14] = [
        SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM,
        SIGPROF, SIGABRT, SIGSYS, SIGTRAP,
    ];

    /// Signals without a name everywhere, which end a process too: a fault of a coprocessor, input, power, and those for
    /// programs to agree upon.
    fn nameless() -> impl Iterator<Item = i32> {
        let are_known = cfg!(all(target_os = "linux", not(target_arch = "mips")));
        [16, 29, 30]
            .into_iter()
            .chain(34..=64)
            .filter(move |_| are_known)
    }

    /// The terminal as it was before the first of the prompts that are open.
    static BEFORE: Mutex<Option<Before>> = Mutex::new(None);
    static WATCH: Once = Once::new();
    /// How many parts of the command claim these signals.
    static TAKEN: [(i32, AtomicUsize); 2] = [
        (SIGINT, AtomicUsize::new(0)),
        (SIGTERM, AtomicUsize::new(0)),
    ];

    struct Before {
        terminal: File,
        modes: Termios,
        /// The question, which is asked again when the command goes on after a stop.
        question: String,
    }

    /// Restores the terminal's modes when it is dropped, and when a signal ends or stops the process.
    pub(crate) struct TerminalGuard {
        is_first: bool,
    }

    impl TerminalGuard {
        /// Notes the modes as they are now; `question` is empty where another program asks.
        pub(crate) fn now(question: &str) -> Self {
            WATCH.call_once(watch);
            let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
            if before.is_some() {
                return Self { is_first: false };
            }
            *before = terminal().ok().and_then(|terminal| {
                let modes = tcgetattr(&terminal).ok()?;
                let question = question.to_owned();
                Some(Before {
                    terminal,
                    modes,
                    question,
                })
            });
            Self {
                is_first: before.is_some(),
            }
        }
    }

    impl Drop for TerminalGuard {
        fn drop(&mut self) {
            if !self.is_first {
                return;
            }
            let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(before) = before {
                before.restore();
            }
        }
    }

    impl Before {
        fn restore(&self) {
            // A terminal that has gone needs nothing.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.modes);
        }
    }

    /// Claims signals for another part of the command, until it is dropped.
    pub(crate) struct SignalClaim(&'static [i32]);

    impl SignalClaim {
        pub(crate) fn interrupts() -> Self {
            Self::of(&[SIGINT])
        }

        pub(crate) fn interrupts_and_ends() -> Self {
            Self::of(&[SIGINT, SIGTERM])
        }

        fn of(signals: &'static [i32]) -> Self {
            for (_, taken) in counters(signals) {
                taken.fetch_add(1, Ordering::SeqCst);
            }
            Self(signals)
        }
    }

    fn counters(signals: &[i32]) -> impl Iterator<Item = &'static (i32, AtomicUsize)> {
        let is_one = |(signal, _): &&(i32, AtomicUsize)| signals.contains(signal);
        TAKEN.iter().filter(is_one)
    }

    impl Drop for SignalClaim {
        fn drop(&mut self) {
            for (_, taken) in counters(self.0) {
                taken.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    fn terminal() -> io::Result<File> {
        File::options().read(true).write(true).open("/dev/tty")
    }

    /// Watches for signals until the process ends.
    fn watch() {
        let ignored = ignored();
        let all = SIGNALS.into_iter().chain(nameless());
        let watched = all.filter(|signal| !ignored.has(*signal));
        // Where signals cannot be watched for, the prompt works all the same.
        let Ok(mut signals) = Signals::new(watched) else {
            return;
        };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                received(signal);
            }
        });
    }

    /// Restores the terminal, then does what the signal does by itself.
    fn received(signal: i32) {
        if counters(&[signal]).any(|(_, taken)| taken.load(Ordering::SeqCst) > 0) {
            return;
        }
        let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        let now = before.as_ref().map(|before| {
            let now = tcgetattr(&before.terminal);
            before.restore();
            now
        });
        if nameless().any(|other| other == signal) {
            exit(128 + signal);
        }
        let _ = emulate_default_handler(signal);
        // Only a stopped process comes here, when it goes on.
        if let (Some(before), Some(Ok(now))) = (&*before, now) {
            let _ = tcsetattr(&before.terminal, OptionalActions::Now, &now);
            let _ = write!(&before.terminal, "{}", before.question);
        }
    }

    /// The signals that this process was started to ignore, as by `nohup`.
    struct Ignored(u64);

    impl Ignored {
        fn has(&self, signal: i32) -> bool {
            let bit = u32::try_from(signal - 1).unwrap_or_default();
            self.0.checked_shr(bit).is_some_and(|bits| bits & 1 == 1)
        }
    }

    fn ignored() -> Ignored {
        // Only Linux says which.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        Ignored(mask.unwrap_or_default())
    }

    /// Reads a line that is not shown while it is typed.
    pub(crate) fn hidden_line(question: &str) -> io::Result<String> {
        let mut terminal = terminal()?;
        let _guard = TerminalGuard::now(question);
        let mut modes = tcgetattr(&terminal)?;
        modes.local_modes.remove(LocalModes::ECHO);
        modes
            .local_modes
            .insert(LocalModes::ICANON | LocalModes::ISIG | LocalModes::ECHONL);
        tcsetattr(&terminal, OptionalActions::Flush, &modes)?;
        write!(terminal, "{question}")?;
        terminal.flush()?;
        let mut line = Vec::new();
        let read = BufReader::new(terminal).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(line.trim_end_matches(['\n', '\r']).to_owned())
    }
}

#[cfg(not(unix))]
mod other {
    /// The console takes its modes back by itself.
    pub(crate) struct TerminalGuard;

    impl TerminalGuard {
        pub(crate) fn now(_: &str) -> Self {
            Self
        }
    }

    pub(crate) struct SignalClaim;

    impl SignalClaim {
        pub(crate) fn interrupts() -> Self {
            Self
        }

        pub(crate) fn interrupts_and_ends() -> Self {
            Self
        }
    }

    /// Reads a line that is not shown while it is typed.
    pub(crate) fn hidden_line(question: &str) -> std::io::Result<String> {
        rpassword::prompt_password(question)
    }
}
