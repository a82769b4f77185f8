//! The rules: what may be done to a tenant, and the rows that doing it writes. Nothing here looks anything up: each
//! rule is passed what it decides on.
//!
//! Each rule is a function from the present state to a list of [`RowChange`]s or a [`TenantRefusal`]. An empty list
//! means that everything is already as asked: repeating a request succeeds and changes nothing.

mod devices;
mod orgs;
mod settings;
mod users;

use super::{OrgState, RowChange, TenantRefusal};

pub use devices::*;
pub use orgs::*;
pub use settings::*;
pub use users::*;

/// The decision of a rule: the rows to write, none where nothing changes.
pub type Decision = Result<Vec<RowChange>, TenantRefusal>;

/// Returns whether a name is free of characters that control a terminal or turn the direction of writing.
fn is_plain(name: &str) -> bool {
    let steers = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !name.contains(steers)
}

/// Refuses an organization in which nothing may be created, moved to or made active.
fn open(state: &OrgState) -> Result<(), TenantRefusal> {
    if !state.active {
        return Err(TenantRefusal::ParentOrgNotActive);
    }
    if state.blocked {
        return Err(TenantRefusal::ParentOrgBlocked);
    }
    Ok(())
}
