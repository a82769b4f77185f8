//! The settings of one organization in memory: the values in force, the changes to make, and the bodies that make
//! them. Nothing here sends anything.

pub(crate) mod body;
pub(crate) mod checks;
pub(crate) mod device_defaults;
pub(crate) mod diff;
mod edits;
pub(crate) mod effective;
pub(crate) mod in_force;
pub(crate) mod org_settings;
pub(crate) mod properties;
