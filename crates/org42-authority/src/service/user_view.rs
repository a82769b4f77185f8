//! A user with what decides on their state.

use crate::domain::{OrgRecord, OrgState, User, UserState};

/// A user as they are now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserView {
    /// The user.
    pub user: User,
    /// The user's state.
    pub state: UserState,
    /// The user's organization.
    pub org: OrgRecord,
    /// The organization's state.
    pub org_state: OrgState,
}
