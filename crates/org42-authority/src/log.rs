//! The log of internal failures, on standard error for the operator of the authority.

use std::fmt::Display;
use std::io::Write as _;

/// Writes a failure to standard error.
pub(crate) fn failure(error: &dyn Display) {
    // If standard error is closed or full, there is nowhere left to report to.
    let _ = writeln!(std::io::stderr(), "org42 authority: {error}");
}
