//! Devices' agents. The real agents' protocol is not public, so these routes are the authority's own.
//!
//! Every refusal is a 403 with a name.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::body::AnybodysBody as Body;
use super::credentials::{address, one_time_code};
use super::login::{TRIES, Wrong, braked, guess, look_at};
use super::reply::{ErrorReply, bare};
use super::shapes;
use crate::auth::{Account, Guess, Line, check_password};
use crate::domain::TenantRefusal;
use crate::service::{AgentIds, AgentPass, Proof, Registration, TenantDraft};
use crate::store::{DeviceLookup, OrgLookup};

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
) -> Result<Response, ErrorReply> {
    let code = one_time_code(&parts.headers);
    let account = Account::user(&body.username);
    let looking = |line| registration(&app, line, body, code);
    let (attempt, (ids, secret, is_known)) = guess(&app, account, address(&app, &parts), looking)
        .await
        .map_err(ErrorReply::for_agents)?;
    // Whoever has only just come into being has proven nothing.
    if is_known {
        attempt.succeeded();
    }
    Ok(bare(
        &json!({"computerId": ids.computer_id, "guid": ids.guid, "secret": secret}),
    ))
}

/// Registers a device; also tells whether its user was there before.
async fn registration(
    app: &App,
    line: Line,
    body: RegisterBody,
    code: Option<String>,
) -> Result<(AgentIds, String, bool), Wrong> {
    let key = body
        .registration_key
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| TenantRefusal::BadCredentials)?;
    // Before anybody is looked for: it must not tell who is known.
    check_password(&body.password)?;
    let username = body.username.trim().to_owned();
    let mut new_hash = None;
    let mut registration = Registration {
        key: OrgLookup::RegistrationKey(key),
        username,
        proof: Proof::Unknown(String::new()),
        device_name: body.device_name,
        os_name: body.os_name,
    };
    for _ in 0..TRIES {
        let asked = registration.clone();
        let known = app.ask(move |tenant| tenant.registrant(&asked)).await?;
        registration.proof = match (&known, &new_hash) {
            (Some(_), _) => {
                let code = code.as_deref();
                let (seen, step) = look_at(app, line, known.as_ref(), &body.password, code).await?;
                Proof::Known(seen, step)
            }
            (None, Some(hash)) => Proof::Unknown(String::clone(hash)),
            (None, None) => {
                let entropy = app.tenant.entropy();
                let hash = app.passwords.hash(line, &body.password, entropy).await?;
                new_hash = Some(hash.clone());
                Proof::Unknown(hash)
            }
        };
        let asked = registration.clone();
        let registered = app
            .change(move |tenant| tenant.register_device(&asked))
            .await;
        let registered = registered.map_err(|refusal| match (refusal, &registration.proof) {
            (TenantRefusal::BadCredentials, Proof::Known(_, Some(_))) => Wrong::Guess(Guess::Code),
            (refusal, _) => refusal.into(),
        });
        if let Some((ids, secret)) = registered? {
            return Ok((ids, secret, known.is_some()));
        }
    }
    Err(Wrong::UNSETTLED)
}

#[derive(Deserialize)]
pub(super) struct PassBody {
    guid: String,
    secret: String,
}

impl From<PassBody> for AgentPass {
    fn from(PassBody { guid, secret }: PassBody) -> Self {
        Self { guid, secret }
    }
}

/// Does what an agent wants, whose secret is looked for where that is decided, and shows its device.
async fn act(
    app: &App,
    parts: &Parts,
    pass: AgentPass,
    act: impl Fn(&TenantDraft<'_>, &AgentPass) -> Result<(), TenantRefusal> + Send + 'static,
) -> Result<Response, ErrorReply> {
    let account = Account::device(&pass.guid);
    let acting = |_| async {
        let done = app.change(move |tenant| {
            act(tenant, &pass)?;
            tenant.device(&DeviceLookup::Guid(pass.guid.clone()))
        });
        Ok(done.await?)
    };
    let view = braked(app, account, address(app, parts), acting).await;
    Ok(bare(&shapes::agent(&view.map_err(ErrorReply::for_agents)?)))
}

pub(super) async fn login(
    State(app): State<App>,
    parts: Parts,
    Body(body): Body<PassBody>,
) -> Result<Response, ErrorReply> {
    act(&app, &parts, body.into(), |tenant, pass| {
        tenant.agent_login(pass)
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct BackupBody {
    guid: String,
    secret: String,
    bytes: u64,
}

pub(super) async fn backup(
    State(app): State<App>,
    parts: Parts,
    Body(body): Body<BackupBody>,
) -> Result<Response, ErrorReply> {
    let pass = AgentPass {
        guid: body.guid,
        secret: body.secret,
    };
    let backup =
        move |tenant: &TenantDraft<'_>, pass: &AgentPass| tenant.agent_backup(pass, body.bytes);
    act(&app, &parts, pass, backup).await
}

pub(super) async fn start_backup(
    State(app): State<App>,
    parts: Parts,
    Body(body): Body<PassBody>,
) -> Result<Response, ErrorReply> {
    act(&app, &parts, body.into(), |tenant, pass| {
        tenant.agent_start_backup(pass)
    })
    .await
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
    parts: Parts,
    Body(body): Body<StateBody>,
) -> Result<Response, ErrorReply> {
    let pass = AgentPass {
        guid: body.guid,
        secret: body.secret,
    };
    let value = body
        .value
        .as_str()
        .map_or_else(|| body.value.to_string(), str::to_owned);
    let report = move |tenant: &TenantDraft<'_>, pass: &AgentPass| {
        tenant.agent_report(pass, &body.name, &value)
    };
    act(&app, &parts, pass, report).await
}
