//! Archives and cold storage.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::caller::Known;
use super::params::Params;
use super::reply::{No, v1};
use super::shapes;
use crate::tenant::{ArchiveQuery, ArchiveView, Caller, Listing};

fn query(app: &App, params: &Params, cold_only: bool) -> Result<ArchiveQuery, No> {
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

async fn page(
    app: &App,
    caller: Caller,
    mut query: ArchiveQuery,
) -> Result<Listing<ArchiveView>, No> {
    let page = app.ask(move |tenant| {
        tenant
            .reach(&caller, &mut query.under)?
            .list_archives(&query)
    });
    let page = page.await;
    page.map_err(|refusal| No::from(refusal).unknown_filter("Organization was not found"))
}

pub(super) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    params: Params,
) -> Result<Response, No> {
    let page = page(&app, caller, query(&app, &params, false)?).await?;
    let rows: Vec<Value> = page.rows.iter().map(shapes::archive).collect();
    Ok(v1(
        app.tenant.clock().now(),
        &params,
        &json!({"totalCount": page.total, "archives": rows}),
    ))
}

pub(super) async fn cold_storage(
    State(app): State<App>,
    Known(caller): Known,
    params: Params,
) -> Result<Response, No> {
    let page = page(&app, caller, query(&app, &params, true)?).await?;
    let rows: Vec<Value> = page.rows.iter().map(shapes::cold_storage_row).collect();
    Ok(v1(
        app.tenant.clock().now(),
        &params,
        &json!({"totalCount": page.total, "coldStorageRows": rows}),
    ))
}
