//! Archives and cold storage.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::caller::Authenticated;
use super::listing::{Around, Rows, listing};
use super::params::Params;
use super::reply::ErrorReply;
use super::shapes;
use crate::service::{ArchiveQuery, ArchiveView, Caller, Service};

fn query(app: &App, params: &Params, cold_only: bool) -> Result<ArchiveQuery, ErrorReply> {
    let under = params.org()?;
    // Without an organization all of the tenant is meant.
    let below = params
        .flag("incChildOrgs")?
        .unwrap_or(!cold_only || under.is_none());
    Ok(ArchiveQuery {
        page: params.page(app.tenant.fidelity().max_page_size)?,
        under,
        below,
        device_guid: params.text("backupSourceGuid").map(str::to_owned),
        user_uid: params.text("userUid").map(str::to_owned),
        cold_only,
        descending: params.descending(),
    })
}

async fn listed(
    app: &App,
    caller: Caller,
    (params, cold_only): (&Params, bool),
    (name, show): (&'static str, fn(&ArchiveView) -> Value),
) -> Result<Response, ErrorReply> {
    let mut query = query(app, params, cold_only)?;
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.reach(&caller, &mut query.under)?;
        tenant.each_archive(&query, &mut |view| rows.add(&show(&view)))
    };
    let around = (Around::V1(params), name);
    let rest = |total| json!({"totalCount": total});
    let listed = listing(app, &app.lanes.scans, around, rest, list).await;
    listed.map_err(|refusal| refusal.unknown_filter("Organization was not found"))
}

pub(super) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let rows = ("archives", shapes::archive as fn(&ArchiveView) -> Value);
    listed(&app, caller, (&params, false), rows).await
}

pub(super) async fn cold_storage(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let show: fn(&ArchiveView) -> Value = shapes::cold_storage_row;
    listed(&app, caller, (&params, true), ("coldStorageRows", show)).await
}
