//! What organizations are to be set to, and whether they are: for one of them, or for one and all below it.
//!
//! What a setting is, and how it is read and written, is the SDK's.

mod edit;
mod expected;
mod one;
mod subtree;

pub use edit::{Assignment, SettingsEdit};
pub use expected::{Deviation, Expected};
pub(crate) use one::{Decision, decide};
pub(crate) use subtree::Subtree;
