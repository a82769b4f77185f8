//! What administrators of a tenant do, without a terminal: organizations named as people name them, changes foreseen and
//! carried out, settings of whole subtrees, a tenant read for a copy.
//!
//! Everything goes through the SDK, [`org42`]. What asks, prints, reads files or ends a process belongs to the program that
//! uses this crate; what sends requests belongs to the SDK.
//!
//! | module | what it knows |
//! |---|---|
//! | [`tree`] | a listing as a tree: paths, subtrees, a walk from top to bottom |
//! | [`target`] | how an organization is named: `42`, `/Europe/Paris`, `ext:T-7`, `my` |
//! | [`change`] | a change that is first a [`Plan`], and then shown or carried out |
//! | [`settings`] | what is to be set, for one organization or a subtree, and what is expected to be |
//! | [`report`] | what became of each setting |
//! | [`copy`] | the reading of a whole tenant |
//!
//! A program that freezes a subtree:
//!
//! ```no_run
//! # async fn run(client: org42::Client) -> Result<(), org42_admin::Error> {
//! use org42_admin::{Admin, Change};
//!
//! let admin = Admin::new(client);
//! let plan = admin.plan(Change::block("/Europe/France".parse()?)).await?;
//! println!("{}", plan.preview().await?);
//! println!("{}", plan.apply().await?);
//! # Ok(()) }
//! ```
//!
//! A [`Plan`] is shown by [`preview`](Plan::preview) and carried out by [`apply`](Plan::apply); one and the same function
//! decides for both what is sent. What only the server can decide, it decides when the plan is carried out. All objects are
//! owned and [`Send`], so they can be kept, sent to other tasks and worked on by many at once.

pub mod admin;
pub mod change;
pub mod copy;
mod error;
mod find;
pub mod progress;
mod refusal;
pub mod report;
mod rights;
pub mod settings;
pub mod target;
mod text;
pub mod tree;

pub use admin::Admin;
pub use change::{Applied, Change, Plan, Preview};
pub use error::{Ambiguous, Candidate, Error, Result};
pub use progress::{Observer, Progress};
pub use refusal::Refusal;
pub use report::{SettingRow, SettingsReport};
pub use settings::{Assignment, Expected, SettingsEdit};
pub use target::Target;
pub use tree::Tree;

/// The SDK, whose types this crate takes and returns.
pub use org42;
/// The documents of a tenant are values of this crate.
pub use serde_json;

/// The examples of the README compile and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
