use std::sync::Arc;

use super::*;
use crate::auth::{PasswordCost, Passwords};
use crate::clock::{Clock, SystemClock};
use crate::domain::Entropy;
use crate::domain::roles::ADMINISTRATOR;
use crate::fidelity::Fidelity;
use crate::http::forwarded::Proxies;
use crate::options::DEFAULT_ADMIN;
use crate::sample::Sample;
use crate::service::{OrgCreation, OrgQuery, UserCreation};
use crate::store::{Sqlite, Store, UserLookup};

/// Returns the state of handlers over an empty tenant.
fn app() -> App {
    let store: Arc<dyn Store> = Arc::new(Sqlite::in_memory().unwrap());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy = Arc::new(Entropy::from_seed(7));
    Sample::None
        .fill(&store, &clock, &entropy, DEFAULT_ADMIN)
        .unwrap();
    let tenant = TenantService::new(store, clock.clone(), entropy, Fidelity::default());
    let passwords = Arc::new(Passwords::new(PasswordCost::Cheap, 1, 1));
    App::new(tenant, clock, passwords, Proxies::default())
}

/// Returns a signed-in user with one role.
fn caller_with(app: &App, role: &str, org: Option<OrgLookup>) -> Caller {
    let new = UserCreation {
        org,
        username: format!("{role}@example.com"),
        roles: vec![role.to_owned()],
        ..UserCreation::default()
    };
    let tenant = &app.tenant;
    let made = tenant.change_blocking(move |tenant| tenant.create_user(&new));
    let since = tenant.read().tenant().unwrap().revision;
    made.unwrap().caller(since)
}

/// Takes all roles from a caller.
fn disarm(app: &App, caller: &Caller) {
    let Caller::User { uid, .. } = caller else {
        panic!("no user");
    };
    let key = UserLookup::Uid(uid.clone());
    let disarming = move |tenant: &TenantDraft<'_>| tenant.set_roles(&Caller::ApiClient, &key, &[]);
    app.tenant.change_blocking(disarming).unwrap();
}

#[tokio::test]
async fn who_is_no_administrator_any_more_when_it_is_decided_does_nothing() {
    let app = app();
    let caller = caller_with(&app, ADMINISTRATOR, None);
    disarm(&app, &caller);
    // As one whose rights were looked at before.
    let admin = || Admin::of(&app, &caller);
    let made = admin().change(|tenant| tenant.create_api_client()).await;
    let listed = admin().ask(|tenant| tenant.api_clients()).await;
    let begun = admin().administer(|_| Ok(())).await;
    let replaced = admin().app.tenant.change_whole(|tenant| tenant.apply(&[]));
    let still = admin().still().await;
    let refusals = [
        made.map(drop),
        listed.map(drop),
        begun,
        replaced,
        still.map(drop),
    ];
    for refused in refusals {
        assert!(
            matches!(refused, Err(TenantRefusal::Forbidden)),
            "{refused:?}"
        );
    }
    assert_eq!(app.tenant.read().api_clients().unwrap().len(), 0);
}

#[tokio::test]
async fn who_is_signed_out_when_it_is_looked_up_sees_nothing() {
    let app = app();
    let caller = caller_with(&app, "org-admin", None);
    let signed_in = || SignedIn::of(&app, caller.clone());
    let seen = signed_in().ask(|tenant, caller| tenant.user_of(caller));
    let me = UserLookup::Id(seen.await.unwrap().user.id);
    disarm(&app, &caller);
    let seen = signed_in().ask(|tenant, _| tenant.tenant()).await;
    assert!(seen.is_ok(), "it takes no right: {seen:?}");
    let blocking = move |tenant: &TenantDraft<'_>| tenant.block_user(&Caller::ApiClient, &me);
    app.tenant.change_blocking(blocking).unwrap();
    let asked = signed_in().ask(|tenant, _| tenant.tenant()).await;
    let scanned = signed_in().scan(|tenant, _| tenant.tenant()).await;
    for refused in [asked, scanned] {
        assert!(
            matches!(refused, Err(TenantRefusal::BadCredentials)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_list_is_known_to_be_narrowed_before_it_is_read() {
    let app = app();
    let paris = OrgCreation {
        name: Some("Paris".to_owned()),
        ..OrgCreation::default()
    };
    let made = app
        .tenant
        .change_blocking(move |tenant| tenant.create_org(&paris));
    let paris = made.unwrap().org.id;
    let caller = caller_with(&app, "org-admin", Some(OrgLookup::Id(paris)));
    let listed = Listed {
        app: app.clone(),
        caller,
    };
    let mut query = OrgQuery::default();
    assert!(!query.needs_all());
    let tenant = listed.within(&mut query.under).await.unwrap();
    assert!(query.needs_all());
    assert_eq!(tenant.read().list_orgs(&query).unwrap().total, 1);
}

#[tokio::test]
async fn a_list_of_everything_is_refused_to_who_may_not_see_it_any_more() {
    let app = app();
    let caller = caller_with(&app, "all-org-manager", None);
    let listed = Listed {
        app: app.clone(),
        caller: caller.clone(),
    };
    let mut query = OrgQuery::default();
    let tenant = listed.within(&mut query.under).await.unwrap();
    assert_eq!(tenant.read().list_orgs(&query).unwrap().total, 1);
    disarm(&app, &caller);
    let refused = tenant.read().list_orgs(&query);
    assert!(
        matches!(refused, Err(TenantRefusal::Forbidden)),
        "{refused:?}"
    );
}
