//! Logging in: one-time codes, what tokens say and how long they last.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::testbench::{PASSWORD, TestBench};

const MINUTE_MILLIS: i64 = 60_000;
/// When the bench's clock starts, 2026-11-23T12:00:00Z.
const START_SECONDS: u64 = 1_795_435_200;

/// The bytes behind a text in base 32.
fn unbase32(text: &str) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let five = alphabet.iter().position(|known| *known == letter).unwrap();
        held = (held << 5) | u32::try_from(five).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

/// What an authenticator app shows.
pub(crate) fn code(secret: &str, seconds: u64) -> String {
    let app = totp_rs::Builder::new()
        .with_step_duration(30)
        .with_secret(unbase32(secret))
        .build()
        .unwrap();
    app.generate(seconds).to_string()
}

async fn login_with_code(bench: &TestBench, name: &str, code: &str) -> u16 {
    let url = format!("{}/api/v3/auth/jwt?useBody=true", bench.running.url());
    let request = bench.http.get(url).basic_auth(name, Some(PASSWORD));
    let answer = request.header("totp-auth", code).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn a_one_time_code_opens_once() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let line = format!("POST /_authority/totp/{}", ann["userUid"].as_str().unwrap());
    let made = bench.ask(&line, "").await.json();
    let secret = made["secret"].as_str().unwrap();
    let first = code(secret, START_SECONDS);
    let log_in = async |code: &str| login_with_code(&bench, "ann@example.com", code).await;
    assert_eq!(log_in(&first).await, 200);
    assert_eq!(log_in(&first).await, 401, "the same code again");
    assert_eq!(
        log_in(&code(secret, START_SECONDS - 30)).await,
        401,
        "an older one"
    );
    bench.clock.advance_millis(30_000);
    assert_eq!(log_in(&first).await, 401, "still the same code");
    assert_eq!(log_in(&code(secret, START_SECONDS + 30)).await, 200);
    bench.clock.advance_millis(5 * MINUTE_MILLIS);
    let stale = code(secret, START_SECONDS + 60);
    assert_eq!(log_in(&stale).await, 401, "a code of four minutes ago");
}

#[tokio::test]
async fn an_administrator_who_is_locked_out_is_let_in_again_by_a_new_password() {
    let bench = TestBench::with(org42_authority::Fidelity {
        lockout_allowed: true,
        ..Default::default()
    })
    .await;
    let paris = bench.create_org(None, "Paris").await;
    let me = bench.get("/api/v1/User/my").await.data();
    let uid = me["userUid"].as_str().unwrap();
    let authority = bench.running.authority();
    let made = authority.tenant().create_api_client().unwrap();
    let url = format!("{}/v1/oauth", bench.running.url());
    let token = bench
        .http
        .post(url)
        .basic_auth(&made.client_id, Some(&made.secret));
    let token = token.send().await.unwrap().bytes().await.unwrap();
    let token: serde_json::Value = serde_json::from_slice(&token).unwrap();
    let auth = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let to_paris = serde_json::json!({"orgId": paris["orgId"]}).to_string();
    for (verb, body) in [
        ("move", to_paris.as_str()),
        ("block", ""),
        ("deactivate", ""),
    ] {
        let path = format!("/api/v3/users/{uid}/{verb}");
        assert_eq!(
            bench.send("POST", &path, &auth, body).await.status,
            200,
            "{verb}"
        );
    }
    let name = org42_authority::DEFAULT_ADMIN;
    assert!(bench.login(name, PASSWORD).await.is_err());
    authority.set_admin_password(name, "another horse").unwrap();
    assert!(bench.login(name, "another horse").await.is_ok());
    let now = bench
        .send("GET", &format!("/api/v1/User/{}", me["userId"]), &auth, "")
        .await;
    assert_eq!(
        now.data()["orgId"],
        me["orgId"],
        "back in the top organization"
    );
}

#[tokio::test]
async fn an_ordinary_user_does_not_become_the_administrator_by_the_way() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    bench.create_user(&paris, "ann@example.com").await;
    let authority = bench.running.authority();
    assert!(!authority.admin_has_password("ann@example.com").unwrap());
    let refused = authority.set_admin_password("ann@example.com", "another horse");
    assert!(refused.unwrap_err().to_string().contains("ordinary user"));
    assert!(bench.login("ann@example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn one_time_codes_are_switched_by_the_administrator_only() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let path = format!("/_authority/totp/{}", ann["userUid"].as_str().unwrap());
    let token = bench.login("ann@example.com", PASSWORD).await.unwrap();
    for method in ["POST", "DELETE"] {
        assert_eq!(bench.send(method, &path, "", "").await.status, 401);
        let auth = format!("Bearer {token}");
        assert_eq!(bench.send(method, &path, &auth, "").await.status, 403);
    }
}

#[tokio::test]
async fn tokens_have_three_parts_and_say_what_clients_read() {
    let bench = TestBench::new().await;
    let token = bench
        .login(org42_authority::DEFAULT_ADMIN, PASSWORD)
        .await
        .unwrap();
    let parts: Vec<Value> = (token.split('.').take(2))
        .map(|part| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        })
        .collect();
    assert_eq!(token.split('.').count(), 3);
    let [header, claims] = parts.as_slice() else {
        panic!("{parts:?}")
    };
    assert_eq!(header["typ"], "JWT");
    assert!(header["c42_ver"].is_string() && header["alg"].is_string());
    let customer = bench.get("/api/v3/customer/my").await.data();
    assert_eq!(claims["tenantUid"], customer["tenantUid"]);
    assert_eq!(customer["tenantUid"].as_str().unwrap().len(), 36);
    assert_eq!(claims["exp"], START_SECONDS + 30 * 60);
    // The last letter of a signature may carry spare bits, so an earlier one is changed.
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("Bearer {signed}.{other}{}", &signature[1..]);
    let got = bench.send("GET", "/api/v1/User/my", &forged, "").await;
    assert_eq!(got.refusal(), (401, "SYSTEM".to_owned()));
}

#[tokio::test]
async fn tokens_of_api_clients_last_a_quarter_of_an_hour() {
    let bench = TestBench::new().await;
    let tenant = bench.running.authority().tenant();
    let key = tenant.create_api_client().unwrap();
    let url = format!("{}/api/v3/oauth/token", bench.running.url());
    let request = bench
        .http
        .post(url)
        .basic_auth(&key.client_id, Some(&key.secret));
    let answer = request.send().await.unwrap().text().await.unwrap();
    let token: Value = serde_json::from_str(&answer).unwrap();
    let auth = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let ask = async || bench.send("GET", "/api/v1/Org", &auth, "").await.status;
    bench.clock.advance_millis(14 * MINUTE_MILLIS);
    assert_eq!(ask().await, 200);
    bench.clock.advance_millis(2 * MINUTE_MILLIS);
    assert_eq!(ask().await, 401);
}

#[tokio::test]
async fn sessions_end_when_the_user_is_blocked_deactivated_or_gets_a_new_password() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let verbs = [
        ("PUT UserBlock", "DELETE UserBlock", ""),
        ("PUT UserDeactivation", "DELETE UserDeactivation", ""),
        ("PUT User", "", r#"{"password":"correct horse 2"}"#),
    ];
    for (n, (end, back, body)) in verbs.into_iter().enumerate() {
        let name = format!("user{n}@example.com");
        let user = bench.create_user(&org, &name).await;
        let auth = format!("Bearer {}", bench.login(&name, PASSWORD).await.unwrap());
        let ask = async || bench.send("GET", "/api/v1/User/my", &auth, "").await.status;
        assert_eq!(ask().await, 200);
        for verb in [end, back] {
            let Some((method, resource)) = verb.split_once(' ') else {
                continue;
            };
            let line = format!("{method} /api/v1/{resource}/{}", user["userId"]);
            let done = bench.ask(&line, body).await;
            assert!((200..300).contains(&done.status), "{line}: {}", done.text);
            assert_eq!(ask().await, 401, "after {line}");
        }
        let refused = bench.login(&name, PASSWORD).await.map(|_| ());
        let expected = if back.is_empty() {
            Err((401, "SYSTEM".to_owned()))
        } else {
            Ok(())
        };
        assert_eq!(refused, expected, "after {end}");
    }
}

#[tokio::test]
async fn passwords_of_eight_characters_log_in_at_once_and_shorter_ones_are_refused() {
    let bench = TestBench::new().await;
    let create = async |name: &str, password: &str| {
        let body = json!({"username": name, "password": password}).to_string();
        bench.ask("POST /api/v1/User", &body).await.refusal()
    };
    let short = create("a@example.com", "1234567").await;
    assert_eq!(short, (500, "NEW_PASSWORD_INVALID".to_owned()));
    assert_eq!(create("a@example.com", "12345678").await.0, 200);
    assert!(bench.login("a@example.com", "12345678").await.is_ok());
    let twice = create("A@example.com", "12345678").await;
    assert_eq!(twice, (500, "USER_DUPLICATE".to_owned()));
    let bad = bench
        .ask(
            "POST /api/v1/User",
            r#"{"username":"b","email":"no address"}"#,
        )
        .await;
    assert_eq!(bad.refusal(), (500, "EMAIL_INVALID".to_owned()));
}

#[tokio::test]
async fn a_token_of_two_halves_is_good_on_the_older_routes_until_it_is_given_back() {
    let bench = TestBench::new().await;
    let url = format!("{}/api/AuthToken", bench.running.url());
    let made = bench
        .http
        .post(url)
        .basic_auth(org42_authority::DEFAULT_ADMIN, Some(PASSWORD))
        .send();
    let made = made.await.unwrap().bytes().await.unwrap();
    let made: serde_json::Value = serde_json::from_slice(&made).unwrap();
    let half = |at: usize| made["data"][at].as_str().unwrap();
    let token = format!("{}-{}", half(0), half(1));
    let auth = format!("TOKEN {token}");
    let ask = async |method: &str, path: &str| bench.send(method, path, &auth, "").await;
    assert_eq!(ask("GET", "/api/v1/Org/my").await.status, 200);
    assert_eq!(ask("GET", "/api/v3/orgs").await.status, 401);
    let path = format!("/api/v1/AuthToken/{token}");
    let told = ask("GET", &path).await.data();
    let wanted = serde_json::json!({"valid": true, "username": org42_authority::DEFAULT_ADMIN});
    assert_eq!(told, wanted);
    assert_eq!(ask("DELETE", &path).await.status, 204);
    assert_eq!(ask("GET", "/api/v1/Org/my").await.status, 401);
    assert_eq!(ask("GET", &path).await.data()["valid"], false);
}
