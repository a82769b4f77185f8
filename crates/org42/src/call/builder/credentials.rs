//! Settings of a client about its credentials.

#[cfg(feature = "token-file")]
use std::path::PathBuf;

use secrecy::SecretString;

use super::ClientBuilder;
use crate::call::auth::credentials::Credentials;
use crate::call::auth::local_account::LocalAccount;
use crate::call::auth::secret::{Secret, in_own_thread};
use crate::error::Result;

impl<C> ClientBuilder<C> {
    /// Signs in as a person with a password of the console itself.
    pub fn local_account(mut self, account: LocalAccount) -> Self {
        self.credentials = Some(Credentials::LocalAccount(account));
        self
    }

    /// Signs in as an API client. It has no organization of its own, so
    /// [`get_current`](crate::OrgService::get_current) needs another way to sign in.
    pub fn api_client(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.credentials = Some(Credentials::ApiClient {
            id: id.into(),
            secret: Secret::Known(secret.into()),
        });
        self
    }

    /// Signs in as an API client whose secret comes from a callback, which is called when a login needs it: not at all
    /// while a [kept token](Self::token_file) is valid.
    pub fn api_client_asking<F, T, E>(
        mut self,
        id: impl Into<String>,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        self.credentials = Some(Credentials::ApiClient {
            id: id.into(),
            secret: Secret::ask(ask),
        });
        self
    }

    /// Takes tokens from a callback, which is called when there is no token yet, shortly before the last one expires
    /// (if it is a JWT with an `exp`), and once when the server refuses it.
    ///
    /// ```
    /// use org42::Client;
    ///
    /// let client = Client::builder("console.us.code42.com")
    ///     .token_provider(|| async { std::fs::read_to_string("/run/token") })
    ///     .build()?;
    /// # Ok::<(), org42::Error>(())
    /// ```
    pub fn token_provider<F, T, E>(mut self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        self.credentials = Some(Credentials::token_provider(ask));
        self
    }

    /// Works like [`token_provider`](Self::token_provider), with a callback that may block.
    pub fn token_provider_blocking<T, E>(
        self,
        ask: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        T: Into<SecretString> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
    {
        self.token_provider(in_own_thread(ask))
    }

    #[cfg(feature = "token-file")]
    /// Keeps the token in this file, readable by its owner alone, so that the next process that calls as the same
    /// person or API client need not sign in again. If many processes start at once, only one signs in. Tokens of a
    /// [`token_provider`](Self::token_provider) are not kept.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// Sends name and password, or id and secret, with each request, and requests no token.
    ///
    /// This is for servers and routes that are older than tokens: those under `/api/v1`, and an authority's own. All
    /// other routes refuse it. With one-time codes or a token provider, a client signs in for a token all the same.
    pub fn basic(mut self) -> Self {
        self.basic = true;
        self
    }
}
