//! The gateway: the same organizations by guid, without an envelope and without pages.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::{CreateOrgBody, UpdateOrgBody};
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::{Admin, Known};
use super::orgs::{by_guid, edit, new_org, visible};
use super::params::Params;
use super::reply::{No, bare};
use super::shapes::org_of_gateway;
use crate::store::OrgKey;
use crate::tenant::{OrgQuery, PageOf, With};

pub(super) async fn customer(State(app): State<App>, _: Known) -> Result<Response, No> {
    let found = app.ask(|tenant| {
        Ok((
            tenant.tenant()?,
            tenant.org(&OrgKey::Top, With::default())?.org,
        ))
    });
    let (tenant, top) = found.await?;
    Ok(bare(&json!({
        "name": top.name,
        "registrationKey": top.registration_key,
        "tenantId": tenant.uid,
    })))
}

pub(super) async fn list(State(app): State<App>, _: Admin, params: Params) -> Result<Response, No> {
    let query = OrgQuery {
        page: PageOf {
            num: 1,
            size: u32::MAX,
        },
        active: params.flag("active")?,
        counts: true,
        ..OrgQuery::default()
    };
    let page = app.ask(move |tenant| tenant.list_orgs(&query)).await?;
    let orgs: Vec<Value> = page.rows.iter().map(org_of_gateway).collect();
    Ok(bare(&json!({"totalCount": page.total, "orgs": orgs})))
}

pub(super) async fn get(
    State(app): State<App>,
    Known(caller): Known,
    Path(guid): Path<String>,
) -> Result<Response, No> {
    let key = by_guid(&guid)?;
    let view = app.ask(move |tenant| visible(tenant, &caller, &key, With::COUNTS));
    Ok(bare(&org_of_gateway(&view.await?)))
}

pub(super) async fn create(
    State(app): State<App>,
    _: Admin,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, No> {
    let new = new_org(body);
    let view = app.ask(move |tenant| {
        let made = tenant.create_org(&new)?;
        tenant.org(&OrgKey::Id(made.org.id), With::COUNTS)
    });
    Ok(bare(&org_of_gateway(&view.await?)))
}

pub(super) async fn update(
    State(app): State<App>,
    _: Admin,
    Path(guid): Path<String>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<Response, No> {
    let key = by_guid(&guid)?;
    let edit = edit(body, app.tenant.policy().null_clears);
    let view = app.ask(move |tenant| {
        let changed = tenant.update_org(&key, &edit)?;
        tenant.org(&OrgKey::Id(changed.org.id), With::COUNTS)
    });
    Ok(bare(&org_of_gateway(&view.await?)))
}
