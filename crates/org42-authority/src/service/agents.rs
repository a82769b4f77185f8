//! Requests of the agents on devices: registering, logging in, backing up, reporting.

use super::devices::{DeviceView, find_device};
use super::orgs::next_id;
use super::sessions::{Seen, with_code_used};
use super::users::{UserCreation, retention};
use super::way::way_to;
use super::{Service, TenantDraft};
use crate::auth::secrets;
use crate::domain::rules::{self, NewDevice};
use crate::domain::{AgentStateRow, OrgRecord, OrgState, RowChange, Stamp, TenantRefusal, User};
use crate::store::{DeviceLookup, OrgLookup, ReadView, UserLookup};

/// A device that wants to register.
#[derive(Clone)]
pub(crate) struct Registration {
    /// The registration key of the organization.
    pub(crate) key: OrgLookup,
    /// The name of the user who is to own it, without spaces around.
    pub(crate) username: String,
    /// The proof that entitles the device to belong to that user.
    pub(crate) proof: Proof,
    /// The device's name.
    pub(crate) device_name: String,
    /// The device's operating system.
    pub(crate) os_name: String,
}

/// The result of the checks before a device is registered; it is compared again when the registration is decided.
#[derive(Clone)]
pub(crate) enum Proof {
    /// The user's own credentials, with the step of the one-time code if one is required.
    Known(Seen, Option<u64>),
    /// There was no such user: the hash of the password for a new one.
    Unknown(String),
}

/// The ids of a registered device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentIds {
    /// `computerId`.
    pub computer_id: u32,
    /// The device's guid.
    pub guid: String,
}

/// The credentials that an agent sends with every request.
#[derive(Clone)]
pub struct AgentPass {
    /// The device's guid.
    pub guid: String,
    /// The device's secret.
    pub secret: String,
}

impl Service<'_> {
    /// Returns the user whose name a device wants to register for, if there is one.
    ///
    /// # Errors
    ///
    /// When the key is unknown.
    pub(crate) fn registrant(
        &self,
        registration: &Registration,
    ) -> Result<Option<User>, TenantRefusal> {
        self.look(|view| {
            let org = view.org(&registration.key)?;
            org.ok_or(TenantRefusal::BadCredentials)?;
            Ok(view.user(&UserLookup::Username(registration.username.clone()))?)
        })
    }
}

impl TenantDraft<'_> {
    /// Registers a device, and its user if there is none of that name; returns the device's ids and its secret.
    /// Returns `None` when the [`Proof`] does not hold any more: the user has other credentials by now, was created
    /// meanwhile, or is gone.
    ///
    /// # Errors
    ///
    /// When the key is unknown, the organization or the user is inactive or blocked, or the one-time code was used
    /// up.
    pub(crate) fn register_device(
        &self,
        registration: &Registration,
    ) -> Result<Option<(AgentIds, String)>, TenantRefusal> {
        let secret = self.entropy().secret();
        let ids = self.change_and(|view, stamp| {
            let way = way_to(view, &registration.key).map_err(unknown_is_bad_credentials)?;
            let with = OrgState::of_way(&way);
            let (id, next) = next_id(view)?;
            let Some(owner) = self.owner(view, registration, &way, id, stamp)? else {
                return Ok((Vec::new(), None));
            };
            let (device_id, next) = match owner.is_new {
                true => (id + 1, RowChange::NextId(id + 2)),
                false => (id, next),
            };
            let device = NewDevice {
                id: device_id,
                guid: self.entropy().decimal(),
                plan_uid: self.entropy().decimal(),
                name: registration.device_name.clone(),
                os_name: registration.os_name.clone(),
                secret_hash: secrets::digest(&secret),
            };
            let ids = AgentIds {
                computer_id: device.id,
                guid: device.guid.clone(),
            };
            let Owner {
                user,
                org,
                mut changes,
                ..
            } = owner;
            let devices = view.devices_of(user.id)?.len();
            changes.extend(rules::register_device(
                &with, &org, &user, devices, device, stamp,
            )?);
            changes.push(next);
            Ok((changes, Some(ids)))
        })?;
        Ok(ids.map(|ids| (ids, secret)))
    }

    /// Returns the user who is to own the device, existing or new; `None` when the [`Proof`] does not hold any more.
    fn owner(
        &self,
        view: &dyn ReadView,
        registration: &Registration,
        way: &[OrgRecord],
        id: u32,
        stamp: Stamp,
    ) -> Result<Option<Owner>, TenantRefusal> {
        match &registration.proof {
            Proof::Known(seen, step) => {
                let Some(found) = seen.find(view)? else {
                    return Ok(None);
                };
                let user = match step {
                    Some(step) => with_code_used(&found.user, *step)?,
                    None => found.user,
                };
                Ok(Some(Owner {
                    changes: step.iter().map(|_| RowChange::User(user.clone())).collect(),
                    user,
                    org: found.org_state,
                    is_new: false,
                }))
            }
            Proof::Unknown(hash) => {
                let name = UserLookup::Username(registration.username.clone());
                if view.user(&name)?.is_some() {
                    return Ok(None);
                }
                let org = way.last().ok_or(TenantRefusal::OrgNotFound)?;
                let state = OrgState::of_way(way);
                let username = registration.username.clone();
                let new = UserCreation {
                    email: Some(username.clone()).filter(|name| name.contains('@')),
                    username,
                    password_hash: Some(hash.clone()),
                    ..UserCreation::default()
                };
                let changes =
                    rules::create_user(org, &state, None, self.new_user(id, &new), stamp)?;
                let user = changes.iter().find_map(RowChange::user).cloned();
                Ok(Some(Owner {
                    user: user.ok_or(TenantRefusal::UserNotFound)?,
                    org: state,
                    changes,
                    is_new: true,
                }))
            }
        }
    }

    /// Lets an agent log in.
    ///
    /// # Errors
    ///
    /// When the secret is wrong, or the device is deactivated or blocked.
    pub fn agent_login(&self, pass: &AgentPass) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let found = admit(view, pass)?;
            rules::log_in_device(&found.state, &found.device, stamp.now)
        })
    }

    /// Records a backup of `bytes` more bytes.
    ///
    /// # Errors
    ///
    /// When the secret is wrong, the device is deactivated, or its backups are stopped.
    pub fn agent_backup(&self, pass: &AgentPass, bytes: u64) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let found = admit(view, pass)?;
            let archives = view.archives_of(found.device.id)?;
            rules::back_up(
                &found.state,
                &found.device,
                &archives,
                self.entropy().decimal(),
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
    pub fn agent_start_backup(&self, pass: &AgentPass) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let found = admit(view, pass)?;
            let archives = view.archives_of(found.device.id)?;
            let retention = retention(view, &found.user.org)?;
            rules::start_backup(&found.state, &found.device, &archives, &retention, stamp)
        })
    }

    /// Stores what an agent reports about a property.
    ///
    /// # Errors
    ///
    /// When the secret is wrong or the device is deactivated.
    pub fn agent_report(
        &self,
        pass: &AgentPass,
        name: &str,
        value: &str,
    ) -> Result<(), TenantRefusal> {
        self.change(|view, _| {
            let found = admit(view, pass)?;
            if !found.state.active {
                return Err(TenantRefusal::DeviceDeactivated);
            }
            let row = AgentStateRow {
                device_guid: pass.guid.clone(),
                name: name.to_owned(),
                value: value.to_owned(),
            };
            Ok(vec![RowChange::AgentState(row)])
        })
    }
}

/// The user who is to own a device, and the changes that are needed for the user.
struct Owner {
    user: User,
    org: OrgState,
    changes: Vec<RowChange>,
    is_new: bool,
}

fn unknown_is_bad_credentials(refusal: TenantRefusal) -> TenantRefusal {
    match refusal {
        TenantRefusal::OrgNotFound | TenantRefusal::DeviceNotFound => TenantRefusal::BadCredentials,
        other => other,
    }
}

fn admit(view: &dyn ReadView, pass: &AgentPass) -> Result<DeviceView, TenantRefusal> {
    let found = find_device(view, &DeviceLookup::Guid(pass.guid.clone()))
        .map_err(unknown_is_bad_credentials)?;
    if secrets::matches(&pass.secret, &found.device.secret_hash) {
        Ok(found)
    } else {
        Err(TenantRefusal::BadCredentials)
    }
}
