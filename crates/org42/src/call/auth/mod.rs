//! Who is calling, and how they prove it: credentials, one-time codes, tokens and where they are kept; what is done with
//! a token once there is one is the caller's business.

pub(crate) mod credentials;
pub(crate) mod identity;
pub(crate) mod local_account;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod sign_in;
#[cfg(feature = "token-file")]
pub(crate) mod token_file;
pub(crate) mod totp;
