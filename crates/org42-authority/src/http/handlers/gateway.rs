//! The handlers for the gateway: the same organizations by guid, without an envelope and without pages.

use axum::extract::State;
use org42_types::{CreateOrgBody, UpdateOrgBody, endpoints};

use super::orgs;
use super::sign_in::known_tenant;
use crate::fidelity::Fidelity;
use crate::http::access::{App, Claim, Listed, Scoped, SignedIn};
use crate::http::answer::{Bare, Done};
use crate::http::body::Body;
use crate::http::carried::Carried;
use crate::http::dto::orgs::{GatewayOrgDocument, GatewayOrgs};
use crate::http::dto::queries::GatewayOrgsQuery;
use crate::http::dto::tenant::GatewayCustomer;
use crate::http::error_reply::ErrorReply;
use crate::http::listing::{List, Listing};
use crate::http::query::Query;
use crate::service::{OrgQuery, OrgView, PageOf, With};
use crate::store::OrgLookup;

crate::http::table::routes! {
    endpoints {
        GATEWAY_CUSTOMER => customer,
        GATEWAY_ORGS_LIST => list,
        GATEWAY_ORGS_CREATE => create,
        GATEWAY_ORGS_GET => get,
        GATEWAY_ORGS_UPDATE => update,
        GATEWAY_ORGS_DEACTIVATE => orgs::deactivate::<Done>,
        GATEWAY_ORGS_ACTIVATE => orgs::reactivate::<Done>,
    }
}

fn shown(fidelity: Fidelity, view: OrgView) -> Bare<GatewayOrgDocument> {
    Bare(GatewayOrgDocument::of(view, fidelity.gateway_counts))
}

pub(in crate::http) async fn customer(
    caller: SignedIn,
) -> Result<Bare<GatewayCustomer>, ErrorReply> {
    let (tenant, top, registration_key) = known_tenant(caller).await?;
    Ok(Bare(GatewayCustomer {
        name: top.name,
        registration_key,
        tenant_id: tenant.uid,
    }))
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    caller: Listed,
    asked: Query<GatewayOrgsQuery>,
) -> Result<Listing<Bare<GatewayOrgs>>, ErrorReply> {
    let mut query = OrgQuery {
        page: PageOf {
            num: 1,
            size: u32::MAX,
        },
        active: asked.active,
        counts: true,
        ..OrgQuery::default()
    };
    let form = app.fidelity().gateway_counts;
    let tenant = caller.within(&mut query.under).await?;
    let (list, orgs) = List::of(move |see| {
        tenant
            .read()
            .each_org(&query, &mut |view| see(GatewayOrgDocument::of(view, form)))
    });
    let all = GatewayOrgs {
        orgs,
        total_count: list.total(),
    };
    list.answer(&app.lanes.scans, Bare(all)).await
}

pub(in crate::http) async fn get(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
) -> Result<Bare<GatewayOrgDocument>, ErrorReply> {
    let finding = org.scan(|org| org.tenant.org(&org.key, With::COUNTS));
    Ok(shown(app.fidelity(), finding.await?))
}

pub(in crate::http) async fn create(
    claim: Claim<OrgLookup>,
    Body(body): Body<CreateOrgBody>,
) -> Result<Carried<Bare<GatewayOrgDocument>>, ErrorReply> {
    let creating = orgs::create(claim, body, |tenant, made| {
        let key = OrgLookup::Id(made.org.id);
        let counted = tenant.org(&key, With::COUNTS)?;
        Ok(shown(tenant.fidelity(), counted))
    });
    Ok(creating.await?)
}

pub(in crate::http) async fn update(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
    Body(body): Body<UpdateOrgBody>,
) -> Result<Bare<GatewayOrgDocument>, ErrorReply> {
    let edit = orgs::update(body, app.fidelity().null_clears);
    let changing = org.change(move |org| {
        let changed = org.tenant.update_org(&org.key, &edit)?;
        let key = OrgLookup::Id(changed.org.id);
        org.tenant.org(&key, With::COUNTS)
    });
    Ok(shown(app.fidelity(), changing.await?))
}
