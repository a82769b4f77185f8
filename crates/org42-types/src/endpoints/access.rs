//! The credentials and rights that a caller needs for an endpoint.

use std::fmt;

/// The credentials or the right that a caller needs for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// Nothing: anyone may call it.
    Anyone,
    /// Credentials in the request itself, which the endpoint checks: it signs their holder in, or acts for them.
    Credentials(Credentials),
    /// A session, whatever rights it has: the answer is about the caller, or the same for all.
    SignedIn,
    /// [`Right::See`] somewhere: a list holds what the caller may see.
    Listed,
    /// A right over what the request names: in its path if the route has a parameter, otherwise in its query or body.
    Right(Right, ScopeKind),
    /// [`Right::Administer`] over the whole tenant.
    Administrator,
}

/// Credentials that a request carries itself, in place of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credentials {
    /// A user's name and password (Basic), and a one-time code (header `totp-auth`) if the user has one-time codes.
    Password,
    /// The id and the secret of an API client (Basic).
    ClientSecret,
    /// A token in the path.
    Token,
    /// The secret of a device in the body, or for a new device a registration key with a name and password.
    Device,
}

/// What a caller may do with organizations and with what is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Right {
    /// Look at organizations, users, devices and archives.
    See,
    /// Create organizations below others.
    Create,
    /// Change, block and unblock organizations.
    Change,
    /// Change the settings of organizations.
    Settings,
    /// Deactivate and reactivate organizations.
    Deactivate,
    /// Change users and devices.
    People,
    /// Assign roles, and use the test bench.
    Administer,
}

/// What kind of thing a right is needed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScopeKind {
    /// An organization.
    Org,
    /// What is in an organization: that it is the caller's own is not enough.
    Inside,
    /// A user.
    User,
    /// A device.
    Device,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("nothing"),
            Self::Credentials(credentials) => credentials.fmt(f),
            Self::SignedIn => f.write_str("a session"),
            Self::Listed => write!(f, "{} (what is listed)", Right::See),
            Self::Right(right, over) => write!(f, "{right} ({over})"),
            Self::Administrator => Right::Administer.fmt(f),
        }
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "name and password",
            Self::ClientSecret => "id and secret",
            Self::Token => "the token itself",
            Self::Device => "the device's secret",
        })
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::See => "see",
            Self::Create => "create",
            Self::Change => "change",
            Self::Settings => "settings",
            Self::Deactivate => "deactivate",
            Self::People => "people",
            Self::Administer => "administer",
        })
    }
}

impl fmt::Display for ScopeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Org => "organization",
            Self::Inside => "in the organization",
            Self::User => "user",
            Self::Device => "device",
        })
    }
}
