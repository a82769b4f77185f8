//! The access to a tenant that replaces another: administrators, API clients, roles and sessions. No user of the
//! present tenant gets more rights than they have now.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::every_user;
use crate::domain::roles::{DESKTOP_USER, Role};
use crate::domain::{ApiClient, Revision, RowChange, TenantRefusal, User};
use crate::service::{Service, TenantService, UserCreation, UserView, With};
use crate::store::{MAX_CHANGES, OrgLookup, UserLookup};

/// The access that is carried over, whatever the tenant is replaced by.
pub(super) struct Access<'a> {
    now: &'a Service<'a>,
    administrators: Vec<UserView>,
    clients: Vec<ApiClient>,
    /// The users of the other tenant whose access is decided, by number there.
    settled: HashSet<u32>,
    changes: Vec<RowChange>,
}

/// A user who comes back without some of their roles.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserWithoutRoles)]
pub(crate) struct Without {
    /// The name of the user.
    username: String,
    /// The names of the roles.
    roles: Vec<String>,
}

/// What comes back with a snapshot, and what does not.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Restored)]
pub(crate) struct Return {
    /// The administrators of now, who stay so.
    pub(crate) administrators: Vec<String>,
    /// How many API clients of now may go on.
    pub(crate) api_clients: usize,
    /// How many of the snapshot may not.
    pub(crate) revoked_api_clients: usize,
    /// Who had more power then than now.
    pub(crate) without_roles: Vec<Without>,
    /// Who is blocked or deactivated now and stays so for having a role; of administrators all, of others those who were
    /// not so then.
    pub(crate) locked_out: Vec<String>,
}

impl<'a> Access<'a> {
    pub(super) fn of(now: &'a Service<'a>) -> Result<Self, TenantRefusal> {
        let mut administrators = Vec::new();
        every_user(now, |user| {
            if user.is_admin() {
                administrators.push(now.user(&UserLookup::Uid(user.uid))?);
            }
            Ok(())
        })?;
        Ok(Self {
            now,
            administrators,
            clients: now.api_clients()?,
            settled: HashSet::new(),
            changes: Vec::new(),
        })
    }

    /// Returns the name of the administrator that a new tenant is founded with: one who can sign in, if there is one.
    pub(super) fn founder(&self) -> Option<&str> {
        let mut able = self.administrators.iter();
        let able = able.find(|admin| admin.state.may_log_in());
        let first = able.or(self.administrators.first());
        first.map(|admin| admin.user.username.as_str())
    }

    /// Carries the present administrators and API clients over into the tenant that is about to replace theirs.
    pub(super) fn keep(&mut self, there: &TenantService) -> Result<Return, TenantRefusal> {
        let revoked_api_clients = self.keep_clients(there)?;
        let mut comes_back = Return {
            revoked_api_clients,
            api_clients: self.clients.iter().filter(|one| !one.revoked).count(),
            ..Return::default()
        };
        for present in std::mem::take(&mut self.administrators) {
            self.keep_administrator(there, &present)?;
            let list = match present.state.may_log_in() {
                true => &mut comes_back.administrators,
                false => &mut comes_back.locked_out,
            };
            list.push(present.user.username.clone());
            self.administrators.push(present);
        }
        Ok(comes_back)
    }

    /// Carries the present API clients over, and revokes those that only the other tenant has; returns how many that
    /// are.
    fn keep_clients(&mut self, there: &TenantService) -> Result<usize, TenantRefusal> {
        let is_known = |other: &ApiClient| {
            let mut known = self.clients.iter();
            known.any(|client| client.client_id == other.client_id)
        };
        // A client that is unknown now may belong to another tenant.
        let mut others = there.read().api_clients()?;
        others.retain(|other| !is_known(other));
        let revoked = others.iter().filter(|other| !other.revoked).count();
        for client in &mut others {
            client.revoked = true;
        }
        let all = self.clients.iter().cloned().chain(others);
        self.changes.extend(all.map(RowChange::ApiClient));
        Ok(revoked)
    }

    /// Carries one administrator over: one who can sign in now still can, whatever the other tenant's record says,
    /// and one who cannot still cannot.
    fn keep_administrator(
        &mut self,
        there: &TenantService,
        present: &UserView,
    ) -> Result<(), TenantRefusal> {
        let name = UserLookup::Username(present.user.username.clone());
        let uid = UserLookup::Uid(present.user.uid.clone());
        let read = there.read();
        let holder = found(&read, &uid)?;
        let theirs = match found(&read, &name)?.or(holder.clone()) {
            Some(theirs) => theirs,
            None => {
                let new = UserCreation {
                    org: Some(OrgLookup::Top),
                    username: present.user.username.clone(),
                    ..UserCreation::default()
                };
                there.change_blocking(move |there| there.create_user(&new))?
            }
        };
        let is_free = holder.is_none_or(|holder| holder.user.id == theirs.user.id);
        let top = read.org(&OrgLookup::Top, With::default())?.org.id;
        let seen = read.tenant()?.revision;
        self.settled.insert(theirs.user.id);
        self.changes.push(RowChange::User(User {
            uid: match is_free {
                true => present.user.uid.clone(),
                false => theirs.user.uid.clone(),
            },
            username: present.user.username.clone(),
            roles: present.user.roles.clone(),
            password_hash: present.user.password_hash.clone(),
            totp: present.user.totp.clone(),
            org_id: match theirs.org_state.is_open() {
                true => theirs.user.org_id,
                false => top,
            },
            blocked: present.state.blocked,
            deactivated: !present.state.active,
            unblocked_at: seen.next(),
            activated_at: seen.next(),
            // No session that had ended becomes valid again.
            sessions_end: present.user.sessions_end.max(theirs.user.sessions_end),
            ..theirs.user
        }));
        Ok(())
    }

    /// Removes from all other users of a snapshot the rights that they do not have now.
    pub(super) fn disarm(
        &mut self,
        there: &Service<'_>,
        comes_back: &mut Return,
    ) -> Result<(), TenantRefusal> {
        let mut armed = Vec::new();
        every_user(there, |user| {
            if user.roles.iter().any(|id| gives_rights(id)) && !self.settled.contains(&user.id) {
                armed.push(user.uid);
            }
            Ok(())
        })?;
        for uid in armed {
            let then = there.user(&UserLookup::Uid(uid))?;
            self.disarm_one(there, then, comes_back)?;
        }
        Ok(())
    }

    fn disarm_one(
        &mut self,
        there: &Service<'_>,
        then: UserView,
        comes_back: &mut Return,
    ) -> Result<(), TenantRefusal> {
        let now = self.now_of(&then.user)?;
        let reaches = match &now {
            Some(now) => reach(there, now, &then)?,
            None => false,
        };
        let is_kept = |id: &String| match (&now, Role::find(id)) {
            (_, Some(role)) if role.rights.is_empty() => true,
            // There is no present record that lacks the role; a role over the user's own organization comes back with
            // the user.
            (None, Some(role)) => !role.is_everywhere && !self.is_settled(&then.user),
            (Some(now), role) => {
                let is_everywhere = role.is_some_and(|role| role.is_everywhere);
                now.user.roles.contains(id) && (is_everywhere || reaches)
            }
            (None, None) => false,
        };
        let (mut kept, lost): (Vec<_>, Vec<_>) = then.user.roles.iter().cloned().partition(is_kept);
        if !lost.is_empty() {
            let name = |id: &String| Role::find(id).map_or(id.clone(), |role| role.name.to_owned());
            comes_back.without_roles.push(Without {
                username: then.user.username.clone(),
                roles: lost.iter().map(name).collect(),
            });
        }
        let has_rights = kept.iter().any(|id| gives_rights(id));
        if kept.is_empty() {
            kept.push(DESKTOP_USER.to_owned());
        }
        let mut user = User {
            roles: kept,
            ..then.user
        };
        // Users who keep rights keep their present credentials, and no more access than now.
        if let Some(now) = now.filter(|_| has_rights) {
            if then.state.may_log_in() && !now.state.may_log_in() {
                comes_back.locked_out.push(user.username.clone());
            }
            user.password_hash = now.user.password_hash;
            user.totp = now.user.totp;
            user.blocked |= now.state.blocked;
            user.deactivated |= !now.state.active;
            user.sessions_end = user.sessions_end.max(now.user.sessions_end);
        }
        self.changes.push(RowChange::User(user));
        Ok(())
    }

    /// Returns the present record of a user of a snapshot; `None` for those who administer now, whose access is
    /// decided already.
    fn now_of(&self, then: &User) -> Result<Option<UserView>, TenantRefusal> {
        let by_uid = found(self.now, &UserLookup::Uid(then.uid.clone()))?;
        let now = match by_uid {
            Some(now) => Some(now),
            None => found(self.now, &UserLookup::Username(then.username.clone()))?,
        };
        Ok(now.filter(|now| !self.is_settled(&now.user)))
    }

    fn is_settled(&self, user: &User) -> bool {
        let mut settled = self.administrators.iter();
        settled.any(|admin| admin.user.uid == user.uid)
    }

    /// Ends the sessions of all users of a new tenant who do not administer: a sample has the same uids each time.
    pub(super) fn end_other_sessions(
        &mut self,
        there: &Service<'_>,
        end: Revision,
    ) -> Result<(), TenantRefusal> {
        let mut signed_in = Vec::new();
        every_user(self.now, |user| {
            // Other users have never had a session.
            if user.password_hash.is_some() || user.sessions_end > Revision::default() {
                signed_in.push(user.uid);
            }
            Ok(())
        })?;
        for uid in signed_in {
            let other = found(there, &UserLookup::Uid(uid))?;
            let other = other.filter(|other| !self.settled.contains(&other.user.id));
            self.changes.extend(other.map(|other| {
                RowChange::User(User {
                    sessions_end: end,
                    ..other.user
                })
            }));
        }
        Ok(())
    }

    /// Writes the changes into the other tenant.
    pub(super) fn settle(self, there: &TenantService) -> Result<(), TenantRefusal> {
        for changes in self.changes.chunks(MAX_CHANGES) {
            let changes = changes.to_vec();
            there.change_blocking(move |there| there.apply(&changes))?;
        }
        Ok(())
    }
}

/// Returns whether a role comes with any right; an unknown role is taken for one with every right.
fn gives_rights(id: &str) -> bool {
    Role::find(id).is_none_or(|role| !role.rights.is_empty())
}

fn found(tenant: &Service<'_>, key: &UserLookup) -> Result<Option<UserView>, TenantRefusal> {
    match tenant.user(key) {
        Err(TenantRefusal::UserNotFound) => Ok(None),
        found => found.map(Some),
    }
}

/// Returns whether rights in the user's present organization reach as far as rights in the former one.
fn reach(there: &Service<'_>, now: &UserView, then: &UserView) -> Result<bool, TenantRefusal> {
    match there.org(&OrgLookup::Uid(now.org.uid.clone()), With::default()) {
        Ok(view) => Ok(then.org.path.is_at_or_below(&view.org.path)),
        Err(TenantRefusal::OrgNotFound) => Ok(false),
        Err(other) => Err(other),
    }
}
