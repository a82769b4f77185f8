//! Users, in the older and the newer dialect.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::{OrgId, OrgUid};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::Authenticated;
use super::listing::{Around, Rows, listing};
use super::params::Params;
use super::reply::{ErrorReply, done, no_content, v1};
use super::shapes;
use crate::auth::{Line, check_password};
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::service::{
    Caller, Scope, Service, TenantDraft, UserCreation, UserQuery, UserUpdate, UserView,
};
use crate::store::{OrgLookup, UserLookup};

const UNKNOWN_ORG: &str = "Organization was not found";

fn answer(app: &App, params: &Params, view: &UserView) -> Result<Response, ErrorReply> {
    let roles = params.flag("incRoles")?.unwrap_or(false);
    Ok(v1(
        app.tenant.clock().now(),
        params,
        &shapes::user(view, roles),
    ))
}

pub(super) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let mut query = UserQuery {
        page: params.page(app.tenant.fidelity().max_page_size)?,
        under: params.org()?,
        active: params.flag("active")?,
        blocked: params.flag("blocked")?,
        username: params.text("username").map(str::to_owned),
        email: params.text("email").map(str::to_owned),
        search: params.text("q").map(str::to_owned),
        role: params.text("roleId").map(str::to_owned),
    };
    let roles = params.flag("incRoles")?.unwrap_or(false);
    // Its page is sorted out of a part of the tenant.
    let lane = app
        .lanes
        .for_list(query.needs_all() || query.under.is_some());
    let list = move |tenant: &Service<'_>, rows: &mut Rows| {
        let tenant = tenant.reach(&caller, &mut query.under)?;
        tenant.each_user(&query, &mut |view| rows.add(&shapes::user(&view, roles)))
    };
    let around = (Around::V1(&params), "users");
    let listed = listing(
        &app,
        lane,
        around,
        |total| json!({"totalCount": total}),
        list,
    )
    .await;
    listed.map_err(|refusal| refusal.unknown_filter(UNKNOWN_ORG))
}

pub(super) async fn my(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
) -> Result<Response, ErrorReply> {
    let view = app.ask(move |tenant| tenant.user_of(&caller)).await?;
    answer(&app, &params, &view)
}

pub(super) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    let key = params.user_named(&id)?;
    let found = app.ask(move |tenant| tenant.allowing(&caller, Right::See, &key).user(&key));
    answer(&app, &params, &found.await?)
}

/// The body that creates or changes a user; what it does not mention, or mentions as null, stays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserBody {
    org_uid: Option<OrgUid>,
    org_id: Option<OrgId>,
    username: Option<String>,
    email: Option<String>,
    password: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    notes: Option<String>,
}

async fn hash(app: &App, password: Option<&str>) -> Result<Option<String>, TenantRefusal> {
    let Some(password) = password else {
        return Ok(None);
    };
    check_password(password)?;
    app.passwords
        .hash(Line::Known, password, app.tenant.entropy())
        .await
        .map(Some)
}

/// Refuses unless the caller may change people there.
async fn may(app: &App, caller: &Caller, over: Scope) -> Result<(), TenantRefusal> {
    let caller = caller.clone();
    app.ask(move |tenant| tenant.allowing(&caller, Right::People, over).check())
        .await
}

pub(super) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    params: Params,
    Body(body): Body<UserBody>,
) -> Result<Response, ErrorReply> {
    let org = body.org_uid.map(OrgLookup::Uid);
    let org = org
        .or(body.org_id.map(OrgLookup::Id))
        .unwrap_or(OrgLookup::Top);
    let refused = |refusal| ErrorReply::from(refusal).unknown_filter(UNKNOWN_ORG);
    let over = org.clone();
    // Nothing is hashed for those who may not.
    may(&app, &caller, Scope::from(&over))
        .await
        .map_err(refused)?;
    let new = UserCreation {
        password_hash: hash(&app, body.password.as_deref()).await?,
        org: Some(org),
        username: body
            .username
            .or_else(|| body.email.clone())
            .unwrap_or_default(),
        email: body.email,
        first_name: body.first_name,
        last_name: body.last_name,
        notes: body.notes,
        roles: Vec::new(),
    };
    let creating = move |tenant: &TenantDraft<'_>| {
        let tenant = tenant.allowing(&caller, Right::People, &over);
        tenant.create_user(&new)
    };
    let created = app.change(creating).await;
    answer(&app, &params, &created.map_err(refused)?)
}

pub(super) async fn update(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body<UserBody>,
) -> Result<Response, ErrorReply> {
    let key = params.user_named(&id)?;
    may(&app, &caller, Scope::from(&key)).await?;
    let edit = UserUpdate {
        password_hash: hash(&app, body.password.as_deref()).await?,
        username: body.username,
        email: body.email,
        first_name: body.first_name,
        last_name: body.last_name,
        notes: body.notes,
    };
    let changing = app.change(move |tenant| {
        let tenant = tenant.allowing(&caller, Right::People, &key);
        tenant.update_user(&key, &edit)
    });
    let view = changing.await?;
    answer(&app, &params, &view)
}

/// What the bodies of the verbs may say.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerbBody {
    block: Option<bool>,
    block_user: Option<bool>,
    unblock: Option<bool>,
    org_id: Option<OrgId>,
}

impl VerbBody {
    fn block(&self) -> bool {
        self.block.or(self.block_user).unwrap_or(false)
    }
}

async fn act(
    app: &App,
    caller: Caller,
    key: UserLookup,
    act: impl Fn(&TenantDraft<'_>, &Caller, &UserLookup) -> Result<(), TenantRefusal> + Send + 'static,
) -> Result<(), ErrorReply> {
    let acting = app.change(move |tenant| {
        let tenant = tenant.allowing(&caller, Right::People, &key);
        act(&tenant, &caller, &key)
    });
    Ok(acting.await?)
}

pub(super) async fn block_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    act(
        &app,
        caller,
        params.user_named(&id)?,
        move |tenant, caller, key| tenant.block_user(caller, key),
    )
    .await?;
    Ok(no_content())
}

pub(super) async fn unblock_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    act(&app, caller, params.user_named(&id)?, |tenant, _, key| {
        tenant.unblock_user(key)
    })
    .await?;
    Ok(no_content())
}

pub(super) async fn deactivate_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body<VerbBody>,
) -> Result<Response, ErrorReply> {
    let block = body.block();
    act(
        &app,
        caller,
        params.user_named(&id)?,
        move |tenant, caller, key| tenant.deactivate_user(caller, key, block),
    )
    .await?;
    Ok(no_content())
}

pub(super) async fn reactivate_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    let unblock = params.flag("unblockUser")?.unwrap_or(false);
    act(
        &app,
        caller,
        params.user_named(&id)?,
        move |tenant, _, key| tenant.activate_user(key, unblock),
    )
    .await?;
    Ok(no_content())
}

/// The older move: both ids are uids in newer servers and numbers in older ones.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MoveBody {
    user_id: Value,
    parent_org_id: Value,
}

/// Moves a user, if the caller has the right at both ends.
async fn move_to(
    app: &App,
    caller: Caller,
    user: UserLookup,
    org: OrgLookup,
) -> Result<(), ErrorReply> {
    act(app, caller, user, move |tenant, caller, key| {
        tenant
            .allowing(caller, Right::People, &org)
            .move_user(key, &org)
    })
    .await
}

pub(super) async fn move_v1(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(body): Body<MoveBody>,
) -> Result<Response, ErrorReply> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let (user, org) = (text(&body.user_id), text(&body.parent_org_id));
    let user = user.parse().map_or(UserLookup::Uid(user), UserLookup::Id);
    let org = match org.parse() {
        Ok(id) => OrgLookup::Id(id),
        Err(_) => OrgLookup::Uid(org.parse().map_err(|_| TenantRefusal::OrgNotFound)?),
    };
    move_to(&app, caller, user, org).await?;
    Ok(no_content())
}

pub(super) async fn block_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(uid): Path<String>,
) -> Result<Response, ErrorReply> {
    act(
        &app,
        caller,
        UserLookup::Uid(uid),
        move |tenant, caller, key| tenant.block_user(caller, key),
    )
    .await?;
    Ok(done())
}

pub(super) async fn unblock_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(uid): Path<String>,
) -> Result<Response, ErrorReply> {
    act(&app, caller, UserLookup::Uid(uid), |tenant, _, key| {
        tenant.unblock_user(key)
    })
    .await?;
    Ok(done())
}

pub(super) async fn deactivate_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(uid): Path<String>,
    Body(body): Body<VerbBody>,
) -> Result<Response, ErrorReply> {
    let block = body.block();
    act(
        &app,
        caller,
        UserLookup::Uid(uid),
        move |tenant, caller, key| tenant.deactivate_user(caller, key, block),
    )
    .await?;
    Ok(done())
}

pub(super) async fn activate_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(uid): Path<String>,
    Body(body): Body<VerbBody>,
) -> Result<Response, ErrorReply> {
    let unblock = body.unblock.unwrap_or(false);
    act(&app, caller, UserLookup::Uid(uid), move |tenant, _, key| {
        tenant.activate_user(key, unblock)
    })
    .await?;
    Ok(done())
}

pub(super) async fn move_v3(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(uid): Path<String>,
    Body(body): Body<VerbBody>,
) -> Result<Response, ErrorReply> {
    let org = body
        .org_id
        .ok_or_else(|| TenantRefusal::Invalid("orgId is missing".to_owned()))?;
    move_to(&app, caller, UserLookup::Uid(uid), OrgLookup::Id(org)).await?;
    Ok(done())
}
