//! Users, in the older and the newer dialect.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::{OrgId, OrgUid};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::{Admin, Known};
use super::params::Params;
use super::reply::{No, done, no_content, v1};
use super::shapes;
use crate::auth::check_password;
use crate::store::{OrgKey, UserKey};
use crate::tenant::{Caller, CreateUser, TenantService, UpdateUser, UserQuery, UserView};
use crate::tree::Refusal;

const UNKNOWN_ORG: &str = "Organization was not found";

fn answer(app: &App, params: &Params, view: &UserView) -> Result<Response, No> {
    let roles = params.flag("incRoles")?.unwrap_or(false);
    Ok(v1(
        app.tenant.clock().now(),
        params,
        &shapes::user(view, roles),
    ))
}

pub(super) async fn list(State(app): State<App>, _: Admin, params: Params) -> Result<Response, No> {
    let query = UserQuery {
        page: params.page()?,
        under: params.org()?,
        active: params.flag("active")?,
        blocked: params.flag("blocked")?,
        username: params.text("username").map(str::to_owned),
        email: params.text("email").map(str::to_owned),
        search: params.text("q").map(str::to_owned),
    };
    let roles = params.flag("incRoles")?.unwrap_or(false);
    let page = app.ask(move |tenant| tenant.list_users(&query)).await;
    let page = page.map_err(|refusal| No::from(refusal).unknown_filter(UNKNOWN_ORG))?;
    let users: Vec<Value> = page
        .rows
        .iter()
        .map(|view| shapes::user(view, roles))
        .collect();
    Ok(v1(
        app.tenant.clock().now(),
        &params,
        &json!({"totalCount": page.total, "users": users}),
    ))
}

pub(super) async fn my(
    State(app): State<App>,
    Known(caller): Known,
    params: Params,
) -> Result<Response, No> {
    let view = app.ask(move |tenant| tenant.user_of(&caller)).await?;
    answer(&app, &params, &view)
}

pub(super) async fn get(
    State(app): State<App>,
    Known(caller): Known,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, No> {
    let key = params.user_named(&id)?;
    let found = app.ask(move |tenant| {
        let view = tenant.user(&key)?;
        match caller {
            Caller::User {
                id,
                is_admin: false,
                ..
            } if id != view.user.id => Err(Refusal::Forbidden),
            _ => Ok(view),
        }
    });
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

async fn hash(app: &App, password: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(password) = password else {
        return Ok(None);
    };
    check_password(password)?;
    app.passwords
        .hash(password, app.tenant.entropy())
        .await
        .map(Some)
}

pub(super) async fn create(
    State(app): State<App>,
    _: Admin,
    params: Params,
    Body(body): Body<UserBody>,
) -> Result<Response, No> {
    let new = CreateUser {
        password_hash: hash(&app, body.password.as_deref()).await?,
        org: body
            .org_uid
            .map(OrgKey::Uid)
            .or(body.org_id.map(OrgKey::Id)),
        username: body
            .username
            .or_else(|| body.email.clone())
            .unwrap_or_default(),
        email: body.email,
        first_name: body.first_name,
        last_name: body.last_name,
        notes: body.notes,
        is_admin: false,
    };
    let created = app.ask(move |tenant| tenant.create_user(&new)).await;
    answer(
        &app,
        &params,
        &created.map_err(|refusal| No::from(refusal).unknown_filter(UNKNOWN_ORG))?,
    )
}

pub(super) async fn update(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body<UserBody>,
) -> Result<Response, No> {
    let key = params.user_named(&id)?;
    let edit = UpdateUser {
        password_hash: hash(&app, body.password.as_deref()).await?,
        username: body.username,
        email: body.email,
        first_name: body.first_name,
        last_name: body.last_name,
        notes: body.notes,
    };
    answer(
        &app,
        &params,
        &app.ask(move |tenant| tenant.update_user(&key, &edit))
            .await?,
    )
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
    key: UserKey,
    act: impl FnOnce(&TenantService, &UserKey) -> Result<(), Refusal> + Send + 'static,
) -> Result<(), No> {
    Ok(app.ask(move |tenant| act(tenant, &key)).await?)
}

pub(super) async fn block_v1(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, No> {
    act(&app, params.user_named(&id)?, move |tenant, key| {
        tenant.block_user(&caller, key)
    })
    .await?;
    Ok(no_content())
}

pub(super) async fn unblock_v1(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, No> {
    act(&app, params.user_named(&id)?, |tenant, key| {
        tenant.unblock_user(key)
    })
    .await?;
    Ok(no_content())
}

pub(super) async fn deactivate_v1(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body<VerbBody>,
) -> Result<Response, No> {
    let block = body.block();
    act(&app, params.user_named(&id)?, move |tenant, key| {
        tenant.deactivate_user(&caller, key, block)
    })
    .await?;
    Ok(no_content())
}

pub(super) async fn reactivate_v1(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, No> {
    let unblock = params.flag("unblockUser")?.unwrap_or(false);
    act(&app, params.user_named(&id)?, move |tenant, key| {
        tenant.activate_user(key, unblock)
    })
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

pub(super) async fn move_v1(
    State(app): State<App>,
    _: Admin,
    Body(body): Body<MoveBody>,
) -> Result<Response, No> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let (user, org) = (text(&body.user_id), text(&body.parent_org_id));
    let user = user.parse().map_or(UserKey::Uid(user), UserKey::Id);
    let org = match org.parse() {
        Ok(id) => OrgKey::Id(id),
        Err(_) => OrgKey::Uid(org.parse().map_err(|_| Refusal::OrgNotFound)?),
    };
    act(&app, user, move |tenant, key| tenant.move_user(key, &org)).await?;
    Ok(no_content())
}

pub(super) async fn block_v3(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(uid): Path<String>,
) -> Result<Response, No> {
    act(&app, UserKey::Uid(uid), move |tenant, key| {
        tenant.block_user(&caller, key)
    })
    .await?;
    Ok(done())
}

pub(super) async fn unblock_v3(
    State(app): State<App>,
    _: Admin,
    Path(uid): Path<String>,
) -> Result<Response, No> {
    act(&app, UserKey::Uid(uid), |tenant, key| {
        tenant.unblock_user(key)
    })
    .await?;
    Ok(done())
}

pub(super) async fn deactivate_v3(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(uid): Path<String>,
    Body(body): Body<VerbBody>,
) -> Result<Response, No> {
    let block = body.block();
    act(&app, UserKey::Uid(uid), move |tenant, key| {
        tenant.deactivate_user(&caller, key, block)
    })
    .await?;
    Ok(done())
}

pub(super) async fn activate_v3(
    State(app): State<App>,
    _: Admin,
    Path(uid): Path<String>,
    Body(body): Body<VerbBody>,
) -> Result<Response, No> {
    let unblock = body.unblock.unwrap_or(false);
    act(&app, UserKey::Uid(uid), move |tenant, key| {
        tenant.activate_user(key, unblock)
    })
    .await?;
    Ok(done())
}

pub(super) async fn move_v3(
    State(app): State<App>,
    _: Admin,
    Path(uid): Path<String>,
    Body(body): Body<VerbBody>,
) -> Result<Response, No> {
    let org = body
        .org_id
        .ok_or_else(|| Refusal::Invalid("orgId is missing".to_owned()))?;
    act(&app, UserKey::Uid(uid), move |tenant, key| {
        tenant.move_user(key, &OrgKey::Id(org))
    })
    .await?;
    Ok(done())
}
