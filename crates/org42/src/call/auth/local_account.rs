//! A person who signs in: name, password, and perhaps the source of one-time codes.

use std::fmt;

use http::header::{AUTHORIZATION, HeaderName};
use secrecy::{ExposeSecret, SecretString};

use crate::call::auth::identity::{Identity, basic};
use crate::call::auth::secret::{BoxError, Secret, boxed, in_own_thread};
#[cfg(feature = "totp")]
use crate::call::auth::totp::Computed;
use crate::call::auth::totp::{SpentCode, Totp};
use crate::error::Result;

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
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(crate) totp: Option<Totp>,
}

impl LocalAccount {
    /// Creates an account without one-time codes.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            username: username.into(),
            password: Secret::Known(password.into()),
            totp: None,
        }
    }

    /// Creates an account whose password comes from a callback, which is called when a login needs it: not at all
    /// while a [kept token](crate::ClientBuilder::token_file) is valid, and again no sooner than a minute after a
    /// refused password.
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

    /// Adds the current one-time code, as an application shows it: `123456`, `123 456`, `123-456`. It is used for one
    /// login; when the token from that login has expired, after half an hour or so, the next call fails and its error
    /// asks for another code. For longer work use [`totp_with`](Self::totp_with).
    ///
    /// An `otpauth://totp/…` address in its place is used as [`totp_secret`](Self::totp_secret) uses it. A text that
    /// is neither is refused when the client is built.
    pub fn totp(mut self, code: impl Into<SecretString>) -> Self {
        self.totp = Some(Totp::once(&code.into()));
        self
    }

    #[cfg(feature = "totp")]
    /// Computes the one-time codes from the shared secret of authenticator apps, so that scheduled jobs need no
    /// person. The secret is the base32 text beside the QR code, or the `otpauth://totp/…` address in it. With this
    /// secret and the password anyone can sign in as the person: keep it like a password.
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
    /// [`is_invalid_input`](crate::Error::is_invalid_input) when the text is not such a secret.
    pub fn totp_secret(mut self, secret: impl Into<SecretString>) -> Result<Self> {
        self.totp = Some(Totp::Computed(Computed::of(secret.into())?));
        Ok(self)
    }

    #[cfg(feature = "totp")]
    /// Works like [`totp_secret`](Self::totp_secret), with a callback that is asked for the secret at the first login
    /// that needs a code: not at all while a [kept token](crate::ClientBuilder::token_file) is valid. A callback that
    /// cannot get at the secret may return a code instead, which is used once.
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

    /// Adds a callback that is asked for a one-time code at each login.
    pub fn totp_with<F, T, E>(mut self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<BoxError> + 'static,
    {
        self.totp = Some(Totp::Ask(boxed(ask)));
        self
    }

    /// Works like [`totp_with`](Self::totp_with), with a callback that may block, such as a prompt on a terminal.
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

    /// Returns the headers that a login sends, and the code that they use up: a code that was set as a value is
    /// removed.
    pub(crate) async fn identity(&self) -> Result<(Identity, Option<SpentCode>)> {
        let password = self.password.get().await?;
        let (basic, mut secrets) = basic(&self.username, password.expose_secret());
        let mut headers = vec![(AUTHORIZATION, basic)];
        let mut spent = None;
        if let Some(totp) = &self.totp {
            let code = totp.next().await?;
            headers.push((
                HeaderName::from_static("totp-auth"),
                code.text.expose_secret().to_owned(),
            ));
            secrets.extend(totp.known());
            secrets.push(code.text.clone());
            spent = Some(code);
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
