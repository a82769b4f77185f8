//! Which settings exist: names, places, units and kinds of values, all from one table. The values of an organization
//! do not belong here.

pub(crate) mod key;
pub(crate) mod kind;
mod near;
mod parse;
pub(crate) mod places;
pub(crate) mod table;
pub(crate) mod value;
