//! What devices' agents do: register, log in, back up, report.

use super::TenantService;
use super::devices::{DeviceView, find_device};
use super::orgs::next_id;
use super::users::{CreateUser, find, retention};
use super::way::way_to;
use crate::auth::secrets;
use crate::store::{DeviceKey, OrgKey, Snapshot, UserKey};
use crate::tree::rules::{self, NewDevice};
use crate::tree::{AgentStateRow, Change, OrgState, Refusal, Stamp, User};

/// A device that wants to register. The password has been checked before, or hashed for a new user.
pub struct Registration {
    /// The registration key of the organization.
    pub key: OrgKey,
    /// Whose device it is.
    pub username: String,
    /// The hash of the password for a user who does not exist yet.
    pub new_password_hash: Option<String>,
    /// The device's name.
    pub device_name: String,
    /// The device's operating system.
    pub os_name: String,
}

/// What a registered device is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentIds {
    /// `computerId`.
    pub computer_id: u32,
    /// The device's guid.
    pub guid: String,
}

/// What an agent shows with every request.
#[derive(Clone)]
pub struct AgentPass {
    /// The device's guid.
    pub guid: String,
    /// The device's secret.
    pub secret: String,
}

impl TenantService {
    /// Registers a device, and its user where there is none of that name; tells the device's ids and its secret.
    ///
    /// # Errors
    ///
    /// When the key is unknown, or the organization or the user is inactive or blocked.
    pub fn register_device(
        &self,
        registration: &Registration,
    ) -> Result<(AgentIds, String), Refusal> {
        let secret = self.entropy.secret();
        let ids = self.change_and(|snapshot, stamp| {
            let way = way_to(snapshot, &registration.key).map_err(unknown_is_bad_credentials)?;
            let with = OrgState::of_way(&way);
            let (id, next) = next_id(snapshot)?;
            let known =
                snapshot.user(&UserKey::Username(registration.username.trim().to_owned()))?;
            let (mut changes, user, org, next, device_id) = match known {
                Some(user) => (
                    Vec::new(),
                    user.clone(),
                    find(snapshot, &UserKey::Id(user.id))?.org_state,
                    next,
                    id,
                ),
                None => {
                    let created = self.user_for(registration, &way, &with, id, stamp)?;
                    let user = created
                        .iter()
                        .find_map(user_in)
                        .ok_or(Refusal::UserNotFound)?;
                    (created, user, with.clone(), Change::NextId(id + 2), id + 1)
                }
            };
            let device = NewDevice {
                id: device_id,
                guid: self.entropy.decimal(),
                plan_uid: self.entropy.decimal(),
                name: registration.device_name.clone(),
                os_name: registration.os_name.clone(),
                secret_hash: secrets::digest(&secret),
            };
            let ids = AgentIds {
                computer_id: device.id,
                guid: device.guid.clone(),
            };
            let devices = snapshot.devices_of(user.id)?.len();
            changes.extend(rules::register_device(
                &with, &org, &user, devices, device, stamp,
            )?);
            changes.push(next);
            Ok((changes, ids))
        })?;
        Ok((ids, secret))
    }

    fn user_for(
        &self,
        registration: &Registration,
        way: &[crate::tree::Org],
        state: &OrgState,
        id: u32,
        stamp: Stamp,
    ) -> Result<Vec<Change>, Refusal> {
        // A user who appeared or vanished since the password was looked at has no hash to go by.
        let password_hash = registration
            .new_password_hash
            .clone()
            .ok_or(Refusal::BadCredentials)?;
        let org = way.last().ok_or(Refusal::OrgNotFound)?;
        let email = Some(registration.username.clone()).filter(|name| name.contains('@'));
        let username = registration.username.clone();
        let new = CreateUser {
            username,
            email,
            password_hash: Some(password_hash),
            ..CreateUser::default()
        };
        rules::create_user(org, state, None, self.new_user(id, &new), stamp)
    }

    /// Lets an agent log in.
    ///
    /// # Errors
    ///
    /// When the secret is wrong, or the device is deactivated or blocked.
    pub fn agent_login(&self, pass: &AgentPass) -> Result<DeviceView, Refusal> {
        self.change(|snapshot, stamp| {
            let view = admit(snapshot, pass)?;
            rules::log_in_device(&view.state, &view.device, stamp.now)
        })?;
        self.device(&DeviceKey::Guid(pass.guid.clone()))
    }

    /// Takes in a backup of `bytes` more bytes.
    ///
    /// # Errors
    ///
    /// When the secret is wrong, the device is deactivated, or its backups are stopped.
    pub fn agent_backup(&self, pass: &AgentPass, bytes: u64) -> Result<(), Refusal> {
        self.change(|snapshot, stamp| {
            let view = admit(snapshot, pass)?;
            let archives = snapshot.archives_of(view.device.id)?;
            rules::back_up(
                &view.state,
                &view.device,
                &archives,
                self.entropy.decimal(),
                bytes,
                stamp,
            )
        })
    }

    /// Starts a device's backups again and recovers its archives.
    ///
    /// # Errors
    ///
    /// When the secret is wrong, or the device is deactivated or blocked.
    pub fn agent_start_backup(&self, pass: &AgentPass) -> Result<(), Refusal> {
        self.change(|snapshot, stamp| {
            let view = admit(snapshot, pass)?;
            let archives = snapshot.archives_of(view.device.id)?;
            let retention = retention(snapshot, &view.user.org)?;
            rules::start_backup(&view.state, &view.device, &archives, &retention, stamp)
        })
    }

    /// Takes down what an agent reports about a property.
    ///
    /// # Errors
    ///
    /// When the secret is wrong or the device is deactivated.
    pub fn agent_report(&self, pass: &AgentPass, name: &str, value: &str) -> Result<(), Refusal> {
        self.change(|snapshot, _| {
            let view = admit(snapshot, pass)?;
            if !view.state.active {
                return Err(Refusal::DeviceDeactivated);
            }
            let row = AgentStateRow {
                device_guid: pass.guid.clone(),
                name: name.to_owned(),
                value: value.to_owned(),
            };
            Ok(vec![Change::AgentState(row)])
        })
    }
}

fn user_in(change: &Change) -> Option<User> {
    match change {
        Change::User(user) => Some(user.clone()),
        _ => None,
    }
}

fn unknown_is_bad_credentials(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::OrgNotFound | Refusal::DeviceNotFound => Refusal::BadCredentials,
        other => other,
    }
}

fn admit(snapshot: &dyn Snapshot, pass: &AgentPass) -> Result<DeviceView, Refusal> {
    let view = find_device(snapshot, &DeviceKey::Guid(pass.guid.clone()))
        .map_err(unknown_is_bad_credentials)?;
    if secrets::matches(&pass.secret, &view.device.secret_hash) {
        Ok(view)
    } else {
        Err(Refusal::BadCredentials)
    }
}
