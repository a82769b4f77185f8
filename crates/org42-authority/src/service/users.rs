//! Users: listing, reading, creating, changing, blocking, deactivating and moving.

use org42_types::OrgId;

use super::listing::{Passing, collected, each};
use super::orgs::{next_id, top};
use super::user_view::UserView;
use super::way::{Ways, way_to};
use super::{Caller, Listing, PageOf, Service, TenantDraft};
use crate::domain::roles::DESKTOP_USER;
use crate::domain::rules::{self, Decision, NewUser, UserEdit};
use crate::domain::{
    Archive, Device, OrgRecord, OrgState, Retention, RowChange, Stamp, TenantRefusal, Totp, User,
    UserState,
};
use crate::store::{OrgLookup, ReadView, UserLookup};

/// The users to list.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// The page.
    pub page: PageOf,
    /// Only users of this organization and below it.
    pub under: Option<OrgLookup>,
    /// Only active users, or only inactive ones.
    pub active: Option<bool>,
    /// Only blocked users, or only those that are not.
    pub blocked: Option<bool>,
    /// Only the user with this name.
    pub username: Option<String>,
    /// Only users with this mail address.
    pub email: Option<String>,
    /// Only users with this text in a name or the address.
    pub search: Option<String>,
    /// Only users with this role, by id.
    pub role: Option<String>,
}

/// The description of a user to be created.
#[derive(Clone, Default)]
pub struct UserCreation {
    /// The organization; `None` is the top one.
    pub org: Option<OrgLookup>,
    /// The username.
    pub username: String,
    /// The mail address.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// `notes`.
    pub notes: Option<String>,
    /// The hash of the password.
    pub password_hash: Option<String>,
    /// The roles, by id; if there are none, the user gets the role of an ordinary user.
    pub roles: Vec<String>,
}

/// An edit of a user.
pub type UserUpdate = UserEdit;

impl UserQuery {
    /// Returns whether answering it means reading every user.
    pub(crate) fn needs_all(&self) -> bool {
        let texts = [&self.username, &self.email, &self.search, &self.role];
        self.active.is_some() || self.blocked.is_some() || texts.into_iter().any(Option::is_some)
    }

    /// Returns whether the user matches, apart from the user's state.
    fn wants(&self, user: &User) -> bool {
        let same = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| {
                value.is_some_and(|v| v.to_lowercase() == wanted.to_lowercase())
            })
        };
        let texts = [
            Some(&user.username),
            user.email.as_ref(),
            user.first_name.as_ref(),
            user.last_name.as_ref(),
        ];
        let holds = |part: &str| {
            texts
                .into_iter()
                .flatten()
                .any(|t| t.to_lowercase().contains(&part.to_lowercase()))
        };
        same(&self.username, Some(&user.username))
            && same(&self.email, user.email.as_deref())
            && self.search.as_deref().is_none_or(holds)
            && (self.role.as_ref()).is_none_or(|role| user.roles.contains(role))
    }

    fn wants_in(&self, state: UserState) -> bool {
        self.active.is_none_or(|active| active == state.active)
            && self.blocked.is_none_or(|blocked| blocked == state.blocked)
    }
}

impl Service<'_> {
    /// Returns a page of users.
    ///
    /// # Errors
    ///
    /// When the organization is unknown.
    pub fn list_users(&self, query: &UserQuery) -> Result<Listing<UserView>, TenantRefusal> {
        collected(|see| self.each_user(query, see))
    }

    /// Passes a page of users to `see` one after the other; returns how many there are on all pages.
    ///
    /// # Errors
    ///
    /// When the organization is unknown, or the error that `see` returns.
    pub fn each_user(
        &self,
        query: &UserQuery,
        see: &mut dyn FnMut(UserView) -> Result<(), TenantRefusal>,
    ) -> Result<u64, TenantRefusal> {
        self.look(|view| {
            let under = scope(view, query.under.as_ref())?.path;
            let mut ways = Ways::new(view);
            if !query.needs_all() {
                let window = Some(query.page.window());
                let show = |user| see(view_of(&mut ways, user)?);
                each(|see| view.each_user(&under, window, see), show)?;
                return Ok(view.count_users(&under)?);
            }
            let mut passing = Passing::new(query.page);
            let show = |user: User| {
                if !query.wants(&user) {
                    return Ok(());
                }
                let org = ways.of(user.org_id)?;
                let is_wanted = query.wants_in(UserState::of(&org.1, &user));
                match is_wanted && passing.next_is_shown() {
                    true => see(view_of(&mut ways, user)?),
                    false => Ok(()),
                }
            };
            each(|see| view.each_user(&under, None, see), show)?;
            Ok(passing.total)
        })
    }

    /// Returns one user.
    ///
    /// # Errors
    ///
    /// When no user has this key.
    pub fn user(&self, key: &UserLookup) -> Result<UserView, TenantRefusal> {
        self.look(|view| find(view, key))
    }

    /// Returns one user's row, if there is one with this key.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub(crate) fn user_if_any(&self, key: &UserLookup) -> Result<Option<User>, TenantRefusal> {
        self.look(|view| Ok(view.user(key)?))
    }

    /// Returns the user who is the caller.
    ///
    /// # Errors
    ///
    /// When the caller is an API client.
    pub fn user_of(&self, caller: &Caller) -> Result<UserView, TenantRefusal> {
        match caller {
            Caller::User { id, .. } => self.user(&UserLookup::Id(*id)),
            Caller::Program(_) | Caller::ApiClient => Err(TenantRefusal::UserNotFound),
        }
    }

    pub(super) fn new_user(&self, id: u32, new: &UserCreation) -> NewUser {
        let new = new.clone();
        NewUser {
            id,
            uid: self.entropy().decimal(),
            username: new.username,
            email: new.email,
            first_name: new.first_name,
            last_name: new.last_name,
            notes: new.notes,
            password_hash: new.password_hash,
            roles: match new.roles.is_empty() {
                true => vec![DESKTOP_USER.to_owned()],
                false => new.roles,
            },
        }
    }

    pub(super) fn spare(&self, caller: &Caller, found: &UserView) -> Result<(), TenantRefusal> {
        match caller {
            Caller::User { id, .. } if *id == found.user.id && !self.fidelity().lockout_allowed => {
                Err(TenantRefusal::OwnTenant)
            }
            _ => Ok(()),
        }
    }
}

impl TenantDraft<'_> {
    /// Creates a user.
    ///
    /// # Errors
    ///
    /// When the organization is unknown, inactive or blocked, or the name is missing, invalid or taken.
    pub fn create_user(&self, new: &UserCreation) -> Result<UserView, TenantRefusal> {
        let id = self.change_and(|view, stamp| {
            let org = scope(view, new.org.as_ref())?;
            let state = OrgState::of_way(&view.way_down(&org.path)?);
            let namesake = view.user(&UserLookup::Username(new.username.trim().to_owned()))?;
            let (id, next) = next_id(view)?;
            let user = self.new_user(id, new);
            let mut changes = rules::create_user(&org, &state, namesake.as_ref(), user, stamp)?;
            changes.push(next);
            Ok((changes, id))
        })?;
        self.user(&UserLookup::Id(id))
    }

    /// Changes a user's names, mail address, notes or password.
    ///
    /// # Errors
    ///
    /// When no user has this key, or the new name is taken or invalid.
    pub fn update_user(
        &self,
        key: &UserLookup,
        edit: &UserUpdate,
    ) -> Result<UserView, TenantRefusal> {
        let id = self.user(key)?.user.id;
        self.change(|view, stamp| {
            let user = find(view, &UserLookup::Id(id))?.user;
            let namesake = match &edit.username {
                Some(name) => view.user(&UserLookup::Username(name.trim().to_owned()))?,
                None => None,
            };
            rules::update_user(&user, namesake.as_ref(), edit.clone(), stamp)
        })?;
        self.user(&UserLookup::Id(id))
    }

    /// Switches one-time codes on or off for a user; ends no session.
    ///
    /// # Errors
    ///
    /// When no user has this key.
    pub fn set_totp(&self, key: &UserLookup, totp: Option<&Totp>) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let user = find(view, key)?.user;
            Ok(vec![RowChange::User(User {
                totp: totp.cloned(),
                modified_at: stamp.after(user.modified_at),
                ..user
            })])
        })
    }

    /// Blocks a user.
    ///
    /// # Errors
    ///
    /// When no user has this key, or it is the caller's own.
    pub fn block_user(&self, caller: &Caller, key: &UserLookup) -> Result<(), TenantRefusal> {
        self.change_user(key, |_, found, stamp| {
            self.spare(caller, found)?;
            rules::block_user(&found.org_state, &found.user, stamp)
        })
    }

    /// Unblocks a user.
    ///
    /// # Errors
    ///
    /// When no user has this key, or the organization is blocked.
    pub fn unblock_user(&self, key: &UserLookup) -> Result<(), TenantRefusal> {
        self.change_user(key, |_, found, stamp| {
            rules::unblock_user(&found.org_state, &found.user, stamp)
        })
    }

    /// Deactivates a user with the user's devices, and also blocks the user if `block` is set.
    ///
    /// # Errors
    ///
    /// When no user has this key, or it is the caller's own.
    pub fn deactivate_user(
        &self,
        caller: &Caller,
        key: &UserLookup,
        block: bool,
    ) -> Result<(), TenantRefusal> {
        self.change_user(key, |view, found, stamp| {
            self.spare(caller, found)?;
            let (belongings, retention) = belongings(view, found)?;
            let mut changes = match block {
                true => rules::block_user(&found.org_state, &found.user, stamp)?,
                false => Vec::new(),
            };
            let blocked = changes.iter().find_map(RowChange::user);
            let user = blocked.unwrap_or(&found.user).clone();
            let gone =
                rules::deactivate_user(&found.org_state, &user, &belongings, &retention, stamp)?;
            changes.extend(gone);
            Ok(changes)
        })
    }

    /// Makes a user active again, and also unblocks the user if `unblock` is set.
    ///
    /// # Errors
    ///
    /// When no user has this key, or the organization is inactive or blocked.
    pub fn activate_user(&self, key: &UserLookup, unblock: bool) -> Result<(), TenantRefusal> {
        self.change_user(key, |_, found, stamp| {
            rules::activate_user(&found.org_state, &found.user, stamp)
        })?;
        if unblock {
            self.unblock_user(key)
        } else {
            Ok(())
        }
    }

    /// Moves a user, with the devices, to another organization.
    ///
    /// # Errors
    ///
    /// When the user or the organization is unknown, or the organization is inactive or blocked.
    pub fn move_user(&self, key: &UserLookup, to: &OrgLookup) -> Result<(), TenantRefusal> {
        self.change_user(key, |view, found, stamp| {
            let way = way_to(view, to)?;
            let target = way.last().ok_or(TenantRefusal::OrgNotFound)?;
            let (belongings, retention) = belongings(view, found)?;
            let to = (target, &OrgState::of_way(&way));
            rules::move_user(
                &found.org_state,
                to,
                &found.user,
                &belongings,
                &retention,
                stamp,
            )
        })
    }

    fn change_user(
        &self,
        key: &UserLookup,
        mut decide: impl FnMut(&dyn ReadView, &UserView, Stamp) -> Decision,
    ) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| decide(view, &find(view, key)?, stamp))
    }
}

/// Returns the organization that a list is limited to; the top one for `None`.
pub(super) fn scope(
    view: &dyn ReadView,
    key: Option<&OrgLookup>,
) -> Result<OrgRecord, TenantRefusal> {
    match key {
        Some(key) => view.org(key)?.ok_or(TenantRefusal::OrgNotFound),
        None => top(view),
    }
}

pub(super) fn find(view: &dyn ReadView, key: &UserLookup) -> Result<UserView, TenantRefusal> {
    let user = view.user(key)?.ok_or(TenantRefusal::UserNotFound)?;
    view_of(&mut Ways::new(view), user)
}

pub(super) fn view_of(ways: &mut Ways<'_>, user: User) -> Result<UserView, TenantRefusal> {
    let (org, org_state) = (*ways.of(user.org_id)?).clone();
    let state = UserState::of(&org_state, &user);
    Ok(UserView {
        user,
        state,
        org,
        org_state,
    })
}

/// Returns how long archives of an organization's devices stay in cold storage.
pub(super) fn retention(view: &dyn ReadView, org: &OrgRecord) -> Result<Retention, TenantRefusal> {
    let way = view.way_down(&org.path)?;
    let way: Vec<OrgId> = way.iter().map(|org| org.id).collect();
    let holds = view.hold_days(&org.path)?;
    let deactivations = view.deactivations(&org.path)?;
    Ok(Retention::of_way(&way, &holds, &deactivations))
}

type Belongings = (Vec<(Device, Vec<Archive>)>, Retention);

fn belongings(view: &dyn ReadView, found: &UserView) -> Result<Belongings, TenantRefusal> {
    let mut belongings = Vec::new();
    for device in view.devices_of(found.user.id)? {
        let archives = view.archives_of(device.id)?;
        belongings.push((device, archives));
    }
    Ok((belongings, retention(view, &found.org)?))
}
