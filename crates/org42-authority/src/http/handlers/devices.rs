//! The handlers for devices, and for what their agents reported.

use axum::extract::State;
use org42_types::endpoints;

use crate::domain::TenantRefusal;
use crate::http::access::{App, Claim, Listed, Scoped};
use crate::http::answer::{NoContent, Rpc, V1};
use crate::http::body::Body;
use crate::http::carried::Carried;
use crate::http::dto::devices::{
    AgentStates, ComputerBody, ComputerCounts, ComputerDocument, ComputerPage, OneAgentState,
};
use crate::http::dto::queries::{AgentStateQuery, AgentStatesQuery, DevicesQuery, NoQuery};
use crate::http::error_reply::ErrorReply;
use crate::http::listing::{List, Listing};
use crate::http::query::Query;
use crate::service::TenantDraft;
use crate::store::{DeviceLookup, OrgLookup};

crate::http::table::routes! {
    endpoints {
        AGENT_STATE_BY_ORG_V14 => agent_states,
        AGENT_STATE_BY_ORG_V38 => agent_states,
        AGENT_STATE_BY_DEVICE_V14 => agent_state,
        AGENT_STATE_BY_DEVICE_V38 => agent_state,
        COMPUTER_LIST => list,
        COMPUTER_GET => get,
        COMPUTER_BLOCK => block,
        COMPUTER_UNBLOCK => unblock,
        COMPUTER_DEACTIVATE_V4 => deactivate,
        COMPUTER_REACTIVATE_V4 => reactivate,
        COMPUTER_DEACTIVATE_V38 => deactivate,
        COMPUTER_REACTIVATE_V38 => reactivate,
    }
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    caller: Listed,
    asked: Query<DevicesQuery>,
) -> Result<Listing<V1<ComputerPage>>, ErrorReply> {
    let mut query = asked.query(&app.fidelity());
    let tenant = caller.within(&mut query.under).await?;
    // The page is sorted out of a part of the tenant.
    let needs_all = query.needs_all() || query.under.is_some();
    let lane = app.lanes.for_list(needs_all);
    let (list, computers) = List::of(move |see| {
        tenant
            .read()
            .each_device(&query, &mut |view| see(ComputerDocument::from(view)))
    });
    let counts = ComputerCounts {
        total_count: list.total(),
        warning_count: 0,
        critical_count: 0,
    };
    let page = ComputerPage {
        computers,
        counts: asked.inc_counts.unwrap_or(false).then_some(counts),
    };
    let answered = list.answer(lane, V1::new(&app, &asked.params, page)).await;
    answered.map_err(|refusal| refusal.unknown_filter("Unable to find org"))
}

pub(in crate::http) async fn get(
    State(app): State<App>,
    device: Scoped<DeviceLookup>,
    query: Query<NoQuery>,
) -> Result<V1<ComputerDocument>, ErrorReply> {
    let finding = device.ask(|device| device.tenant.device(&device.key));
    Ok(V1::new(&app, &query.params, finding.await?.into()))
}

async fn act(
    device: Scoped<DeviceLookup>,
    act: fn(&TenantDraft<'_>, &DeviceLookup) -> Result<(), TenantRefusal>,
) -> Result<Carried<NoContent>, ErrorReply> {
    let acting = device.carry_out(move |device| {
        act(&device.tenant, &device.key)?;
        Ok(NoContent)
    });
    Ok(acting.await?)
}

pub(in crate::http) async fn block(
    device: Scoped<DeviceLookup>,
) -> Result<Carried<NoContent>, ErrorReply> {
    act(device, |tenant, key| tenant.block_device(key)).await
}

pub(in crate::http) async fn unblock(
    device: Scoped<DeviceLookup>,
) -> Result<Carried<NoContent>, ErrorReply> {
    act(device, |tenant, key| tenant.unblock_device(key)).await
}

pub(in crate::http) async fn deactivate(
    claim: Claim<DeviceLookup>,
    Body(body): Body<ComputerBody>,
) -> Result<Carried<NoContent>, ErrorReply> {
    let device = claim.over(DeviceLookup::Id(body.id));
    act(device, |tenant, key| tenant.deactivate_device(key)).await
}

pub(in crate::http) async fn reactivate(
    claim: Claim<DeviceLookup>,
    Body(body): Body<ComputerBody>,
) -> Result<Carried<NoContent>, ErrorReply> {
    let device = claim.over(DeviceLookup::Id(body.id));
    act(device, |tenant, key| tenant.reactivate_device(key)).await
}

fn required<T>(value: Option<T>, name: &str) -> Result<T, TenantRefusal> {
    value.ok_or_else(|| TenantRefusal::Invalid(format!("{name} is missing")))
}

pub(in crate::http) async fn agent_states(
    State(app): State<App>,
    claim: Claim<OrgLookup>,
    asked: Query<AgentStatesQuery>,
) -> Result<Listing<Rpc<AgentStates>>, ErrorReply> {
    let org = claim.over(required(asked.org(), "orgId")?);
    let name = required(asked.property_name.clone(), "propertyName")?;
    let (list, rows) = List::of(move |see| {
        org.read(|org| {
            let (tenant, key) = (&org.tenant, &org.key);
            tenant.each_agent_state(key, &name, &mut |row| see(row.into()))
        })
    });
    list.answer(&app.lanes.scans, Rpc::new(&app, AgentStates(rows)))
        .await
}

pub(in crate::http) async fn agent_state(
    State(app): State<App>,
    claim: Claim<DeviceLookup>,
    asked: Query<AgentStateQuery>,
) -> Result<Rpc<OneAgentState>, ErrorReply> {
    let guid = required(asked.device_guid.clone(), "deviceGuid")?;
    let name = required(asked.property_name.clone(), "propertyName")?;
    let device = claim.over(DeviceLookup::Guid(guid.clone()));
    let finding = device.ask(move |device| device.tenant.agent_state(&guid, &name));
    Ok(Rpc::new(&app, OneAgentState([finding.await?.into()])))
}
