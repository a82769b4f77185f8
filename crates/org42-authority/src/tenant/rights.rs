//! Who may do what: a caller's rights, and where they hold.

use org42_types::OrgId;

use super::devices::find_device;
use super::users::{UserView, find, scope};
use super::{Caller, TenantService};
use crate::store::{DeviceKey, OrgKey, UserKey};
use crate::tree::roles::{Right, Role};
use crate::tree::{Change, Path, Refusal, User};

/// What replacing the roles of a user came to, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleChange {
    /// Those that the user had not had.
    pub given: Vec<String>,
    /// Those that the user has no more.
    pub taken: Vec<String>,
    /// Those that there are not.
    pub unknown: Vec<String>,
}

impl Caller {
    /// Whether the caller may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.may_everywhere(Right::Administer)
    }

    fn roles_with(&self, right: Right) -> impl Iterator<Item = &'static Role> {
        let roles = match self {
            Self::User { roles, .. } => roles.as_slice(),
            Self::ApiClient => &[],
        };
        let roles = roles.iter().filter_map(|id| Role::find(id));
        roles.filter(move |role| role.rights.contains(&right))
    }

    fn may_everywhere(&self, right: Right) -> bool {
        *self == Self::ApiClient || self.roles_with(right).any(|role| role.is_everywhere)
    }

    fn may(&self, right: Right, path: &Path) -> bool {
        self.may_everywhere(right)
            || self
                .own_org(right)
                .is_some_and(|(_, own)| path.is_at_or_below(own))
    }

    /// The organization in which the caller has a right at all.
    fn own_org(&self, right: Right) -> Option<(OrgId, &Path)> {
        let Self::User {
            org_id, org_path, ..
        } = self
        else {
            return None;
        };
        let has_it = self.roles_with(right).next().is_some();
        has_it.then_some((*org_id, org_path))
    }
}

impl TenantService {
    /// Refuses unless the caller has a right over an organization. Unknown ones are left to whoever is asked next.
    ///
    /// # Errors
    ///
    /// When the caller has not, or the organization is unknown to somebody whose rights are limited.
    pub fn allow(&self, caller: &Caller, right: Right, key: &OrgKey) -> Result<(), Refusal> {
        if caller.may_everywhere(right) {
            return Ok(());
        }
        caller.own_org(right).ok_or(Refusal::Forbidden)?;
        let org = self.look(|snapshot| scope(snapshot, Some(key)))?;
        self.within(caller, right, &org.path, Refusal::OrgNotFound)
    }

    /// Refuses unless the caller has a right over a user. Only administrators change administrators.
    ///
    /// # Errors
    ///
    /// When the caller has not, or the user is unknown to somebody whose rights are limited.
    pub fn allow_user(&self, caller: &Caller, right: Right, key: &UserKey) -> Result<(), Refusal> {
        if caller.is_admin() {
            return Ok(());
        }
        if !caller.may_everywhere(right) {
            caller.own_org(right).ok_or(Refusal::Forbidden)?;
        }
        let UserView { user, org, .. } = self.look(|snapshot| find(snapshot, key))?;
        self.within(caller, right, &org.path, Refusal::UserNotFound)?;
        match user.is_admin() && right != Right::See {
            true => Err(Refusal::Forbidden),
            false => Ok(()),
        }
    }

    /// Refuses unless the caller has a right over a device.
    ///
    /// # Errors
    ///
    /// When the caller has not, or the device is unknown to somebody whose rights are limited.
    pub fn allow_device(
        &self,
        caller: &Caller,
        right: Right,
        key: &DeviceKey,
    ) -> Result<(), Refusal> {
        if caller.may_everywhere(right) {
            return Ok(());
        }
        caller.own_org(right).ok_or(Refusal::Forbidden)?;
        let owner = self.look(|snapshot| find_device(snapshot, key))?.user;
        self.within(caller, right, &owner.org.path, Refusal::DeviceNotFound)
    }

    /// To what a list is limited, which was `asked` for an organization: to that, if the caller may see it, else to the
    /// caller's own.
    ///
    /// # Errors
    ///
    /// When the caller may see nothing, or not what was asked for.
    pub fn reach(&self, caller: &Caller, asked: Option<OrgKey>) -> Result<Option<OrgKey>, Refusal> {
        if caller.may_everywhere(Right::See) {
            return Ok(asked);
        }
        let (own, _) = caller.own_org(Right::See).ok_or(Refusal::Forbidden)?;
        let Some(key) = asked else {
            return Ok(Some(OrgKey::Id(own)));
        };
        self.allow(caller, Right::See, &key)?;
        Ok(Some(key))
    }

    fn within(
        &self,
        caller: &Caller,
        right: Right,
        path: &Path,
        unknown: Refusal,
    ) -> Result<(), Refusal> {
        match caller.may(right, path) {
            true => Ok(()),
            // As if there were no such thing.
            false if self.fidelity().foreign_status == 404 => Err(unknown),
            false => Err(Refusal::Forbidden),
        }
    }

    /// Gives a user these roles, by id, in place of all others. Unknown ones are passed over.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the caller would not be an administrator any more.
    pub fn set_roles(
        &self,
        caller: &Caller,
        key: &UserKey,
        ids: &[String],
    ) -> Result<RoleChange, Refusal> {
        let (mut known, mut unknown) = (Vec::<String>::new(), Vec::new());
        for id in ids {
            match Role::find(id) {
                Some(role) if !known.iter().any(|known| known == role.id) => {
                    known.push(role.id.to_owned());
                }
                Some(_) => {}
                None => unknown.push(id.clone()),
            }
        }
        self.change_and(|snapshot, stamp| {
            let view = find(snapshot, key)?;
            let missing = |from: &[String], wanted: &[String]| {
                let missing = wanted.iter().filter(|id| !from.contains(id));
                missing.cloned().collect::<Vec<_>>()
            };
            let change = RoleChange {
                given: missing(&view.user.roles, &known),
                taken: missing(&known, &view.user.roles),
                unknown: unknown.clone(),
            };
            let new = User {
                roles: known.clone(),
                modified_at: stamp.now,
                ..view.user.clone()
            };
            if view.user.is_admin() && !new.is_admin() {
                self.spare(caller, &view)?;
            }
            let is_change = !(change.given.is_empty() && change.taken.is_empty());
            let changes = is_change.then_some(Change::User(new));
            Ok((changes.into_iter().collect(), change))
        })
    }
}
