//! The calls of the settings: fetching them from the server, and writing changes until their result is known.

pub(crate) mod fetch;
pub(crate) mod update;
