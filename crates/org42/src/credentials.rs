//! Who is calling: a person, an API client, or whoever the caller's own callback speaks for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderName};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use crate::error::{Error, Result};
use crate::retry::now;
use crate::transport::Identity;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Ask = Arc<dyn Fn() -> BoxFuture<'static, Result<SecretString, BoxError>> + Send + Sync>;

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
    async fn forget(&self) {
        if let Self::Ask(_, kept) = self {
            kept.lock().await.take();
        }
    }
}

#[derive(Clone)]
enum Totp {
    /// A code as a value: good for one use.
    Once(Arc<Mutex<Option<SecretString>>>),
    Ask(Ask),
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

    /// Gives the current one-time code. It is used for one login; when the token from that login has expired, after
    /// half an hour or so, the next call fails and says that another code is needed. For longer work use
    /// [`totp_with`](Self::totp_with).
    pub fn totp(mut self, code: impl Into<SecretString>) -> Self {
        self.totp = Some(Totp::Once(Arc::new(Mutex::new(Some(code.into())))));
        self
    }

    /// Computes the one-time codes from the shared secret that authenticator apps are given (base32, as it is shown
    /// beside the QR code), so that scheduled jobs need no person. Whoever has this secret and the password is the
    /// person: keep it like a password.
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
    pub fn totp_secret(self, secret: impl Into<SecretString>) -> Result<Self> {
        let codes = Arc::new(Codes::of(&secret.into())?);
        Ok(self.totp_with(move || {
            let codes = Arc::clone(&codes);
            async move { codes.next().await }
        }))
    }

    /// Like [`totp_secret`](Self::totp_secret), with a callback that is asked for the secret at the first login that needs
    /// a code: not at all, where a [kept token](crate::ClientBuilder::token_file) is good still.
    pub fn totp_secret_asking<F, T, E>(self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        let secret = Secret::ask(ask);
        let codes: Arc<OnceCell<Codes>> = Arc::default();
        self.totp_with(move || {
            let (secret, codes) = (secret.clone(), Arc::clone(&codes));
            async move {
                let read = || async {
                    let read = Codes::of(&secret.get().await?);
                    if read.is_err() {
                        secret.forget().await;
                    }
                    read
                };
                codes.get_or_try_init(read).await?.next().await
            }
        })
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
            secrets.push(code.clone());
            spent = Some(SpentCode {
                code,
                place: totp.place(),
            });
        }
        Ok((Identity::new(headers, secrets)?, spent))
    }
}

/// How long a one-time code is the current one.
const STEP_SECONDS: u64 = 30;

/// One-time codes of a shared secret, each given once.
struct Codes {
    totp: totp_rs::Totp,
    used: AtomicU64,
}

impl Codes {
    fn of(typed: &SecretString) -> Result<Self> {
        let is_filler = |c: char| c.is_whitespace() || matches!(c, '-' | '=');
        let letters = typed.expose_secret().to_ascii_uppercase();
        let totp = totp_rs::Secret::try_from_base32(letters.replace(is_filler, ""))
            .ok()
            .and_then(|secret| totp_rs::Builder::new().with_secret(secret).build().ok());
        // The reason could repeat the secret.
        let totp = totp.ok_or_else(|| {
            let message = "the secret for one-time codes is not 16 or more bytes in base32";
            Error::input("use these credentials", message)
        })?;
        let used = AtomicU64::new(0);
        Ok(Self { totp, used })
    }

    async fn next(&self) -> Result<String> {
        let seconds = u64::try_from(now().as_second()).unwrap_or_default();
        let step = unused_step(&self.used, seconds / STEP_SECONDS);
        // A code is good once, so the next login has to wait for the next one.
        let wait = (step * STEP_SECONDS).saturating_sub(seconds);
        tokio::time::sleep(Duration::from_secs(wait)).await;
        Ok(self.totp.generate(step * STEP_SECONDS).to_string())
    }
}

/// The current time step, or the first after it whose code was not used yet.
fn unused_step(used: &AtomicU64, current: u64) -> u64 {
    let later = |last: u64| Some(current.max(last + 1));
    let last = used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    current.max(last.unwrap_or_default() + 1)
}

/// A one-time code on its way to the server.
pub(crate) struct SpentCode {
    code: SecretString,
    place: Option<Arc<Mutex<Option<SecretString>>>>,
}

impl SpentCode {
    /// Gives the code back, because the server never saw it.
    pub(crate) fn unspent(self) {
        if let Some(place) = self.place {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.code);
        }
    }
}

impl Totp {
    async fn next(&self) -> Result<SecretString> {
        match self {
            Self::Once(place) => {
                let code = place.lock().unwrap_or_else(PoisonError::into_inner).take();
                code.ok_or_else(|| {
                    Error::credentials("the one-time code that was given has been used already").with_hint(
                        "sign in again with a new code, or give a callback that is asked for one (totp_with)",
                    )
                })
            }
            Self::Ask(ask) => ask()
                .await
                .map_err(|reason| Error::credentials("no one-time code was given").because(reason)),
        }
    }

    fn place(&self) -> Option<Arc<Mutex<Option<SecretString>>>> {
        match self {
            Self::Once(place) => Some(Arc::clone(place)),
            Self::Ask(_) => None,
        }
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

    /// Whether another login a moment later would send the very same.
    pub(crate) fn stay_the_same(&self) -> bool {
        match self {
            Self::LocalAccount(account) => !matches!(account.totp, Some(Totp::Ask(_))),
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
    use super::*;

    #[test]
    fn no_step_is_used_twice() {
        let used = AtomicU64::new(0);
        let steps = [7, 7, 7, 20, 19].map(|current| unused_step(&used, current));
        assert_eq!(steps, [7, 8, 9, 20, 21]);
    }

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
