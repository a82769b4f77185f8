//! The users and devices of a copy, and its administrator.

use std::collections::HashMap;

use org42_types::{OrgId, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{Copying, FOUNDED, MARKED, refused};
use crate::auth::secrets;
use crate::domain::roles::{ADMINISTRATOR, DESKTOP_USER, Role};
use crate::domain::{BackupPlan, Device, OrgRecord, Revision, User};
use crate::error::StartError;

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
    #[serde(default)]
    roles: Vec<String>,
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

/// Reads a document; if it cannot be read, adds a line to `left_out`.
fn read<'a, T: Deserialize<'a>>(
    document: &'a Value,
    what: &str,
    id: &str,
    left_out: &mut Vec<String>,
) -> Option<T> {
    let read = T::deserialize(document);
    read.map_err(|error| left_out.push(format!("{what} {} cannot be read: {error}", document[id])))
        .ok()
}

/// Returns the roles that this authority knows too; the role of an ordinary user if there are none.
fn known_roles(names: &[String]) -> Vec<String> {
    let known = names.iter().filter_map(|name| Role::find(name));
    let mut ids: Vec<String> = known.map(|role| role.id.to_owned()).collect();
    ids.dedup();
    if ids.is_empty() {
        ids.push(DESKTOP_USER.to_owned());
    }
    ids
}

impl Copying<'_> {
    /// Returns the users, one of whom is the administrator.
    ///
    /// # Errors
    ///
    /// When there is no organization.
    pub(super) fn users(
        &self,
        documents: &[Value],
        orgs: &[OrgRecord],
        admin: &str,
        left_out: &mut Vec<String>,
    ) -> Result<Vec<User>, StartError> {
        let top = orgs
            .first()
            .ok_or_else(|| refused("there is no organization"))?;
        let states: HashMap<OrgId, bool> = self.active_orgs(orgs);
        let mut users = Vec::with_capacity(documents.len() + 1);
        for document in documents {
            let Some(document) = read::<UserDocument>(document, "user", "userId", left_out) else {
                continue;
            };
            let Some(org_is_active) = states.get(&document.org_id) else {
                left_out.push(format!(
                    "user {} is in organization {}, which is not listed",
                    document.user_id, document.org_id
                ));
                continue;
            };
            users.push(self.user(document, *org_is_active));
        }
        let is_admin = |user: &&mut User| user.username.eq_ignore_ascii_case(admin);
        if let Some(known) = users.iter_mut().find(is_admin) {
            known.roles = vec![ADMINISTRATOR.to_owned()];
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
            roles: Vec::new(),
        };
        let plainly = Self {
            anonymize: false,
            ..*self
        };
        users.push(User {
            roles: vec![ADMINISTRATOR.to_owned()],
            ..plainly.user(document, true)
        });
        Ok(users)
    }

    fn active_orgs(&self, orgs: &[OrgRecord]) -> HashMap<OrgId, bool> {
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
            roles: known_roles(&document.roles),
            password_hash: None,
            totp: None,
            created_at: document.creation_date.unwrap_or(self.now),
            modified_at: document.modification_date.unwrap_or(self.now),
            blocked: document.blocked,
            // A user who is inactive with the organization must become active with it.
            deactivated: !document.active && org_is_active,
            unblocked_at: MARKED,
            activated_at: FOUNDED,
            sessions_end: Revision::default(),
        }
    }

    pub(super) fn devices(
        &self,
        documents: &[Value],
        users: &[User],
        left_out: &mut Vec<String>,
    ) -> Vec<Device> {
        let users: HashMap<u32, &User> = users.iter().map(|user| (user.id, user)).collect();
        let mut devices = Vec::with_capacity(documents.len());
        for document in documents {
            let Some(document) = read::<DeviceDocument>(document, "device", "computerId", left_out)
            else {
                continue;
            };
            let Some(user) = users.get(&document.user_id) else {
                let (device, user) = (document.computer_id, document.user_id);
                left_out.push(format!(
                    "device {device} is of user {user}, who is not in the copy"
                ));
                continue;
            };
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
                // The secret is thrown away, so no agent can speak for the device.
                secret_hash: secrets::digest(&self.entropy.secret()),
                created_at: document.creation_date.unwrap_or(self.now),
                modified_at: document.modification_date.unwrap_or(self.now),
                last_connected: document.last_connected,
                login_date: document.login_date,
                blocked: document.blocked && !user.blocked,
                deactivated: !document.active && !user.deactivated,
                plan: BackupPlan {
                    uid: self.entropy.decimal(),
                    started_at: MARKED,
                    stopped: false,
                },
            });
        }
        devices
    }
}
