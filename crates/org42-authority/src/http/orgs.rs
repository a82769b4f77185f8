//! Organizations, in the older and the newer dialect.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use org42_types::{CreateOrgBody, Field, OrgGuid, UpdateOrgBody};
use serde_json::{Map, Value, json};

use super::App;
use super::body::Body;
use super::caller::Authenticated;
use super::listing::{Around, Rows, listing};
use super::params::Params;
use super::reply::{ErrorReply, done, no_content, v1, v3};
use super::settings::{self, Asked};
use super::shapes::{org_v1, org_v3};
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::fidelity::Listed;
use crate::service::{
    Caller, OrgCreation, OrgQuery, OrgSort, OrgUpdate, OrgView, PageOf, Service, TenantDraft,
};
use crate::store::OrgLookup;

pub(super) async fn list_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let fidelity = app.tenant.fidelity();
    let unless_asked = (fidelity.listed == Listed::Active).then_some(true);
    let by_name = params
        .text("srtKey")
        .is_some_and(|key| key.eq_ignore_ascii_case("orgName"));
    let mut query = OrgQuery {
        page: params.page(fidelity.max_page_size)?,
        under: None,
        active: params.flag("active")?.or(unless_asked),
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
    let lane = app.lanes.for_list(query.needs_all());
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.reach(&caller, &mut query.under)?;
        tenant.each_org(&query, &mut |view| rows.add(&org_v1(&view)))
    };
    let around = (Around::V1(&params), "orgs");
    listing(
        &app,
        lane,
        around,
        |total| json!({"totalCount": total}),
        list,
    )
    .await
}

pub(super) async fn list_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Response, ErrorReply> {
    // It has no pages: it stops where it stops.
    let size = match app.tenant.fidelity().v3_list_cap {
        0 => u32::MAX,
        cap => cap,
    };
    let page = PageOf { num: 1, size };
    let mut query = OrgQuery {
        page,
        ..OrgQuery::default()
    };
    let dates = app.tenant.fidelity().v3_dates;
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.reach(&caller, &mut query.under)?;
        tenant.each_org(&query, &mut |view| rows.add(&org_v3(&view, dates)))
    };
    let around = (Around::V3, "orgs");
    let rest = |total| json!({"totalCount": total});
    listing(&app, &app.lanes.scans, around, rest, list).await
}

pub(super) async fn my(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let asked = Asked::of(&params)?;
    let finding = move |tenant: &Service<'_>| tenant.org_of(&caller, asked.with());
    let found = match asked.with().counts {
        true => app.scan(finding).await,
        false => app.ask(finding).await,
    };
    let view = found.map_err(|refusal| match refusal {
        // The real server answers API clients so.
        TenantRefusal::UserNotFound => ErrorReply::new(
            StatusCode::INTERNAL_SERVER_ERROR,
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
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    let asked = Asked::of(&params)?;
    let named = params.org_named(&id, &caller)?;
    let finding = move |tenant: &Service<'_>| {
        let key = named.key(tenant)?;
        tenant
            .allowing(&caller, Right::See, &key)
            .org(&key, asked.with())
    };
    let view = match asked.with().counts {
        true => app.scan(finding).await?,
        false => app.ask(finding).await?,
    };
    let org = asked.told(org_v1(&view), &view);
    Ok(v1(app.tenant.clock().now(), &params, &org))
}

pub(super) async fn get_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(guid): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    let asked = match app.tenant.fidelity().v3_settings {
        true => Asked::of(&params)?,
        false => Asked::default(),
    };
    let key = by_guid(&guid)?;
    let view = app
        .scan(move |tenant| {
            tenant
                .allowing(&caller, Right::See, &key)
                .org(&key, asked.with())
        })
        .await?;
    Ok(v3(&asked.told(shown_v3(&app, &view), &view)))
}

pub(super) fn by_guid(guid: &str) -> Result<OrgLookup, TenantRefusal> {
    guid.parse::<OrgGuid>()
        .map(OrgLookup::Guid)
        .map_err(|_| TenantRefusal::OrgNotFound)
}

/// An empty text is no text.
fn filled(field: Field<String>) -> Option<String> {
    field.value().filter(|text| !text.is_empty()).cloned()
}

pub(super) fn new_org(body: CreateOrgBody) -> OrgCreation {
    let by_guid = body.parent_org_guid.value().cloned().map(OrgLookup::Guid);
    let by_uid = body.parent_org_uid.value().cloned().map(OrgLookup::Uid);
    let by_id = body.parent_org_id.value().copied().map(OrgLookup::Id);
    OrgCreation {
        name: body.org_name.value().cloned(),
        ext_ref: filled(body.org_ext_ref),
        notes: filled(body.notes),
        parent: by_guid.or(by_uid).or(by_id),
    }
}

/// Creates an organization for whoever may.
pub(super) fn create_org(
    tenant: &TenantDraft<'_>,
    caller: &Caller,
    new: &OrgCreation,
) -> Result<OrgView, TenantRefusal> {
    let parent = new.parent.as_ref().unwrap_or(&OrgLookup::Top);
    let tenant = tenant.allowing(caller, Right::Create, parent);
    // Who may not is not told either what else is wrong.
    tenant.check()?;
    tenant.create_org(new)
}

fn shown_v3(app: &App, view: &OrgView) -> Value {
    org_v3(view, app.tenant.fidelity().v3_dates)
}

pub(super) async fn create_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, ErrorReply> {
    let new = new_org(body);
    let view = app
        .change(move |tenant| create_org(tenant, &caller, &new))
        .await?;
    Ok(v1(app.tenant.clock().now(), &params, &org_v1(&view)))
}

pub(super) async fn create_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(body): Body<CreateOrgBody>,
) -> Result<Response, ErrorReply> {
    let new = new_org(body);
    let view = app
        .change(move |tenant| create_org(tenant, &caller, &new))
        .await?;
    let mut answer = v3(&shown_v3(&app, &view));
    if app.tenant.fidelity().v3_created_status == 201 {
        *answer.status_mut() = StatusCode::CREATED;
    }
    Ok(answer)
}

pub(super) fn edit(body: UpdateOrgBody, null_clears: bool) -> OrgUpdate {
    let text = |field: Field<String>| match field {
        Field::Absent => None,
        Field::Null => null_clears.then_some(None),
        Field::Value(text) => Some(Some(text).filter(|text| !text.is_empty())),
    };
    OrgUpdate {
        name: body.org_name.value().cloned(),
        ext_ref: text(body.org_ext_ref),
        notes: text(body.notes),
        ..OrgUpdate::default()
    }
}

pub(super) async fn update_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
    Body(document): Body<Map<String, Value>>,
) -> Result<Response, ErrorReply> {
    let asked = Asked::of(&params)?;
    let named = params.org_named(&id, &caller)?;
    let null_clears = app.tenant.fidelity().null_clears;
    let known = app.ask(|tenant| Ok(tenant.tenant()?.destinations)).await?;
    let sets = (["settings", "deviceDefaults"].iter()).any(|part| document.contains_key(*part));
    let edit = OrgUpdate {
        settings: settings::edit(&document, &known, null_clears)?,
        ..edit(settings::names(&document)?, null_clears)
    };
    let view = app
        .change(move |tenant| {
            let key = named.key(tenant)?;
            let mut tenant = tenant.allowing(&caller, Right::Change, &key);
            if sets {
                tenant = tenant.allowing(&caller, Right::Settings, &key);
            }
            tenant.update_org(&key, &edit)?;
            tenant.org(&key, asked.with())
        })
        .await?;
    let org = asked.told(org_v1(&view), &view);
    Ok(v1(app.tenant.clock().now(), &params, &org))
}

pub(super) async fn update_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(guid): Path<String>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<Response, ErrorReply> {
    let key = by_guid(&guid)?;
    let edit = edit(body, app.tenant.fidelity().null_clears);
    let view = app
        .change(move |tenant| {
            tenant
                .allowing(&caller, Right::Change, &key)
                .update_org(&key, &edit)
        })
        .await?;
    Ok(v3(&shown_v3(&app, &view)))
}

/// One of the four verbs.
type Verb = fn(&TenantDraft<'_>, &Caller, &OrgLookup) -> Result<(), TenantRefusal>;

const BLOCK: Verb = |tenant, caller, key| tenant.block_org(caller, key);
const UNBLOCK: Verb = |tenant, _, key| tenant.unblock_org(key);
const DEACTIVATE: Verb = |tenant, caller, key| tenant.deactivate_org(caller, key);
const REACTIVATE: Verb = |tenant, _, key| tenant.reactivate_org(key);

/// Does it for whoever may.
fn act(
    tenant: &TenantDraft<'_>,
    caller: &Caller,
    (right, verb): (Right, Verb),
    key: &OrgLookup,
) -> Result<(), TenantRefusal> {
    verb(&tenant.allowing(caller, right, key), caller, key)
}

macro_rules! verbs {
    ($($v1:ident, $v3:ident = $right:expr, $verb:expr;)*) => {$(
        pub(super) async fn $v1(
            State(app): State<App>,
            Authenticated(caller): Authenticated,
            Path(id): Path<String>,
            params: Params,
        ) -> Result<Response, ErrorReply> {
            let named = params.org_named(&id, &caller)?;
            app.change(move |tenant| act(tenant, &caller, ($right, $verb), &named.key(tenant)?)).await?;
            Ok(no_content())
        }

        pub(super) async fn $v3(
            State(app): State<App>,
            Authenticated(caller): Authenticated,
            Path(guid): Path<String>,
        ) -> Result<Response, ErrorReply> {
            let key = by_guid(&guid)?;
            app.change(move |tenant| act(tenant, &caller, ($right, $verb), &key)).await?;
            Ok(done())
        }
    )*};
}

verbs! {
    block_v1, block_v3 = Right::Change, BLOCK;
    unblock_v1, unblock_v3 = Right::Change, UNBLOCK;
    deactivate_v1, deactivate_v3 = Right::Deactivate, DEACTIVATE;
    reactivate_v1, activate_v3 = Right::Deactivate, REACTIVATE;
}
