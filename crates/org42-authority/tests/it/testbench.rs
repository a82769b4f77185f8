//! A tenant to be tested through HTTP: bodies are raw texts, so nothing is tested with its own types.

use std::sync::{Arc, Mutex};

use org42_authority::Fidelity;
use org42_authority::domain::Entropy;
use org42_authority::{
    Authority, DEFAULT_ADMIN, Door, Limits, ManualClock, Options, PasswordCost, Running, Sample,
};
use org42_types::Endpoint;
use serde_json::Value;

use crate::schema;

pub(crate) const PASSWORD: &str = "correct horse";

/// A served tenant, and a session of its administrator.
pub(crate) struct TestBench {
    pub(crate) running: Running,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) http: reqwest::Client,
    token: Mutex<String>,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status and name of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (
            self.status,
            self.json()[0]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    }
}

pub(crate) fn options(fidelity: Fidelity, seed: u64) -> (Options, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new("2026-11-23T12:00:00Z".parse().unwrap()));
    let entropy = Arc::new(Entropy::from_seed(seed));
    (
        Options {
            fidelity,
            clock: clock.clone(),
            entropy,
            password_cost: PasswordCost::Cheap,
            ..Options::default()
        },
        clock,
    )
}

/// Every endpoint of an authority with its test bench.
pub(crate) fn served() -> Vec<Endpoint> {
    let (options, _) = options(Fidelity::default(), 7);
    let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
    authority.served()
}

impl TestBench {
    pub(crate) async fn new() -> Self {
        Self::with(Fidelity::default()).await
    }

    pub(crate) async fn with(fidelity: Fidelity) -> Self {
        let (options, clock) = options(fidelity, 7);
        let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
        Self::over(authority, clock).await
    }

    pub(crate) async fn over(authority: Authority, clock: Arc<ManualClock>) -> Self {
        Self::behind(Door::at(([127, 0, 0, 1], 0).into()), authority, clock).await
    }

    /// With other limits on connections.
    pub(crate) async fn limited(limits: Limits, sample: Sample) -> Self {
        let (options, clock) = options(Fidelity::default(), 7);
        let authority = Authority::in_memory(sample, DEFAULT_ADMIN, options).unwrap();
        let door = Door::at(([127, 0, 0, 1], 0).into()).limited(limits);
        Self::behind(door, authority, clock).await
    }

    pub(crate) async fn behind(door: Door, authority: Authority, clock: Arc<ManualClock>) -> Self {
        authority
            .set_admin_password(DEFAULT_ADMIN, PASSWORD)
            .unwrap();
        let running = authority.serve(door.open().await.unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let bench = Self {
            running,
            clock,
            http,
            token: Mutex::default(),
        };
        bench.sign_in(PASSWORD).await;
        bench
    }

    /// What the administrator's requests are authorized by.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token.lock().unwrap())
    }

    /// Goes on with a new session of the administrator.
    pub(crate) async fn sign_in(&self, password: &str) {
        let token = self.login(DEFAULT_ADMIN, password).await.unwrap();
        *self.token.lock().unwrap() = token;
    }

    pub(crate) async fn send(&self, method: &str, path: &str, auth: &str, body: &str) -> Got {
        self.send_with(method, path, auth, body, &[]).await
    }

    /// With more headers.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        auth: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Got {
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .http
            .request(verb, format!("{}{path}", self.running.url()))
            .body(body.to_owned());
        let request = if auth.is_empty() {
            request
        } else {
            request.header("authorization", auth)
        };
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        schema::check(method, path, status, &text);
        Got {
            status,
            headers,
            text,
        }
    }

    /// As the administrator.
    pub(crate) async fn ask(&self, line: &str, body: &str) -> Got {
        let (method, path) = line.split_once(' ').unwrap();
        let auth = format!("Bearer {}", self.token.lock().unwrap());
        self.send(method, path, &auth, body).await
    }

    /// As the administrator, of the authority itself.
    pub(crate) async fn bench(&self, method: &str, what: &str, body: &str) -> Got {
        self.ask(&format!("{method} /_authority/{what}"), body)
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.ask(&format!("GET {path}"), "").await
    }

    /// A token, or the refusal.
    pub(crate) async fn login(&self, name: &str, password: &str) -> Result<String, (u16, String)> {
        let url = format!("{}/api/v3/auth/jwt?useBody=True", self.running.url());
        let response = self
            .http
            .get(url)
            .basic_auth(name, Some(password))
            .send()
            .await
            .unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let got = Got {
            status,
            headers,
            text: response.text().await.unwrap(),
        };
        got.data()["v3_user_token"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| got.refusal())
    }

    /// A token of an API client.
    pub(crate) async fn robot(&self) -> String {
        let made = self.running.authority().tenant().create_api_client();
        let made = made.unwrap();
        let url = format!("{}/v1/oauth", self.running.url());
        let asked = self
            .http
            .post(url)
            .basic_auth(&made.client_id, Some(&made.secret));
        let token: Value =
            serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
        format!("Bearer {}", token["access_token"].as_str().unwrap())
    }

    pub(crate) async fn create_org(&self, parent: Option<&Value>, name: &str) -> Value {
        let guid = parent.map_or(Value::Null, |parent| parent["orgGuid"].clone());
        let body = format!(
            r#"{{"orgName":"{name}","orgExtRef":null,"notes":null,"parentOrgGuid":{guid}}}"#
        );
        let got = self.ask("POST /api/v3/orgs", &body).await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.data()
    }

    pub(crate) async fn create_user(&self, org: &Value, name: &str) -> Value {
        let body = format!(
            r#"{{"orgUid":{},"username":"{name}","email":"{name}","password":"{PASSWORD}"}}"#,
            org["orgUid"]
        );
        let got = self.ask("POST /api/v1/User", &body).await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.data()
    }

    pub(crate) async fn register(&self, org: &Value, name: &str) -> Got {
        let body = format!(
            r#"{{"registrationKey":{},"username":"{name}","password":"{PASSWORD}","deviceName":"d","osName":"mac"}}"#,
            org["registrationKey"]
        );
        self.send("POST", "/_authority/agent/register", "", &body)
            .await
    }

    /// A request of an agent: `backup`, `login` and so on.
    pub(crate) async fn agent(&self, device: &Value, what: &str) -> Got {
        let body = format!(
            r#"{{"guid":{},"secret":{},"bytes":1000}}"#,
            device["guid"], device["secret"]
        );
        self.send("POST", &format!("/_authority/agent/{what}"), "", &body)
            .await
    }

    pub(crate) async fn verb(&self, org: &Value, verb: &str) -> Got {
        self.ask(
            &format!(
                "POST /api/v3/orgs/{}/{verb}",
                org["orgGuid"].as_str().unwrap()
            ),
            "",
        )
        .await
    }

    pub(crate) async fn org(&self, org: &Value) -> Value {
        self.get(&format!("/api/v1/Org/{}?incCounts=true", org["orgId"]))
            .await
            .data()
    }

    pub(crate) async fn user(&self, user: &Value) -> Value {
        self.get(&format!("/api/v1/User/{}", user["userId"]))
            .await
            .data()
    }

    pub(crate) async fn device(&self, device: &Value) -> Value {
        self.get(&format!("/api/v1/Computer/{}", device["computerId"]))
            .await
            .data()
    }

    /// The rows of an organization's cold storage and of those below it.
    pub(crate) async fn cold(&self, org: &Value) -> Vec<Value> {
        let path = format!(
            "/api/v1/ColdStorage?orgId={}&incChildOrgs=True&pgNum=1&pgSize=1000",
            org["orgId"]
        );
        self.get(&path).await.data()["coldStorageRows"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }
}

/// A parent with a child, a user in each, and a device of each that has backed up.
pub(crate) struct Family {
    pub(crate) parent: Value,
    pub(crate) child: Value,
    pub(crate) users: [Value; 2],
    pub(crate) devices: [Value; 2],
}

impl TestBench {
    pub(crate) async fn family(&self) -> Family {
        let parent = self.create_org(None, "Parent").await;
        let child = self.create_org(Some(&parent), "Child").await;
        let users = [
            self.create_user(&parent, "ann@example.com").await,
            self.create_user(&child, "bob@example.com").await,
        ];
        let devices = [
            self.register(&parent, "ann@example.com").await.json(),
            self.register(&child, "bob@example.com").await.json(),
        ];
        for device in &devices {
            assert_eq!(self.agent(device, "backup").await.status, 200);
        }
        Family {
            parent,
            child,
            users,
            devices,
        }
    }
}
