//! Devices' agents. The real agents' protocol is not public, so these routes are the authority's own.
//!
//! Every refusal is a 403 with a name.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::address;
use super::login::braked;
use super::reply::{No, bare};
use super::shapes;
use crate::auth::check_password;
use crate::store::{DeviceKey, OrgKey, UserKey};
use crate::tenant::{AgentPass, Registration, With};
use crate::tree::Refusal;

/// A refusal as agents get it.
fn refused(refusal: Refusal) -> No {
    No::from(refusal).for_agents()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisterBody {
    registration_key: String,
    username: String,
    password: String,
    device_name: String,
    os_name: String,
}

pub(super) async fn register(
    State(app): State<App>,
    parts: Parts,
    Body(body): Body<RegisterBody>,
) -> Result<Response, No> {
    let username = body.username.clone();
    let (ids, secret) = braked(&app, &username, address(&parts), registration(&app, body))
        .await
        .map_err(|no| no.for_agents())?;
    Ok(bare(
        &json!({"computerId": ids.computer_id, "guid": ids.guid, "secret": secret}),
    ))
}

async fn registration(
    app: &App,
    body: RegisterBody,
) -> Result<(crate::tenant::AgentIds, String), Refusal> {
    let key = body
        .registration_key
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| Refusal::BadCredentials)?;
    let key = OrgKey::RegistrationKey(key);
    let (name, org) = (body.username.clone(), key.clone());
    let known = app.ask(move |tenant| {
        tenant
            .org(&org, With::default())
            .map_err(|_| Refusal::BadCredentials)?;
        match tenant.user(&UserKey::Username(name)) {
            Ok(view) => Ok(Some(view.user)),
            Err(Refusal::UserNotFound) => Ok(None),
            Err(other) => Err(other),
        }
    });
    let new_password_hash = match known.await? {
        Some(user) => {
            if !app
                .passwords
                .verify(&body.password, user.password_hash.as_deref())
                .await
            {
                return Err(Refusal::BadCredentials);
            }
            None
        }
        None => {
            check_password(&body.password)?;
            Some(
                app.passwords
                    .hash(&body.password, app.tenant.entropy())
                    .await?,
            )
        }
    };
    let registration = Registration {
        key,
        username: body.username,
        new_password_hash,
        device_name: body.device_name,
        os_name: body.os_name,
    };
    app.change(move |tenant| tenant.register_device(&registration))
        .await
}

#[derive(Deserialize)]
pub(super) struct PassBody {
    guid: String,
    secret: String,
}

impl PassBody {
    fn pass(self) -> AgentPass {
        AgentPass {
            guid: self.guid,
            secret: self.secret,
        }
    }
}

pub(super) async fn login(
    State(app): State<App>,
    Body(body): Body<PassBody>,
) -> Result<Response, No> {
    let view = app
        .change(move |tenant| tenant.agent_login(&body.pass()))
        .await
        .map_err(refused)?;
    Ok(bare(&shapes::agent(&view)))
}

#[derive(Deserialize)]
pub(super) struct BackupBody {
    guid: String,
    secret: String,
    bytes: u64,
}

pub(super) async fn backup(
    State(app): State<App>,
    Body(body): Body<BackupBody>,
) -> Result<Response, No> {
    let pass = AgentPass {
        guid: body.guid,
        secret: body.secret,
    };
    let done = app.change(move |tenant| {
        tenant.agent_backup(&pass, body.bytes)?;
        tenant.device(&DeviceKey::Guid(pass.guid))
    });
    Ok(bare(&shapes::agent(&done.await.map_err(refused)?)))
}

pub(super) async fn start_backup(
    State(app): State<App>,
    Body(body): Body<PassBody>,
) -> Result<Response, No> {
    let done = app.change(move |tenant| {
        let pass = body.pass();
        tenant.agent_start_backup(&pass)?;
        tenant.device(&DeviceKey::Guid(pass.guid))
    });
    Ok(bare(&shapes::agent(&done.await.map_err(refused)?)))
}

#[derive(Deserialize)]
pub(super) struct StateBody {
    guid: String,
    secret: String,
    name: String,
    value: Value,
}

pub(super) async fn state(
    State(app): State<App>,
    Body(body): Body<StateBody>,
) -> Result<Response, No> {
    let pass = AgentPass {
        guid: body.guid,
        secret: body.secret,
    };
    let value = body
        .value
        .as_str()
        .map_or_else(|| body.value.to_string(), str::to_owned);
    let done = app.change(move |tenant| {
        tenant.agent_report(&pass, &body.name, &value)?;
        tenant.device(&DeviceKey::Guid(pass.guid))
    });
    Ok(bare(&shapes::agent(&done.await.map_err(refused)?)))
}
