//! Devices, and what their agents reported.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::body::Body;
use super::caller::Authenticated;
use super::listing::{Around, Rows, listing};
use super::params::Params;
use super::reply::{ErrorReply, no_content, rpc, v1};
use super::shapes;
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::service::{Caller, DeviceQuery, Scope, Service, TenantDraft};
use crate::store::{DeviceLookup, UserLookup};

pub(super) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let mut query = DeviceQuery {
        page: params.page(app.tenant.fidelity().max_page_size)?,
        under: params.org()?,
        user: params
            .text("userUid")
            .map(|uid| UserLookup::Uid(uid.to_owned())),
        active: params.flag("active")?,
        blocked: params.flag("blocked")?,
        search: params.text("q").map(str::to_owned),
    };
    let counts = params.flag("incCounts")?.unwrap_or(false);
    // Its page is sorted out of a part of the tenant.
    let lane = app
        .lanes
        .for_list(query.needs_all() || query.under.is_some());
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.reach(&caller, &mut query.under)?;
        tenant.each_device(&query, &mut |view| rows.add(&shapes::computer(&view)))
    };
    let rest = |total| match counts {
        true => json!({"totalCount": total, "warningCount": 0, "criticalCount": 0}),
        false => json!({}),
    };
    let listed = listing(&app, lane, (Around::V1(&params), "computers"), rest, list).await;
    listed.map_err(|refusal| refusal.unknown_filter("Unable to find org"))
}

pub(super) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    let key = params.device_named(&id)?;
    let view = app.ask(move |tenant| tenant.allowing(&caller, Right::See, &key).device(&key));
    let view = view.await?;
    Ok(v1(
        app.tenant.clock().now(),
        &params,
        &shapes::computer(&view),
    ))
}

async fn act(
    app: &App,
    caller: Caller,
    key: DeviceLookup,
    act: fn(&TenantDraft<'_>, &DeviceLookup) -> Result<(), TenantRefusal>,
) -> Result<Response, ErrorReply> {
    let acting =
        app.change(move |tenant| act(&tenant.allowing(&caller, Right::People, &key), &key));
    acting.await?;
    Ok(no_content())
}

pub(super) async fn block(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    act(&app, caller, params.device_named(&id)?, |tenant, key| {
        tenant.block_device(key)
    })
    .await
}

pub(super) async fn unblock(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    act(&app, caller, params.device_named(&id)?, |tenant, key| {
        tenant.unblock_device(key)
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct ComputerBody {
    id: u32,
}

pub(super) async fn deactivate(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(body): Body<ComputerBody>,
) -> Result<Response, ErrorReply> {
    act(&app, caller, DeviceLookup::Id(body.id), |tenant, key| {
        tenant.deactivate_device(key)
    })
    .await
}

pub(super) async fn reactivate(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(body): Body<ComputerBody>,
) -> Result<Response, ErrorReply> {
    act(&app, caller, DeviceLookup::Id(body.id), |tenant, key| {
        tenant.reactivate_device(key)
    })
    .await
}

fn property(params: &Params) -> Result<String, TenantRefusal> {
    let name = params.text("propertyName").map(str::to_owned);
    name.ok_or_else(|| TenantRefusal::Invalid("propertyName is missing".to_owned()))
}

pub(super) async fn agent_states(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let key = params
        .org()?
        .ok_or_else(|| TenantRefusal::Invalid("orgId is missing".to_owned()))?;
    let name = property(&params)?;
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.allowing(&caller, Right::See, Scope::Inside(key.clone()));
        tenant.each_agent_state(&key, &name, &mut |row| rows.add(&shapes::agent_state(&row)))
    };
    listing(
        &app,
        &app.lanes.scans,
        (Around::Rpc, ""),
        |_| json!({}),
        list,
    )
    .await
}

pub(super) async fn agent_state(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let guid = params.text("deviceGuid").map(str::to_owned);
    let guid = guid.ok_or_else(|| TenantRefusal::Invalid("deviceGuid is missing".to_owned()))?;
    let name = property(&params)?;
    let row = app
        .ask(move |tenant| {
            let key = DeviceLookup::Guid(guid.clone());
            tenant
                .allowing(&caller, Right::See, &key)
                .agent_state(&guid, &name)
        })
        .await?;
    Ok(rpc(
        app.tenant.clock().now(),
        &json!([shapes::agent_state(&row)]),
    ))
}
