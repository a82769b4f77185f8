//! What the command writes: results to standard output, everything for people to standard error.

use std::io::Write as _;

use crate::exit::Failure;

/// Writes a note for people. A closed stream is no failure.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Writes a result.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(1, format!("cannot write the result: {error}")))
        }
        // A reader of the first lines alone, as `head` is, got what it wanted.
        _ => Ok(()),
    }
}
