//! The settings of one organization in memory: what is in force, what is to be changed, and the bodies that change it;
//! nothing here sends anything.

pub(crate) mod body;
pub(crate) mod checks;
pub(crate) mod device_defaults;
pub(crate) mod diff;
mod edits;
pub(crate) mod effective;
pub(crate) mod in_force;
pub(crate) mod org_settings;
pub(crate) mod properties;
