//! A tenant that changes as servers let it be changed, and counts what has been done to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

use crate::scripted::{Reply, Seen, Server};

/// A tenant of organizations that can be listed, read, created, updated, blocked and deactivated.
#[derive(Clone, Debug)]
pub struct Model(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    orgs: Vec<Value>,
    effects: Vec<String>,
    /// Makes every time of a modification another one.
    revision: i64,
    /// What was asked with each idempotency key, and answered; none if keys are not taken.
    keyed: Option<HashMap<String, (String, Reply)>>,
}

impl Model {
    /// Creates a tenant of organizations 1 to `count`; the first is the parent of the others.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let long_ago = Timestamp::from_second(1_500_000_000).unwrap();
        let org = |id: usize| {
            let parent = (id > 1).then_some("guid-1");
            document(id, &format!("Org {id}"), parent, long_ago)
        };
        Self(Arc::new(Mutex::new(State {
            orgs: (1..=count).map(org).collect(),
            effects: Vec::new(),
            revision: 0,
            keyed: None,
        })))
    }

    /// Takes idempotency keys, and says so in its answers.
    #[must_use]
    pub fn with_keys(self) -> Self {
        self.0.lock().unwrap().keyed = Some(HashMap::new());
        self
    }

    /// Returns each change that was carried out, such as `block guid-2`.
    #[must_use]
    pub fn effects(&self) -> Vec<String> {
        self.0.lock().unwrap().effects.clone()
    }

    /// Returns the document of an organization as it is now.
    #[must_use]
    pub fn org(&self, guid: &str) -> Option<Value> {
        let state = self.0.lock().unwrap();
        let org = state.orgs.iter().find(|org| org["orgGuid"] == guid);
        org.cloned()
    }

    /// Changes an organization behind the client's back.
    pub fn touch(&self, guid: &str, fields: Value) {
        self.0.lock().unwrap().change(guid, &fields);
    }

    /// Carries a request out, and answers as a server does.
    #[must_use]
    pub fn answer(&self, seen: &Seen) -> Reply {
        let mut state = self.0.lock().unwrap();
        let reply = match state.keyed {
            Some(_) => state
                .keyed(seen)
                .with_header("Idempotency-Key-Lifetime: 86400"),
            None => state.answer(seen),
        };
        let now = DateTimePrinter::new().timestamp_to_rfc9110_string(&now());
        let date = now.unwrap();
        reply.with_header(&format!("Date: {date}"))
    }
}

impl Server {
    /// Starts a server of a tenant, which answers logins too.
    pub async fn of(model: &Model) -> Self {
        let model = model.clone();
        Self::start(move |seen, _| model.answer(seen)).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "clients compare the time of a creation with the Date header"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

fn document(id: usize, name: &str, parent: Option<&str>, created: Timestamp) -> Value {
    let number = |guid: &str| guid.strip_prefix("guid-")?.parse::<usize>().ok();
    json!({
        "orgId": id,
        "orgUid": (890_000_000_000_000_000_usize + id).to_string(),
        "orgGuid": format!("guid-{id}"),
        "orgName": name,
        "orgExtRef": null,
        "notes": null,
        "active": true,
        "blocked": false,
        "parentOrgId": parent.and_then(number),
        "parentOrgGuid": parent,
        "creationDate": created.to_string(),
        "modificationDate": created.to_string(),
    })
}

fn found(org: &Value) -> Reply {
    Reply::json(json!({"data": org, "error": null, "warnings": null}).to_string())
}

fn refused(status: u16, name: &str) -> Reply {
    Reply::status(
        status,
        json!([{"name": name, "description": "no"}]).to_string(),
    )
}

impl State {
    /// Answers a request with a key as at first.
    fn keyed(&mut self, seen: &Seen) -> Reply {
        let key = seen.header("idempotency-key").map(str::to_owned);
        let Some(key) = key.filter(|_| seen.method == "POST") else {
            return self.answer(seen);
        };
        let asked = format!("{} {}", seen.line(), seen.body);
        let known = self.keyed.as_ref().and_then(|keyed| keyed.get(&key));
        match known.cloned() {
            Some((before, reply)) if before == asked => reply,
            Some(_) => refused(422, "IDEMPOTENCY_KEY_REUSED"),
            None => {
                let reply = self.answer(seen);
                let keyed = self.keyed.get_or_insert_default();
                keyed.insert(key, (asked, reply.clone()));
                reply
            }
        }
    }

    fn answer(&mut self, seen: &Seen) -> Reply {
        let parts: Vec<&str> = seen.path.trim_start_matches('/').split('/').collect();
        match (seen.method.as_str(), &parts[..]) {
            ("GET", ["api", "v1", "Org"]) => self.page(seen),
            ("GET", ["api", "v14", "agent-state", ..]) => Reply::json(r#"{"data":[]}"#),
            ("GET", ["api", "v1", "Org", "my"]) => self.find("guid-1").map_or_else(unknown, found),
            ("POST", ["api", "v3", "orgs"]) => self.create(seen),
            (_, ["api", "v3", "orgs", guid, ..]) if self.find(guid).is_none() => {
                refused(404, "ORG_NOT_FOUND")
            }
            ("GET", ["api", "v3", "orgs", guid]) => self.find(guid).map_or_else(unknown, found),
            ("PUT", ["api", "v3", "orgs", guid]) => {
                let fields = serde_json::from_str(&seen.body).unwrap_or_default();
                self.effects.push(format!("update {guid}"));
                self.change(guid, &fields);
                self.find(guid).map_or_else(unknown, found)
            }
            ("POST", ["api", "v3", "orgs", guid, verb]) => {
                let fields = match *verb {
                    "block" => json!({"blocked": true}),
                    "unblock" => json!({"blocked": false}),
                    "deactivate" => json!({"active": false}),
                    "activate" => json!({"active": true}),
                    _ => return unknown(),
                };
                self.effects.push(format!("{verb} {guid}"));
                self.change(guid, &fields);
                Reply::json("{}")
            }
            _ => unknown(),
        }
    }

    fn find(&self, guid: &str) -> Option<&Value> {
        self.orgs.iter().find(|org| org["orgGuid"] == guid)
    }

    fn change(&mut self, guid: &str, fields: &Value) {
        self.revision += 1;
        let now = Timestamp::from_millisecond(1_600_000_000_000 + self.revision).unwrap();
        let org = self.orgs.iter_mut().find(|org| org["orgGuid"] == guid);
        if let (Some(Value::Object(org)), Value::Object(fields)) = (org, fields) {
            org.extend(fields.clone());
            org.insert("modificationDate".to_owned(), json!(now.to_string()));
        }
    }

    fn create(&mut self, seen: &Seen) -> Reply {
        let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        let (Some(name), Some(parent)) = (body["orgName"].as_str(), body["parentOrgGuid"].as_str())
        else {
            return refused(500, "ORG_NAME_MISSING");
        };
        if self.find(parent).is_none() {
            return refused(404, "ORG_NOT_FOUND");
        }
        let is_taken = |org: &Value| org["orgName"] == name && org["parentOrgGuid"] == parent;
        if self.orgs.iter().any(is_taken) {
            return refused(500, "ORG_DUPLICATE");
        }
        let mut org = document(self.orgs.len() + 1, name, Some(parent), now());
        for field in ["orgExtRef", "notes"] {
            org[field] = body[field].clone();
        }
        self.effects.push(format!("create {name}"));
        self.orgs.push(org.clone());
        found(&org)
    }

    fn page(&self, seen: &Seen) -> Reply {
        let size = seen.number("pgSize").clamp(1, 500);
        let start = seen.number("pgNum").saturating_sub(1) * size;
        let is_wanted = |org: &&Value| {
            let is_so =
                |active: &str| org["active"].as_bool() == active.to_lowercase().parse().ok();
            let name = org["orgName"].as_str().unwrap_or_default();
            let is_found = |searched: &str| {
                let searched = searched.replace("%20", " ").replace('+', " ");
                name.to_lowercase().starts_with(&searched.to_lowercase())
            };
            seen.param("active").is_none_or(is_so) && seen.param("q").is_none_or(is_found)
        };
        let all: Vec<&Value> = self.orgs.iter().filter(is_wanted).collect();
        let page: Vec<&Value> = all.iter().skip(start).take(size).copied().collect();
        let document = json!({"metadata": {}, "data": {"totalCount": all.len(), "orgs": page}});
        Reply::json(document.to_string())
    }
}

fn unknown() -> Reply {
    refused(404, "SYSTEM")
}
