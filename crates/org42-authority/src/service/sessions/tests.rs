//! Tests of changes that happen between a check of credentials and the decision.

use super::*;
use crate::domain::roles::Right;
use crate::service::{
    AgentIds, Proof, Registration, TenantService, UserCreation, UserUpdate, With,
};
use crate::store::OrgLookup;
use crate::{Authority, DEFAULT_ADMIN, Options, PasswordCost, Sample};

const ANN: &str = "ann@example.com";

fn tenant() -> TenantService {
    let options = Options {
        password_cost: PasswordCost::Cheap,
        ..Options::default()
    };
    let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
    authority.tenant().clone()
}

fn create(tenant: &TenantService) -> UserView {
    let ann = UserCreation {
        username: ANN.to_owned(),
        password_hash: Some("a hash".to_owned()),
        ..UserCreation::default()
    };
    tenant
        .change_blocking(move |tenant| tenant.create_user(&ann))
        .unwrap()
}

fn set_totp(tenant: &TenantService, key: &UserLookup, codes: Totp) {
    let key = key.clone();
    tenant
        .change_blocking(move |tenant| tenant.set_totp(&key, Some(&codes)))
        .unwrap();
}

fn update(tenant: &TenantService, key: &UserLookup, edit: UserUpdate) {
    let key = key.clone();
    tenant
        .change_blocking(move |tenant| tenant.update_user(&key, &edit))
        .unwrap();
}

fn sign_in(
    tenant: &TenantService,
    seen: &Seen,
    step: Option<u64>,
) -> Result<Option<SignedIn>, TenantRefusal> {
    let seen = seen.clone();
    match step {
        None => tenant.read().sign_in(&seen),
        Some(step) => tenant.change_blocking(move |tenant| tenant.sign_in_with_code(&seen, step)),
    }
}

fn register(
    tenant: &TenantService,
    asked: &Registration,
) -> Result<Option<(AgentIds, String)>, TenantRefusal> {
    let asked = asked.clone();
    tenant.change_blocking(move |tenant| tenant.register_device(&asked))
}

fn codes(number: u8) -> Totp {
    Totp {
        secret: vec![number; 20],
        last_step: 0,
    }
}

/// Returns the changes that make checked credentials out of date.
fn changes() -> Vec<fn(&TenantService, &UserLookup)> {
    vec![
        |tenant, key| {
            let edit = UserUpdate {
                password_hash: Some("another hash".to_owned()),
                ..UserUpdate::default()
            };
            update(tenant, key, edit);
        },
        |tenant, key| {
            let edit = UserUpdate {
                username: Some("eve".to_owned()),
                ..UserUpdate::default()
            };
            update(tenant, key, edit);
        },
        |tenant, key| set_totp(tenant, key, codes(1)),
    ]
}

#[test]
fn credentials_that_were_changed_since_they_were_seen_open_nothing() {
    for change in changes() {
        let tenant = tenant();
        let ann = create(&tenant).user;
        let (seen, key) = (Seen::of(&ann), UserLookup::Uid(ann.uid.clone()));
        assert!(sign_in(&tenant, &seen, None).unwrap().is_some());
        change(&tenant, &key);
        assert!(sign_in(&tenant, &seen, None).unwrap().is_none());
        assert!(sign_in(&tenant, &seen, Some(5)).unwrap().is_none());
        let proof = Proof::Known(seen, None);
        assert!(
            register(&tenant, &registration(&tenant, proof))
                .unwrap()
                .is_none()
        );
    }
}

#[test]
fn a_code_that_was_used_meanwhile_opens_nothing() {
    let tenant = tenant();
    let ann = create(&tenant).user;
    let key = UserLookup::Uid(ann.uid);
    set_totp(&tenant, &key, codes(1));
    let seen = Seen::of(&tenant.read().user(&key).unwrap().user);
    assert!(sign_in(&tenant, &seen, Some(5)).unwrap().is_some());
    for step in [5, 4] {
        let again = sign_in(&tenant, &seen, Some(step));
        assert!(matches!(again, Err(TenantRefusal::BadCredentials)));
        let proof = Proof::Known(seen.clone(), Some(step));
        let registered = register(&tenant, &registration(&tenant, proof));
        assert!(matches!(registered, Err(TenantRefusal::BadCredentials)));
    }
    let proof = Proof::Known(seen.clone(), Some(6));
    assert!(
        register(&tenant, &registration(&tenant, proof))
            .unwrap()
            .is_some()
    );
    assert!(
        sign_in(&tenant, &seen, Some(6)).is_err(),
        "used up by the registration"
    );
    set_totp(&tenant, &key, codes(2));
    assert!(
        sign_in(&tenant, &seen, Some(7)).unwrap().is_none(),
        "of another secret"
    );
}

fn registration(tenant: &TenantService, proof: Proof) -> Registration {
    let top = tenant
        .read()
        .org(&OrgLookup::Top, With::default())
        .unwrap()
        .org;
    Registration {
        key: OrgLookup::RegistrationKey(top.registration_key),
        username: ANN.to_owned(),
        proof,
        device_name: "d".to_owned(),
        os_name: "o".to_owned(),
    }
}

/// A user who was created after the credentials were checked gets no device of a stranger, nor the stranger a user.
#[test]
fn a_user_who_was_created_since_has_no_device_of_a_stranger() {
    let tenant = tenant();
    let asked = registration(&tenant, Proof::Unknown("a strangers hash".to_owned()));
    assert!(tenant.read().registrant(&asked).unwrap().is_none());
    create(&tenant);
    assert!(register(&tenant, &asked).unwrap().is_none());
    let ann = tenant.read().registrant(&asked).unwrap().unwrap();
    assert_eq!(ann.password_hash.as_deref(), Some("a hash"));
}

/// A token is as old as what was read when its owner signed in, so that later changes end it.
#[test]
fn what_happens_between_sign_in_and_token_ends_the_token() {
    for change in changes().into_iter().take(1) {
        let tenant = tenant();
        let ann = create(&tenant).user;
        let signed_in = sign_in(&tenant, &Seen::of(&ann), None).unwrap().unwrap();
        let issue = || {
            let subject = tokens::Subject::User {
                id: ann.id,
                uid: ann.uid.clone(),
                username: ann.username.clone(),
            };
            let now = tenant.clock().now();
            tokens::issue(&signed_in.tenant, &subject, now, tenant.entropy()).unwrap()
        };
        assert!(tenant.read().caller_of(&issue()).is_ok());
        change(&tenant, &UserLookup::Uid(ann.uid.clone()));
        assert!(tenant.read().caller_of(&issue()).is_err());
    }
}

/// Blocks a user on behalf of a caller, or of a program that may do everything.
fn block(
    tenant: &TenantService,
    caller: Option<&Caller>,
    key: &UserLookup,
) -> Result<(), TenantRefusal> {
    let (caller, key) = (caller.cloned().unwrap_or(Caller::ApiClient), key.clone());
    tenant.change_blocking(move |tenant| {
        tenant
            .allowing(&caller, Right::People, &key)
            .block_user(&caller, &key)
    })
}

fn end_token(tenant: &TenantService, token: &str, past: Timestamp) {
    let token = token.to_owned();
    tenant
        .change_blocking(move |tenant| tenant.end_token(&token, past))
        .unwrap();
}

/// A user may be blocked while one of the user's requests is handled.
#[test]
fn a_session_that_ends_while_it_asks_asks_in_vain() {
    let tenant = tenant();
    let admin = tenant
        .read()
        .user(&UserLookup::Username(DEFAULT_ADMIN.to_owned()))
        .unwrap();
    let other = create(&tenant);
    let revision = tenant.read().tenant().unwrap().revision;
    let caller = admin.clone().caller(revision);
    let right = Right::People;
    let key = UserLookup::Id(other.user.id);
    let asking = |tenant: &Service<'_>| tenant.allowing(&caller, right, &key).user(&key);
    assert!(asking(&tenant.read()).is_ok());
    block(&tenant, None, &UserLookup::Id(admin.user.id)).unwrap();
    assert!(matches!(
        asking(&tenant.read()),
        Err(TenantRefusal::BadCredentials)
    ));
    assert!(matches!(
        block(&tenant, Some(&caller), &key),
        Err(TenantRefusal::BadCredentials)
    ));
}

#[test]
fn an_api_client_that_is_revoked_while_it_asks_asks_in_vain() {
    let tenant = tenant();
    let other = create(&tenant);
    let made = tenant.create_api_client().unwrap();
    let key = UserLookup::Id(other.user.id);
    let caller = Caller::Program(made.client_id.clone());
    let asking = |tenant: &Service<'_>| tenant.allowing(&caller, Right::People, &key).user(&key);
    assert!(asking(&tenant.read()).is_ok());
    tenant.revoke_api_client(&made.client_id).unwrap();
    assert!(matches!(
        block(&tenant, Some(&caller), &key),
        Err(TenantRefusal::BadCredentials)
    ));
    assert!(
        tenant
            .read()
            .sign_in_program(&made.client_id, &made.secret)
            .is_err()
    );
}

#[test]
fn what_is_over_is_forgotten_a_few_at_a_time() {
    let tenant = tenant();
    let admin = tenant
        .read()
        .user(&UserLookup::Username(DEFAULT_ADMIN.to_owned()))
        .unwrap()
        .user;
    let now = tenant.clock().now();
    let count = || {
        let all = (tenant.store()).look(|view| {
            Ok::<_, TenantRefusal>(view.ended_tokens_until(now.plus_days(9), 1000)?.len())
        });
        all.unwrap()
    };
    let old: Vec<_> = (0..250_u16)
        .map(|n| {
            RowChange::EndedToken(EndedToken {
                digest: n.to_be_bytes().to_vec(),
                expires: now.plus_millis(-i64::from(n) - 1),
            })
        })
        .collect();
    tenant
        .change_blocking(move |tenant| tenant.apply(&old))
        .unwrap();
    let end = |past| {
        let subject = tokens::Subject::User {
            id: admin.id,
            uid: admin.uid.clone(),
            username: admin.username.clone(),
        };
        let token = tokens::issue(
            &tenant.read().tenant().unwrap(),
            &subject,
            now,
            tenant.entropy(),
        );
        let token = token.unwrap();
        assert!(tenant.read().caller_of(&token).is_ok());
        end_token(&tenant, &token, past);
        assert!(
            tenant.read().caller_of(&token).is_err() && tenant.read().username_of(&token).is_err()
        );
        assert!(!tenant.read().can_end_token(&token, past).unwrap());
        end_token(&tenant, &token, past);
    };
    end(now.plus_days(0).plus_millis(-86_400_000));
    assert_eq!(count(), 251);
    for left in [152, 53, 4, 5] {
        end(now);
        assert_eq!(count(), left);
    }
    end_token(&tenant, "nonsense", now);
    assert_eq!(count(), 5);
}
