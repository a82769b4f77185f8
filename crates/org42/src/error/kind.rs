//! The kind of an error, as one value and as questions.

use org42_types::{Problem, idempotency};

use crate::error::fault::Fault;
use crate::error::refusal::Refusal;
use crate::error::{Error, Happened, Stage};
use crate::settings::SettingConflict;

/// The kind of failure that an [`Error`] reports.
///
/// Whether signing in failed is a separate question, [`Error::is_sign_in`]; so is the fate of the request,
/// [`Error::happened`].
///
/// ```
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// use org42::{CreateOrg, ErrorKind};
///
/// match client.orgs().create_org("Paris", CreateOrg::new().parent(42)).await {
///     Ok(org) => println!("created {}", org.org_name),
///     Err(error) => match error.kind() {
///         ErrorKind::NameTaken => println!("there is one already"),
///         ErrorKind::ParentBlocked | ErrorKind::ParentInactive => println!("not below this one: {error}"),
///         _ => return Err(error),
///     },
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting cannot be used.
    InvalidInput,
    /// The call would change something, and the client is read-only.
    ReadOnly,
    /// The server's flavour has no such call.
    Unsupported,
    /// What was asked for does not exist, or cannot be seen with these rights.
    NotFound,
    /// Several organizations could be meant.
    Ambiguous,
    /// Something of that name exists: a sibling of the organization, or a user.
    NameTaken,
    /// An organization above is blocked.
    ParentBlocked,
    /// An organization above is deactivated.
    ParentInactive,
    /// The same settings were changed since they were read.
    SettingsChanged,
    /// The server reports another conflict, by HTTP 409.
    Conflict,
    /// The server does not accept who is calling, or there are no usable credentials.
    Unauthorized,
    /// The caller's own token provider failed; the server was not asked.
    TokenProvider,
    /// The server knows the caller and does not allow this.
    Forbidden,
    /// The server asked to slow down.
    RateLimited,
    /// The server did not answer in time.
    Timeout,
    /// The program itself has [stopped](crate::Client::stop_at) it.
    Stopped,
    /// There was no connection to the server, or none that a proxy lets through.
    Connect,
    /// The connection broke before the answer was complete.
    Interrupted,
    /// The server, or something before it, is in trouble: a 5xx that names no business rule, HTTP 408 or 425.
    Unavailable,
    /// The server refused for a reason that has no kind of its own; see [`Error::problems`].
    Refused,
    /// The server answered with success, but not with what the call is for.
    Malformed,
    /// What answered is not the API: an address that leads elsewhere, or a page of a proxy.
    NotTheApi,
    /// The server reported success, and the tenant shows nothing of it, or only a part ([`Error::happened`]).
    NotCarriedOut,
    /// The server reported success, and it could not be looked at afterwards.
    Unverified,
    /// A listing is shorter than the server counts.
    IncompleteListing,
    /// A listing contradicts itself, or is larger than it may be.
    BrokenListing,
}

impl Error {
    /// Returns what kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0.fault {
            Fault::Input(_) => ErrorKind::InvalidInput,
            Fault::ReadOnly(_) => ErrorKind::ReadOnly,
            Fault::Lacking(_) => ErrorKind::Unsupported,
            Fault::NotFound(_) => ErrorKind::NotFound,
            Fault::Ambiguous { .. } => ErrorKind::Ambiguous,
            Fault::Conflict(_) => ErrorKind::SettingsChanged,
            Fault::Credentials(_) => ErrorKind::Unauthorized,
            Fault::TokenProvider => ErrorKind::TokenProvider,
            Fault::Connect { .. } | Fault::Proxy { .. } => ErrorKind::Connect,
            Fault::Paused(_) => ErrorKind::RateLimited,
            Fault::Timeout | Fault::Late => ErrorKind::Timeout,
            Fault::Stopped { .. } => ErrorKind::Stopped,
            Fault::Interrupted { .. } => ErrorKind::Interrupted,
            Fault::Refused(refusal) => self.kind_of(refusal),
            Fault::Malformed { .. } => ErrorKind::Malformed,
            Fault::NotCarriedOut(_) | Fault::PartlyCarriedOut(_) => ErrorKind::NotCarriedOut,
            Fault::Unverified(_) => ErrorKind::Unverified,
            Fault::Short(_) => ErrorKind::IncompleteListing,
            Fault::Listing(_) => ErrorKind::BrokenListing,
        }
    }

    fn kind_of(&self, refusal: &Refusal) -> ErrorKind {
        // Only a 500 speaks for the tenant; what stands before it may repeat an older name.
        let is_trouble = matches!(refusal.status, 408 | 425 | 501..);
        let named = || refusal.problems.iter().find_map(named_kind);
        if let Some(kind) = (!is_trouble).then(named).flatten() {
            return kind;
        }
        match refusal.status {
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            // In a look-up before the call, 404 means that the route does not exist.
            404 if refusal.is_not_found()
                && matches!(self.0.stage, Stage::Itself | Stage::ReadingFirst) =>
            {
                ErrorKind::NotFound
            }
            404 => ErrorKind::NotTheApi,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimited,
            500 if refusal.names_business_rule() => ErrorKind::Refused,
            408 | 425 | 500.. => ErrorKind::Unavailable,
            _ => ErrorKind::Refused,
        }
    }

    /// Returns whether what was asked for does not exist, or cannot be seen with these rights.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Returns whether the server does not accept who is calling (a wrong password, a missing code, a revoked client),
    /// or there are no usable credentials. A token provider that fails is [another thing](Self::is_token_provider).
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.0.fault, Fault::Credentials(_)) || self.is_status(401)
    }

    /// Returns whether the client's token provider failed, so that the server was not asked; its error is the
    /// [`source`](std::error::Error::source).
    #[must_use]
    pub fn is_token_provider(&self) -> bool {
        self.kind() == ErrorKind::TokenProvider
    }

    /// Returns whether the server knows the caller and does not allow this.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.is_status(403)
    }

    /// Returns whether it collides with the state of the tenant in any way: a [taken name](Self::is_name_taken), a
    /// [blocked](Self::is_parent_blocked) or [inactive](Self::is_parent_inactive) organization above,
    /// [changed settings](Self::is_settings_changed), or anything else that the server answers with HTTP 409.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let kind = matches!(
            self.kind(),
            ErrorKind::NameTaken
                | ErrorKind::ParentBlocked
                | ErrorKind::ParentInactive
                | ErrorKind::SettingsChanged
                | ErrorKind::Conflict
        );
        kind || self.is_status(409)
    }

    /// Returns whether something of that name exists: a sibling of the organization, or a user.
    #[must_use]
    pub fn is_name_taken(&self) -> bool {
        self.kind() == ErrorKind::NameTaken
    }

    /// Returns whether it is refused because an organization above is blocked.
    #[must_use]
    pub fn is_parent_blocked(&self) -> bool {
        self.kind() == ErrorKind::ParentBlocked
    }

    /// Returns whether it is refused because an organization above is deactivated.
    #[must_use]
    pub fn is_parent_inactive(&self) -> bool {
        self.kind() == ErrorKind::ParentInactive
    }

    /// Returns whether the same settings were changed since they were read; [`conflicts`](Self::conflicts) lists them.
    #[must_use]
    pub fn is_settings_changed(&self) -> bool {
        self.kind() == ErrorKind::SettingsChanged
    }

    /// Returns the settings that were changed since they were read; empty unless
    /// [`is_settings_changed`](Self::is_settings_changed).
    #[must_use]
    pub fn conflicts(&self) -> &[SettingConflict] {
        match &self.0.fault {
            Fault::Conflict(conflicts) => conflicts,
            _ => &[],
        }
    }

    /// Returns whether the server asked to slow down.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited || self.is_status(429)
    }

    /// Returns whether the same call may be made again later with nothing changed: no connection, no answer in time, an
    /// overloaded server. A 500 in which the server names a business rule is permanent: this API reports refusals that way.
    ///
    /// False for a change that may have been carried out ([`Happened::Unknown`]), whatever the reason: repeating it
    /// blindly could do it twice. Look first.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.will_pass() && !(self.is_of_change() && self.happened() == Happened::Unknown)
    }

    /// Returns whether the reason for the failure is likely to go away by itself, whatever has become of the request.
    pub(crate) fn will_pass(&self) -> bool {
        match &self.0.fault {
            Fault::Connect { lasting, .. } => !lasting,
            Fault::Timeout | Fault::Interrupted { .. } => true,
            Fault::Refused(_) => {
                matches!(self.kind(), ErrorKind::RateLimited | ErrorKind::Unavailable)
            }
            _ => false,
        }
    }

    /// Returns whether the request that failed would change something.
    pub(crate) fn is_of_change(&self) -> bool {
        let endpoint = self.0.endpoint;
        endpoint.is_some_and(|endpoint| !endpoint.method.is_read())
    }

    /// Returns whether the server took too long to answer.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Returns whether there was no connection to the server, or none that a proxy lets through.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Returns whether an argument or a setting cannot be used; nothing was sent because of it.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.kind() == ErrorKind::InvalidInput
    }

    /// Returns whether the call would change something and the client is
    /// [read-only](crate::ClientBuilder::read_only).
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.kind() == ErrorKind::ReadOnly
    }

    /// Returns whether the [flavour](crate::Flavor) of the server has no such call; nothing was sent because of it.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.kind() == ErrorKind::Unsupported
    }

    /// Returns whether several organizations could be meant; [`candidates`](Self::candidates) names them.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.kind() == ErrorKind::Ambiguous
    }

    /// Returns the organizations that could be meant, one line each; empty unless
    /// [`is_ambiguous`](Self::is_ambiguous).
    #[must_use]
    pub fn candidates(&self) -> &[String] {
        match &self.0.fault {
            Fault::Ambiguous { candidates, .. } => candidates,
            _ => &[],
        }
    }

    /// Returns whether getting a token failed, before the call itself was tried.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        self.0.stage == Stage::SigningIn
    }

    fn is_status(&self, status: u16) -> bool {
        self.refusal()
            .is_some_and(|refusal| refusal.status == status)
    }
}

/// Returns the kind that the server's own name for a problem stands for.
fn named_kind(problem: &Problem) -> Option<ErrorKind> {
    Some(match problem.name.as_str() {
        "ORG_DUPLICATE" | "USER_DUPLICATE" | "NAME_EXISTS" => ErrorKind::NameTaken,
        "PARENT_ORG_BLOCKED" => ErrorKind::ParentBlocked,
        "PARENT_ORG_NOT_ACTIVE" => ErrorKind::ParentInactive,
        idempotency::KEY_RUNNING => ErrorKind::Unavailable,
        _ => return None,
    })
}
