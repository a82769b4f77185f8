//! Who is asking: passwords, tokens, one-time codes, secrets of programs, and the brake on guessing.
//!
//! Nothing here knows HTTP or SQL, reads the machine's clock or sleeps.

mod passwords;
pub(crate) mod secrets;
mod throttle;
pub(crate) mod tokens;
pub(crate) mod totp;

pub use passwords::PasswordCost;
pub(crate) use passwords::{Line, Passwords, check_password};
pub(crate) use throttle::{Account, Attempt, Braked, Guess, Throttle, TooManyFailures};
