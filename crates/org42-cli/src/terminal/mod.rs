//! The person at the terminal: prompts, questions, progress, and a terminal that is afterwards as it was before.

mod guard;
mod progress;
mod prompt;

pub(crate) use guard::{Kept, Taken};
pub(crate) use progress::{Quiet, counting, shown};
pub(crate) use prompt::{confirm, prompt};
