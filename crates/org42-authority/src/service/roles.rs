//! Replacing the roles of a user.

use super::Caller;
use super::TenantDraft;
use super::users::find;
use crate::domain::roles::Role;
use crate::domain::{RowChange, TenantRefusal, User};
use crate::store::UserLookup;

/// The result of replacing the roles of a user, by role id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleChange {
    /// The roles that are new to the user.
    pub given: Vec<String>,
    /// The roles that were removed from the user.
    pub taken: Vec<String>,
    /// The ids that belong to no role.
    pub unknown: Vec<String>,
}

impl TenantDraft<'_> {
    /// Replaces all roles of a user with these, by id. Unknown ones are ignored.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the caller would not be an administrator any more.
    pub fn set_roles(
        &self,
        caller: &Caller,
        key: &UserLookup,
        ids: &[String],
    ) -> Result<RoleChange, TenantRefusal> {
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
        self.change_and(|view, stamp| {
            let found = find(view, key)?;
            let missing = |from: &[String], wanted: &[String]| {
                let missing = wanted.iter().filter(|id| !from.contains(id));
                missing.cloned().collect::<Vec<_>>()
            };
            let change = RoleChange {
                given: missing(&found.user.roles, &known),
                taken: missing(&known, &found.user.roles),
                unknown: unknown.clone(),
            };
            let new = User {
                roles: known.clone(),
                modified_at: stamp.after(found.user.modified_at),
                ..found.user.clone()
            };
            if found.user.is_admin() && !new.is_admin() {
                self.spare(caller, &found)?;
            }
            let is_change = !(change.given.is_empty() && change.taken.is_empty());
            let changes = is_change.then_some(RowChange::User(new));
            Ok((changes.into_iter().collect(), change))
        })
    }
}
