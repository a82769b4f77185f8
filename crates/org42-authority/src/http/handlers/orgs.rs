//! The handlers for organizations, in v1 and v3.

use axum::extract::State;
use axum::http::StatusCode;
use org42_types::{CreateOrgBody, Field, UpdateOrgBody, endpoints};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::settings;
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::http::access::{Allowed, App, Claim, Listed, Scoped, SignedIn};
use crate::http::answer::{Done, NoContent, V1, V3};
use crate::http::body::Body;
use crate::http::carried::{Carried, Document};
use crate::http::dto::orgs::{OrgDocument, OrgPage};
use crate::http::dto::queries::{NoQuery, OrgDetails, OrgsQuery};
use crate::http::dto::settings::OrgEditBody;
use crate::http::error_reply::ErrorReply;
use crate::http::listing::{List, Listing};
use crate::http::query::Query;
use crate::service::{OrgCreation, OrgQuery, OrgUpdate, OrgView, PageOf, Service, TenantDraft};
use crate::store::OrgLookup;

crate::http::table::routes! {
    endpoints {
        ORG_LIST => list_v1,
        ORG_MY => my,
        ORG_GET => get_v1,
        ORG_CREATE => create_v1,
        ORG_UPDATE => update_v1,
        ORG_BLOCK => block::<NoContent>,
        ORG_UNBLOCK => unblock::<NoContent>,
        ORG_DEACTIVATE => deactivate::<NoContent>,
        ORG_REACTIVATE => reactivate::<NoContent>,
        ORGS_LIST => list_v3,
        ORGS_CREATE => create_v3,
        ORGS_GET => get_v3,
        ORGS_UPDATE => update_v3,
        ORGS_BLOCK => block::<Done>,
        ORGS_UNBLOCK => unblock::<Done>,
        ORGS_DEACTIVATE => deactivate::<Done>,
        ORGS_ACTIVATE => reactivate::<Done>,
    }
}

pub(in crate::http) async fn list_v1(
    State(app): State<App>,
    caller: Listed,
    asked: Query<OrgsQuery>,
) -> Result<Listing<V1<OrgPage>>, ErrorReply> {
    let mut query = asked.query(&app.fidelity());
    let tenant = caller.within(&mut query.under).await?;
    let lane = app.lanes.for_list(query.needs_all());
    let (list, orgs) = List::of(move |see| {
        tenant
            .read()
            .each_org(&query, &mut |view| see(OrgDocument::v1(view)))
    });
    let page = OrgPage {
        orgs,
        total_count: list.total(),
    };
    list.answer(lane, V1::new(&app, &asked.params, page)).await
}

pub(in crate::http) async fn list_v3(
    State(app): State<App>,
    caller: Listed,
) -> Result<Listing<V3<OrgPage>>, ErrorReply> {
    // v3 has no pages: the list ends at the limit.
    let size = match app.fidelity().v3_list_cap {
        0 => u32::MAX,
        cap => cap,
    };
    let mut query = OrgQuery {
        page: PageOf { num: 1, size },
        ..OrgQuery::default()
    };
    let dates = app.fidelity().v3_dates;
    let tenant = caller.within(&mut query.under).await?;
    let (list, orgs) = List::of(move |see| {
        tenant
            .read()
            .each_org(&query, &mut |view| see(OrgDocument::v3(view, dates)))
    });
    let page = OrgPage {
        orgs,
        total_count: list.total(),
    };
    list.answer(&app.lanes.scans, V3::new(page)).await
}

pub(in crate::http) async fn my(
    State(app): State<App>,
    caller: SignedIn,
    details: Query<OrgDetails>,
) -> Result<V1<OrgDocument>, ErrorReply> {
    let with = details.with();
    let found = match with.counts {
        true => {
            caller
                .scan(move |tenant, caller| tenant.org_of(caller, with))
                .await
        }
        false => {
            caller
                .ask(move |tenant, caller| tenant.org_of(caller, with))
                .await
        }
    };
    let view = found.map_err(|refusal| match refusal {
        // The real server answers API clients in this way.
        TenantRefusal::UserNotFound => ErrorReply::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "SYSTEM",
            "com.code42.core.CommandException",
        ),
        other => other.into(),
    })?;
    let org = OrgDocument::detailed(view, &details, OrgDocument::v1);
    Ok(V1::new(&app, &details.params, org))
}

pub(in crate::http) async fn get_v1(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
    details: Query<OrgDetails>,
) -> Result<V1<OrgDocument>, ErrorReply> {
    let with = details.with();
    let find = move |org: Allowed<Service<'_>, OrgLookup>| org.tenant.org(&org.key, with);
    let view = match with.counts {
        true => org.scan(find).await?,
        false => org.ask(find).await?,
    };
    let org = OrgDocument::detailed(view, &details, OrgDocument::v1);
    Ok(V1::new(&app, &details.params, org))
}

pub(in crate::http) async fn get_v3(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
    details: Query<OrgDetails>,
) -> Result<V3<OrgDocument>, ErrorReply> {
    let fidelity = app.fidelity();
    let details = match fidelity.v3_settings {
        true => OrgDetails::clone(&details),
        false => OrgDetails::default(),
    };
    let with = details.with();
    let view = org.scan(move |org| org.tenant.org(&org.key, with)).await?;
    let show = |view| OrgDocument::v3(view, fidelity.v3_dates);
    Ok(V3::new(OrgDocument::detailed(view, &details, show)))
}

/// Returns the text of a field; an empty one counts as missing.
fn filled(field: Field<String>) -> Option<String> {
    field.value().filter(|text| !text.is_empty()).cloned()
}

fn creation(body: CreateOrgBody) -> OrgCreation {
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

/// Creates an organization, and answers in the same change.
pub(super) async fn create<A: Document>(
    claim: Claim<OrgLookup>,
    body: CreateOrgBody,
    then: impl Fn(&TenantDraft<'_>, OrgView) -> Result<A, TenantRefusal> + Send + 'static,
) -> Result<Carried<A>, TenantRefusal> {
    let new = creation(body);
    let parent = new.parent.clone().unwrap_or(OrgLookup::Top);
    let creating = claim.over(parent).carry_out(move |parent| {
        // Callers without the right must not learn what else is wrong.
        parent.tenant.check()?;
        let view = parent.tenant.create_org(&new)?;
        then(&parent.tenant, view)
    });
    creating.await
}

pub(in crate::http) async fn create_v1(
    claim: Claim<OrgLookup>,
    query: Query<NoQuery>,
    Body(body): Body<CreateOrgBody>,
) -> Result<Carried<V1<OrgDocument>>, ErrorReply> {
    let creating = create(claim, body, move |tenant, view| {
        let org = OrgDocument::v1(view);
        Ok(V1::at(tenant.clock().now(), &query.params, org))
    });
    Ok(creating.await?)
}

pub(in crate::http) async fn create_v3(
    claim: Claim<OrgLookup>,
    Body(body): Body<CreateOrgBody>,
) -> Result<Carried<(StatusCode, V3<OrgDocument>)>, ErrorReply> {
    let creating = create(claim, body, |tenant, view| {
        let fidelity = tenant.fidelity();
        let status = match fidelity.v3_created_status {
            201 => StatusCode::CREATED,
            _ => StatusCode::OK,
        };
        let org = OrgDocument::v3(view, fidelity.v3_dates);
        Ok((status, V3::new(org)))
    });
    Ok(creating.await?)
}

/// Returns what the body of an update changes.
pub(super) fn update(body: UpdateOrgBody, null_clears: bool) -> OrgUpdate {
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

/// Returns name, external reference and notes in a document that a client writes back.
fn names(document: Map<String, Value>) -> Result<UpdateOrgBody, TenantRefusal> {
    UpdateOrgBody::deserialize(Value::Object(document))
        .map_err(|error| TenantRefusal::Invalid(format!("Invalid request: {error}")))
}

pub(in crate::http) async fn update_v1(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
    details: Query<OrgDetails>,
    Body(OrgEditBody(document)): Body<OrgEditBody>,
) -> Result<V1<OrgDocument>, ErrorReply> {
    let null_clears = app.fidelity().null_clears;
    let sets = (["settings", "deviceDefaults"].iter()).any(|part| document.contains_key(*part));
    let known = org.clone().ask(|org| Ok(org.tenant.tenant()?.destinations));
    let known = known.await?;
    let edit = OrgUpdate {
        settings: settings::edit(&document, &known, null_clears)?,
        ..update(names(document)?, null_clears)
    };
    let with = details.with();
    let changing = org.change(move |org| {
        let tenant = match sets {
            true => org.tenant.allowing(&org.caller, Right::Settings, &org.key),
            false => org.tenant.clone(),
        };
        tenant.update_org(&org.key, &edit)?;
        tenant.org(&org.key, with)
    });
    let org = OrgDocument::detailed(changing.await?, &details, OrgDocument::v1);
    Ok(V1::new(&app, &details.params, org))
}

pub(in crate::http) async fn update_v3(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<V3<OrgDocument>, ErrorReply> {
    let fidelity = app.fidelity();
    let edit = update(body, fidelity.null_clears);
    let changing = org.change(move |org| org.tenant.update_org(&org.key, &edit));
    Ok(V3::new(OrgDocument::v3(changing.await?, fidelity.v3_dates)))
}

/// Declares the handlers that block, unblock, deactivate and reactivate, with the answer of either version.
macro_rules! verbs {
    ($($verb:ident = |$org:ident| $act:expr;)*) => {$(
        pub(in crate::http) async fn $verb<A: Document + Default>(
            org: Scoped<OrgLookup>,
        ) -> Result<Carried<A>, ErrorReply> {
            Ok(org.carry_out(|$org| $act.map(|()| A::default())).await?)
        }
    )*};
}

verbs! {
    block = |org| org.tenant.block_org(&org.caller, &org.key);
    unblock = |org| org.tenant.unblock_org(&org.key);
    deactivate = |org| org.tenant.deactivate_org(&org.caller, &org.key);
    reactivate = |org| org.tenant.reactivate_org(&org.key);
}
