//! Restores the terminal after a prompt, however that ends.

#[cfg(unix)]
pub(crate) use unix::TerminalGuard;
#[cfg(unix)]
pub(super) use unix::hidden_line;

#[cfg(not(unix))]
pub(crate) use other::TerminalGuard;
#[cfg(not(unix))]
pub(super) use other::hidden_line;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, BufRead as _, BufReader, Write as _};
    use std::sync::{Mutex, Once, PoisonError};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{
        SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP,
        SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
    };
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, exit};

    use crate::interrupt::{is_answered, is_ignored, leave_to_prompts};

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

    fn terminal() -> io::Result<File> {
        File::options().read(true).write(true).open("/dev/tty")
    }

    /// Watches for signals until the process ends.
    fn watch() {
        let all = SIGNALS.into_iter().chain(nameless());
        let watched = all.filter(|signal| !is_ignored(*signal));
        // Where signals cannot be watched for, the prompt works all the same.
        let Ok(mut signals) = Signals::new(watched) else {
            return;
        };
        leave_to_prompts();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                received(signal);
            }
        });
    }

    /// Restores the terminal, then does what the signal does by itself.
    fn received(signal: i32) {
        if is_answered(signal) {
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

    /// Reads a line that is not shown while it is typed.
    pub(crate) fn hidden_line(question: &str) -> std::io::Result<String> {
        rpassword::prompt_password(question)
    }
}
