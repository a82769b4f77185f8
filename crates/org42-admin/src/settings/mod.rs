//! Edits of settings, for one organization or for one and all below it, and settings compared with what is expected.
//!
//! What a setting is, and how it is read and written, belongs to the SDK; which organization is meant, and when an edit is
//! carried out, to `change`.

mod edit;
mod expected;
mod one;
mod subtree;

pub use edit::{Assignment, SettingsEdit};
pub use expected::{Deviation, Expected};
pub(crate) use one::{Decision, decide};
pub(crate) use subtree::{Foreseen, Subtree};
