//! The handlers for signing in, and for the tenant that one signs in to.

use org42_types::{ApiToken, UserToken, endpoints};

use crate::auth::tokens;
use crate::domain::roles::Right;
use crate::domain::{OrgRecord, Tenant, TenantRefusal};
use crate::http::access::{Open, SignedIn};
use crate::http::answer::{Bare, V3};
use crate::http::dto::queries::LoginQuery;
use crate::http::dto::tenant::{Agreement, Customer, LoginConfiguration};
use crate::http::error_reply::ErrorReply;
use crate::http::query::Query;
use crate::service::With;
use crate::store::{OrgLookup, UserLookup};

crate::http::table::routes! {
    endpoints {
        AUTH_JWT => user_token,
        OAUTH_TOKEN => api_token,
        LOGIN_CONFIGURATION => login_configuration,
        CUSTOMER_MY => customer,
        GATEWAY_OAUTH => api_token,
    }
}

pub(in crate::http) async fn user_token(open: Open) -> Result<V3<UserToken>, ErrorReply> {
    let token = open.user_token().await?;
    Ok(V3::new(UserToken { token }))
}

pub(in crate::http) async fn api_token(open: Open) -> Result<Bare<ApiToken>, ErrorReply> {
    Ok(Bare(ApiToken {
        access_token: open.client_token().await?,
        token_type: "bearer".to_owned(),
        expires_in: u64::from(tokens::API_CLIENT_SECONDS),
    }))
}

pub(in crate::http) async fn login_configuration(
    open: Open,
    asked: Query<LoginQuery>,
) -> Result<V3<LoginConfiguration>, ErrorReply> {
    let key = UserLookup::Username(asked.username.clone().unwrap_or_default());
    let found = open.ask(move |tenant| tenant.user_if_any(&key)).await?;
    // The real server gives this answer for unknown names too.
    let with_code = found.is_none_or(|user| user.totp.is_some());
    let login_type = if with_code { "LOCAL_2FA" } else { "LOCAL" };
    Ok(V3::new(LoginConfiguration { login_type }))
}

pub(in crate::http) async fn customer(caller: SignedIn) -> Result<V3<Customer>, ErrorReply> {
    let (tenant, top, registration_key) = known_tenant(caller).await?;
    Ok(V3::new(Customer {
        name: top.name,
        registration_key,
        deployment_model: "PUBLIC",
        maintenance_mode: false,
        tenant_uid: tenant.uid,
        master_services_agreement: Agreement {
            accepted: true,
            acceptance_required: false,
        },
    }))
}

/// Returns the tenant, its top organization, and that one's registration key, masked for callers who may not see it.
pub(super) async fn known_tenant(
    caller: SignedIn,
) -> Result<(Tenant, OrgRecord, String), TenantRefusal> {
    const MASKED: &str = "xxxxxxxxxxxxxxxx";
    let finding = caller.ask(|tenant, caller| {
        let top = tenant.org(&OrgLookup::Top, With::default())?.org;
        let seen = tenant.allowing(caller, Right::See, &OrgLookup::Top).check();
        let key = match seen {
            Ok(()) => top.registration_key.as_str().to_owned(),
            Err(TenantRefusal::Forbidden | TenantRefusal::OrgNotFound) => MASKED.to_owned(),
            Err(other) => return Err(other),
        };
        Ok((tenant.tenant()?, top, key))
    });
    finding.await
}
