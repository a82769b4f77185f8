//! Why signing in failed, as an error says it; how that is found out is in `call::auth`.

/// Why a person, or an API client, could not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInProblem {
    /// There is no such person or API client, or the password, the secret or the one-time code is wrong.
    WrongCredentials,
    /// The account wants a one-time code and none was given. Servers say the same of people they do not know.
    OneTimeCodeNeeded,
    /// The account signs in through the company's single sign-on, so it has no password here.
    SingleSignOn,
    /// The person or the organization is blocked.
    Blocked,
    /// The person or the organization is deactivated.
    Deactivated,
}
