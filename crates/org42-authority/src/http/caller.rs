//! Who is asking: reads the credentials of a request.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::login::{api_client, log_in, one_time_code};
use super::reply::ErrorReply;
use super::{App, auth_tokens};
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::service::{API_CLIENT_PREFIX, Caller, TenantService};
use crate::store::OrgLookup;
use crate::testbench::is_own;

/// Anybody who has logged in.
pub(super) struct Authenticated(pub(super) Caller);

/// Somebody who may do everything.
pub(super) struct Admin(pub(super) Caller);

/// Name and password, or id and secret.
#[derive(Clone)]
pub(super) struct Basic {
    pub(super) name: String,
    pub(super) secret: String,
}

/// The value of the `Authorization` header behind one of these scheme words.
fn scheme<'a>(headers: &'a HeaderMap, words: &[&str]) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (word, rest) = value.split_once(' ')?;
    words
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
        .then(|| rest.trim())
}

impl Basic {
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

/// The address that a request comes from.
pub(super) fn address(app: &App, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    app.proxies.origin(peer, &parts.headers)
}

impl FromRequestParts<App> for Authenticated {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        if let Some(token) = token_of(parts) {
            let token = token.ok_or_else(ErrorReply::unauthorized)?;
            return by_token(app, token).await.map(Self);
        }
        let path = parts.uri.path();
        // A moved clock ends sessions, so that whoever moves it may do without one.
        if let Some(basic) = Basic::of(&parts.headers)
            && (path.starts_with("/api/v1/") || is_own(path))
        {
            if is_own(path) && basic.name.starts_with(API_CLIENT_PREFIX) {
                api_client(app, &basic, address(app, parts)).await?;
                return Ok(Self(Caller::Program(basic.name)));
            }
            let code = one_time_code(&parts.headers);
            let signed_in = log_in(app, basic, code, address(app, parts)).await?;
            let since = signed_in.tenant.revision;
            return Ok(Self(signed_in.view.caller(since)));
        }
        Err(ErrorReply::unauthorized())
    }
}

/// The token of a request, if it has one that may be shown there; none within for one that cannot be read.
pub(super) fn token_of(parts: &Parts) -> Option<Option<String>> {
    // `v3_user_token` was the scheme word of the first clients that used tokens.
    if let Some(token) = scheme(&parts.headers, &["Bearer", "v3_user_token"]) {
        return Some(Some(token.to_owned()));
    }
    let pair = scheme(&parts.headers, &["TOKEN"]);
    let pair = pair.filter(|_| parts.uri.path().starts_with("/api/v1/"));
    pair.map(auth_tokens::joined)
}

/// Whether this token is a good one.
pub(super) async fn has_session(app: &App, token: Option<Option<String>>) -> bool {
    match token.flatten() {
        Some(token) => by_token(app, token).await.is_ok(),
        None => false,
    }
}

async fn by_token(app: &App, token: String) -> Result<Caller, ErrorReply> {
    Ok(app.ask(move |tenant| tenant.caller_of(&token)).await?)
}

impl Admin {
    /// Makes sure that the caller is an administrator still, after a body that may have taken its time.
    pub(super) async fn still(&self, app: &App) -> Result<(), ErrorReply> {
        let caller = self.0.clone();
        Ok(app.ask(move |tenant| check(tenant, &caller)).await?)
    }
}

impl App {
    /// Changes what is the administrators', for a caller who has to be one still when it is their turn.
    pub(super) async fn administer<T: Send + 'static>(
        &self,
        Admin(caller): Admin,
        act: impl FnOnce(&TenantService) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let acting = move |tenant: &TenantService| {
            check(tenant, &caller)?;
            act(tenant)
        };
        self.change(acting).await
    }
}

fn check(tenant: &TenantService, caller: &Caller) -> Result<(), TenantRefusal> {
    tenant
        .allowing(caller, Right::Administer, &OrgLookup::Top)
        .check()
}

impl FromRequestParts<App> for Admin {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        let Authenticated(caller) = Authenticated::from_request_parts(parts, app).await?;
        if caller.is_admin() {
            Ok(Self(caller))
        } else {
            Err(TenantRefusal::Forbidden.into())
        }
    }
}
