//! Failures inside, written for the operator of the authority.

use std::fmt::Display;
use std::io::Write as _;

/// Writes a failure of the storage.
pub(crate) fn failure(error: &dyn Display) {
    // Where this stream is closed, or there is no room for it, it is lost.
    let _ = writeln!(std::io::stderr(), "org42 authority: {error}");
}
