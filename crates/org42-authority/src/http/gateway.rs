//! The gateway: the same organizations by guid, without an envelope and without pages.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::{CreateOrgBody, UpdateOrgBody};
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::Authenticated;
use super::customer::shown_tenant;
use super::listing::{Around, Rows, listing};
use super::orgs::{by_guid, create_org, edit, new_org};
use super::params::Params;
use super::reply::{ErrorReply, bare};
use super::shapes::org_of_gateway;
use crate::domain::roles::Right;
use crate::service::{OrgQuery, OrgView, PageOf, Service, With};
use crate::store::OrgLookup;

fn shown(app: &App, view: &OrgView) -> Value {
    org_of_gateway(view, app.tenant.fidelity().gateway_counts)
}

pub(super) async fn customer(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Response, ErrorReply> {
    let (tenant, top, key) = shown_tenant(&app, caller).await?;
    Ok(bare(&json!({
        "name": top.name,
        "registrationKey": key,
        "tenantId": tenant.uid,
    })))
}

pub(super) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let mut query = OrgQuery {
        page: PageOf {
            num: 1,
            size: u32::MAX,
        },
        active: params.flag("active")?,
        counts: true,
        ..OrgQuery::default()
    };
    let form = app.tenant.fidelity().gateway_counts;
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.reach(&caller, &mut query.under)?;
        tenant.each_org(&query, &mut |view| rows.add(&org_of_gateway(&view, form)))
    };
    let around = (Around::Bare, "orgs");
    let rest = |total| json!({"totalCount": total});
    listing(&app, &app.lanes.scans, around, rest, list).await
}

pub(super) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(guid): Path<String>,
) -> Result<Response, ErrorReply> {
    let key = by_guid(&guid)?;
    let view = app.scan(move |tenant| {
        tenant
            .allowing(&caller, Right::See, &key)
            .org(&key, With::COUNTS)
    });
    Ok(bare(&shown(&app, &view.await?)))
}

pub(super) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, ErrorReply> {
    let new = new_org(body);
    let view = app.change(move |tenant| {
        let made = create_org(tenant, &caller, &new)?;
        tenant.org(&OrgLookup::Id(made.org.id), With::COUNTS)
    });
    Ok(bare(&shown(&app, &view.await?)))
}

pub(super) async fn update(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(guid): Path<String>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<Response, ErrorReply> {
    let key = by_guid(&guid)?;
    let edit = edit(body, app.tenant.fidelity().null_clears);
    let view = app.change(move |tenant| {
        let changed = tenant
            .allowing(&caller, Right::Change, &key)
            .update_org(&key, &edit)?;
        tenant.org(&OrgLookup::Id(changed.org.id), With::COUNTS)
    });
    Ok(bare(&shown(&app, &view.await?)))
}
