//! The rules of users: creation, edits, blocks, deactivations, and moves to another organization.

use super::devices::{at_rest, settled};
use super::{Decision, is_plain, open};
use crate::domain::{
    Archive, Device, DeviceState, OrgRecord, OrgState, Retention, RowChange, Stamp, TenantRefusal,
    User, UserState,
};

/// A user about to be created.
#[derive(Clone)]
pub struct NewUser {
    /// `userId`.
    pub id: u32,
    /// `userUid`.
    pub uid: String,
    /// The username.
    pub username: String,
    /// The mail address.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// The hash of the password; without one, the user cannot log in with a password.
    pub password_hash: Option<String>,
    /// The roles, by id.
    pub roles: Vec<String>,
}

/// How many characters a username may have: the name of a mailbox has at most 64, that of its host 255.
const MAX_NAME: usize = 320;

/// Returns a username without white space at its ends, if it is a valid one.
fn login_name(given: &str) -> Result<String, TenantRefusal> {
    let name = given.trim();
    if name.is_empty() {
        return Err(TenantRefusal::UsernameMissing);
    }
    if !is_plain(name) || name.chars().count() > MAX_NAME {
        return Err(TenantRefusal::Invalid(format!(
            "A username has at most {MAX_NAME} characters, and no control characters."
        )));
    }
    Ok(name.to_owned())
}

fn check_email(email: &str) -> Result<(), TenantRefusal> {
    let (name, host) = email.split_once('@').ok_or(TenantRefusal::EmailInvalid)?;
    let fine =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c == '@' || c.is_whitespace());
    if fine(name) && fine(host) {
        Ok(())
    } else {
        Err(TenantRefusal::EmailInvalid)
    }
}

/// Creates a user in the organization `org`, which is in the state `state`.
///
/// # Errors
///
/// When the organization is inactive or blocked, the username is missing, taken (`namesake`) or invalid, or the text
/// for the mail address is none.
pub fn create_user(
    org: &OrgRecord,
    state: &OrgState,
    namesake: Option<&User>,
    new: NewUser,
    stamp: Stamp,
) -> Decision {
    open(state)?;
    let username = login_name(&new.username)?;
    if namesake.is_some() {
        return Err(TenantRefusal::UserDuplicate);
    }
    new.email.as_deref().map_or(Ok(()), check_email)?;
    Ok(vec![RowChange::User(User {
        id: new.id,
        uid: new.uid,
        username,
        email: new.email,
        first_name: new.first_name,
        last_name: new.last_name,
        ext_ref: None,
        notes: new.notes,
        org_id: org.id,
        roles: new.roles,
        password_hash: new.password_hash,
        totp: None,
        created_at: stamp.now,
        modified_at: stamp.now,
        blocked: false,
        deactivated: false,
        unblocked_at: stamp.revision,
        activated_at: stamp.revision,
        sessions_end: stamp.revision,
    })])
}

/// An edit of a user; `None` leaves a field as it is.
#[derive(Clone, Default)]
pub struct UserEdit {
    /// The new username.
    pub username: Option<String>,
    /// The new mail address.
    pub email: Option<String>,
    /// The new first name.
    pub first_name: Option<String>,
    /// The new last name.
    pub last_name: Option<String>,
    /// The new notes.
    pub notes: Option<String>,
    /// The hash of the new password; ends all sessions.
    pub password_hash: Option<String>,
}

/// Changes a user's names, mail address, notes or password.
///
/// # Errors
///
/// When another user (`namesake`) has the new name, it is not a valid username, or the text for the mail address is
/// none.
pub fn update_user(user: &User, namesake: Option<&User>, edit: UserEdit, stamp: Stamp) -> Decision {
    if namesake.is_some_and(|other| other.id != user.id) {
        return Err(TenantRefusal::UserDuplicate);
    }
    edit.email.as_deref().map_or(Ok(()), check_email)?;
    let mut new = user.clone();
    if let Some(username) = edit.username {
        // A name that was stored under older rules stays allowed.
        if username.trim() != user.username {
            new.username = login_name(&username)?;
        }
    }
    new.email = edit.email.or(new.email);
    new.first_name = edit.first_name.or(new.first_name);
    new.last_name = edit.last_name.or(new.last_name);
    new.notes = edit.notes.or(new.notes);
    if edit.password_hash.is_some() {
        new.password_hash = edit.password_hash;
        new.sessions_end = stamp.revision;
    }
    if new == *user {
        return Ok(Vec::new());
    }
    new.modified_at = stamp.after(user.modified_at);
    Ok(vec![RowChange::User(new)])
}

/// Blocks a user, apart from any organization. It is never refused.
///
/// # Errors
///
/// None.
pub fn block_user(org: &OrgState, user: &User, stamp: Stamp) -> Decision {
    if UserState::of(org, user).blocked {
        return Ok(Vec::new());
    }
    let blocked = User {
        blocked: true,
        sessions_end: stamp.revision,
        modified_at: stamp.after(user.modified_at),
        ..user.clone()
    };
    Ok(vec![RowChange::User(blocked)])
}

/// Unblocks a user, whether blocked alone or with an organization.
///
/// # Errors
///
/// When the organization is blocked: the user would stay blocked.
pub fn unblock_user(org: &OrgState, user: &User, stamp: Stamp) -> Decision {
    if !UserState::of(org, user).blocked {
        return Ok(Vec::new());
    }
    if org.blocked {
        return Err(TenantRefusal::ParentOrgBlocked);
    }
    let free = User {
        blocked: false,
        unblocked_at: stamp.revision,
        sessions_end: user.sessions_end.max(org.newest_block),
        modified_at: stamp.after(user.modified_at),
        ..user.clone()
    };
    Ok(vec![RowChange::User(free)])
}

/// Deactivates a user with the user's devices: plans stop, archives go to cold storage. It is never refused.
///
/// `belongings` are the user's devices with their archives, `retention` is that of the user's organization.
///
/// # Errors
///
/// None.
pub fn deactivate_user(
    org: &OrgState,
    user: &User,
    belongings: &[(Device, Vec<Archive>)],
    retention: &Retention,
    stamp: Stamp,
) -> Decision {
    let state = UserState::of(org, user);
    if !state.active {
        return Ok(Vec::new());
    }
    let gone = User {
        deactivated: true,
        sessions_end: stamp.revision,
        modified_at: stamp.after(user.modified_at),
        ..user.clone()
    };
    let mut changes = vec![RowChange::User(gone)];
    for (device, archives) in belongings {
        if DeviceState::of(org, &state, device).active {
            changes.extend(at_rest(device.clone(), archives, retention, stamp));
        }
    }
    Ok(changes)
}

/// Makes a user active again, with the devices that the user's deactivation made inactive. Backups stay stopped.
///
/// # Errors
///
/// When the organization is inactive or blocked.
pub fn activate_user(org: &OrgState, user: &User, stamp: Stamp) -> Decision {
    if UserState::of(org, user).active {
        return Ok(Vec::new());
    }
    open(org)?;
    let back = User {
        deactivated: false,
        activated_at: stamp.revision,
        sessions_end: user.sessions_end.max(org.newest_deactivation),
        modified_at: stamp.after(user.modified_at),
        ..user.clone()
    };
    Ok(vec![RowChange::User(back)])
}

/// Moves a user to the organization `to`, which is in the state `to_state`.
///
/// What the old organizations' marks meant for the user, the devices and the archives is written onto them, and the
/// new organizations' older marks do not reach them.
///
/// # Errors
///
/// When the new organization is inactive or blocked.
pub fn move_user(
    from: &OrgState,
    to: (&OrgRecord, &OrgState),
    user: &User,
    belongings: &[(Device, Vec<Archive>)],
    retention: &Retention,
    stamp: Stamp,
) -> Decision {
    let (to, to_state) = to;
    if to.id == user.org_id {
        return Ok(Vec::new());
    }
    open(to_state)?;
    let state = UserState::of(from, user);
    let moved = User {
        org_id: to.id,
        blocked: state.blocked,
        deactivated: !state.active,
        unblocked_at: stamp.revision,
        activated_at: stamp.revision,
        sessions_end: user
            .sessions_end
            .max(from.newest_block)
            .max(from.newest_deactivation),
        modified_at: stamp.after(user.modified_at),
        ..user.clone()
    };
    let mut changes = vec![RowChange::User(moved)];
    for (device, archives) in belongings {
        changes.extend(settled(from, device, archives, retention, stamp));
    }
    Ok(changes)
}
