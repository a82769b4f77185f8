//! The routes that replace the tenant as a whole: samples, a new start, snapshots.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::TestBench;
use crate::domain::TenantRefusal;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Admin;
use crate::http::reply::{ErrorReply, bare, no_content};
use crate::http::shapes::org_v1;
use crate::replace;
use crate::sample::Sample;
use crate::service::{OrgQuery, PageOf, UserQuery, With};
use crate::store::OrgLookup;

/// The test bench of the served tenant.
type Bench = Extension<Arc<TestBench>>;

/// Nothing else is changed while a sample is made, so that takes seconds at most.
const MAX_ORGS: u32 = 100_000;

/// Which sample: `small`, `none`, or a number of organizations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SampleBody {
    sample: Option<Value>,
}

impl SampleBody {
    fn sample(&self) -> Result<Option<Sample>, TenantRefusal> {
        let text = match &self.sample {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
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
}

pub(super) async fn tenant(State(app): State<App>, _: Admin) -> Result<Response, ErrorReply> {
    let found = app.ask(|tenant| {
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
        Ok(json!({
            "name": top.name,
            "tenantUid": tenant.tenant()?.uid,
            "orgs": orgs.total,
            "users": users.total,
        }))
    });
    Ok(bare(&found.await?))
}

pub(super) async fn seed(
    State(app): State<App>,
    admin: Admin,
    Body(body): Body<SampleBody>,
) -> Result<Response, ErrorReply> {
    let sample = body.sample()?.unwrap_or(Sample::Small);
    let adding = app.administer(admin, move |tenant| replace::seed(tenant, sample));
    Ok(bare(&org_v1(&adding.await?)))
}

pub(super) async fn reset(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Body(body): Body<SampleBody>,
) -> Result<Response, ErrorReply> {
    let sample = body.sample()?.unwrap_or(bench.sample);
    let (machine, throttle) = (app.machine.clone(), app.throttle.clone());
    // All of it, also when the client goes away meanwhile; and nothing of it when the tenant cannot be begun anew.
    let begin = app.administer(admin, move |tenant| {
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
    Ok(no_content())
}

pub(super) async fn snapshots(
    State(app): State<App>,
    Extension(bench): Bench,
    _: Admin,
) -> Result<Response, ErrorReply> {
    let all = app.ask(move |_| bench.snapshots.all()).await?;
    Ok(bare(&json!({"snapshots": all})))
}

/// The snapshot to be saved.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SaveBody {
    name: String,
    /// Whether one of this name is written over.
    #[serde(default)]
    replace: bool,
}

pub(super) async fn save(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Body(SaveBody { name, replace }): Body<SaveBody>,
) -> Result<Response, ErrorReply> {
    let saving = app.administer(admin, move |tenant| {
        let aside = bench.snapshots.aside()?;
        let ready = aside.path().join("ready.db");
        tenant.store().export(&ready)?;
        bench.snapshots.keep(&name, &ready, replace)
    });
    saving.await?;
    Ok(no_content())
}

pub(super) async fn restore(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Response, ErrorReply> {
    let restoring = app.administer(admin, move |tenant| {
        let saved = bench.snapshots.file(&name)?;
        replace::restore(tenant, &saved, bench.snapshots.aside()?.path())
    });
    restoring.await?;
    Ok(no_content())
}

pub(super) async fn preview(
    State(app): State<App>,
    Extension(bench): Bench,
    _: Admin,
    Path(name): Path<String>,
) -> Result<Response, ErrorReply> {
    let looking = app.ask(move |tenant| {
        let saved = bench.snapshots.file(&name)?;
        let preview = replace::preview(tenant, &saved, bench.snapshots.aside()?.path())?;
        Ok(json!({
            "name": name,
            "orgs": preview.orgs,
            "users": preview.users,
            "comesBack": preview.comes_back,
        }))
    });
    Ok(bare(&looking.await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Response, ErrorReply> {
    app.administer(admin, move |_| bench.snapshots.delete(&name))
        .await?;
    Ok(no_content())
}
