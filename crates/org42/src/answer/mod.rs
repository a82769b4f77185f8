//! What is read from an answer and how much of it is taken: values, their weight in memory, the limits of both; nothing
//! here sends anything.

pub(crate) mod envelope;
pub(crate) mod limits;
pub(crate) mod response;
pub(crate) mod weight;
