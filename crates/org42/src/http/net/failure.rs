//! The reasons why there is no connection, and which end caused them.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use http::StatusCode;

use super::proxy::{NamedBy, Proxy};
use crate::http::tls::failure::no_encryption;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The failure of a request of which nothing was sent.
#[derive(Clone, Debug)]
pub(crate) struct NoConnection {
    pub(crate) message: String,
    /// Whether another attempt is useless or unwanted.
    pub(crate) lasting: bool,
    pub(crate) hint: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl NoConnection {
    pub(crate) fn passing(message: String) -> Self {
        Self {
            message,
            lasting: false,
            hint: None,
            source: None,
        }
    }

    pub(crate) fn lasting(message: String) -> Self {
        Self {
            lasting: true,
            ..Self::passing(message)
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub(crate) fn because(self, source: impl Into<BoxError>) -> Self {
        Self {
            source: Some(Arc::from(source.into())),
            ..self
        }
    }

    /// Adds which proxy was used, unless there is better advice.
    pub(crate) fn through(self, proxy: &Proxy) -> Self {
        match self.hint {
            Some(_) => self,
            None => self.hint(format!("the way there is through the proxy {proxy}")),
        }
    }

    /// Finds such a failure among the causes of an error.
    pub(crate) fn within<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut error = Some(error);
        while let Some(this) = error {
            if let Some(found) = this.downcast_ref() {
                return Some(found);
            }
            error = this.source();
        }
        None
    }

    pub(crate) fn into_source(self) -> Option<Arc<dyn StdError + Send + Sync>> {
        self.source
    }
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for NoConnection {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.source.as_deref()?;
        Some(source)
    }
}

/// The other end of a connection, as errors name it.
pub(crate) enum End<'a> {
    Tenant(&'a str),
    Proxy(&'a Proxy),
}

impl End<'_> {
    /// Returns the failure with this message. A proxy is never asked twice: it would refuse again, and would get the
    /// password again.
    fn fails(&self, message: String) -> NoConnection {
        match self {
            Self::Tenant(_) => NoConnection::passing(message),
            Self::Proxy(proxy) => NoConnection::lasting(message).hint(match proxy.named_by {
                NamedBy::Variable(name) => format!("{name} names this proxy"),
                NamedBy::Setting => "this proxy was given as a setting".to_owned(),
                NamedBy::System => "the system's settings name this proxy".to_owned(),
            }),
        }
    }

    pub(crate) fn unknown(&self) -> NoConnection {
        self.fails(match self {
            Self::Tenant(host) => format!("there is no host of the name {host}"),
            Self::Proxy(proxy) => {
                format!("the proxy {proxy} is not known: there is no host of that name")
            }
        })
    }

    pub(crate) fn unreachable(&self) -> NoConnection {
        self.fails(format!("no connection to {self}"))
    }

    /// Returns the failure of a TLS handshake with this end.
    pub(crate) fn unencrypted(&self, error: io::Error) -> NoConnection {
        let failure = match no_encryption(self, &error) {
            Some(reason) => NoConnection {
                message: reason.message,
                lasting: reason.lasting || matches!(self, Self::Proxy(_)),
                hint: reason.hint.map(str::to_owned),
                source: None,
            },
            None => self.unreachable(),
        };
        failure.because(error)
    }

    pub(crate) fn silent(&self) -> NoConnection {
        self.fails(format!(
            "no connection to {self}: it did not answer in time"
        ))
    }
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(host) => f.write_str(host),
            Self::Proxy(proxy) => write!(f, "the proxy {proxy}"),
        }
    }
}

/// Returns the failure of a proxy that answered, but opened no way to the tenant.
pub(crate) fn refused(proxy: &Proxy, answer: &str) -> NoConnection {
    End::Proxy(proxy).fails(format!("the proxy {proxy} refused: {answer}"))
}

/// Returns the failure of a proxy that requires a user name and a password.
pub(crate) fn unauthorized(proxy: &Proxy, answer: &str) -> NoConnection {
    let place = match proxy.named_by {
        NamedBy::Variable(name) => name,
        NamedBy::Setting => "the setting that names the proxy",
        NamedBy::System => "the system's settings for proxies",
    };
    let hint = match (&proxy.login, proxy.named_by) {
        (Some(_), _) => format!("check the user name and the password in {place}"),
        (None, NamedBy::Variable(name)) => {
            format!("give it a user name and a password: {name}=SCHEME://USER:PASSWORD@{proxy}")
        }
        (None, _) => {
            format!("give it a user name and a password in {place}: SCHEME://USER:PASSWORD@{proxy}")
        }
    };
    refused(proxy, answer).hint(hint)
}

/// Returns the failure if an answer may have been made by the proxy that was to forward the request: it asks for
/// credentials for the proxy, or it is a failure without JSON. A tenant's own refusal is JSON; a page for people can
/// come from the proxy or from a server behind it.
pub(crate) fn forwarded(proxy: &Proxy, status: StatusCode, text: &str) -> Option<NoConnection> {
    let is_json = text.trim_start().starts_with(['{', '[']);
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Some(unauthorized(proxy, &status_words(status)))
        }
        StatusCode::BAD_REQUEST
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_IMPLEMENTED
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT
            if !is_json =>
        {
            let answer = format!("refused: {}", status_words(status));
            Some(behind(proxy, &answer))
        }
        _ => None,
    }
}

/// Returns the failure of a request that a proxy was to forward.
pub(crate) fn behind(proxy: &Proxy, what: &str) -> NoConnection {
    let message = format!("the proxy {proxy}, or a server behind it, {what}");
    End::Proxy(proxy).fails(message)
}

/// Returns the status with the standard's own words for it, since a proxy's words could be anything.
pub(crate) fn status_words(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Returns the failure of a proxy that sent something that is not HTTP.
pub(crate) fn garbled(proxy: &Proxy, what: &str) -> NoConnection {
    End::Proxy(proxy).fails(format!("the proxy {proxy} {what}"))
}
