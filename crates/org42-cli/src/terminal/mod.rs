//! The user at the terminal: questions, secrets that are not shown, and the terminal as it was before. Does not belong here:
//! results and notes, which the printer writes.

mod guard;
mod prompt;

pub(crate) use guard::TerminalGuard;
pub(crate) use prompt::{confirm, prompt};
