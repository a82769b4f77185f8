//! The credentials of a caller: a person, an API client, or a callback that returns tokens.

use std::fmt;

use secrecy::SecretString;

use crate::call::auth::local_account::LocalAccount;
use crate::call::auth::secret::{Ask, BoxError, Secret, boxed};
use crate::call::auth::totp::Totp;
use crate::error::Result;

#[derive(Clone)]
pub(crate) enum Credentials {
    LocalAccount(LocalAccount),
    ApiClient { id: String, secret: Secret },
    TokenProvider(Ask),
}

impl Credentials {
    pub(crate) fn token_provider<F, T, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::TokenProvider(boxed(ask))
    }

    /// Refuses credentials that can never sign in.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::LocalAccount(LocalAccount {
                totp: Some(totp), ..
            }) => totp.check(),
            _ => Ok(()),
        }
    }

    /// Returns the secrets that are known without calling a callback.
    pub(crate) fn known(&self) -> Vec<SecretString> {
        let totp = match self {
            Self::LocalAccount(account) => account.totp.as_ref(),
            _ => None,
        };
        let mut known: Vec<_> = totp.map(Totp::known).unwrap_or_default();
        if let Some(Secret::Known(secret)) = self.secret() {
            known.push(secret.clone());
        }
        known
    }

    /// Returns whether another login a moment later would send exactly the same.
    pub(crate) fn stay_the_same(&self) -> bool {
        match self {
            Self::LocalAccount(account) => account.totp.as_ref().is_none_or(Totp::is_constant),
            Self::ApiClient { .. } => true,
            Self::TokenProvider(_) => false,
        }
    }

    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::LocalAccount(account) => Some(&account.password),
            Self::ApiClient { secret, .. } => Some(secret),
            Self::TokenProvider(_) => None,
        }
    }

    /// Asks the callbacks for the secrets that a login needs.
    #[cfg(feature = "token-file")]
    pub(crate) async fn prepare(&self) -> Result<()> {
        match self.secret() {
            Some(secret) => secret.get().await.map(drop),
            None => Ok(()),
        }
    }

    /// Forgets secrets from callbacks that turned out to be wrong.
    pub(crate) async fn forget(&self) {
        if let Some(secret) = self.secret() {
            secret.forget().await;
        }
    }

    /// Returns whether every request can carry these credentials themselves: a one-time code is valid only once.
    pub(crate) fn fit_each_request(&self) -> bool {
        match self {
            Self::LocalAccount(account) => account.totp.is_none(),
            Self::ApiClient { .. } => true,
            Self::TokenProvider(_) => false,
        }
    }

    /// Returns a description of the account; `None` if only a callback knows it.
    #[cfg(feature = "token-file")]
    pub(crate) fn owner(&self) -> Option<String> {
        match self {
            Self::LocalAccount(account) => Some(format!("user {}", account.username)),
            Self::ApiClient { id, .. } => Some(format!("API client {id}")),
            Self::TokenProvider(_) => None,
        }
    }

    pub(crate) fn is_api_client(&self) -> bool {
        matches!(self, Self::ApiClient { .. })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalAccount(account) => account.fmt(f),
            Self::ApiClient { id, .. } => f
                .debug_struct("ApiClient")
                .field("id", id)
                .finish_non_exhaustive(),
            Self::TokenProvider(_) => f.write_str("TokenProvider"),
        }
    }
}
