//! The reasons why signing in fails, for programs; finding them out belongs to `call::auth`.

/// The reason why a person, or an API client, could not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInProblem {
    /// There is no such person or API client, or the password, the secret or the one-time code is wrong.
    WrongCredentials,
    /// The account needs a one-time code and none was sent. Servers answer the same for people whom they do not know.
    OneTimeCodeNeeded,
    /// The account signs in through the company's single sign-on, so it has no password here.
    SingleSignOn,
    /// The person or the organization is blocked.
    Blocked,
    /// The person or the organization is deactivated.
    Deactivated,
}
