//! The authority from outside.

mod store;
