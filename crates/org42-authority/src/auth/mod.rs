//! Proofs of identity: passwords, tokens, one-time codes, secrets of programs, and the throttle on guessing; no HTTP,
//! no SQL.
//!
//! Nothing here reads the machine's clock or sleeps.

mod passwords;
pub(crate) mod secrets;
mod throttle;
pub(crate) mod tokens;
pub(crate) mod totp;

pub use passwords::PasswordCost;
pub(crate) use passwords::{Line, Passwords, check_password};
pub(crate) use throttle::{Account, Attempt, Braked, Guess, Throttle, TooManyFailures};
