//! The credentials that a client signs in with, and what the command line says about them.

use std::fmt;

use org42::Flavor;

use crate::args::Global;
use crate::exit::Failure;

/// The options that name a tenant and a caller.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessOptions<'a> {
    pub(crate) profile: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    pub(crate) flavor: Option<Flavor>,
    pub(crate) username: Option<&'a str>,
    pub(crate) totp: Option<&'a str>,
}

impl<'a> AccessOptions<'a> {
    /// Returns those of the global options.
    pub(crate) fn of(global: &'a Global) -> Self {
        Self {
            profile: global.profile.as_deref(),
            url: global.url.as_deref(),
            flavor: global.flavor,
            username: global.username.as_deref(),
            totp: global.totp.as_deref(),
        }
    }
}

/// The caller that signs in, and where its secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    Person {
        username: String,
        password: SecretSource,
        code: CodeSource,
    },
    ApiClient {
        id: String,
        secret: SecretSource,
    },
}

/// Where a password or a secret comes from: what a profile keeps, else what is at hand, else the person at the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SecretSource {
    pub(crate) kept: bool,
    pub(crate) at_hand: Option<Hidden>,
}

/// Where one-time codes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CodeSource {
    None,
    Once(Hidden),
    /// Computed from this secret.
    Secret(Hidden),
    /// Computed from the secret that a profile keeps, or where it cannot be had the one at hand.
    Kept {
        at_hand: Option<Hidden>,
    },
}

/// A secret, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl SecretSource {
    pub(crate) fn at_hand(secret: Option<String>) -> Self {
        Self {
            kept: false,
            at_hand: secret.map(Hidden),
        }
    }
}

/// Returns whether two names are one user's: the server ignores case.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Refuses a user name that is empty, or that no header can carry because of a colon.
pub(crate) fn check_username(name: Option<&str>) -> Result<(), Failure> {
    match name {
        Some(name) if name.is_empty() || name.contains(':') => {
            let message =
                format!("{name:?} cannot sign in: a user name is not empty and has no colon");
            Err(Failure::usage(message))
        }
        _ => Ok(()),
    }
}
