//! The handlers that replace or extend the tenant as a whole: samples, resets, snapshots.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use serde_json::Value;

use super::TestBench;
use super::dto::{RestorationPreview, SampleBody, SaveBody, Snapshots, TenantSummary};
use crate::domain::TenantRefusal;
use crate::http::answer::{Bare, NoContent};
use crate::http::body::Body;
use crate::http::dto::orgs::OrgDocument;
use crate::http::error_reply::ErrorReply;
use crate::http::{Admin, App};
use crate::replace;
use crate::sample::Sample;
use crate::service::{OrgQuery, PageOf, UserQuery, With};
use crate::store::OrgLookup;

/// The test bench of the served tenant.
type Bench = Extension<Arc<TestBench>>;

/// The largest sample for a served tenant: nothing else is changed while it is written, so that must take seconds at
/// most.
const MAX_ORGS: u32 = 100_000;

/// Returns the sample that a body names.
fn sample(body: SampleBody) -> Result<Option<Sample>, TenantRefusal> {
    let text = match body.sample {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    match text.parse().map_err(TenantRefusal::Invalid)? {
        Sample::Orgs(orgs) if orgs > MAX_ORGS => Err(TenantRefusal::Invalid(format!(
            "while it is served, at most {MAX_ORGS} organizations are made at once; authority serve --sample \
             makes larger tenants"
        ))),
        sample => Ok(Some(sample)),
    }
}

pub(super) async fn tenant(admin: Admin) -> Result<Bare<TenantSummary>, ErrorReply> {
    let found = admin.ask(|tenant| {
        let top = tenant.org(&OrgLookup::Top, With::default())?.org;
        let size = PageOf { num: 1, size: 1 };
        let orgs = tenant.list_orgs(&OrgQuery {
            page: size,
            ..OrgQuery::default()
        })?;
        let users = tenant.list_users(&UserQuery {
            page: size,
            ..UserQuery::default()
        })?;
        Ok(TenantSummary {
            name: top.name,
            tenant_uid: tenant.tenant()?.uid,
            orgs: orgs.total,
            users: users.total,
        })
    });
    Ok(Bare(found.await?))
}

pub(super) async fn seed(
    admin: Admin,
    Body(body): Body<SampleBody>,
) -> Result<Bare<OrgDocument>, ErrorReply> {
    let sample = sample(body)?.unwrap_or(Sample::Small);
    let adding = admin.administer(move |tenant| replace::seed(tenant, sample));
    Ok(Bare(OrgDocument::v1(adding.await?)))
}

pub(super) async fn reset(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Body(body): Body<SampleBody>,
) -> Result<NoContent, ErrorReply> {
    let sample = sample(body)?.unwrap_or(bench.sample);
    let (machine, throttle) = (app.machine.clone(), app.throttle.clone());
    // One closure for everything: it is completed even if the client goes away, and nothing is reset if the tenant
    // cannot be.
    let begin = admin.administer(move |tenant| {
        let aside = bench.snapshots.aside()?;
        replace::reset(tenant, sample, &machine, aside.path())?;
        bench.clock.let_go();
        tenant.reset_fidelity();
        bench.faults.clear();
        bench.requests.forget();
        throttle.forget();
        Ok(())
    });
    begin.await?;
    Ok(NoContent)
}

pub(super) async fn snapshots(
    Extension(bench): Bench,
    admin: Admin,
) -> Result<Bare<Snapshots>, ErrorReply> {
    let snapshots = admin.ask(move |_| bench.snapshots.all()).await?;
    Ok(Bare(Snapshots { snapshots }))
}

pub(super) async fn save(
    Extension(bench): Bench,
    admin: Admin,
    Body(SaveBody { name, replace }): Body<SaveBody>,
) -> Result<NoContent, ErrorReply> {
    let saving = admin.administer(move |tenant| {
        let aside = bench.snapshots.aside()?;
        let ready = aside.path().join("ready.db");
        tenant.store().export(&ready)?;
        bench.snapshots.keep(&name, &ready, replace)
    });
    saving.await?;
    Ok(NoContent)
}

pub(super) async fn restore(
    Extension(bench): Bench,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<NoContent, ErrorReply> {
    let restoring = admin.administer(move |tenant| {
        let saved = bench.snapshots.file(&name)?;
        replace::restore(tenant, &saved, bench.snapshots.aside()?.path())
    });
    restoring.await?;
    Ok(NoContent)
}

pub(super) async fn preview(
    Extension(bench): Bench,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Bare<RestorationPreview>, ErrorReply> {
    let looking = admin.ask(move |tenant| {
        let saved = bench.snapshots.file(&name)?;
        let preview = replace::preview(tenant, &saved, bench.snapshots.aside()?.path())?;
        Ok(RestorationPreview::of(name, preview))
    });
    Ok(Bare(looking.await?))
}

pub(super) async fn delete(
    Extension(bench): Bench,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<NoContent, ErrorReply> {
    admin
        .administer(move |_| bench.snapshots.delete(&name))
        .await?;
    Ok(NoContent)
}
