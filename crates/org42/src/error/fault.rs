//! The ways in which a call can fail, and their messages.

use std::fmt;
use std::time::Duration;

use crate::error::excerpt::excerpt;
use crate::error::refusal::Refusal;
use crate::list::page_cursor::Shortfall;
use crate::settings::SettingConflict;

/// The fault of a call, in the order of a request's life.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// An argument or a setting that cannot be used.
    Input(String),
    /// A change by a read-only client.
    ReadOnly(&'static str),
    /// A call that the server's flavour does not have.
    Lacking(String),
    /// An organization that was looked up in the listing and is not in it.
    NotFound(String),
    /// Something that was looked up in the listing and is in it more than once.
    Ambiguous {
        message: String,
        candidates: Vec<String>,
    },
    /// Settings that were changed on the server since they were read.
    Conflict(Vec<SettingConflict>),
    /// Credentials that cannot lead to a token.
    Credentials(String),
    /// A failure of the caller's own token provider.
    TokenProvider,
    /// No connection.
    Connect { message: String, lasting: bool },
    /// An answer of a proxy, or of something behind it, in the place of the server's.
    Proxy { message: String, perhaps_done: bool },
    /// A request that was sent, and not answered in time.
    Timeout,
    /// A request that was not sent: the server has asked to wait for longer than there is time.
    Paused(Duration),
    /// A call for which there was no time left before its request was sent.
    Late,
    /// A call that the program itself has stopped, before or after its request was sent.
    Stopped { sent: bool },
    /// A request that was sent, and whose connection broke before the answer was complete.
    Interrupted { status: Option<u16> },
    /// An answer with a failure status.
    Refused(Refusal),
    /// An answer with a success status, but without the document that the call is for.
    Malformed {
        status: u16,
        message: String,
        text: String,
    },
    /// A change that the server reported as done, and of which the tenant shows nothing.
    NotCarriedOut(String),
    /// A change that the server reported as done, and of which the tenant shows only a part.
    PartlyCarriedOut(String),
    /// A change that the server reported as done, and that could not be looked at afterwards.
    Unverified(String),
    /// A listing that is shorter than the server counts, however often it is read.
    Short(Shortfall),
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
            | Self::NotCarriedOut(message)
            | Self::PartlyCarriedOut(message)
            | Self::Unverified(message)
            | Self::Listing(message) => f.write_str(message),
            Self::Ambiguous {
                message,
                candidates,
            } => {
                write!(f, "{message}: {}", candidates.join("; "))
            }
            Self::Conflict(conflicts) => {
                f.write_str("it was changed elsewhere since it was read: ")?;
                let conflicts: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
                f.write_str(&conflicts.join("; "))
            }
            Self::TokenProvider => f.write_str("the token provider gave none"),
            Self::Short(short) => write!(
                f,
                "only {} of the {} organizations that the server counts have come, after {} readings",
                short.came, short.counted, short.readings
            ),
            Self::Paused(wait) => write!(
                f,
                "the server has asked to be sent nothing for {} s more",
                wait.as_secs().max(1)
            ),
            Self::Late => f.write_str("its time was over before it was sent"),
            Self::Timeout => f.write_str("the server did not answer in time"),
            Self::Stopped { sent: true } => {
                f.write_str("it was stopped before the server had answered")
            }
            Self::Stopped { sent: false } => f.write_str("it was stopped before it was sent"),
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
