//! [`StartError`], the reasons why an authority cannot be set up.

use std::fmt;
use std::sync::Arc;

use crate::domain::TenantRefusal;
use crate::store::{Cause, StoreError};

/// The reason why an authority could not be set up.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// A file or the network failed; the text says what was attempted.
    Io(String, std::io::Error),
    /// The tenant refused something; the text says what and why.
    Refused(String),
    /// The tenant's database failed.
    Store(Cause),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(what, error) => write!(f, "cannot {what}: {error}"),
            Self::Refused(why) => f.write_str(why),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<TenantRefusal> for StartError {
    fn from(refusal: TenantRefusal) -> Self {
        match refusal {
            TenantRefusal::NoRoom(error) | TenantRefusal::Failed(error) => Self::Store(error),
            TenantRefusal::PasswordTooShort => {
                Self::Refused("a password has at least 8 characters".to_owned())
            }
            TenantRefusal::ApiClientNotFound => {
                Self::Refused("there is no API client with this id".to_owned())
            }
            TenantRefusal::UsernameMissing => {
                Self::Refused("the administrator needs a name".to_owned())
            }
            TenantRefusal::Invalid(why) => Self::Refused(why),
            other => Self::Refused(format!("the tenant refuses: {other:?}")),
        }
    }
}
