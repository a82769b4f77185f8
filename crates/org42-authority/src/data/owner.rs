//! Checks whether other users than the one who runs the authority may change a directory or a file; on Unix.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::Unfit;
use super::files::ordinary;

const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;
const ANYBODY_ELSE: u32 = 0o077;

fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Returns whether a file's owner is another user; the superuser can change everything anyway, and does not count.
fn is_foreign(owner: u32) -> bool {
    owner != me() && owner != 0
}

/// Refuses a directory that belongs to another user or that all users may change; returns warnings for the operator.
pub(crate) fn check_directory(path: &Path) -> Result<Vec<String>, Unfit> {
    let shown = path.display();
    let about = fs::symlink_metadata(path)
        .map_err(|error| Unfit(format!("cannot look at {shown}: {error}")))?;
    if !about.is_dir() {
        return Err(Unfit(format!("{shown} is not a directory")));
    }
    let (owner, mode) = (about.uid(), about.mode());
    if is_foreign(owner) {
        return Err(Unfit(format!(
            "{shown} belongs to the user {owner}, who could change the tenant in it: use a directory of your own, or \
             make it yours with chown {} {shown}",
            me()
        )));
    }
    if mode & OTHERS_WRITE != 0 {
        return Err(Unfit(format!(
            "everybody on this machine may change what is in {shown} (mode {:o}): see that nobody has, then chmod 700 \
             {shown}",
            mode & 0o7777
        )));
    }
    let mut notes = Vec::new();
    if mode & GROUP_WRITES != 0 {
        notes.push(format!(
            "the members of the group {} may change what is in {shown}; chmod 700 {shown} keeps them out",
            about.gid()
        ));
    }
    notes.extend(path.ancestors().skip(1).filter_map(replaceable));
    Ok(notes)
}

/// Returns a warning if other users can rename entries of a directory above, and so replace the tenant's directory.
fn replaceable(above: &Path) -> Option<String> {
    let about = fs::symlink_metadata(above).ok()?;
    let is_open = about.mode() & OTHERS_WRITE != 0 && about.mode() & STICKY == 0;
    (is_open || is_foreign(about.uid())).then(|| {
        let who = match is_open {
            true => "everybody on this machine".to_owned(),
            false => format!("the user {}", about.uid()),
        };
        format!(
            "{who} may put another directory in the place of the tenant's, through {}",
            above.display()
        )
    })
}

/// Keeps other users from reading a file; returns a warning if they could. A file that they could have changed is
/// refused.
pub(crate) fn tighten(path: &Path) -> Result<Option<String>, Unfit> {
    let Some(about) = ordinary(path)? else {
        return Ok(None);
    };
    let (shown, owner, mode) = (path.display(), about.uid(), about.mode());
    if is_foreign(owner) {
        return Err(Unfit(format!(
            "{shown} belongs to the user {owner}, who could have changed it: see that nobody has, then chown {} {shown}",
            me()
        )));
    }
    if mode & OTHERS_WRITE != 0 {
        return Err(Unfit(format!(
            "everybody on this machine may change {shown} (mode {:o}): see that nobody has, then chmod 600 {shown}",
            mode & 0o7777
        )));
    }
    if mode & ANYBODY_ELSE == 0 {
        return Ok(None);
    }
    Ok(Some(
        match fs::set_permissions(path, Permissions::from_mode(0o600)) {
            Ok(()) => format!(
                "others could open {shown} (mode {:o}), which holds secrets; it has mode 600 now",
                mode & 0o7777
            ),
            Err(error) => format!("others can open {shown}, and cannot be kept out: {error}"),
        },
    ))
}
