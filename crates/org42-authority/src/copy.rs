//! A tenant made from what another one tells through its API: ids, uids and guids stay, so that a change can be rehearsed.
//!
//! Passwords, sessions, archives and what agents report are not told by the API, so a copy has none.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use org42_types::{Org as OrgDocument, OrgId, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::auth::secrets;
use crate::authority::{Options, StartError};
use crate::store::{MAX_CHANGES, Store};
use crate::tree::settings::{Destination, FIELDS, Group, Own, OwnSettings, TSetting};
use crate::tree::{
    Change, Deactivation, Device, Entropy, HoldDays, Mark, Org, Path, Plan, Revision, Tenant, User,
    device_defaults,
};

/// When everything that is told has happened.
const FOUNDED: Revision = Revision(1);
/// When what is blocked or inactive became so: after it was there.
const MARKED: Revision = Revision(2);

/// What a tenant tells about itself.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// `tenantUid`.
    pub tenant_uid: Option<String>,
    /// Each organization.
    pub orgs: Vec<ToldOrg>,
    /// The documents of the users.
    pub users: Vec<Value>,
    /// The documents of the devices.
    pub devices: Vec<Value>,
}

/// What a tenant tells about one organization.
#[derive(Clone, Debug, Default)]
pub struct ToldOrg {
    /// Its document, with settings, device defaults and where they come from.
    pub document: Map<String, Value>,
    /// Its settings that are kept by key.
    pub by_key: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserDocument {
    user_id: u32,
    user_uid: String,
    username: String,
    org_id: OrgId,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    user_ext_ref: Option<String>,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    blocked: bool,
    #[serde(default)]
    creation_date: Option<Timestamp>,
    #[serde(default)]
    modification_date: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeviceDocument {
    computer_id: u32,
    guid: String,
    user_id: u32,
    name: String,
    #[serde(default)]
    os_name: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    blocked: bool,
    #[serde(default)]
    creation_date: Option<Timestamp>,
    #[serde(default)]
    modification_date: Option<Timestamp>,
    #[serde(default)]
    last_connected: Option<Timestamp>,
    #[serde(default)]
    login_date: Option<Timestamp>,
}

fn yes() -> bool {
    true
}

fn refused(why: impl Into<String>) -> StartError {
    StartError::Refused(why.into())
}

/// Writes a copy into an empty store.
pub(crate) fn write(
    told: &Told,
    anonymize: bool,
    admin_username: &str,
    store: &Arc<dyn Store>,
    options: &Options,
) -> Result<(), StartError> {
    let copying = Copying {
        now: options.clock.now(),
        entropy: &options.entropy,
        anonymize,
    };
    let orgs = copying.orgs(&told.orgs)?;
    let users = copying.users(&told.users, &orgs, admin_username)?;
    let devices = copying.devices(&told.devices, &users)?;
    let ids = orgs.iter().map(|org| org.id.get());
    let ids = ids.chain(users.iter().map(|user| user.id));
    let ids = ids.chain(devices.iter().map(|device| device.id));
    let known = destinations(&told.orgs);
    let mut changes = vec![Change::Tenant(Tenant {
        revision: FOUNDED,
        uid: told
            .tenant_uid
            .clone()
            .unwrap_or_else(|| options.entropy.uuid()),
        next_id: ids.max().unwrap_or(3).saturating_add(1),
        destinations: known.clone(),
        signing_key: copying.signing_key(),
    })];
    for org in &orgs {
        changes.extend(org.deactivated.map(|mark| {
            Change::Deactivation(Deactivation {
                org_id: org.id,
                mark,
            })
        }));
    }
    changes.extend(copying.settings(&told.orgs, &orgs, &known));
    let rows = orgs.into_iter().map(Change::Org);
    let rows = rows.chain(users.into_iter().map(Change::User));
    let rows = rows.chain(devices.into_iter().map(Change::Device));
    // What belongs to organizations comes behind them, and the tenant before all.
    let mut all: Vec<Change> = changes.drain(..1).chain(rows).collect();
    all.append(&mut changes);
    for (commit, rows) in all.chunks(MAX_CHANGES).enumerate() {
        store.commit(Revision(commit as u64), rows)?;
    }
    // Nothing that is marked lies in the future.
    let last = Revision(all.chunks(MAX_CHANGES).len() as u64);
    let next = |from: Revision| store.commit(from, &[]);
    if last < MARKED {
        next(last)?;
    }
    Ok(())
}

struct Copying<'a> {
    now: Timestamp,
    entropy: &'a Entropy,
    anonymize: bool,
}

impl Copying<'_> {
    fn signing_key(&self) -> Vec<u8> {
        let mut key = vec![0; 32];
        self.entropy.fill(&mut key);
        key
    }

    /// The organizations, parents before their children.
    fn orgs(&self, told: &[ToldOrg]) -> Result<Vec<Org>, StartError> {
        let mut documents: HashMap<OrgId, OrgDocument> = HashMap::new();
        for org in told {
            let document = OrgDocument::from_document(org.document.clone()).map_err(refused)?;
            let id = document
                .org_id
                .ok_or_else(|| refused("an organization has no orgId"))?;
            documents.insert(id, document);
        }
        let is_top = |org: &OrgDocument| {
            let parent = org.parent_org_id;
            parent.is_none_or(|parent| !documents.contains_key(&parent))
        };
        let tops: Vec<OrgId> = documents
            .iter()
            .filter(|(_, org)| is_top(org))
            .map(|(id, _)| *id)
            .collect();
        let [top] = tops[..] else {
            let count = tops.len();
            return Err(refused(format!(
                "a tenant has one top organization; of these {count} have no parent among them"
            )));
        };
        let mut children: BTreeMap<OrgId, Vec<OrgId>> = BTreeMap::new();
        for (id, org) in documents.iter().filter(|(id, _)| **id != top) {
            let parent = org.parent_org_id.unwrap_or(top);
            children.entry(parent).or_default().push(*id);
        }
        let mut orgs: Vec<Org> = Vec::new();
        let mut ways: Vec<(OrgId, Option<usize>)> = vec![(top, None)];
        while let Some((id, parent)) = ways.pop() {
            let Some(document) = documents.get(&id) else {
                continue;
            };
            let above = parent.map(|place| &orgs[place]);
            let above_document = above.and_then(|org| documents.get(&org.id));
            let org = self.org(document, above, above_document)?;
            if org.path.depth() > Path::MAX_DEPTH {
                return Err(refused("the tree is too deep for this authority"));
            }
            orgs.push(org);
            let place = orgs.len() - 1;
            let below = children.get(&id).into_iter().flatten();
            ways.extend(below.map(|child| (*child, Some(place))));
        }
        match orgs.len() == documents.len() {
            true => Ok(orgs),
            false => Err(refused("some organizations are above each other")),
        }
    }

    fn org(
        &self,
        document: &OrgDocument,
        parent: Option<&Org>,
        parent_document: Option<&OrgDocument>,
    ) -> Result<Org, StartError> {
        let missing = |what: &str| refused(format!("{:?} has no {what}", document.org_name));
        let id = document.org_id.ok_or_else(|| missing("orgId"))?;
        let was = |state: Option<bool>, usual: bool| state.unwrap_or(usual);
        let parent_active = parent_document.is_none_or(|parent| was(parent.active, true));
        let parent_blocked = parent_document.is_some_and(|parent| was(parent.blocked, false));
        let since = document.deactivation_date.unwrap_or(self.now);
        let earlier = parent_document
            .and_then(|parent| parent.deactivation_date)
            .is_some_and(|parent| since < parent);
        let is_off = !was(document.active, true) && (parent_active || earlier);
        let deactivated = is_off.then_some(Mark {
            revision: MARKED,
            at: since,
        });
        let is_blocked = was(document.blocked, false) && !parent_blocked;
        let ending = format!(" (deactivated {id})");
        let (name, notes, ext_ref, key) = match self.anonymize {
            false => (
                document.org_name.clone(),
                document.notes.value().cloned(),
                document.org_ext_ref.value().cloned(),
                document.registration_key.clone(),
            ),
            true => {
                let ending = if document.org_name.ends_with(&ending) {
                    &*ending
                } else {
                    ""
                };
                (format!("Organization {id}{ending}"), None, None, None)
            }
        };
        Ok(Org {
            id,
            uid: document.org_uid.clone().ok_or_else(|| missing("orgUid"))?,
            guid: document
                .org_guid
                .clone()
                .unwrap_or_else(|| self.entropy.org_guid()),
            parent_id: parent.map(|parent| parent.id),
            path: parent
                .map_or(Path::default(), |parent| parent.path.clone())
                .child(id),
            former_name: name
                .strip_suffix(&ending)
                .filter(|_| is_off)
                .map(str::to_owned),
            name,
            ext_ref: ext_ref.filter(|text| !text.is_empty()),
            notes: notes.filter(|text| !text.is_empty()),
            registration_key: key.unwrap_or_else(|| self.entropy.registration_key()),
            created_at: document.creation_date.unwrap_or(self.now),
            modified_at: document.modification_date.unwrap_or(self.now),
            blocked_at: if is_blocked {
                MARKED
            } else {
                Revision::default()
            },
            unblocked_at: Revision::default(),
            deactivated,
            last_deactivation: deactivated.map_or(Revision::default(), |mark| mark.revision),
            left_inactive: Vec::new(),
            activated_at: FOUNDED,
            revived_at: FOUNDED,
        })
    }

    /// The users, and an administrator among them.
    fn users(&self, told: &[Value], orgs: &[Org], admin: &str) -> Result<Vec<User>, StartError> {
        let top = orgs
            .first()
            .ok_or_else(|| refused("there is no organization"))?;
        let states: HashMap<OrgId, bool> = self.active_orgs(orgs);
        let mut users = Vec::with_capacity(told.len() + 1);
        for document in told {
            let document = UserDocument::deserialize(document)
                .map_err(|error| refused(format!("a user cannot be read: {error}")))?;
            let Some(org_is_active) = states.get(&document.org_id) else {
                return Err(refused(format!(
                    "user {} is in organization {}, which was not told of",
                    document.user_id, document.org_id
                )));
            };
            users.push(self.user(document, *org_is_active));
        }
        let is_admin = |user: &&mut User| user.username.eq_ignore_ascii_case(admin);
        if let Some(known) = users.iter_mut().find(is_admin) {
            known.is_admin = true;
            known.org_id = top.id;
            return Ok(users);
        }
        let ids = orgs
            .iter()
            .map(|org| org.id.get())
            .chain(users.iter().map(|user| user.id));
        let document = UserDocument {
            user_id: ids.max().unwrap_or(2).saturating_add(1_000_000),
            user_uid: self.entropy.decimal(),
            username: admin.to_owned(),
            org_id: top.id,
            email: Some(admin.to_owned()).filter(|name| name.contains('@')),
            first_name: None,
            last_name: None,
            user_ext_ref: None,
            notes: None,
            active: true,
            blocked: false,
            creation_date: None,
            modification_date: None,
        };
        let plainly = Copying {
            anonymize: false,
            ..*self
        };
        users.push(User {
            is_admin: true,
            ..plainly.user(document, true)
        });
        Ok(users)
    }

    fn active_orgs(&self, orgs: &[Org]) -> HashMap<OrgId, bool> {
        let mut states: HashMap<OrgId, bool> = HashMap::new();
        for org in orgs {
            let above = org
                .parent_id
                .and_then(|parent| states.get(&parent).copied());
            states.insert(org.id, above.unwrap_or(true) && org.deactivated.is_none());
        }
        states
    }

    fn user(&self, document: UserDocument, org_is_active: bool) -> User {
        let id = document.user_id;
        let hidden = |text: Option<String>| text.filter(|_| !self.anonymize);
        let username = match self.anonymize {
            true => format!("user{id}@example.com"),
            false => document.username,
        };
        User {
            id,
            uid: document.user_uid,
            email: hidden(document.email).or_else(|| self.anonymize.then(|| username.clone())),
            username,
            first_name: hidden(document.first_name),
            last_name: hidden(document.last_name),
            ext_ref: hidden(document.user_ext_ref),
            notes: hidden(document.notes),
            org_id: document.org_id,
            is_admin: false,
            password_hash: None,
            totp: None,
            created_at: document.creation_date.unwrap_or(self.now),
            modified_at: document.modification_date.unwrap_or(self.now),
            blocked: document.blocked,
            // Who is inactive with the organization comes back with it.
            deactivated: !document.active && org_is_active,
            unblocked_at: MARKED,
            activated_at: FOUNDED,
            sessions_end: Revision::default(),
        }
    }

    fn devices(&self, told: &[Value], users: &[User]) -> Result<Vec<Device>, StartError> {
        let users: HashMap<u32, &User> = users.iter().map(|user| (user.id, user)).collect();
        let mut devices = Vec::with_capacity(told.len());
        for document in told {
            let document = DeviceDocument::deserialize(document)
                .map_err(|error| refused(format!("a device cannot be read: {error}")))?;
            let user = users.get(&document.user_id).ok_or_else(|| {
                let (device, user) = (document.computer_id, document.user_id);
                refused(format!(
                    "device {device} is of user {user}, who was not told of"
                ))
            })?;
            let name = match self.anonymize {
                true => format!("device-{}", document.computer_id),
                false => document.name,
            };
            devices.push(Device {
                id: document.computer_id,
                guid: document.guid,
                user_id: document.user_id,
                name,
                os_name: document.os_name.unwrap_or_default(),
                // Nobody has the secret, so nobody speaks for the device.
                secret_hash: secrets::digest(&self.entropy.secret()),
                created_at: document.creation_date.unwrap_or(self.now),
                modified_at: document.modification_date.unwrap_or(self.now),
                last_connected: document.last_connected,
                login_date: document.login_date,
                blocked: document.blocked && !user.blocked,
                deactivated: !document.active && !user.deactivated,
                plan: Plan {
                    uid: self.entropy.decimal(),
                    started_at: MARKED,
                    stopped: false,
                },
            });
        }
        Ok(devices)
    }

    fn settings(&self, told: &[ToldOrg], orgs: &[Org], known: &[Destination]) -> Vec<Change> {
        let told: HashMap<u64, &ToldOrg> = told
            .iter()
            .filter_map(|org| Some((org.document.get("orgId")?.as_u64()?, org)))
            .collect();
        let mut changes = Vec::new();
        for org in orgs {
            let Some(told) = told.get(&u64::from(org.id.get())) else {
                continue;
            };
            let own = self.own(told, org, known);
            if own == Own::default() {
                continue;
            }
            changes.extend(own.hold_days().map(|days| {
                Change::HoldDays(HoldDays {
                    org_id: org.id,
                    since: FOUNDED,
                    days: Some(days),
                })
            }));
            changes.push(Change::Settings(OwnSettings {
                org_id: org.id,
                own,
            }));
        }
        changes
    }

    /// What an organization has of its own.
    fn own(&self, told: &ToldOrg, org: &Org, known: &[Destination]) -> Own {
        let is_top = org.parent_id.is_none();
        let at = |key: &str| told.document.get(key).unwrap_or(&Value::Null);
        let (settings, inherited) = (at("settings"), at("settingsInherited"));
        let is_own = |switch: &str| is_top || settings[switch] == false;
        let group = |group: Group, switch: &str| -> Option<Map<String, Value>> {
            let fields = FIELDS.iter().filter(|field| field.group == group);
            let value = |field: &crate::tree::settings::Field| {
                let told = &settings[field.key];
                let value = match field.kind.takes(told) {
                    true if self.anonymize && field.key == "recipients" => Value::Array(Vec::new()),
                    true => told.clone(),
                    false => field.usual(),
                };
                (field.key.to_owned(), value)
            };
            (settings.is_object() && is_own(switch)).then(|| fields.map(value).collect())
        };
        let differs = |field: &&crate::tree::settings::Field| {
            let told = &settings[field.key];
            field.group == Group::None && field.kind.takes(told) && *told != inherited[field.key]
        };
        let fields = FIELDS.iter().filter(differs);
        let fields = fields.map(|field| (field.key.to_owned(), settings[field.key].clone()));
        let provider = &at("orgInheritDto")["orgIdProvidingDeviceDefaults"];
        let has_defaults = is_top || *provider == org.id.get() || at("customConfig") == true;
        let defaults =
            Some(at("deviceDefaults")).filter(|defaults| defaults.is_object() && has_defaults);
        let read = |defaults: &Value| {
            device_defaults::read(defaults, known).unwrap_or_else(|_| defaults.clone())
        };
        Own {
            quota: group(Group::Quota, "isUsingQuotaDefaults"),
            reporting: group(Group::Reporting, "isUsingReportingDefaults"),
            fields: fields.collect(),
            destinations: Some(guids(&settings["destinations"]))
                .filter(|_| settings.is_object() && is_own("isUsingDestinationDefaults")),
            device_defaults: defaults.map(read),
            by_key: self.own_by_key(told, org),
        }
    }

    fn own_by_key(&self, told: &ToldOrg, org: &Org) -> BTreeMap<String, TSetting> {
        // Who accepted the licence is a person.
        let is_told = |key: &str| !(self.anonymize && key == "c42.msa.acceptance");
        let mut own = BTreeMap::new();
        for (key, setting) in told.by_key.iter().filter(|(key, _)| is_told(key)) {
            if let (Some(value), true) = (setting["value"].as_str(), setting["id"] == org.id.get())
            {
                let locked = setting["locked"] == true;
                let value = value.to_owned();
                own.insert(key.clone(), TSetting { value, locked });
            }
        }
        own
    }
}

fn guids(destinations: &Value) -> Vec<String> {
    let list = destinations.as_array().into_iter().flatten();
    list.filter_map(|destination| destination["guid"].as_str())
        .map(str::to_owned)
        .collect()
}

/// Every destination that is told of, in the order of the first telling.
fn destinations(told: &[ToldOrg]) -> Vec<Destination> {
    let mut all: Vec<Destination> = Vec::new();
    for org in told {
        let settings = org.document.get("settings").unwrap_or(&Value::Null);
        for list in ["allDestinations", "destinations"] {
            for found in settings[list].as_array().into_iter().flatten() {
                let id = found["destinationId"]
                    .as_u64()
                    .and_then(|id| u32::try_from(id).ok());
                let (Some(id), Some(guid)) = (id, found["guid"].as_str()) else {
                    continue;
                };
                if !all.iter().any(|known| known.guid == guid) {
                    all.push(Destination {
                        id,
                        guid: guid.to_owned(),
                        name: found["destinationName"]
                            .as_str()
                            .unwrap_or_default()
                            .to_owned(),
                    });
                }
            }
        }
    }
    match all.is_empty() {
        true => Destination::of_new_tenant(),
        false => all,
    }
}
