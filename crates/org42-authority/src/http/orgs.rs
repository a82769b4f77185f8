//! Organizations, in the older and the newer dialect.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::{CreateOrgBody, Field, OrgGuid, UpdateOrgBody};
use serde_json::{Map, Value, json};

use super::App;
use super::body::Body;
use super::caller::{Admin, Known};
use super::params::Params;
use super::reply::{No, done, no_content, v1, v3};
use super::settings::{self, Asked};
use super::shapes::{org_v1, org_v3};
use crate::store::OrgKey;
use crate::tenant::{
    Caller, CreateOrg, OrgQuery, OrgSort, OrgView, PageOf, TenantService, UpdateOrg, With,
};
use crate::tree::Refusal;

/// The v3 listing has no pages: it stops here.
const V3_CAP: u32 = 100;

pub(super) async fn list_v1(
    State(app): State<App>,
    _: Admin,
    params: Params,
) -> Result<Response, No> {
    let by_name = params
        .text("srtKey")
        .is_some_and(|key| key.eq_ignore_ascii_case("orgName"));
    let query = OrgQuery {
        page: params.page()?,
        active: params.flag("active")?,
        blocked: params.flag("blocked")?,
        search: params.text("q").map(str::to_owned),
        sort: match (by_name, params.descending()) {
            (false, false) => OrgSort::Number,
            (false, true) => OrgSort::NumberDown,
            (true, false) => OrgSort::Name,
            (true, true) => OrgSort::NameDown,
        },
        counts: params.flag("incCounts")?.unwrap_or(false),
    };
    let page = app.ask(move |tenant| tenant.list_orgs(&query)).await?;
    let orgs: Vec<Value> = page.rows.iter().map(org_v1).collect();
    Ok(v1(
        app.tenant.clock().now(),
        &params,
        &json!({"totalCount": page.total, "orgs": orgs}),
    ))
}

pub(super) async fn list_v3(State(app): State<App>, _: Admin) -> Result<Response, No> {
    let page = PageOf {
        num: 1,
        size: V3_CAP,
    };
    let query = OrgQuery {
        page,
        ..OrgQuery::default()
    };
    let page = app.ask(move |tenant| tenant.list_orgs(&query)).await?;
    let orgs: Vec<Value> = page.rows.iter().map(org_v3).collect();
    Ok(v3(&json!({"totalCount": page.total, "orgs": orgs})))
}

pub(super) async fn my(
    State(app): State<App>,
    Known(caller): Known,
    params: Params,
) -> Result<Response, No> {
    let asked = Asked::of(&params)?;
    let found = app
        .ask(move |tenant| tenant.org_of(&caller, asked.with()))
        .await;
    let view = found.map_err(|refusal| match refusal {
        // The real server answers API clients so.
        Refusal::UserNotFound => No::new(
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            "SYSTEM",
            "com.code42.core.CommandException",
        ),
        other => other.into(),
    })?;
    let org = asked.told(org_v1(&view), &view);
    Ok(v1(app.tenant.clock().now(), &params, &org))
}

pub(super) async fn get_v1(
    State(app): State<App>,
    Known(caller): Known,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, No> {
    let asked = Asked::of(&params)?;
    let named = params.org_named(&id, &caller)?;
    let view = app
        .ask(move |tenant| visible(tenant, &caller, &named.key(tenant)?, asked.with()))
        .await?;
    let org = asked.told(org_v1(&view), &view);
    Ok(v1(app.tenant.clock().now(), &params, &org))
}

pub(super) async fn get_v3(
    State(app): State<App>,
    Known(caller): Known,
    Path(guid): Path<String>,
    params: Params,
) -> Result<Response, No> {
    let asked = Asked::of(&params)?;
    let key = by_guid(&guid)?;
    let view = app
        .ask(move |tenant| visible(tenant, &caller, &key, asked.with()))
        .await?;
    Ok(v3(&asked.told(org_v3(&view), &view)))
}

/// Users without rights may look at their own organization only.
pub(super) fn visible(
    tenant: &TenantService,
    caller: &Caller,
    key: &OrgKey,
    with: With,
) -> Result<OrgView, Refusal> {
    let id_of = |view: OrgView| view.org.id;
    if !caller.is_admin()
        && id_of(tenant.org_of(caller, With::default())?)
            != id_of(tenant.org(key, With::default())?)
    {
        return Err(Refusal::Forbidden);
    }
    tenant.org(key, with)
}

pub(super) fn by_guid(guid: &str) -> Result<OrgKey, Refusal> {
    guid.parse::<OrgGuid>()
        .map(OrgKey::Guid)
        .map_err(|_| Refusal::OrgNotFound)
}

/// An empty text is no text.
fn filled(field: Field<String>) -> Option<String> {
    field.value().filter(|text| !text.is_empty()).cloned()
}

pub(super) fn new_org(body: CreateOrgBody) -> CreateOrg {
    let by_guid = body.parent_org_guid.value().cloned().map(OrgKey::Guid);
    let by_uid = body.parent_org_uid.value().cloned().map(OrgKey::Uid);
    let by_id = body.parent_org_id.value().copied().map(OrgKey::Id);
    CreateOrg {
        name: body.org_name.value().cloned(),
        ext_ref: filled(body.org_ext_ref),
        notes: filled(body.notes),
        parent: by_guid.or(by_uid).or(by_id),
    }
}

pub(super) async fn create_v1(
    State(app): State<App>,
    _: Admin,
    params: Params,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, No> {
    let new = new_org(body);
    let view = app.ask(move |tenant| tenant.create_org(&new)).await?;
    Ok(v1(app.tenant.clock().now(), &params, &org_v1(&view)))
}

pub(super) async fn create_v3(
    State(app): State<App>,
    _: Admin,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, No> {
    let new = new_org(body);
    let view = app.ask(move |tenant| tenant.create_org(&new)).await?;
    Ok(v3(&org_v3(&view)))
}

pub(super) fn edit(body: UpdateOrgBody, null_clears: bool) -> UpdateOrg {
    let text = |field: Field<String>| match field {
        Field::Absent => None,
        Field::Null => null_clears.then_some(None),
        Field::Value(text) => Some(Some(text).filter(|text| !text.is_empty())),
    };
    UpdateOrg {
        name: body.org_name.value().cloned(),
        ext_ref: text(body.org_ext_ref),
        notes: text(body.notes),
        ..UpdateOrg::default()
    }
}

pub(super) async fn update_v1(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<String>,
    params: Params,
    Body(document): Body<Map<String, Value>>,
) -> Result<Response, No> {
    let asked = Asked::of(&params)?;
    let named = params.org_named(&id, &caller)?;
    let null_clears = app.tenant.policy().null_clears;
    let known = app.ask(|tenant| Ok(tenant.tenant()?.destinations)).await?;
    let edit = UpdateOrg {
        settings: settings::edit(&document, &known, null_clears)?,
        ..edit(settings::names(&document)?, null_clears)
    };
    let view = app
        .ask(move |tenant| {
            let key = named.key(tenant)?;
            tenant.update_org(&key, &edit)?;
            tenant.org(&key, asked.with())
        })
        .await?;
    let org = asked.told(org_v1(&view), &view);
    Ok(v1(app.tenant.clock().now(), &params, &org))
}

pub(super) async fn update_v3(
    State(app): State<App>,
    _: Admin,
    Path(guid): Path<String>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<Response, No> {
    let key = by_guid(&guid)?;
    let edit = edit(body, app.tenant.policy().null_clears);
    let view = app
        .ask(move |tenant| tenant.update_org(&key, &edit))
        .await?;
    Ok(v3(&org_v3(&view)))
}

/// One of the four verbs.
type Verb = fn(&TenantService, &Caller, &OrgKey) -> Result<(), Refusal>;

const BLOCK: Verb = |tenant, caller, key| tenant.block_org(caller, key);
const UNBLOCK: Verb = |tenant, _, key| tenant.unblock_org(key);
const DEACTIVATE: Verb = |tenant, caller, key| tenant.deactivate_org(caller, key);
const REACTIVATE: Verb = |tenant, _, key| tenant.reactivate_org(key);

macro_rules! verbs {
    ($($v1:ident, $v3:ident = $verb:expr;)*) => {$(
        pub(super) async fn $v1(
            State(app): State<App>,
            Admin(caller): Admin,
            Path(id): Path<String>,
            params: Params,
        ) -> Result<Response, No> {
            let named = params.org_named(&id, &caller)?;
            app.ask(move |tenant| $verb(tenant, &caller, &named.key(tenant)?)).await?;
            Ok(no_content())
        }

        pub(super) async fn $v3(
            State(app): State<App>,
            Admin(caller): Admin,
            Path(guid): Path<String>,
        ) -> Result<Response, No> {
            let key = by_guid(&guid)?;
            app.ask(move |tenant| $verb(tenant, &caller, &key)).await?;
            Ok(done())
        }
    )*};
}

verbs! {
    block_v1, block_v3 = BLOCK;
    unblock_v1, unblock_v3 = UNBLOCK;
    deactivate_v1, deactivate_v3 = DEACTIVATE;
    reactivate_v1, activate_v3 = REACTIVATE;
}
