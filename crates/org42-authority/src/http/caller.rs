//! Who is asking: reads the credentials of a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::admission::is_own;
use super::app::App;
use super::auth_tokens;
use super::credentials::{Basic, address, one_time_code, scheme};
use super::login::{api_client, log_in};
use super::reply::ErrorReply;
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::service::{API_CLIENT_PREFIX, Caller, TenantService};
use crate::store::OrgLookup;

/// A caller with good credentials.
pub(super) struct Authenticated(pub(super) Caller);

/// An administrator.
pub(crate) struct Admin(pub(super) Caller);

impl FromRequestParts<App> for Authenticated {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        if let Some(token) = token_of(parts) {
            let token = token.ok_or_else(ErrorReply::unauthorized)?;
            return by_token(app, token).await.map(Self);
        }
        let path = parts.uri.path();
        // The authority's own routes accept Basic: moving the clock expires tokens.
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

/// Returns the token of a request, if its route accepts one; `Some(None)` for one that cannot be read.
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
    pub(crate) async fn still(&self, app: &App) -> Result<(), ErrorReply> {
        let caller = self.0.clone();
        Ok(app
            .ask(move |tenant| {
                let restricted = tenant.allowing(&caller, Right::Administer, &OrgLookup::Top);
                restricted.check()
            })
            .await?)
    }
}

impl App {
    /// Works on the whole tenant as only administrators may, on a tenant that refuses everything once the caller is none any more.
    pub(crate) async fn administer<T: Send + 'static>(
        &self,
        Admin(caller): Admin,
        act: impl FnOnce(&TenantService) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let tenant = restricted(&self.tenant, &caller);
        let work = move || {
            tenant.read().check()?;
            act(&tenant)
        };
        self.lanes.whole.run(work).await
    }
}

/// Returns the tenant restricted to administrators, which is checked in every view.
fn restricted(tenant: &TenantService, caller: &Caller) -> TenantService {
    tenant.allowing(caller, Right::Administer, &OrgLookup::Top)
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
