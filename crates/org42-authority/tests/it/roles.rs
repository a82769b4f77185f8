//! Users with roles: what they see and may change, and where.

use serde_json::{Value, json};

use crate::testbench::{Family, Got, PASSWORD, TestBench};

/// A tenant with a family of organizations, another organization beside it, and a person with a role in the parent.
struct Office {
    bench: TestBench,
    family: Family,
    beside: Value,
    user: Value,
    auth: String,
}

impl Office {
    async fn of(role: &str) -> Self {
        let bench = TestBench::new().await;
        let family = bench.family().await;
        let beside = bench.create_org(None, "Beside").await;
        let eve = bench.create_user(&beside, "eve@example.com").await;
        bench.register(&beside, "eve@example.com").await;
        let user = bench.create_user(&family.parent, "max@example.com").await;
        let given = bench.set_roles(&user, &[role]).await;
        assert_eq!(given.status, 200, "{}", given.text);
        let token = bench.login("max@example.com", PASSWORD).await.unwrap();
        assert_eq!(eve["orgId"], beside["orgId"]);
        Self {
            auth: format!("Bearer {token}"),
            bench,
            family,
            beside,
            user,
        }
    }

    async fn ask(&self, line: &str, body: &str) -> Got {
        let (method, path) = line.split_once(' ').unwrap();
        self.bench.send(method, path, &self.auth, body).await
    }

    /// The status of each of several requests; `{P}`, `{C}` and `{B}` are the guids of parent, child and the one beside.
    async fn statuses(&self, lines: &[(&str, &str)]) -> Vec<u16> {
        let mut statuses = Vec::new();
        for (line, body) in lines {
            let guids = [
                ("{P}", &self.family.parent),
                ("{C}", &self.family.child),
                ("{B}", &self.beside),
            ];
            let named = |text: &str| {
                guids.iter().fold(text.to_owned(), |text, (mark, org)| {
                    text.replace(mark, org["orgGuid"].as_str().unwrap())
                })
            };
            statuses.push(self.ask(&named(line), &named(body)).await.status);
        }
        statuses
    }

    async fn names(&self, path: &str, list: &str, name: &str) -> Vec<Value> {
        let got = self.ask(&format!("GET {path}"), "").await;
        assert_eq!(got.status, 200, "{}", got.text);
        let data = match got.data() {
            Value::Null => got.json(),
            data => data,
        };
        let rows = data[list].as_array().unwrap();
        rows.iter().map(|row| row[name].clone()).collect()
    }
}

impl TestBench {
    async fn set_roles(&self, user: &Value, ids: &[&str]) -> Got {
        let line = format!(
            "PUT /api/v3/users/{}/roles",
            user["userUid"].as_str().unwrap()
        );
        self.ask(&line, &json!({"roleIds": ids}).to_string()).await
    }
}

const CHANGES: &[(&str, &str)] = &[
    (
        "POST /api/v3/orgs",
        r#"{"orgName":"New one","parentOrgGuid":"{C}"}"#,
    ),
    (
        "POST /api/v3/orgs",
        r#"{"orgName":"New one","parentOrgGuid":"{B}"}"#,
    ),
    ("POST /api/v3/orgs", r#"{"orgName":"Without parent"}"#),
    ("PUT /api/v3/orgs/{C}", r#"{"notes":"n"}"#),
    ("PUT /api/v3/orgs/{B}", r#"{"notes":"n"}"#),
    ("POST /api/v3/orgs/{C}/block", ""),
    ("POST /api/v3/orgs/{C}/unblock", ""),
    ("POST /api/v3/orgs/{B}/block", ""),
    ("POST /v1/orgs/{C}/deactivate", ""),
    ("POST /v1/orgs/{C}/activate", ""),
    ("POST /v1/orgs/{B}/deactivate", ""),
];

#[tokio::test]
async fn an_org_manager_sees_the_own_tree_and_changes_nothing() {
    let office = Office::of("org-manager").await;
    let tree = [json!("Parent"), json!("Child")];
    for path in ["/api/v1/Org", "/api/v3/orgs", "/v1/orgs"] {
        assert_eq!(office.names(path, "orgs", "orgName").await, tree, "{path}");
    }
    let people = office.names("/api/v1/User", "users", "username").await;
    assert_eq!(
        people,
        ["ann@example.com", "bob@example.com", "max@example.com"].map(Value::from)
    );
    let guids = office.names("/api/v1/Computer", "computers", "guid").await;
    let own = office.family.devices.each_ref().map(|d| d["guid"].clone());
    assert_eq!(guids, own);
    let archives = office.names("/api/v1/Archive", "archives", "userId").await;
    assert_eq!(archives.len(), 2);
    let seen = [
        ("GET /api/v3/orgs/{C}", ""),
        ("GET /api/v3/orgs/{B}", ""),
        ("GET /api/v1/User?orgGuid={C}", ""),
        ("GET /api/v1/User?orgGuid={B}", ""),
        (
            "GET /api/v38/agent-state/view-by-organization-id?orgGuid={B}&propertyName=x",
            "",
        ),
        ("GET /_authority/requests", ""),
    ];
    assert_eq!(office.statuses(&seen).await, [200, 403, 200, 403, 403, 403]);
    assert_eq!(office.statuses(CHANGES).await, [403; 11]);
}

#[tokio::test]
async fn an_org_admin_changes_the_own_tree_and_not_what_is_restricted() {
    let office = Office::of("org-admin").await;
    assert_eq!(
        office.statuses(CHANGES).await,
        [200, 403, 403, 200, 403, 200, 200, 403, 200, 200, 403]
    );
    let child = &office.family.child;
    let settings = format!("PUT /api/v1/Org/{}", child["orgId"]);
    let quota = r#"{"settings":{"archiveHoldDays":3,"isUsingQuotaDefaults":false}}"#;
    assert_eq!(office.ask(&settings, quota).await.status, 403);
    assert_eq!(office.ask(&settings, r#"{"notes":"m"}"#).await.status, 200);
    let by_key = format!("PUT /api/v1/OrgSetting/{}", child["orgId"]);
    assert_eq!(office.ask(&by_key, r#"{"packets":[]}"#).await.status, 403);
    let [ann, bob] = &office.family.users;
    let verb = |user: &Value, verb: &str| {
        format!(
            "POST /api/v3/users/{}/{verb}",
            user["userUid"].as_str().unwrap()
        )
    };
    assert_eq!(office.ask(&verb(bob, "block"), "").await.status, 200);
    let away = json!({"orgId": office.beside["orgId"]}).to_string();
    assert_eq!(office.ask(&verb(ann, "move"), &away).await.status, 403);
    let within = json!({"orgId": child["orgId"]}).to_string();
    assert_eq!(office.ask(&verb(ann, "move"), &within).await.status, 200);
    let top = office.bench.get("/api/v1/User/my").await.data();
    assert_eq!(office.ask(&verb(&top, "block"), "").await.status, 403);
    let device = &office.family.devices[1];
    // Nobody takes over somebody in the own tree who may do more.
    for role in ["customer-cloud-admin", "all-org-admin", "all-org-manager"] {
        office.bench.set_roles(bob, &[role]).await;
        let put = format!("PUT /api/v1/User/{}", bob["userId"]);
        let taken = office.ask(&put, r#"{"password":"mine mine mine"}"#).await;
        assert_eq!(taken.status, 403, "{role}");
        assert_eq!(
            office.ask(&verb(bob, "unblock"), "").await.status,
            403,
            "{role}"
        );
    }
    let block = format!("PUT /api/v1/ComputerBlock/{}", device["computerId"]);
    office.bench.set_roles(bob, &["all-org-manager"]).await;
    assert_eq!(office.ask(&block, "").await.status, 403);
    office.bench.set_roles(bob, &["org-manager"]).await;
    assert_eq!(office.ask(&verb(bob, "unblock"), "").await.status, 200);
    let own = format!(
        "POST /api/v3/orgs/{}/block",
        office.family.parent["orgGuid"].as_str().unwrap()
    );
    let out = office.ask(&own, "").await.refusal();
    assert_eq!(out, (403, "OWN_TENANT".to_owned()));
}

#[tokio::test]
async fn devices_archives_and_people_outside_are_out_of_reach() {
    for (role, within) in [
        ("org-admin", true),
        ("org-manager", false),
        ("desktop-user", false),
    ] {
        let office = Office::of(role).await;
        let bench = &office.bench;
        let eve = bench
            .get("/api/v1/User?username=eve@example.com")
            .await
            .data();
        let eve = &eve["users"][0];
        let theirs = bench
            .get(&format!(
                "/api/v1/Computer?userUid={}",
                eve["userUid"].as_str().unwrap()
            ))
            .await;
        let theirs = &theirs.data()["computers"][0];
        let own = &office.family.devices[1];
        for (device, is_within) in [(theirs, false), (own, within)] {
            let (id, guid) = (&device["computerId"], device["guid"].as_str().unwrap());
            let by_id = json!({"id": id}).to_string();
            let changes = [
                (format!("PUT /api/v1/ComputerBlock/{id}"), ""),
                (format!("DELETE /api/v1/ComputerBlock/{id}"), ""),
                (
                    "POST /api/v4/computer-deactivation/update".to_owned(),
                    by_id.as_str(),
                ),
                (
                    "POST /api/v38/computer-deactivation/remove".to_owned(),
                    by_id.as_str(),
                ),
            ];
            for (line, body) in changes {
                let wanted = if is_within { 204 } else { 403 };
                assert_eq!(
                    office.ask(&line, body).await.status,
                    wanted,
                    "{role}: {line}"
                );
            }
            let sees = is_within || (role == "org-manager" && device == own);
            let look = format!("GET /api/v1/Computer/{guid}?idType=guid");
            let wanted = if sees { 200 } else { 403 };
            assert_eq!(office.ask(&look, "").await.status, wanted, "{role}: {look}");
            let state = format!(
                "GET /api/v14/agent-state/view-by-device-guid?deviceGuid={guid}&propertyName=x"
            );
            let wanted = if sees { 404 } else { 403 };
            assert_eq!(
                office.ask(&state, "").await.status,
                wanted,
                "{role}: {state}"
            );
        }
        let uid = eve["userUid"].as_str().unwrap();
        for (line, body) in [
            (format!("GET /api/v1/User/{}", eve["userId"]), ""),
            (format!("GET /api/v3/users/{uid}/roles"), ""),
            (
                format!("PUT /api/v1/User/{}", eve["userId"]),
                r#"{"firstName":"x"}"#,
            ),
            (format!("PUT /api/v1/UserBlock/{}", eve["userId"]), ""),
            (format!("POST /api/v3/users/{uid}/deactivate"), ""),
            (
                format!("GET /api/v1/ColdStorage?orgId={}", office.beside["orgId"]),
                "",
            ),
            (
                format!("GET /api/v1/Archive?orgId={}", office.beside["orgId"]),
                "",
            ),
            (
                format!("GET /api/v1/OrgSetting/{}", office.beside["orgId"]),
                "",
            ),
            (format!("POST /_authority/totp/{uid}"), ""),
        ] {
            assert_eq!(office.ask(&line, body).await.status, 403, "{role}: {line}");
        }
        let new =
            json!({"orgUid": office.beside["orgUid"], "username": "new@example.com"}).to_string();
        assert_eq!(office.ask("POST /api/v1/User", &new).await.status, 403);
        let key = office.ask("GET /api/v3/customer/my", "").await.data()["registrationKey"].clone();
        assert_eq!(key, "xxxxxxxxxxxxxxxx", "{role}");
    }
}

/// What is true is what is true when it is done, not at the sign-in.
#[tokio::test]
async fn a_role_that_is_taken_is_gone_at_once() {
    let office = Office::of("org-admin").await;
    let line = format!(
        "POST /api/v3/orgs/{}/block",
        office.family.child["orgGuid"].as_str().unwrap()
    );
    assert_eq!(office.ask(&line, "").await.status, 200);
    office
        .bench
        .set_roles(&office.user, &["desktop-user"])
        .await;
    assert_eq!(
        office
            .ask(&line.replace("block", "unblock"), "")
            .await
            .status,
        403
    );
    office.bench.set_roles(&office.user, &["org-admin"]).await;
    let elsewhere = json!({"orgId": office.beside["orgId"]}).to_string();
    let moving = format!(
        "POST /api/v3/users/{}/move",
        office.user["userUid"].as_str().unwrap()
    );
    assert_eq!(office.bench.ask(&moving, &elsewhere).await.status, 200);
    assert_eq!(
        office
            .ask(&line.replace("block", "unblock"), "")
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn roles_of_the_whole_tenant_reach_everywhere() {
    let office = Office::of("all-org-manager").await;
    let all = office.names("/api/v1/Org", "orgs", "orgName").await;
    assert_eq!(all.len(), 4);
    assert_eq!(office.statuses(CHANGES).await, [403; 11]);
    let given = office.bench.set_roles(&office.user, &["all-org-admin"]);
    assert_eq!(given.await.status, 200);
    assert_eq!(office.statuses(CHANGES).await, [200; 11]);
    let bench = office.ask("DELETE /_authority/requests", "").await;
    assert_eq!(bench.status, 403, "the bench is the administrator's");
    let token = office
        .bench
        .login(org42_authority::DEFAULT_ADMIN, PASSWORD)
        .await;
    let me = office.bench.get("/api/v1/User/my").await.data();
    let password = format!("PUT /api/v1/User/{}", me["userId"]);
    let taken_over = office
        .ask(&password, r#"{"password":"mine mine mine"}"#)
        .await;
    assert_eq!((token.is_ok(), taken_over.status), (true, 403));
}

#[tokio::test]
async fn whoever_has_no_role_sees_themselves_and_their_organization() {
    let office = Office::of("desktop-user").await;
    let lines = [
        ("GET /api/v1/Org/my", ""),
        ("GET /api/v3/orgs/{P}", ""),
        ("GET /api/v1/User/my", ""),
        ("GET /api/v3/orgs/{C}", ""),
        ("GET /api/v1/Org", ""),
        ("GET /api/v1/User", ""),
        ("GET /v1/orgs", ""),
        (
            "GET /api/v14/agent-state/view-by-organization-id?orgGuid={P}&propertyName=x",
            "",
        ),
        ("GET /api/v1/User?orgGuid={P}", ""),
    ];
    assert_eq!(
        office.statuses(&lines).await,
        [200, 200, 200, 403, 403, 403, 403, 403, 403]
    );
    assert_eq!(office.statuses(CHANGES).await, [403; 11]);
}

#[tokio::test]
async fn what_is_outside_may_be_as_if_it_were_not() {
    let office = Office::of("org-admin").await;
    let lines = [
        ("GET /api/v3/orgs/{B}", ""),
        ("POST /api/v3/orgs/{B}/block", ""),
        ("GET /api/v1/User?orgGuid={B}", ""),
        ("GET /api/v1/Org/my", ""),
    ];
    assert_eq!(office.statuses(&lines).await, [403, 403, 403, 200]);
    let switch = r#"{"foreign_status":404}"#;
    let switched = office.bench.ask("PUT /_authority/fidelity", switch).await;
    assert_eq!(switched.status, 200);
    assert_eq!(office.statuses(&lines).await, [404, 404, 400, 200]);
    office.bench.set_roles(&office.user, &[]).await;
    assert_eq!(office.statuses(&lines).await, [404, 403, 403, 200]);
    let [ann, _] = &office.family.users;
    for id in [ann["userId"].clone(), json!(999_999)] {
        let line = format!("GET /api/v1/User/{id}");
        let told = office.ask(&line, "").await.refusal();
        assert_eq!(
            told,
            (404, "USER_NOT_FOUND".to_owned()),
            "whether or not there is one"
        );
    }
}

#[tokio::test]
async fn roles_are_listed_given_and_taken() {
    let office = Office::of("org-admin").await;
    let (bench, user) = (&office.bench, &office.user);
    let all = bench.get("/api/v1/role").await.data();
    let has = |id: &str| (all.as_array().unwrap().iter()).any(|role| role["roleId"] == id);
    assert!(has("customer-cloud-admin") && has("desktop-user"));
    let path = format!("/api/v3/users/{}/roles", user["userUid"].as_str().unwrap());
    assert_eq!(bench.get(&path).await.data()[0]["roleName"], "Org Admin");
    let change = bench.set_roles(user, &["org-manager", "nonsense"]).await;
    assert_eq!(
        change.data(),
        json!({
            "processedReplacementRoleIds": ["org-manager"],
            "newlyAssignedRoleIds": ["org-manager"],
            "unassignedRoleIds": ["org-admin"],
            "ignoredRoleIds": ["nonsense"],
        })
    );
    let with = format!("/api/v1/User/{}?incRoles=True", user["userId"]);
    assert_eq!(
        bench.get(&with).await.data()["roles"],
        json!(["Org Manager"])
    );
    let holders = bench.get("/api/v1/User?roleId=org-manager").await.data();
    assert_eq!(
        (&holders["totalCount"], &holders["users"][0]["userId"]),
        (&json!(1), &user["userId"])
    );
    let own = office
        .ask(
            &format!("PUT {path}"),
            r#"{"roleIds":["customer-cloud-admin"]}"#,
        )
        .await;
    assert_eq!(own.status, 403, "nobody promotes themselves");
    let me = bench.get("/api/v1/User/my").await.data();
    let out = bench.set_roles(&me, &["org-admin"]).await.refusal();
    assert_eq!(out, (403, "OWN_TENANT".to_owned()));
    assert_eq!(bench.set_roles(user, &[]).await.status, 200);
    assert_eq!(bench.get(&path).await.data(), json!([]));
}
