//! An organization with settings on a real socket: reads return its state, writes replace it.

use std::sync::{Arc, Mutex};

use org42::OrgSettings;
use serde_json::{Map, Value, json};

use org42_test::{Reply, Seen, Server};

pub(crate) const RECORDED: &str = include_str!("../fixtures/org_settings_inherited.json");

pub(crate) const ID: u32 = 4200;
pub(crate) const READ: &str = "GET /api/v1/Org/4200";
pub(crate) const WRITE: &str = "PUT /api/v1/Org/4200";
pub(crate) const READ_BY_KEY: &str = "GET /api/v1/OrgSetting/4200";
pub(crate) const WRITE_BY_KEY: &str = "PUT /api/v1/OrgSetting/4200";

/// Returns the recorded document of the organization.
pub(crate) fn recorded() -> Value {
    serde_json::from_str::<Value>(RECORDED).unwrap()["data"].take()
}

/// Returns a t-setting as the API sends it.
pub(crate) fn t(value: &str, locked: bool, id: u32) -> Value {
    json!({"scope": "ORG", "value": value, "locked": locked, "id": id})
}

/// Returns the t-settings of an organization that has never set any: everything off, from the top.
pub(crate) fn t_settings() -> Map<String, Value> {
    let flags = [
        "org-securityTools-enable",
        "device_advancedExfiltrationDetection_enabled",
        "org-securityTools-device-detection-enable",
        "org-securityTools-cloud-detection-enable",
        "org-securityTools-open-file-detection-enable",
        "org_securityTools_printer_detection_enable",
        "device_fileForensics_enabled",
        "device_webRestore_enabled",
    ];
    let flags = flags.map(|key| (key.to_owned(), t("false", false, 1)));
    let others = [
        ("device_upgrade_delay".to_owned(), t("60", false, ID)),
        (
            "device_org_winAppActivity_binaryWhitelist".to_owned(),
            t("a.exe,b.exe", false, 1),
        ),
        (
            "device_network_utilization_schedule_enabled".to_owned(),
            t("false", true, 1),
        ),
        ("someday.key".to_owned(), t("x", true, ID)),
    ];
    flags.into_iter().chain(others).collect()
}

/// The hook of a test before a request is answered: returns an answer of its own, or `None` to go on.
type Meddle = dyn Fn(&Seen, usize, &mut State) -> Option<Reply> + Send + Sync;

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) org: Value,
    pub(crate) by_key: Map<String, Value>,
}

#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) server: Server,
    state: Arc<Mutex<State>>,
}

impl Tenant {
    pub(crate) async fn start() -> Self {
        Self::with(|_, _, _| None).await
    }

    pub(crate) async fn with(
        meddle: impl Fn(&Seen, usize, &mut State) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(Mutex::new(State {
            org: recorded(),
            by_key: t_settings(),
        }));
        let (shared, meddle) = (Arc::clone(&state), Box::new(meddle) as Box<Meddle>);
        let server = Server::start(move |seen, before| {
            let mut state = shared.lock().unwrap();
            meddle(seen, before, &mut state).unwrap_or_else(|| state.answer(seen))
        })
        .await;
        Self { server, state }
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    pub(crate) async fn read(&self) -> OrgSettings {
        self.server.client().orgs().get_settings(ID).await.unwrap()
    }

    /// Returns the requests without logins, as lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let requests = self.server.requests();
        requests.iter().map(Seen::line).collect()
    }

    /// Returns the bodies of the requests of a method and path.
    pub(crate) fn bodies(&self, line: &str) -> Vec<Value> {
        let requests = self.server.requests();
        let those = requests.iter().filter(|seen| seen.line() == line);
        those
            .map(|seen| serde_json::from_str(&seen.body).unwrap())
            .collect()
    }
}

impl State {
    pub(crate) fn answer(&mut self, seen: &Seen) -> Reply {
        let envelope = |data: Value| Reply::json(json!({"metadata": {}, "data": data}).to_string());
        match seen.line().as_str() {
            READ => envelope(self.org.clone()),
            READ_BY_KEY => envelope(self.by_key.clone().into()),
            WRITE => {
                self.org = serde_json::from_str(&seen.body).unwrap();
                self.inherit();
                envelope(self.org.clone())
            }
            WRITE_BY_KEY => {
                let body: Value = serde_json::from_str(&seen.body).unwrap();
                for packet in body["packets"].as_array().unwrap() {
                    let text = |name: &str| packet[name].as_str().unwrap();
                    let locked = packet["locked"].as_bool().unwrap();
                    self.by_key
                        .insert(text("key").to_owned(), t(text("value"), locked, ID));
                }
                Reply::status(204, "")
            }
            _ => Reply::status(404, r#"[{"name":"ORG_NOT_FOUND","description":"no"}]"#),
        }
    }

    /// Sets what is inherited to the parent's values, whatever was written.
    fn inherit(&mut self) {
        let groups: [(&str, &[&str]); 2] = [
            (
                "isUsingQuotaDefaults",
                &[
                    "archiveHoldDays",
                    "maxSeats",
                    "maxBytes",
                    "defaultUserMaxBytes",
                ],
            ),
            (
                "isUsingReportingDefaults",
                &["warnInDays", "alertInDays", "recipients"],
            ),
        ];
        let parents = self.org["settingsInherited"].clone();
        let settings = &mut self.org["settings"];
        for (switch, members) in groups {
            if settings[switch] == json!(true) {
                for &member in members {
                    settings[member] = parents[member].clone();
                }
            }
        }
    }
}
