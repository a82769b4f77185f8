use proptest::prelude::{any, prop, prop_assert_eq, proptest};
use serde_json::json;

use super::*;

const NOW: i64 = 1_700_000_000_123;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn tenant(seed: u64) -> Tenant {
    let entropy = Entropy::from_seed(seed);
    Tenant {
        revision: Revision(7),
        uid: entropy.uuid(),
        next_id: 1,
        destinations: Vec::new(),
        signing_key: new_signing_key(&entropy),
    }
}

fn entropy() -> Entropy {
    Entropy::from_seed(42)
}

fn user() -> Subject {
    Subject::User {
        id: 3,
        uid: "1234567890123456789".to_owned(),
        username: "ann@example.com".to_owned(),
    }
}

fn api_client() -> Subject {
    Subject::ApiClient {
        client_id: "key-42-a".to_owned(),
    }
}

fn part(token: &str, number: usize) -> Value {
    serde_json::from_slice(
        &BASE64
            .decode(token.split('.').nth(number).unwrap())
            .unwrap(),
    )
    .unwrap()
}

/// Signs a text with a key.
type Algorithm = fn(&[u8], &[u8]) -> Vec<u8>;

fn hs256(key: &[u8], signed: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.chain_update(signed).finalize().into_bytes().to_vec()
}

fn hs384(key: &[u8], signed: &[u8]) -> Vec<u8> {
    let mac = Hmac::<sha2::Sha384>::new_from_slice(key).unwrap();
    mac.chain_update(signed).finalize().into_bytes().to_vec()
}

fn hs512(key: &[u8], signed: &[u8]) -> Vec<u8> {
    let mac = Hmac::<sha2::Sha512>::new_from_slice(key).unwrap();
    mac.chain_update(signed).finalize().into_bytes().to_vec()
}

/// Returns a token of any header and payload, signed with the tenant's own key by this algorithm.
fn forged(tenant: &Tenant, algorithm: Algorithm, header: &Value, payload: &Value) -> String {
    let message = [header, payload]
        .map(|part| BASE64.encode(part.to_string()))
        .join(".");
    let signature = algorithm(&tenant.signing_key, message.as_bytes());
    format!("{message}.{}", BASE64.encode(signature))
}

fn with(mut value: Value, name: &str, new: Value) -> Value {
    value[name] = new;
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap();
    value
}

fn assert_refused(tenant: &Tenant, what: &str, token: &str) {
    assert_eq!(verify(tenant, token, at(NOW)), None, "{what}: {token}");
}

#[test]
fn a_token_says_what_it_was_issued_for() {
    let tenant = tenant(1);
    for (subject, minutes) in [(user(), 30), (api_client(), 15)] {
        let claims = verify(
            &tenant,
            &issue(&tenant, &subject, at(NOW), &entropy()).unwrap(),
            at(NOW),
        )
        .unwrap();
        let expires = at((NOW / 1000 + minutes * 60) * 1000);
        assert_eq!(
            claims,
            Claims {
                subject,
                revision: Revision(7),
                expires
            }
        );
    }
}

#[test]
fn clients_can_read_it() {
    let tenant = tenant(1);
    let token = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(
        part(&token, 0),
        json!({ "typ": "JWT", "alg": "HS256", "c42_ver": "user-v0" })
    );
    assert_eq!(
        part(&token, 1),
        json!({
            "iss": "org42-authority",
            "iat": 1_700_000_000,
            "exp": 1_700_001_800,
            "sub": "1234567890123456789",
            "jti": entropy().uuid(),
            "tenantUid": tenant.uid,
            "revision": 7,
            "userId": 3,
            "userUid": "1234567890123456789",
            "userName": "ann@example.com",
        })
    );
    let token = issue(&tenant, &api_client(), at(NOW), &entropy()).unwrap();
    assert_eq!(part(&token, 0)["c42_ver"], "api-client-v0");
    assert_eq!(
        (&part(&token, 1)["tenantUid"], &part(&token, 1)["sub"]),
        (&json!(tenant.uid), &json!("key-42-a"))
    );
}

#[test]
fn it_is_good_until_its_time_is_over() {
    let tenant = tenant(1);
    let token = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    let expires = verify(&tenant, &token, at(NOW))
        .unwrap()
        .expires
        .as_millis();
    assert!(verify(&tenant, &token, at(expires - 1)).is_some());
    assert!(verify(&tenant, &token, at(expires)).is_none());
    assert!(verify(&tenant, &token, at(expires + 86_400_000)).is_none());
}

#[test]
fn later_commits_do_not_end_it() {
    let mut tenant = tenant(1);
    let token = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    tenant.revision = Revision(8);
    assert_eq!(
        verify(&tenant, &token, at(NOW)).unwrap().revision,
        Revision(7)
    );
}

#[test]
fn another_tenants_token_is_refused() {
    let (ours, theirs) = (tenant(1), tenant(2));
    let token = issue(&theirs, &user(), at(NOW), &entropy()).unwrap();
    assert_refused(&ours, "other key and tenant", &token);
    let same_key = Tenant {
        signing_key: ours.signing_key.clone(),
        ..theirs.clone()
    };
    assert_refused(
        &ours,
        "same key, other tenant",
        &issue(&same_key, &user(), at(NOW), &entropy()).unwrap(),
    );
    let same_uid = Tenant {
        uid: ours.uid.clone(),
        ..theirs
    };
    assert_refused(
        &ours,
        "same tenant, other key",
        &issue(&same_uid, &user(), at(NOW), &entropy()).unwrap(),
    );
}

#[test]
fn every_other_header_is_refused_even_with_the_right_key() {
    let tenant = tenant(1);
    let good = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    let (header, payload) = (part(&good, 0), part(&good, 1));
    assert!(verify(&tenant, &forged(&tenant, hs256, &header, &payload), at(NOW)).is_some());

    for alg in [
        "none", "None", "NONE", "", "hs256", "HS512", "RS256", "ES256", "EdDSA", "PS256",
    ] {
        let header = with(header.clone(), "alg", json!(alg));
        let token = forged(&tenant, hs256, &header, &payload);
        assert_refused(&tenant, alg, &token);
        let unsigned = token.rsplit_once('.').unwrap().0;
        assert_refused(&tenant, "unsigned", &format!("{unsigned}."));
        assert_refused(&tenant, "unsigned", unsigned);
    }
    for (name, algorithm) in [("HS384", hs384 as Algorithm), ("HS512", hs512)] {
        let header = with(header.clone(), "alg", json!(name));
        assert_refused(
            &tenant,
            name,
            &forged(&tenant, algorithm, &header, &payload),
        );
        let claimed = with(header, "alg", json!("HS256"));
        assert_refused(
            &tenant,
            name,
            &forged(&tenant, algorithm, &claimed, &payload),
        );
    }
    for (name, value) in [
        ("kid", json!("../../dev/null")),
        ("jku", json!("https://example.com/keys")),
        ("x5u", json!("https://example.com/cert")),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("crit", json!(["exp"])),
        ("c42_ver", json!("api-client-v0")),
        ("c42_ver", json!(null)),
        ("typ", json!("JWE")),
        ("more", json!(1)),
    ] {
        let header = with(header.clone(), name, value);
        assert_refused(&tenant, name, &forged(&tenant, hs256, &header, &payload));
    }
    for name in ["typ", "alg", "c42_ver"] {
        let header = without(header.clone(), name);
        assert_refused(&tenant, name, &forged(&tenant, hs256, &header, &payload));
    }
}

#[test]
fn every_other_payload_is_refused_even_with_the_right_key() {
    let tenant = tenant(1);
    let good = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    let (header, payload) = (part(&good, 0), part(&good, 1));
    for name in [
        "iss",
        "iat",
        "exp",
        "sub",
        "tenantUid",
        "revision",
        "userId",
        "userUid",
        "userName",
    ] {
        let payload = without(payload.clone(), name);
        assert_refused(&tenant, name, &forged(&tenant, hs256, &header, &payload));
    }
    for (name, value) in [
        ("iss", json!("somebody")),
        ("aud", json!("somebody")),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!("never")),
        ("exp", json!(-1)),
        ("revision", json!(-1)),
        ("userId", json!("3")),
    ] {
        let payload = with(payload.clone(), name, value);
        assert_refused(&tenant, name, &forged(&tenant, hs256, &header, &payload));
    }
}

#[test]
fn a_changed_token_is_refused() {
    let tenant = tenant(1);
    let good = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("{good}")
    };
    for length in 0..signature.len() {
        assert_refused(
            &tenant,
            "truncated",
            &format!("{header}.{payload}.{}", &signature[..length]),
        );
    }
    let admin = BASE64.encode(with(part(&good, 1), "userUid", json!("1")).to_string());
    assert_refused(
        &tenant,
        "payload swapped",
        &format!("{header}.{admin}.{signature}"),
    );
    let other = issue(&tenant, &api_client(), at(NOW), &entropy()).unwrap();
    let [other_header, other_payload, _] = other.split('.').collect::<Vec<_>>()[..] else {
        panic!("{other}")
    };
    assert_refused(
        &tenant,
        "payload of another",
        &format!("{header}.{other_payload}.{signature}"),
    );
    assert_refused(
        &tenant,
        "header of another",
        &format!("{other_header}.{payload}.{signature}"),
    );
    for changed in [
        format!("{good}="),
        format!("{good}."),
        format!("{good} "),
        format!(" {good}"),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}{payload}{signature}"),
    ] {
        assert_refused(&tenant, "changed", &changed);
    }
}

#[test]
fn every_changed_character_is_noticed() {
    let tenant = tenant(1);
    let good = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    for place in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        // The last character of a signature has bits that mean nothing, so its neighbour is the one to try.
        changed[place] = if changed[place] == b'z' {
            b'y'
        } else {
            changed[place] + 1
        };
        if let Ok(changed) = String::from_utf8(changed) {
            assert_refused(&tenant, "changed", &changed);
        }
    }
}

#[test]
fn a_huge_token_is_refused() {
    let tenant = tenant(1);
    let username = "a".repeat(MAX_BYTES);
    let token = issue(
        &tenant,
        &Subject::User {
            id: 3,
            uid: "1".to_owned(),
            username,
        },
        at(NOW),
        &entropy(),
    )
    .unwrap();
    assert_refused(&tenant, "huge", &token);
    assert_refused(&tenant, "huge", &"a.".repeat(1 << 20));
}

#[test]
fn a_damaged_key_neither_issues_nor_verifies() {
    let mut tenant = tenant(1);
    let token = issue(&tenant, &user(), at(NOW), &entropy()).unwrap();
    tenant.signing_key.truncate(31);
    assert!(matches!(
        issue(&tenant, &user(), at(NOW), &entropy()),
        Err(TenantRefusal::Failed(_))
    ));
    assert_refused(&tenant, "short key", &token);
    let forged = forged(&tenant, hs256, &part(&token, 0), &part(&token, 1));
    assert_refused(&tenant, "short key, signed with it", &forged);
}

proptest! {
    #[test]
    fn garbage_is_refused(garbage in ".*", parts in prop::collection::vec(any::<Vec<u8>>(), 3)) {
        let tenant = tenant(1);
        prop_assert_eq!(verify(&tenant, &garbage, at(NOW)), None);
        let parts: Vec<_> = parts.iter().map(|part| BASE64.encode(part)).collect();
        prop_assert_eq!(verify(&tenant, &parts.join("."), at(NOW)), None);
    }
}
