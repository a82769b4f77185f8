//! The gateway: the same organizations by guid, without an envelope and without pages.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::{CreateOrgBody, UpdateOrgBody};
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::Known;
use super::login::told_tenant;
use super::orgs::{by_guid, create_org, edit, new_org};
use super::params::Params;
use super::reply::{No, bare};
use super::shapes::org_of_gateway;
use crate::store::OrgKey;
use crate::tenant::{OrgQuery, OrgView, PageOf, With};
use crate::tree::roles::Right;

fn shown(app: &App, view: &OrgView) -> Value {
    org_of_gateway(view, app.tenant.fidelity().gateway_counts)
}

pub(super) async fn customer(State(app): State<App>, Known(caller): Known) -> Result<Response, No> {
    let (tenant, top, key) = told_tenant(&app, caller).await?;
    Ok(bare(&json!({
        "name": top.name,
        "registrationKey": key,
        "tenantId": tenant.uid,
    })))
}

pub(super) async fn list(
    State(app): State<App>,
    Known(caller): Known,
    params: Params,
) -> Result<Response, No> {
    let mut query = OrgQuery {
        page: PageOf {
            num: 1,
            size: u32::MAX,
        },
        active: params.flag("active")?,
        counts: true,
        ..OrgQuery::default()
    };
    let page = app.ask(move |tenant| tenant.reach(&caller, &mut query.under)?.list_orgs(&query));
    let page = page.await?;
    let orgs = page.rows.iter().map(|view| shown(&app, view));
    let orgs: Vec<Value> = orgs.collect();
    Ok(bare(&json!({"totalCount": page.total, "orgs": orgs})))
}

pub(super) async fn get(
    State(app): State<App>,
    Known(caller): Known,
    Path(guid): Path<String>,
) -> Result<Response, No> {
    let key = by_guid(&guid)?;
    let view = app.ask(move |tenant| {
        tenant
            .allowing(&caller, Right::See, &key)
            .org(&key, With::COUNTS)
    });
    Ok(bare(&shown(&app, &view.await?)))
}

pub(super) async fn create(
    State(app): State<App>,
    Known(caller): Known,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, No> {
    let new = new_org(body);
    let view = app.ask(move |tenant| {
        let made = create_org(tenant, &caller, &new)?;
        tenant.org(&OrgKey::Id(made.org.id), With::COUNTS)
    });
    Ok(bare(&shown(&app, &view.await?)))
}

pub(super) async fn update(
    State(app): State<App>,
    Known(caller): Known,
    Path(guid): Path<String>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<Response, No> {
    let key = by_guid(&guid)?;
    let edit = edit(body, app.tenant.fidelity().null_clears);
    let view = app.ask(move |tenant| {
        let changed = tenant
            .allowing(&caller, Right::Change, &key)
            .update_org(&key, &edit)?;
        tenant.org(&OrgKey::Id(changed.org.id), With::COUNTS)
    });
    Ok(bare(&shown(&app, &view.await?)))
}
