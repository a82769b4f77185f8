//! What can go wrong with a call, and how that reads.

use std::fmt;

use crate::error::excerpt::excerpt;
use crate::error::refusal::Refusal;
use crate::settings::SettingConflict;

/// What went wrong, in the order of a request's life.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// An argument or a setting that cannot be used.
    Input(String),
    /// A change, by a client that makes none.
    ReadOnly(&'static str),
    /// A call that the flavour of the server does not have.
    Lacking(String),
    /// Looked up in the listing, and not there.
    NotFound(String),
    /// Looked up in the listing, and there more than once.
    Ambiguous {
        message: String,
        candidates: Vec<String>,
    },
    /// The same settings were changed since they were read.
    Conflict(Vec<SettingConflict>),
    /// The credentials cannot give a token.
    Credentials(String),
    /// The caller's own token provider failed.
    TokenProvider,
    /// No connection.
    Connect { message: String, lasting: bool },
    /// A proxy, or something behind it, has answered instead of the server.
    Proxy { message: String, perhaps_done: bool },
    /// Sent, and no answer in time.
    Timeout,
    /// Sent, and the connection broke before the answer was complete.
    Interrupted { status: Option<u16> },
    /// The server answered, and not with success.
    Refused(Refusal),
    /// The server answered with success, but not with what the call is for.
    Malformed {
        status: u16,
        message: String,
        text: String,
        done: bool,
    },
    /// A listing that contradicts itself.
    Listing(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadOnly(message) => f.write_str(message),
            Self::Input(message)
            | Self::Lacking(message)
            | Self::NotFound(message)
            | Self::Credentials(message)
            | Self::Connect { message, .. }
            | Self::Proxy { message, .. }
            | Self::Listing(message) => f.write_str(message),
            Self::Ambiguous {
                message,
                candidates,
            } => {
                write!(f, "{message}: {}", candidates.join("; "))
            }
            Self::Conflict(conflicts) => {
                f.write_str("somebody else has changed it since it was read: ")?;
                let conflicts: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
                f.write_str(&conflicts.join("; "))
            }
            Self::TokenProvider => f.write_str("the token provider gave none"),
            Self::Timeout => f.write_str("the server did not answer in time"),
            Self::Interrupted {
                status: Some(status),
            } => {
                write!(
                    f,
                    "the server answered {status}, but the connection broke before the answer was complete"
                )
            }
            Self::Interrupted { status: None } => {
                f.write_str("the connection broke before the server answered")
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Malformed {
                status,
                message,
                text,
                ..
            } => {
                write!(f, "the server answered {status}, but {message}")?;
                excerpt(f, text)
            }
        }
    }
}
