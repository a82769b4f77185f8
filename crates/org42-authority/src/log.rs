//! What goes wrong inside, told to whoever runs the authority.

use std::fmt::Display;

/// Tells about a failure of the storage.
#[expect(
    clippy::print_stderr,
    reason = "a server's log; nothing else reports what happens behind a 503"
)]
pub(crate) fn failure(error: &dyn Display) {
    eprintln!("org42 authority: {error}");
}
