//! The credentials in a request, and the address that it comes from; whether the credentials are right is checked
//! elsewhere.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::app::App;

/// Name and password, or id and secret.
#[derive(Clone)]
pub(super) struct Basic {
    pub(super) name: String,
    pub(super) secret: String,
}

/// Returns the value of the `Authorization` header behind one of these scheme words.
pub(super) fn scheme<'a>(headers: &'a HeaderMap, words: &[&str]) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (word, rest) = value.split_once(' ')?;
    words
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
        .then(|| rest.trim())
}

impl Basic {
    /// Reads an `Authorization` header of the scheme `Basic`.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let decoded = BASE64_STANDARD.decode(scheme(headers, &["Basic"])?).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let (name, secret) = text.split_once(':')?;
        Some(Self {
            name: name.to_owned(),
            secret: secret.to_owned(),
        })
    }
}

/// Returns the one-time code of a request.
pub(super) fn one_time_code(headers: &HeaderMap) -> Option<String> {
    let code = headers.get("totp-auth")?.to_str().ok()?;
    Some(code.to_owned())
}

/// Returns the address that a request comes from.
pub(super) fn address(app: &App, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    app.proxies.origin(peer, &parts.headers)
}
