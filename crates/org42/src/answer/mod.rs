//! Answers: the values that are read from them, how much memory these take, and the limits of both. Nothing here sends
//! anything.

pub(crate) mod envelope;
pub(crate) mod limits;
pub(crate) mod response;
pub(crate) mod weight;
