//! Who is calling: a person, an API client, or whoever the caller's own callback speaks for.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderName};
use secrecy::{ExposeSecret, SecretString};

use crate::call::auth::totp::{Computed, SpentCode, Totp};
use crate::call::exchange::Identity;
use crate::error::{Error, Result};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Ask =
    Arc<dyn Fn() -> BoxFuture<'static, Result<SecretString, BoxError>> + Send + Sync>;

/// A person's user name and password, and perhaps the source of one-time codes.
///
/// For people who sign in with a password of the console itself; those who sign in through their company's single
/// sign-on have none and need an API client.
///
/// ```
/// use org42::LocalAccount;
///
/// let account = LocalAccount::new("admin@example.com", "correct horse").totp("123456");
/// assert!(!format!("{account:?}").contains("horse"));
/// ```
#[derive(Clone)]
#[must_use]
pub struct LocalAccount {
    username: String,
    password: Secret,
    totp: Option<Totp>,
}

/// A password or an API client's secret.
#[derive(Clone)]
pub(crate) enum Secret {
    Known(SecretString),
    /// Asked for at the first login, and kept until it is refused.
    Ask(Ask, Arc<tokio::sync::Mutex<Option<SecretString>>>),
}

impl Secret {
    pub(crate) fn ask<F, T, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::Ask(boxed(ask), Arc::default())
    }

    pub(crate) async fn get(&self) -> Result<SecretString> {
        let (ask, kept) = match self {
            Self::Known(secret) => return Ok(secret.clone()),
            Self::Ask(ask, kept) => (ask, kept),
        };
        let mut kept = kept.lock().await;
        if let Some(secret) = &*kept {
            return Ok(secret.clone());
        }
        let secret = ask().await.map_err(|reason| {
            Error::credentials("no password or secret was given").because(reason)
        })?;
        *kept = Some(secret.clone());
        Ok(secret)
    }

    /// Asks again the next time.
    pub(crate) async fn forget(&self) {
        if let Self::Ask(_, kept) = self {
            kept.lock().await.take();
        }
    }
}

impl LocalAccount {
    /// An account without one-time codes.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            username: username.into(),
            password: Secret::Known(password.into()),
            totp: None,
        }
    }

    /// An account whose password is asked for when a login needs it: not at all, where a
    /// [kept token](crate::ClientBuilder::token_file) is good still; and again a minute or more after one that was refused.
    ///
    /// ```
    /// use org42::LocalAccount;
    ///
    /// let account = LocalAccount::asking("admin@example.com", || async {
    ///     std::fs::read_to_string("/run/password")
    /// });
    /// ```
    pub fn asking<F, T, E>(
        username: impl Into<String>,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self {
            username: username.into(),
            password: Secret::ask(ask),
            totp: None,
        }
    }

    /// Gives the current one-time code, as an application shows it: `123456`, `123 456`, `123-456`. It is used for one
    /// login; when the token from that login has expired, after half an hour or so, the next call fails and says that
    /// another code is needed. For longer work use [`totp_with`](Self::totp_with).
    ///
    /// An `otpauth://totp/…` address in its place is taken for what codes are computed from, as
    /// [`totp_secret`](Self::totp_secret) does it. What is no code at all is refused when the client is built.
    pub fn totp(mut self, code: impl Into<SecretString>) -> Self {
        self.totp = Some(Totp::once(&code.into()));
        self
    }

    /// Computes the one-time codes from the shared secret that authenticator apps are given, so that scheduled jobs need
    /// no person: in base32, as it is shown beside the QR code, or as the `otpauth://totp/…` address that is in it.
    /// Whoever has this secret and the password is the person: keep it like a password.
    ///
    /// ```
    /// use org42::LocalAccount;
    ///
    /// let account = LocalAccount::new("admin@example.com", "correct horse")
    ///     .totp_secret("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")?;
    /// assert!(!format!("{account:?}").contains("GEZD"));
    /// # Ok::<(), org42::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the text is no such secret.
    pub fn totp_secret(mut self, secret: impl Into<SecretString>) -> Result<Self> {
        self.totp = Some(Totp::Computed(Computed::of(secret.into())?));
        Ok(self)
    }

    /// Like [`totp_secret`](Self::totp_secret), with a callback that is asked for the secret at the first login that needs
    /// a code: not at all, where a [kept token](crate::ClientBuilder::token_file) is good still. A callback that cannot get at the secret may
    /// give a code instead, which is used once.
    pub fn totp_secret_asking<F, T, E>(
        mut self,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        self.totp = Some(Totp::Computed(Computed::asking(Secret::ask(ask))));
        self
    }

    /// Gives a callback that is asked for a one-time code at each login.
    pub fn totp_with<F, T, E>(mut self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        self.totp = Some(Totp::Ask(boxed(ask)));
        self
    }

    /// Like [`totp_with`](Self::totp_with), with a callback that may block, such as a prompt on a terminal.
    pub fn totp_with_blocking<T, E>(
        self,
        ask: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        T: Into<SecretString> + Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        self.totp_with(in_own_thread(ask))
    }

    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    /// What a login sends; a code given as a value is taken for it.
    pub(crate) async fn identity(&self) -> Result<(Identity, Option<SpentCode>)> {
        let password = self.password.get().await?;
        let (basic, mut secrets) = basic(&self.username, password.expose_secret());
        let mut headers = vec![(AUTHORIZATION, basic)];
        let mut spent = None;
        if let Some(totp) = &self.totp {
            let code = totp.next().await?;
            headers.push((
                HeaderName::from_static("totp-auth"),
                code.expose_secret().to_owned(),
            ));
            secrets.extend(totp.known());
            secrets.push(code.clone());
            spent = Some(SpentCode::of(totp, code));
        }
        Ok((Identity::new(headers, secrets)?, spent))
    }
}

impl fmt::Debug for LocalAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalAccount")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

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

    /// Refuses what can never sign in.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::LocalAccount(LocalAccount {
                totp: Some(totp), ..
            }) => totp.check(),
            _ => Ok(()),
        }
    }

    /// The secrets that are at hand without asking for them.
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

    /// Whether another login a moment later would send the very same.
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

    /// Asks for what a login needs.
    pub(crate) async fn prepare(&self) -> Result<()> {
        match self.secret() {
            Some(secret) => secret.get().await.map(drop),
            None => Ok(()),
        }
    }

    /// Forgets what was asked for and turned out wrong.
    pub(crate) async fn forget(&self) {
        if let Some(secret) = self.secret() {
            secret.forget().await;
        }
    }

    /// Whether each request can be sent with these alone: one-time codes are good once.
    pub(crate) fn fit_each_request(&self) -> bool {
        match self {
            Self::LocalAccount(account) => account.totp.is_none(),
            Self::ApiClient { .. } => true,
            Self::TokenProvider(_) => false,
        }
    }

    /// Who signs in with these, unless only a callback knows.
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

/// The value of a Basic header, and what must not be shown of it.
pub(crate) fn basic(name: &str, password: &str) -> (String, Vec<SecretString>) {
    let encoded = STANDARD.encode(format!("{name}:{password}"));
    let header = format!("Basic {encoded}");
    (header, vec![encoded.into(), password.into()])
}

fn boxed<F, T, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Ask
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Into<SecretString> + 'static,
    E: Into<BoxError> + 'static,
{
    Arc::new(move || {
        ask()
            .map(|answer| answer.map(Into::into).map_err(Into::into))
            .boxed()
    })
}

pub(crate) fn in_own_thread<T, E>(
    ask: impl Fn() -> Result<T, E> + Send + Sync + 'static,
) -> impl Fn() -> BoxFuture<'static, Result<SecretString, BoxError>> + Send + Sync + 'static
where
    T: Into<SecretString> + Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let ask = Arc::new(ask);
    move || {
        let ask = Arc::clone(&ask);
        let answer = tokio::task::spawn_blocking(move || ask());
        async move { answer.await?.map(Into::into).map_err(Into::into) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_was_refused_is_asked_for_again() {
        let asked = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&asked);
        let secret = Secret::ask(move || {
            let number = counting.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Error>(format!("guess {number}")) }
        });
        for _ in 0..2 {
            assert_eq!(secret.get().await.unwrap().expose_secret(), "guess 0");
        }
        secret.forget().await;
        assert_eq!(secret.get().await.unwrap().expose_secret(), "guess 1");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
