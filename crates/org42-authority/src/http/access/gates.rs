//! The gates: arguments of handlers that hand out the tenant as the endpoint's row allows.
//!
//! | access of the row | gate | the tenant is |
//! |---|---|---|
//! | `Anyone`, `Credentials` | [`Open`] | not restricted |
//! | `SignedIn` | [`SignedIn`] | restricted to a session that holds |
//! | `Listed` | [`Listed`] | what the caller may see |
//! | `Right`, named by the path | [`Scoped`] | restricted to the right over what is named |
//! | `Right`, named by query or body | [`Claim`] | the same, once the handler says what is named |
//! | `Administrator` | [`Admin`] | restricted to administrators |
//!
//! A gate refuses every request of an endpoint whose row wants another one.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use org42_types::Endpoint;
use org42_types::endpoints::{self, Access, Right};

use super::app::App;
use super::caller::caller;
use super::credentials::{Basic, address, one_time_code};
use super::named::{Lookup, Named};
use super::sign_in;
use crate::domain::TenantRefusal;
use crate::http::carried::{Carried, Document, carry_out};
use crate::http::describe::{Description, Part, id_type};
use crate::http::error_reply::ErrorReply;
use crate::http::gate_kind::GateKind;
use crate::http::params::Params;
use crate::service::{Caller, Key, Scope, Service, TenantDraft, TenantService};
use crate::store::OrgLookup;

/// A gate, which hands out the tenant to a handler.
pub(in crate::http) trait Gate {
    const KIND: GateKind;

    /// Returns the row of the endpoint that a request goes to.
    fn row(parts: &Parts) -> Result<Endpoint, ErrorReply> {
        let row = parts.extensions.get::<Endpoint>().copied();
        row.filter(|row| Self::KIND.fits(row)).ok_or_else(misfit)
    }
}

/// Returns the reply for a handler that does not belong to the row: a mistake in the program, which lets nobody in.
fn misfit() -> ErrorReply {
    let text = "The authority does not know what this takes";
    ErrorReply::new(StatusCode::INTERNAL_SERVER_ERROR, "", text)
}

/// Declares gates without a key; those with one follow.
macro_rules! gates {
    ($($gate:ident)*) => {$(
        impl Gate for $gate {
            const KIND: GateKind = GateKind::$gate;
        }

        impl Part for $gate {
            const GATE: Option<GateKind> = Some(Self::KIND);
        }
    )*};
}

gates! { Open SignedIn Listed Admin }

impl<K: Lookup> Gate for Scoped<K> {
    const KIND: GateKind = GateKind::Scoped(K::FINDS);
}

impl<K: Lookup> Part for Scoped<K> {
    const GATE: Option<GateKind> = Some(Self::KIND);

    fn describe(to: &mut Description) {
        to.parameters.extend(id_type(&to.endpoint, K::ID_TYPES));
    }
}

impl<K: Lookup> Gate for Claim<K> {
    const KIND: GateKind = GateKind::Claim(K::FINDS);
}

impl<K: Lookup> Part for Claim<K> {
    const GATE: Option<GateKind> = Some(Self::KIND);
}

/// The gate of endpoints that need no rights, or check the credentials in the request themselves.
pub(in crate::http) struct Open {
    pub(in crate::http) app: App,
    pub(in crate::http) address: IpAddr,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Open {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        Self::row(parts)?;
        Ok(Self {
            app: app.clone(),
            address: address(app, parts),
            headers: parts.headers.clone(),
        })
    }
}

impl Open {
    /// Signs in the user whose name and password the request has, and returns a token.
    pub(in crate::http) async fn user_token(&self) -> Result<String, ErrorReply> {
        sign_in::user_token(&self.app, self.basic()?, self.code(), self.address).await
    }

    /// Signs in the API client whose id and secret the request has, and returns a token.
    pub(in crate::http) async fn client_token(&self) -> Result<String, ErrorReply> {
        sign_in::client_token(&self.app, self.basic()?, self.address).await
    }

    fn basic(&self) -> Result<Basic, ErrorReply> {
        Basic::of(&self.headers).ok_or_else(ErrorReply::unauthorized)
    }

    /// Returns the one-time code of the request.
    pub(in crate::http) fn code(&self) -> Option<String> {
        one_time_code(&self.headers)
    }

    /// Runs a look-up.
    pub(in crate::http) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Service<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        self.app.ask(ask).await
    }

    /// Runs a change.
    pub(in crate::http) async fn change<T: Send + 'static>(
        &self,
        change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        self.app.change(change).await
    }
}

/// The gate of endpoints that every session may use.
pub(in crate::http) struct SignedIn {
    app: App,
    caller: Caller,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        Self::row(parts)?;
        let caller = caller(parts, app).await?;
        Ok(Self::of(app, caller))
    }
}

impl SignedIn {
    fn of(app: &App, caller: Caller) -> Self {
        let app = app.allowing(&caller, Right::See, Scope::Caller);
        Self { app, caller }
    }

    /// Runs a look-up.
    pub(in crate::http) async fn ask<T: Send + 'static>(
        self,
        ask: impl FnOnce(&Service<'_>, &Caller) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let Self { app, caller } = self;
        app.ask(move |tenant| ask(tenant, &caller)).await
    }

    /// Runs a question that reads a large part of the tenant.
    pub(in crate::http) async fn scan<T: Send + 'static>(
        self,
        ask: impl FnOnce(&Service<'_>, &Caller) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let Self { app, caller } = self;
        app.scan(move |tenant| ask(tenant, &caller)).await
    }
}

/// The gate of lists, which contain what the caller may see.
pub(in crate::http) struct Listed {
    app: App,
    caller: Caller,
}

impl FromRequestParts<App> for Listed {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        Self::row(parts)?;
        let caller = caller(parts, app).await?;
        let app = app.clone();
        Ok(Self { app, caller })
    }
}

impl Listed {
    /// Returns the tenant for a list of what is `under` an organization. A list of everything is limited to the
    /// caller's organization if the caller may not see the rest; only then is it known how much the list has to read.
    pub(in crate::http) async fn within(
        self,
        under: &mut Option<OrgLookup>,
    ) -> Result<TenantService, TenantRefusal> {
        let Self { app, caller } = self;
        let (wanted, asking) = (under.take(), caller.clone());
        let narrowed = app.ask(move |tenant| tenant.reach(&asking, wanted));
        *under = narrowed.await?;
        // A list of everything needs a right that holds everywhere.
        let within = Scope::Inside(under.clone().unwrap_or(OrgLookup::Top));
        Ok(app.tenant.allowing(&caller, Right::See, within))
    }
}

/// The gate of endpoints whose path names the thing that a right is needed over.
#[derive(Clone)]
pub(in crate::http) struct Scoped<K> {
    app: App,
    caller: Caller,
    right: Right,
    over: endpoints::ScopeKind,
    named: Named<K>,
    idempotency_key: Option<Key>,
}

/// A tenant to read or to change, which refuses everything unless the caller has the row's right over `key`.
pub(in crate::http) struct Allowed<T, K> {
    pub(in crate::http) tenant: T,
    pub(in crate::http) caller: Caller,
    pub(in crate::http) key: K,
}

impl<K: Lookup> FromRequestParts<App> for Scoped<K> {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        let row = Self::row(parts)?;
        let claim = Claim::<K>::of(&row, parts, app).await?;
        let parameter = row.path_parameters().next().unwrap_or_default();
        let path = Path::<String>::from_request_parts(parts, app).await;
        let Path(id) = path.map_err(|error| ErrorReply::invalid_request(error.status()))?;
        // Numbers may be uids or guids, as the query says.
        let params = match parameter.ends_with("Id") {
            true => Params::of(&parts.uri)?,
            false => Params::default(),
        };
        Ok(Self {
            named: K::named(parameter, &id, &params),
            ..claim.over_named(Named::Unknown)
        })
    }
}

impl<K: Lookup> Scoped<K> {
    /// Reads the tenant on this thread, for a caller that has its turn already.
    pub(in crate::http) fn read<T>(
        self,
        read: impl FnOnce(Allowed<Service<'_>, K>) -> Result<T, TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        let tenant = self.app.tenant.clone();
        self.read_in(&tenant.read(), read)
    }

    fn read_in<T>(
        self,
        tenant: &Service<'_>,
        read: impl FnOnce(Allowed<Service<'_>, K>) -> Result<T, TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        let key = self.named.key(tenant, &self.caller)?;
        read(Allowed {
            tenant: tenant.allowing(&self.caller, self.right, key.scope(self.over)),
            caller: self.caller,
            key,
        })
    }

    /// Runs a look-up.
    pub(in crate::http) async fn ask<T: Send + 'static>(
        self,
        ask: impl FnOnce(Allowed<Service<'_>, K>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let app = self.app.clone();
        app.ask(move |tenant| self.read_in(tenant, ask)).await
    }

    /// Runs a question that reads a large part of the tenant.
    pub(in crate::http) async fn scan<T: Send + 'static>(
        self,
        ask: impl FnOnce(Allowed<Service<'_>, K>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let lanes = self.app.lanes.clone();
        lanes.scans.run(move || self.read(ask)).await
    }

    /// Runs a change.
    pub(in crate::http) async fn change<T: Send + 'static>(
        self,
        mut change: impl FnMut(&Allowed<TenantDraft<'_>, K>) -> Result<T, TenantRefusal>
        + Send
        + 'static,
    ) -> Result<T, TenantRefusal> {
        let Self {
            app,
            caller,
            right,
            over,
            named,
            ..
        } = self;
        let changing = move |tenant: &TenantDraft<'_>| {
            let key = named.key(tenant, &caller)?;
            change(&Allowed {
                tenant: tenant.allowing(&caller, right, key.scope(over)),
                caller: caller.clone(),
                key,
            })
        };
        app.change(changing).await
    }

    /// Runs a change that returns its answer; with an idempotency key, once.
    pub(in crate::http) async fn carry_out<A: Document>(
        self,
        mut change: impl FnMut(&Allowed<TenantDraft<'_>, K>) -> Result<A, TenantRefusal>
        + Send
        + 'static,
    ) -> Result<Carried<A>, TenantRefusal> {
        let key = self.idempotency_key.clone();
        let in_work = self.app.begin(key.as_ref())?;
        self.change(move |allowed| {
            let _in_work = &in_work;
            carry_out(&allowed.tenant, key.as_ref(), || change(allowed))
        })
        .await
    }

    /// Refuses a caller without the right, before anything is prepared.
    pub(in crate::http) async fn check(&self) -> Result<(), TenantRefusal> {
        self.clone().ask(|allowed| allowed.tenant.check()).await
    }
}

/// The gate of endpoints whose query or body names the thing that a right is needed over.
pub(in crate::http) struct Claim<K> {
    app: App,
    caller: Caller,
    right: Right,
    over: endpoints::ScopeKind,
    idempotency_key: Option<Key>,
    key: std::marker::PhantomData<K>,
}

impl<K: Lookup> FromRequestParts<App> for Claim<K> {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        Self::of(&Self::row(parts)?, parts, app).await
    }
}

impl<K: Lookup> Claim<K> {
    async fn of(row: &Endpoint, parts: &Parts, app: &App) -> Result<Self, ErrorReply> {
        let Access::Right(right, over) = row.access else {
            return Err(misfit());
        };
        let caller = caller(parts, app).await?;
        // Such a caller is refused before the body is read.
        if right == Right::Administer && !caller.is_admin() {
            return Err(TenantRefusal::Forbidden.into());
        }
        Ok(Self {
            app: app.clone(),
            idempotency_key: app.key_of(parts, &caller)?,
            caller,
            right,
            over,
            key: std::marker::PhantomData,
        })
    }

    /// Names the thing that the right is needed over.
    pub(in crate::http) fn over(self, key: K) -> Scoped<K> {
        self.over_named(Named::Key(key))
    }

    fn over_named(self, named: Named<K>) -> Scoped<K> {
        Scoped {
            app: self.app,
            caller: self.caller,
            right: self.right,
            over: self.over,
            named,
            idempotency_key: self.idempotency_key,
        }
    }
}

/// The gate of endpoints for administrators.
pub(crate) struct Admin {
    /// Has a tenant that refuses everything once the caller is no administrator any more.
    app: App,
    idempotency_key: Option<Key>,
}

impl FromRequestParts<App> for Admin {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorReply> {
        Self::row(parts)?;
        let caller = caller(parts, app).await?;
        if !caller.is_admin() {
            return Err(TenantRefusal::Forbidden.into());
        }
        Ok(Self {
            idempotency_key: app.key_of(parts, &caller)?,
            ..Self::of(app, &caller)
        })
    }
}

impl Admin {
    fn of(app: &App, caller: &Caller) -> Self {
        Self {
            app: app.allowing(caller, Right::Administer, &OrgLookup::Top),
            idempotency_key: None,
        }
    }

    /// Runs a change that returns its answer; with an idempotency key, once.
    pub(in crate::http) async fn carry_out<A: Document>(
        self,
        mut change: impl FnMut(&TenantDraft<'_>) -> Result<A, TenantRefusal> + Send + 'static,
    ) -> Result<Carried<A>, TenantRefusal> {
        let key = self.idempotency_key;
        let in_work = self.app.begin(key.as_ref())?;
        let changing = move |tenant: &TenantDraft<'_>| {
            let _in_work = &in_work;
            carry_out(tenant, key.as_ref(), || change(tenant))
        };
        self.app.change(changing).await
    }

    /// Runs a look-up.
    pub(crate) async fn ask<T: Send + 'static>(
        self,
        ask: impl FnOnce(&Service<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        self.app.ask(ask).await
    }

    /// Runs a change.
    pub(crate) async fn change<T: Send + 'static>(
        self,
        change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        self.app.change(change).await
    }

    /// Works on the whole tenant.
    pub(crate) async fn administer<T: Send + 'static>(
        self,
        act: impl FnOnce(&TenantService) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let App { tenant, lanes, .. } = self.app;
        let work = move || {
            tenant.read().check()?;
            act(&tenant)
        };
        lanes.whole.run(work).await
    }

    /// Checks that the caller is still an administrator, after a body that may have taken its time; returns the
    /// tenant.
    pub(crate) async fn still(self) -> Result<TenantService, TenantRefusal> {
        self.app.ask(|tenant| tenant.check()).await?;
        Ok(self.app.tenant)
    }
}

#[cfg(test)]
mod tests;
