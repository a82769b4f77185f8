//! Who has power over a tenant that was brought back: nobody has more of it than before.

use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, Sample};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::testbench::{PASSWORD, TestBench, options};

const ADMINISTRATOR: &str = "customer-cloud-admin";
const NEW: &str = "another horse";

/// A tenant with a snapshot called `then`.
struct Then {
    bench: TestBench,
    top: Value,
}

impl Then {
    async fn new() -> Self {
        let bench = TestBench::new().await;
        let top = bench.get("/api/v1/Org/my").await.data();
        Self { bench, top }
    }

    async fn user(&self, name: &str, roles: &[&str]) -> Value {
        let user = self.bench.create_user(&self.top, name).await;
        self.give(&user, roles).await;
        user
    }

    async fn give(&self, user: &Value, roles: &[&str]) {
        let uid = user["userUid"].as_str().unwrap();
        let body = json!({ "roleIds": roles }).to_string();
        let line = format!("PUT /api/v3/users/{uid}/roles");
        let got = self.bench.ask(&line, &body).await;
        assert_eq!(got.status, 200, "{}", got.text);
    }

    async fn verb(&self, user: &Value, verb: &str) {
        let uid = user["userUid"].as_str().unwrap();
        let line = format!("POST /api/v3/users/{uid}/{verb}");
        let got = self.bench.ask(&line, "{}").await;
        assert_eq!(got.status, 200, "{}", got.text);
    }

    async fn save(&self) {
        let saved = self
            .bench
            .ask("POST /_authority/snapshots", r#"{"name":"then"}"#);
        assert_eq!(saved.await.status, 204);
    }

    async fn preview(&self) -> Value {
        let got = self.bench.get("/_authority/snapshots/then").await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.json()
    }

    async fn restore(&self) {
        let restored = self
            .bench
            .ask("POST /_authority/snapshots/then/restore", "");
        assert_eq!(restored.await.status, 204);
        self.bench.sign_in(PASSWORD).await;
    }

    /// What a person gets from the bench with name and password.
    async fn power(&self, name: &str, password: &str) -> u16 {
        let got = self
            .bench
            .http
            .get(format!("{}/_authority/requests", self.bench.running.url()));
        let got = got.basic_auth(name, Some(password)).send().await.unwrap();
        got.status().as_u16()
    }

    async fn roles(&self, name: &str) -> Vec<Value> {
        let found = self
            .bench
            .get(&format!("/api/v1/User?username={name}&incRoles=true"))
            .await;
        let users = found.data()["users"].as_array().unwrap().clone();
        assert_eq!(users.len(), 1, "{name}");
        users[0]["roles"].as_array().cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn who_was_demoted_blocked_or_deactivated_does_not_come_back_to_power() {
    let then = Then::new().await;
    let demoted = then.user("demoted@example.com", &[ADMINISTRATOR]).await;
    let blocked = then.user("blocked@example.com", &[ADMINISTRATOR]).await;
    let inactive = then.user("inactive@example.com", &[ADMINISTRATOR]).await;
    let both = then.user("both@example.com", &[ADMINISTRATOR]).await;
    let kept = then.user("kept@example.com", &[ADMINISTRATOR]).await;
    then.save().await;
    then.give(&demoted, &["desktop-user"]).await;
    then.verb(&blocked, "block").await;
    then.verb(&inactive, "deactivate").await;
    then.give(&both, &["desktop-user"]).await;
    then.verb(&both, "block").await;
    let put = format!("PUT /api/v1/User/{}", kept["userId"]);
    then.bench
        .ask(&put, &json!({"password": NEW}).to_string())
        .await;
    let preview = then.preview().await;
    let back = &preview["comesBack"];
    assert_eq!(
        back["administrators"],
        json!([DEFAULT_ADMIN, "kept@example.com"])
    );
    assert_eq!(
        back["lockedOut"],
        json!(["blocked@example.com", "inactive@example.com"])
    );
    let without: Vec<_> = back["withoutRoles"].as_array().unwrap().iter().collect();
    assert_eq!(without.len(), 2, "{preview}");
    assert_eq!(
        without[0],
        &json!({"username": "demoted@example.com", "roles": ["Customer Cloud Admin"]})
    );
    then.restore().await;
    assert_eq!(then.power("demoted@example.com", PASSWORD).await, 403);
    for name in ["blocked@example.com", "inactive@example.com"] {
        assert_eq!(then.power(name, PASSWORD).await, 401, "{name}");
    }
    assert_eq!(
        then.power("both@example.com", PASSWORD).await,
        403,
        "an ordinary user of then"
    );
    assert_eq!(then.power("kept@example.com", PASSWORD).await, 401);
    assert_eq!(then.power("kept@example.com", NEW).await, 200);
    assert_eq!(then.power(DEFAULT_ADMIN, PASSWORD).await, 200);
    // Unblocked again, they have what was not taken from them.
    then.verb(&blocked, "unblock").await;
    assert_eq!(then.power("blocked@example.com", PASSWORD).await, 200);
}

#[tokio::test]
async fn who_was_removed_comes_back_without_power_over_the_tenant() {
    let then = Then::new().await;
    then.user("gone@example.com", &[ADMINISTRATOR]).await;
    then.user("all@example.com", &["all-org-admin", "org-manager"])
        .await;
    then.user("own@example.com", &["org-admin"]).await;
    then.save().await;
    let gone = then
        .bench
        .get("/api/v1/User?username=gone@example.com")
        .await
        .data();
    then.give(&gone["users"][0], &["desktop-user"]).await;
    assert_eq!(
        then.bench.ask("POST /_authority/reset", "{}").await.status,
        204
    );
    then.restore().await;
    assert_eq!(then.power("gone@example.com", PASSWORD).await, 403);
    assert_eq!(
        then.roles("gone@example.com").await,
        [json!("Desktop User")]
    );
    assert_eq!(then.roles("all@example.com").await, [json!("Org Manager")]);
    assert_eq!(
        then.roles("own@example.com").await,
        [json!("Org Admin")],
        "of what came back with them"
    );
}

#[tokio::test]
async fn lesser_roles_reach_no_further_than_now_and_are_used_with_the_password_of_now() {
    let then = Then::new().await;
    let paris = then.bench.create_org(None, "Paris").await;
    let wide = then.user("wide@example.com", &["org-admin"]).await;
    let changed = then.user("changed@example.com", &["org-manager"]).await;
    let demoted = then.user("demoted@example.com", &["all-org-admin"]).await;
    let locked = then.user("locked@example.com", &["all-org-manager"]).await;
    then.save().await;
    let moved = json!({"orgId": paris["orgId"]}).to_string();
    let line = format!(
        "POST /api/v3/users/{}/move",
        wide["userUid"].as_str().unwrap()
    );
    assert_eq!(then.bench.ask(&line, &moved).await.status, 200);
    let put = format!("PUT /api/v1/User/{}", changed["userId"]);
    then.bench
        .ask(&put, &json!({"password": NEW}).to_string())
        .await;
    then.give(&demoted, &["org-admin"]).await;
    then.verb(&locked, "block").await;
    assert_eq!(
        then.preview().await["comesBack"]["lockedOut"],
        json!(["locked@example.com"])
    );
    then.restore().await;
    assert_eq!(
        then.roles("wide@example.com").await,
        [json!("Desktop User")]
    );
    assert_eq!(
        then.roles("demoted@example.com").await,
        [json!("Desktop User")]
    );
    assert_eq!(
        then.roles("changed@example.com").await,
        [json!("Org Manager")]
    );
    assert!(
        then.bench
            .login("changed@example.com", PASSWORD)
            .await
            .is_err()
    );
    assert!(then.bench.login("changed@example.com", NEW).await.is_ok());
    assert!(
        then.bench
            .login("locked@example.com", PASSWORD)
            .await
            .is_err()
    );
}

/// The snapshot's `Olga` is another person than the administrator who has taken that name since.
#[tokio::test]
async fn an_administrator_who_changed_names_takes_nobody_along() {
    let then = Then::new().await;
    let olga = then.user("olga@example.com", &["desktop-user"]).await;
    let ben = then.user("ben@example.com", &[ADMINISTRATOR]).await;
    then.save().await;
    let rename = async |user: &Value, name: &str| {
        let line = format!("PUT /api/v1/User/{}", user["userId"]);
        let body = json!({"username": name, "email": name, "password": NEW}).to_string();
        let got = then.bench.ask(&line, &body).await;
        assert_eq!(got.status, 200, "{}", got.text);
    };
    rename(&olga, "former@example.com").await;
    rename(&ben, "olga@example.com").await;
    then.restore().await;
    assert_eq!(then.power("olga@example.com", PASSWORD).await, 401);
    assert_eq!(then.power("olga@example.com", NEW).await, 200);
    assert_eq!(
        then.power("ben@example.com", PASSWORD).await,
        403,
        "his old name has lost its power"
    );
}

#[tokio::test]
async fn every_session_ends_in_every_form_and_in_every_process() {
    let folder = TempDir::new().unwrap();
    let open = |seed| {
        let (options, clock) = options(Fidelity::default(), seed);
        let authority = Authority::open(folder.path(), Sample::None, DEFAULT_ADMIN, options);
        TestBench::over(authority.unwrap(), clock)
    };
    let (one, other) = (open(7).await, open(8).await);
    one.sign_in(PASSWORD).await;
    let top = one.get("/api/v1/Org/my").await.data();
    one.create_user(&top, "ann@example.com").await;
    let saved = one.ask("POST /_authority/snapshots", r#"{"name":"then"}"#);
    assert_eq!(saved.await.status, 204);
    let ann = format!(
        "Bearer {}",
        one.login("ann@example.com", PASSWORD).await.unwrap()
    );
    let robot = one.robot().await;
    let made = one
        .http
        .post(format!("{}/api/v1/AuthToken", one.running.url()));
    let made = made
        .basic_auth("ann@example.com", Some(PASSWORD))
        .send()
        .await
        .unwrap();
    let made: Value = serde_json::from_str(&made.text().await.unwrap()).unwrap();
    let halves = made["data"].as_array().unwrap();
    let pair = format!(
        "TOKEN {}-{}",
        halves[0].as_str().unwrap(),
        halves[1].as_str().unwrap()
    );
    let good = async |bench: &TestBench| {
        let mut seen = Vec::new();
        for (path, auth) in [
            ("/api/v1/User/my", &ann),
            ("/api/v1/Org", &robot),
            ("/api/v1/User/my", &pair),
        ] {
            seen.push(bench.send("GET", path, auth, "").await.status);
        }
        seen
    };
    for bench in [&one, &other] {
        assert_eq!(good(bench).await, [200, 200, 200]);
    }
    // The other process brings it back.
    assert_eq!(
        other
            .ask("POST /_authority/snapshots/then/restore", "")
            .await
            .status,
        204
    );
    for bench in [&one, &other] {
        assert_eq!(good(bench).await, [401, 401, 401]);
        assert_eq!(bench.get("/api/v1/Org").await.status, 401);
        bench.sign_in(PASSWORD).await;
        assert_eq!(bench.get("/api/v1/Org").await.status, 200);
    }
}

/// The people of a sample have the same uids each time.
#[tokio::test]
async fn a_new_start_ends_the_sessions_of_who_does_not_administer() {
    let (options, clock) = options(Fidelity::default(), 7);
    let authority = Authority::in_memory(Sample::Small, DEFAULT_ADMIN, options).unwrap();
    let bench = TestBench::over(authority, clock).await;
    let listed = bench
        .get("/api/v1/User?pgSize=100&active=true")
        .await
        .data();
    let users = listed["users"].as_array().unwrap();
    let other = users
        .iter()
        .find(|user| user["username"] != DEFAULT_ADMIN && user["blocked"] == false);
    let other = other.unwrap().clone();
    let put = format!("PUT /api/v1/User/{}", other["userId"]);
    bench
        .ask(&put, &json!({"password": PASSWORD}).to_string())
        .await;
    let name = other["username"].as_str().unwrap();
    let auth = format!("Bearer {}", bench.login(name, PASSWORD).await.unwrap());
    for _ in 0..2 {
        assert_eq!(
            bench
                .ask("POST /_authority/reset", r#"{"sample":"small"}"#)
                .await
                .status,
            204
        );
        let again = bench
            .get(&format!("/api/v1/User?username={name}"))
            .await
            .data();
        assert_eq!(again["users"][0]["userUid"], other["userUid"]);
        let me = bench.send("GET", "/api/v1/User/my", &auth, "").await;
        assert_eq!(me.status, 401, "{}", me.text);
    }
}

#[tokio::test]
async fn a_new_start_lets_nobody_in_who_is_locked_out() {
    let then = Then::new().await;
    let blocked = then.user("blocked@example.com", &[ADMINISTRATOR]).await;
    then.verb(&blocked, "block").await;
    assert_eq!(
        then.bench.ask("POST /_authority/reset", "{}").await.status,
        204
    );
    assert_eq!(then.power("blocked@example.com", PASSWORD).await, 401);
    assert_eq!(then.power(DEFAULT_ADMIN, PASSWORD).await, 200);
}
