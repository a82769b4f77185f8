//! What goes wrong inside, told to whoever runs the authority.

use std::fmt::Display;
use std::io::Write as _;

/// Tells about a failure of the storage.
pub(crate) fn failure(error: &dyn Display) {
    // Whoever closed this stream, or has no room for it, does without.
    let _ = writeln!(std::io::stderr(), "org42 authority: {error}");
}
