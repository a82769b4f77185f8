//! A caller's rights, where they hold, and how they are checked.
//!
//! A right is checked in the very view that is shown or decided on, so nothing can come between.

use super::devices::find_device;
use std::sync::Arc;

use super::grants::{Grant, Scope};
use super::kept::Kept;
use super::user_view::UserView;
use super::users::find;
use super::{Caller, Service};
use crate::domain::roles::{Right, Role};
use crate::domain::{OrgRecord, Path, TenantRefusal};
use crate::store::{OrgLookup, ReadView, UserLookup};

impl Scope {
    fn unknown(&self) -> TenantRefusal {
        match self {
            Self::Org(_) | Self::Inside(_) => TenantRefusal::OrgNotFound,
            Self::User(_) | Self::Caller => TenantRefusal::UserNotFound,
            Self::Device(_) => TenantRefusal::DeviceNotFound,
        }
    }

    /// Returns whether the scope is the caller, or the caller's organization.
    fn is_own(&self, me: &UserView) -> bool {
        match self {
            Self::Org(OrgLookup::Top) => me.org.parent_id.is_none(),
            Self::Org(OrgLookup::Id(id)) => *id == me.org.id,
            Self::Org(OrgLookup::Uid(uid)) => *uid == me.org.uid,
            Self::Org(OrgLookup::Guid(guid)) => *guid == me.org.guid,
            Self::User(UserLookup::Id(id)) => *id == me.user.id,
            Self::User(UserLookup::Uid(uid)) => *uid == me.user.uid,
            Self::Caller => true,
            Self::Org(OrgLookup::RegistrationKey(_))
            | Self::Inside(_)
            | Self::User(UserLookup::Username(_))
            | Self::Device(_) => false,
        }
    }
}

impl UserView {
    fn roles(&self) -> impl Iterator<Item = &'static Role> {
        self.user.roles.iter().filter_map(|id| Role::find(id))
    }

    fn has(&self, right: Right) -> bool {
        self.roles().any(|role| role.rights.contains(&right))
    }

    fn may_everywhere(&self, right: Right) -> bool {
        self.roles()
            .any(|role| role.is_everywhere && role.rights.contains(&right))
    }

    fn may(&self, right: Right, path: &Path) -> bool {
        let is_within = path.is_at_or_below(&self.org.path);
        self.may_everywhere(right) || (is_within && self.has(right))
    }

    /// Returns whether another user may do something that this one may not.
    fn is_outranked_by(&self, other: &Self) -> bool {
        let lacks = |role: &'static Role| {
            let mut rights = role.rights.iter();
            rights.any(|right| match role.is_everywhere {
                true => !self.may_everywhere(*right),
                false => !self.may(*right, &other.org.path),
            })
        };
        other.roles().any(lacks)
    }
}

impl Caller {
    /// Returns whether the caller may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        match self {
            Self::User { is_admin, .. } => *is_admin,
            Self::Program(_) | Self::ApiClient => true,
        }
    }

    /// Reads the caller's current user; `None` for API clients, which may do everything.
    fn now(
        &self,
        view: &dyn ReadView,
        kept: &Kept,
    ) -> Result<Option<Arc<UserView>>, TenantRefusal> {
        let (uid, since) = match self {
            Self::User { uid, since, .. } => (uid, since),
            Self::Program(client_id) => {
                let client = view.api_client(client_id)?;
                let client = client.filter(|client| !client.revoked);
                client.ok_or(TenantRefusal::BadCredentials)?;
                return Ok(None);
            }
            Self::ApiClient => return Ok(None),
        };
        let state = view.committed();
        let known = state.and_then(|state| kept.user(state, uid));
        let me = match known {
            Some(me) => me,
            None => {
                let me = match find(view, &UserLookup::Uid(uid.clone())) {
                    // The user is gone.
                    Err(TenantRefusal::UserNotFound) => return Err(TenantRefusal::BadCredentials),
                    found => Arc::new(found?),
                };
                if let Some(state) = state {
                    kept.keep_user(state, &me);
                }
                me
            }
        };
        match me.session_holds(*since) {
            true => Ok(Some(me)),
            // It has ended since the request came in.
            false => Err(TenantRefusal::BadCredentials),
        }
    }
}

impl Service<'_> {
    /// Returns this service restricted to `right` over `over`, checked in every view.
    ///
    /// Users may look at themselves and at their own organization without any right. No caller may change a user who
    /// has rights that the caller lacks, nor a device of such a user; but a change of an organization affects every
    /// user in it.
    #[must_use]
    pub fn allowing(&self, caller: &Caller, right: Right, over: impl Into<Scope>) -> Self {
        let mut tenant = self.clone();
        tenant.grants.push(Grant {
            caller: caller.clone(),
            right,
            over: over.into(),
        });
        tenant
    }

    /// Checks every right that this service is restricted to, before anything is prepared.
    ///
    /// # Errors
    ///
    /// When a caller lacks a right.
    pub fn check(&self) -> Result<(), TenantRefusal> {
        self.look(|_| Ok(()))
    }

    /// Refuses unless every caller has the right that is required, in this view.
    pub(super) fn admit(&self, view: &dyn ReadView) -> Result<(), TenantRefusal> {
        let mut grants = self.grants.iter();
        grants.try_for_each(|grant| self.admit_one(view, grant))
    }

    fn admit_one(&self, view: &dyn ReadView, grant: &Grant) -> Result<(), TenantRefusal> {
        let Grant {
            caller,
            right,
            over,
        } = grant;
        let Some(me) = caller.now(view, self.kept())? else {
            return Ok(());
        };
        let is_look = *right == Right::See;
        if is_look && over.is_own(&me) {
            return Ok(());
        }
        let refused = || match self.fidelity().foreign_status {
            // The answer is the same as for a thing that does not exist.
            404 if is_look || me.has(*right) => over.unknown(),
            _ => TenantRefusal::Forbidden,
        };
        if !me.has(*right) {
            return Err(refused());
        }
        let other = match over {
            Scope::User(key) => Some(find(view, key)?),
            Scope::Device(key) => Some(find_device(view, key)?.user),
            Scope::Org(_) | Scope::Inside(_) | Scope::Caller => None,
        };
        let path = match (over, other) {
            (_, Some(other)) => {
                if me.may(*right, &other.org.path) && !is_look && me.is_outranked_by(&other) {
                    return Err(TenantRefusal::Forbidden);
                }
                other.org.path
            }
            // A caller whose rights hold everywhere may learn what does not exist: the question itself answers that.
            _ if me.may_everywhere(*right) => return Ok(()),
            (Scope::Org(key) | Scope::Inside(key), None) => {
                view.org(key)?.ok_or(TenantRefusal::OrgNotFound)?.path
            }
            (Scope::Caller, None) => me.org.path.clone(),
            (_, None) => return Err(over.unknown()),
        };
        match me.may(*right, &path) {
            true => Ok(()),
            false => Err(refused()),
        }
    }

    /// Returns the organization that a caller's list is limited to. A list of everything is limited to what the
    /// caller may see.
    ///
    /// # Errors
    ///
    /// When the caller may see nothing.
    pub fn reach(
        &self,
        caller: &Caller,
        under: Option<OrgLookup>,
    ) -> Result<Option<OrgLookup>, TenantRefusal> {
        let own = self.look(|view| match caller.now(view, self.kept())? {
            None => Ok(None),
            Some(me) if me.may_everywhere(Right::See) => Ok(None),
            Some(me) if me.has(Right::See) => Ok(Some(me.org.clone())),
            Some(_) => Err(TenantRefusal::Forbidden),
        })?;
        Ok(under.or(own.map(|org: OrgRecord| OrgLookup::Id(org.id))))
    }
}
