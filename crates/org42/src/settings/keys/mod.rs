//! Which settings there are: names, places, units and kinds of values, all from one table; no organization's values.

pub(crate) mod key;
pub(crate) mod kind;
mod near;
mod parse;
pub(crate) mod places;
pub(crate) mod table;
pub(crate) mod value;
