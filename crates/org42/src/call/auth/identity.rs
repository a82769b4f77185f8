//! The headers that identify the caller of a request; the credentials and tokens behind them are in the other files of
//! this folder.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};

/// The headers of a caller, and the secrets in them that no error may show.
#[derive(Clone, Default)]
pub(crate) struct Identity {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) secrets: Arc<[SecretString]>,
}

impl Identity {
    /// Creates the headers, marked so that they are never logged; refuses a text that no header can carry.
    pub(crate) fn new(
        headers: impl IntoIterator<Item = (HeaderName, String)>,
        secrets: impl IntoIterator<Item = SecretString>,
    ) -> Result<Self> {
        let headers = headers.into_iter().map(|(name, text)| {
            let mut value = HeaderValue::try_from(text).map_err(|_| {
                Error::credentials("a credential has characters no header can carry")
            })?;
            value.set_sensitive(true);
            Ok((name, value))
        });
        Ok(Self {
            headers: headers.collect::<Result<_>>()?,
            secrets: secrets.into_iter().collect(),
        })
    }

    pub(crate) fn bearer(token: &SecretString) -> Result<Self> {
        let header = format!("Bearer {}", token.expose_secret());
        Self::new([(AUTHORIZATION, header)], [token.clone()])
    }
}

/// Returns the value of a Basic header, and the parts of it that must not be shown.
pub(crate) fn basic(name: &str, password: &str) -> (String, Vec<SecretString>) {
    let encoded = STANDARD.encode(format!("{name}:{password}"));
    let header = format!("Basic {encoded}");
    (header, vec![encoded.into(), password.into()])
}
