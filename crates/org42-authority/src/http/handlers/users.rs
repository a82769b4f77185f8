//! The handlers for users, in v1 and v3.

use axum::extract::State;
use org42_types::{Timestamp, endpoints};
use serde_json::Value;

use crate::auth::{Line, check_password};
use crate::domain::TenantRefusal;
use crate::domain::roles::Right;
use crate::http::access::{App, Claim, Listed, Scoped, SignedIn};
use crate::http::answer::{Done, NoContent, V1};
use crate::http::body::Body;
use crate::http::carried::{Carried, Document};
use crate::http::dto::queries::{UserDetails, UserReactivation, UsersQuery};
use crate::http::dto::users::{
    ActivationBody, DeactivationBody, MoveBody, MoveProcessBody, UserBody, UserDocument, UserPage,
};
use crate::http::error_reply::ErrorReply;
use crate::http::listing::{List, Listing};
use crate::http::query::Query;
use crate::service::{UserCreation, UserUpdate, UserView};
use crate::store::{OrgLookup, UserLookup};

crate::http::table::routes! {
    endpoints {
        USER_LIST => list,
        USER_MY => my,
        USER_GET => get,
        USER_CREATE => create,
        USER_UPDATE => update,
        USER_BLOCK => block::<NoContent>,
        USER_UNBLOCK => unblock::<NoContent>,
        USER_DEACTIVATE => deactivate::<NoContent>,
        USER_REACTIVATE => reactivate_v1,
        USER_MOVE_PROCESS => move_v1,
        USERS_BLOCK => block::<Done>,
        USERS_UNBLOCK => unblock::<Done>,
        USERS_DEACTIVATE => deactivate::<Done>,
        USERS_ACTIVATE => activate_v3,
        USERS_MOVE => move_v3,
    }
}

const UNKNOWN_ORG: &str = "Organization was not found";

fn shown(now: Timestamp, details: &Query<UserDetails>, view: UserView) -> V1<UserDocument> {
    let user = UserDocument::of(view, details.inc_roles.unwrap_or(false));
    V1::at(now, &details.params, user)
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    caller: Listed,
    asked: Query<UsersQuery>,
) -> Result<Listing<V1<UserPage>>, ErrorReply> {
    let mut query = asked.query(&app.fidelity());
    let roles = asked.inc_roles.unwrap_or(false);
    let tenant = caller.within(&mut query.under).await?;
    // The page is sorted out of a part of the tenant.
    let needs_all = query.needs_all() || query.under.is_some();
    let lane = app.lanes.for_list(needs_all);
    let (list, users) = List::of(move |see| {
        tenant
            .read()
            .each_user(&query, &mut |view| see(UserDocument::of(view, roles)))
    });
    let page = UserPage {
        users,
        total_count: list.total(),
    };
    let answered = list.answer(lane, V1::new(&app, &asked.params, page)).await;
    answered.map_err(|refusal| refusal.unknown_filter(UNKNOWN_ORG))
}

pub(in crate::http) async fn my(
    State(app): State<App>,
    caller: SignedIn,
    details: Query<UserDetails>,
) -> Result<V1<UserDocument>, ErrorReply> {
    let view = caller.ask(|tenant, caller| tenant.user_of(caller)).await?;
    Ok(shown(app.now(), &details, view))
}

pub(in crate::http) async fn get(
    State(app): State<App>,
    user: Scoped<UserLookup>,
    details: Query<UserDetails>,
) -> Result<V1<UserDocument>, ErrorReply> {
    let view = user.ask(|user| user.tenant.user(&user.key)).await?;
    Ok(shown(app.now(), &details, view))
}

async fn hash(app: &App, password: Option<&str>) -> Result<Option<String>, TenantRefusal> {
    let Some(password) = password else {
        return Ok(None);
    };
    check_password(password)?;
    app.passwords
        .hash(Line::Known, password, app.entropy())
        .await
        .map(Some)
}

pub(in crate::http) async fn create(
    State(app): State<App>,
    claim: Claim<OrgLookup>,
    details: Query<UserDetails>,
    Body(body): Body<UserBody>,
) -> Result<Carried<V1<UserDocument>>, ErrorReply> {
    let by_uid = body.org_uid.map(OrgLookup::Uid);
    let named = by_uid.or(body.org_id.map(OrgLookup::Id));
    let org = named.unwrap_or(OrgLookup::Top);
    let refused = |refusal| ErrorReply::from(refusal).unknown_filter(UNKNOWN_ORG);
    let claim = claim.over(org.clone());
    // Hashing takes time, so it is not done for callers without the right.
    claim.check().await.map_err(refused)?;
    let username = body.username.or_else(|| body.email.clone());
    let new = UserCreation {
        password_hash: hash(&app, body.password.as_deref()).await?,
        org: Some(org),
        username: username.unwrap_or_default(),
        email: body.email,
        first_name: body.first_name,
        last_name: body.last_name,
        notes: body.notes,
        roles: Vec::new(),
    };
    let creating = claim.carry_out(move |org| {
        let user = org.tenant.create_user(&new)?;
        Ok(shown(org.tenant.clock().now(), &details, user))
    });
    creating.await.map_err(refused)
}

pub(in crate::http) async fn update(
    State(app): State<App>,
    user: Scoped<UserLookup>,
    details: Query<UserDetails>,
    Body(body): Body<UserBody>,
) -> Result<V1<UserDocument>, ErrorReply> {
    user.check().await?;
    let edit = UserUpdate {
        password_hash: hash(&app, body.password.as_deref()).await?,
        username: body.username,
        email: body.email,
        first_name: body.first_name,
        last_name: body.last_name,
        notes: body.notes,
    };
    let changing = user.change(move |user| user.tenant.update_user(&user.key, &edit));
    Ok(shown(app.now(), &details, changing.await?))
}

pub(in crate::http) async fn block<A: Document + Default>(
    user: Scoped<UserLookup>,
) -> Result<Carried<A>, ErrorReply> {
    let changing = user.carry_out(|user| {
        user.tenant.block_user(&user.caller, &user.key)?;
        Ok(A::default())
    });
    Ok(changing.await?)
}

pub(in crate::http) async fn unblock<A: Document + Default>(
    user: Scoped<UserLookup>,
) -> Result<Carried<A>, ErrorReply> {
    let changing = user.carry_out(|user| {
        user.tenant.unblock_user(&user.key)?;
        Ok(A::default())
    });
    Ok(changing.await?)
}

pub(in crate::http) async fn deactivate<A: Document + Default>(
    user: Scoped<UserLookup>,
    Body(body): Body<DeactivationBody>,
) -> Result<Carried<A>, ErrorReply> {
    let block = body.block();
    let changing = user.carry_out(move |user| {
        user.tenant
            .deactivate_user(&user.caller, &user.key, block)?;
        Ok(A::default())
    });
    Ok(changing.await?)
}

async fn reactivate<A: Document + Default>(
    user: Scoped<UserLookup>,
    unblock: Option<bool>,
) -> Result<Carried<A>, ErrorReply> {
    let unblock = unblock.unwrap_or(false);
    let changing = user.carry_out(move |user| {
        user.tenant.activate_user(&user.key, unblock)?;
        Ok(A::default())
    });
    Ok(changing.await?)
}

pub(in crate::http) async fn reactivate_v1(
    user: Scoped<UserLookup>,
    with: Query<UserReactivation>,
) -> Result<Carried<NoContent>, ErrorReply> {
    reactivate(user, with.unblock_user).await
}

pub(in crate::http) async fn activate_v3(
    user: Scoped<UserLookup>,
    Body(body): Body<ActivationBody>,
) -> Result<Carried<Done>, ErrorReply> {
    reactivate(user, body.unblock).await
}

/// Moves a user, if the caller has the right at both ends.
async fn move_to<A: Document + Default>(
    user: Scoped<UserLookup>,
    org: OrgLookup,
) -> Result<Carried<A>, ErrorReply> {
    let moving = user.carry_out(move |user| {
        let tenant = user.tenant.allowing(&user.caller, Right::People, &org);
        tenant.move_user(&user.key, &org)?;
        Ok(A::default())
    });
    Ok(moving.await?)
}

pub(in crate::http) async fn move_v1(
    claim: Claim<UserLookup>,
    Body(body): Body<MoveProcessBody>,
) -> Result<Carried<NoContent>, ErrorReply> {
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
    move_to(claim.over(user), org).await
}

pub(in crate::http) async fn move_v3(
    user: Scoped<UserLookup>,
    Body(body): Body<MoveBody>,
) -> Result<Carried<Done>, ErrorReply> {
    let org = body
        .org_id
        .ok_or_else(|| TenantRefusal::Invalid("orgId is missing".to_owned()))?;
    move_to(user, OrgLookup::Id(org)).await
}
