//! Credentials, one-time codes, and tokens: how a client proves who is calling, and where its token is kept. What a
//! token is used for does not belong here.

pub(crate) mod credentials;
pub(crate) mod identity;
pub(crate) mod local_account;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod sign_in;
#[cfg(feature = "token-file")]
pub(crate) mod token_file;
pub(crate) mod totp;
