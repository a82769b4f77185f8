//! The tenant as its customer sees it.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::app::App;
use super::caller::Authenticated;
use super::reply::{ErrorReply, v3};
use crate::domain::roles::Right;
use crate::domain::{OrgRecord, Tenant, TenantRefusal};
use crate::service::{Caller, With};
use crate::store::OrgLookup;

pub(super) async fn customer(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Response, ErrorReply> {
    let (tenant, top, key) = shown_tenant(&app, caller).await?;
    Ok(v3(&json!({
        "name": top.name,
        "registrationKey": key,
        "deploymentModel": "PUBLIC",
        "maintenanceMode": false,
        "tenantUid": tenant.uid,
        "masterServicesAgreement": {"accepted": true, "acceptanceRequired": false},
    })))
}

/// Returns the tenant, its top organization, and the registration key of that, masked for those who may not see it.
pub(super) async fn shown_tenant(
    app: &App,
    caller: Caller,
) -> Result<(Tenant, OrgRecord, String), ErrorReply> {
    const MASKED: &str = "xxxxxxxxxxxxxxxx";
    let found = app.ask(move |tenant| {
        let top = tenant.org(&OrgLookup::Top, With::default())?.org;
        let seen = tenant
            .allowing(&caller, Right::See, &OrgLookup::Top)
            .check();
        let key = match seen {
            Ok(()) => top.registration_key.as_str().to_owned(),
            Err(TenantRefusal::Forbidden | TenantRefusal::OrgNotFound) => MASKED.to_owned(),
            Err(other) => return Err(other),
        };
        Ok((tenant.tenant()?, top, key))
    });
    Ok(found.await?)
}
