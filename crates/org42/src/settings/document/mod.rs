//! The documents in which the server keeps settings, as they were received: finding and replacing places in them. What
//! a place means belongs to `keys`.

pub(crate) mod above;
pub(crate) mod backup_sets;
pub(crate) mod org_document;
pub(crate) mod t_settings;
