//! The handlers for devices' agents. The real agents' protocol is not public, so these routes are the authority's
//! own.
//!
//! Every refusal is a 403 with a name.

use org42_types::endpoints::authority;

use crate::auth::{Account, Guess, Line, check_password};
use crate::domain::TenantRefusal;
use crate::http::access::{Open, TRIES, Wrong, braked, guess, look_at};
use crate::http::answer::Bare;
use crate::http::body::StrangersBody as Body;
use crate::http::dto::agents::{
    AgentDocument, BackupBody, PassBody, RegisterBody, Registered, StateBody,
};
use crate::http::error_reply::ErrorReply;
use crate::service::{AgentIds, AgentPass, Proof, Registration, TenantDraft};
use crate::store::{DeviceLookup, OrgLookup};

crate::http::table::routes! {
    authority {
        AGENT_REGISTER => register,
        AGENT_LOGIN => login,
        AGENT_BACKUP => backup,
        AGENT_START_BACKUP => start_backup,
        AGENT_STATE => state,
    }
}

pub(in crate::http) async fn register(
    open: Open,
    Body(body): Body<RegisterBody>,
) -> Result<Bare<Registered>, ErrorReply> {
    let account = Account::user(&body.username);
    let looking = |line| registration(&open, line, body);
    let (attempt, (ids, secret, is_known)) = guess(&open.app, account, open.address, looking)
        .await
        .map_err(ErrorReply::for_agents)?;
    // A user who was created just now has proven nothing.
    if is_known {
        attempt.succeeded();
    }
    Ok(Bare(Registered::of(ids, secret)))
}

/// Registers a device; also returns whether its user was there before.
async fn registration(
    open: &Open,
    line: Line,
    body: RegisterBody,
) -> Result<(AgentIds, String, bool), Wrong> {
    let (app, code) = (&open.app, open.code());
    let key = body
        .registration_key
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| TenantRefusal::BadCredentials)?;
    // Checked before the user is looked up, so that the answer does not reveal who exists.
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
        let known = open.ask(move |tenant| tenant.registrant(&asked)).await?;
        registration.proof = match (&known, &new_hash) {
            (Some(_), _) => {
                let code = code.as_deref();
                let (seen, step) = look_at(app, line, known.as_ref(), &body.password, code).await?;
                Proof::Known(seen, step)
            }
            (None, Some(hash)) => Proof::Unknown(String::clone(hash)),
            (None, None) => {
                let entropy = app.entropy();
                let hash = app.passwords.hash(line, &body.password, entropy).await?;
                new_hash = Some(hash.clone());
                Proof::Unknown(hash)
            }
        };
        let asked = registration.clone();
        let registered = open
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

/// Runs an agent's request, whose secret is checked in the view that decides it, and answers with its device.
async fn act(
    open: Open,
    pass: AgentPass,
    act: impl Fn(&TenantDraft<'_>, &AgentPass) -> Result<(), TenantRefusal> + Send + 'static,
) -> Result<Bare<AgentDocument>, ErrorReply> {
    let account = Account::device(&pass.guid);
    let acting = |_| async {
        let done = open.change(move |tenant| {
            act(tenant, &pass)?;
            tenant.device(&DeviceLookup::Guid(pass.guid.clone()))
        });
        Ok(done.await?)
    };
    let view = braked(&open.app, account, open.address, acting).await;
    Ok(Bare(view.map_err(ErrorReply::for_agents)?.into()))
}

pub(in crate::http) async fn login(
    open: Open,
    Body(body): Body<PassBody>,
) -> Result<Bare<AgentDocument>, ErrorReply> {
    act(open, body.into(), |tenant, pass| tenant.agent_login(pass)).await
}

pub(in crate::http) async fn backup(
    open: Open,
    Body(body): Body<BackupBody>,
) -> Result<Bare<AgentDocument>, ErrorReply> {
    let BackupBody {
        guid,
        secret,
        bytes,
    } = body;
    let backup = move |tenant: &TenantDraft<'_>, pass: &AgentPass| tenant.agent_backup(pass, bytes);
    act(open, AgentPass { guid, secret }, backup).await
}

pub(in crate::http) async fn start_backup(
    open: Open,
    Body(body): Body<PassBody>,
) -> Result<Bare<AgentDocument>, ErrorReply> {
    act(open, body.into(), |tenant, pass| {
        tenant.agent_start_backup(pass)
    })
    .await
}

pub(in crate::http) async fn state(
    open: Open,
    Body(body): Body<StateBody>,
) -> Result<Bare<AgentDocument>, ErrorReply> {
    let StateBody {
        guid,
        secret,
        name,
        value,
    } = body;
    let value = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let report =
        move |tenant: &TenantDraft<'_>, pass: &AgentPass| tenant.agent_report(pass, &name, &value);
    act(open, AgentPass { guid, secret }, report).await
}
