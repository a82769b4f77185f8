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

pub use devices::{
    MAX_DEVICES_PER_USER, NewDevice, back_up, block_device, deactivate_device, log_in_device,
    reactivate_device, register_device, start_backup, unblock_device,
};
pub use orgs::{
    Guard, NewOrgRecord, OrgRecordEdit, block_org, create_org, deactivate_org,
    names_of_deactivated, org_name, reactivate_org, unblock_org, update_org,
};
pub use settings::{KeyEdit, OwnSettingsEdit, update_keys, update_settings};
pub use users::{
    NewUser, UserEdit, activate_user, block_user, create_user, deactivate_user, move_user,
    unblock_user, update_user,
};

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
