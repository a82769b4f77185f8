//! The documents in which the server keeps settings, as they were received: finding and replacing places in them; what a
//! place means is in `keys`.

pub(crate) mod above;
pub(crate) mod backup_sets;
pub(crate) mod org_document;
pub(crate) mod t_settings;
