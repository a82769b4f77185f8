//! The person at the terminal: prompts, questions, progress, and a terminal that is afterwards as it was before.

mod guard;
mod prompt;

pub(crate) use guard::{Kept, Taken};
pub(crate) use prompt::{confirm, prompt};
