//! What changes between a look at credentials and the decision.

use super::*;
use crate::service::{Proof, Registration, UserCreation, UserUpdate, With};
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
    tenant.create_user(&ann).unwrap()
}

fn codes(number: u8) -> Totp {
    Totp {
        secret: vec![number; 20],
        last_step: 0,
    }
}

/// Everything that makes what was seen of a user something else.
fn changes() -> Vec<fn(&TenantService, &UserLookup)> {
    vec![
        |tenant, key| {
            let edit = UserUpdate {
                password_hash: Some("another hash".to_owned()),
                ..UserUpdate::default()
            };
            tenant.update_user(key, &edit).unwrap();
        },
        |tenant, key| {
            let edit = UserUpdate {
                username: Some("eve".to_owned()),
                ..UserUpdate::default()
            };
            tenant.update_user(key, &edit).unwrap();
        },
        |tenant, key| tenant.set_totp(key, Some(&codes(1))).unwrap(),
    ]
}

#[test]
fn credentials_that_were_changed_since_they_were_seen_open_nothing() {
    for change in changes() {
        let tenant = tenant();
        let ann = create(&tenant).user;
        let (seen, key) = (Seen::of(&ann), UserLookup::Uid(ann.uid.clone()));
        assert!(tenant.sign_in(&seen, None).unwrap().is_some());
        change(&tenant, &key);
        assert!(tenant.sign_in(&seen, None).unwrap().is_none());
        assert!(tenant.sign_in(&seen, Some(5)).unwrap().is_none());
        let proof = Proof::Known(seen, None);
        assert!(
            tenant
                .register_device(&registration(&tenant, proof))
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
    tenant.set_totp(&key, Some(&codes(1))).unwrap();
    let seen = Seen::of(&tenant.user(&key).unwrap().user);
    assert!(tenant.sign_in(&seen, Some(5)).unwrap().is_some());
    for step in [5, 4] {
        let again = tenant.sign_in(&seen, Some(step));
        assert!(matches!(again, Err(TenantRefusal::BadCredentials)));
        let proof = Proof::Known(seen.clone(), Some(step));
        let registered = tenant.register_device(&registration(&tenant, proof));
        assert!(matches!(registered, Err(TenantRefusal::BadCredentials)));
    }
    let proof = Proof::Known(seen.clone(), Some(6));
    assert!(
        tenant
            .register_device(&registration(&tenant, proof))
            .unwrap()
            .is_some()
    );
    assert!(
        tenant.sign_in(&seen, Some(6)).is_err(),
        "used up by the registration"
    );
    tenant.set_totp(&key, Some(&codes(2))).unwrap();
    assert!(
        tenant.sign_in(&seen, Some(7)).unwrap().is_none(),
        "of another secret"
    );
}

fn registration(tenant: &TenantService, proof: Proof) -> Registration {
    let top = tenant.org(&OrgLookup::Top, With::default()).unwrap().org;
    Registration {
        key: OrgLookup::RegistrationKey(top.registration_key),
        username: ANN.to_owned(),
        proof,
        device_name: "d".to_owned(),
        os_name: "o".to_owned(),
    }
}

/// A user who came into being after a stranger's look does not get the stranger's device, nor the stranger a user.
#[test]
fn a_user_who_was_created_since_has_no_device_of_a_stranger() {
    let tenant = tenant();
    let asked = registration(&tenant, Proof::Unknown("a strangers hash".to_owned()));
    assert!(tenant.registrant(&asked).unwrap().is_none());
    create(&tenant);
    assert!(tenant.register_device(&asked).unwrap().is_none());
    let ann = tenant.registrant(&asked).unwrap().unwrap();
    assert_eq!(ann.password_hash.as_deref(), Some("a hash"));
}

/// A token is as old as what was seen when its owner signed in, so that what came later ends it.
#[test]
fn what_happens_between_sign_in_and_token_ends_the_token() {
    for change in changes().into_iter().take(1) {
        let tenant = tenant();
        let ann = create(&tenant).user;
        let signed_in = tenant.sign_in(&Seen::of(&ann), None).unwrap().unwrap();
        let issue = || {
            let subject = tokens::Subject::User {
                id: ann.id,
                uid: ann.uid.clone(),
                username: ann.username.clone(),
            };
            let now = tenant.clock().now();
            tokens::issue(&signed_in.tenant, &subject, now, tenant.entropy()).unwrap()
        };
        assert!(tenant.caller_of(&issue()).is_ok());
        change(&tenant, &UserLookup::Uid(ann.uid.clone()));
        assert!(tenant.caller_of(&issue()).is_err());
    }
}

/// Somebody may be blocked while a request of theirs is in work.
#[test]
fn a_session_that_ends_while_it_asks_asks_in_vain() {
    let tenant = tenant();
    let admin = tenant
        .user(&UserLookup::Username(DEFAULT_ADMIN.to_owned()))
        .unwrap();
    let other = create(&tenant);
    let revision = tenant.tenant().unwrap().revision;
    let caller = admin.clone().caller(revision);
    let right = crate::domain::roles::Right::People;
    let key = UserLookup::Id(other.user.id);
    let asking = tenant.allowing(&caller, right, &key);
    assert!(asking.user(&key).is_ok());
    tenant
        .block_user(&Caller::ApiClient, &UserLookup::Id(admin.user.id))
        .unwrap();
    assert!(matches!(
        asking.user(&key),
        Err(TenantRefusal::BadCredentials)
    ));
    assert!(matches!(
        asking.block_user(&caller, &key),
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
    let asking = tenant.allowing(&caller, crate::domain::roles::Right::People, &key);
    assert!(asking.user(&key).is_ok());
    tenant.revoke_api_client(&made.client_id).unwrap();
    assert!(matches!(
        asking.block_user(&caller, &key),
        Err(TenantRefusal::BadCredentials)
    ));
    assert!(
        tenant
            .sign_in_program(&made.client_id, &made.secret)
            .is_err()
    );
}

#[test]
fn what_is_over_is_forgotten_a_few_at_a_time() {
    let tenant = tenant();
    let admin = tenant
        .user(&UserLookup::Username(DEFAULT_ADMIN.to_owned()))
        .unwrap()
        .user;
    let now = tenant.clock().now();
    let count = || {
        let all = (tenant.store()).look(|snapshot| {
            Ok::<_, TenantRefusal>(snapshot.ended_tokens_until(now.plus_days(9), 1000)?.len())
        });
        all.unwrap()
    };
    let old: Vec<_> = (0..250_u16)
        .map(|n| {
            Change::EndedToken(EndedToken {
                digest: n.to_be_bytes().to_vec(),
                expires: now.plus_millis(-i64::from(n) - 1),
            })
        })
        .collect();
    tenant
        .store()
        .commit(tenant.tenant().unwrap().revision, &old)
        .unwrap();
    let end = |past| {
        let subject = tokens::Subject::User {
            id: admin.id,
            uid: admin.uid.clone(),
            username: admin.username.clone(),
        };
        let token = tokens::issue(&tenant.tenant().unwrap(), &subject, now, tenant.entropy());
        let token = token.unwrap();
        assert!(tenant.caller_of(&token).is_ok());
        tenant.end_token(&token, past).unwrap();
        assert!(tenant.caller_of(&token).is_err() && tenant.username_of(&token).is_err());
        tenant.end_token(&token, past).unwrap();
    };
    end(now.plus_days(0).plus_millis(-86_400_000));
    assert_eq!(count(), 251);
    for left in [152, 53, 4, 5] {
        end(now);
        assert_eq!(count(), left);
    }
    tenant.end_token("nonsense", now).unwrap();
    assert_eq!(count(), 5);
}
