//! Directories for work in progress. Each is locked by the process that made it, so that one whose process was killed
//! is recognized at once.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The mark in the name of a directory that is not locked yet.
const NEW: &str = ".new-";

/// A directory for work in progress, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Aside {
    path: PathBuf,
    // The open directory, locked until it is gone.
    _held: Option<File>,
}

impl Aside {
    /// Makes a directory whose name begins with `prefix` and that only its owner can open.
    pub(crate) fn make_in(parent: &Path, prefix: &str) -> io::Result<Self> {
        let new = private(&format!("{prefix}{NEW}")).tempdir_in(parent)?;
        let held = hold(new.path())?;
        let name = new.path().file_name().unwrap_or_default();
        let name = name.to_string_lossy().replacen(NEW, "-", 1);
        let path = parent.join(name);
        // Only a locked directory gets the name that `sweep` looks for.
        fs::rename(new.path(), &path)?;
        let _ = new.keep();
        Ok(Self { path, _held: held })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // A directory that cannot be removed now is removed at the next use.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn private(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder
}

#[cfg(unix)]
fn hold(dir: &Path) -> io::Result<Option<File>> {
    let file = File::open(dir)?;
    file.lock()?;
    Ok(Some(file))
}

/// Returns nothing: a directory cannot be locked on this system.
#[cfg(not(unix))]
fn hold(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// Removes the directories of processes that were killed. One that cannot be removed does no harm.
pub(crate) fn sweep(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_string_lossy().starts_with(prefix)
            && fs::symlink_metadata(entry.path()).is_ok_and(|about| is_mine(&about));
        let is_new = name.to_string_lossy()[..].contains(NEW);
        if is_ours && is_left(&entry.path(), is_new) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_mine(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.is_dir() && about.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_mine(about: &fs::Metadata) -> bool {
    about.is_dir()
}

/// Returns whether no process uses the directory any more: its lock is free or, if it has none, it is a day old.
fn is_left(dir: &Path, is_new: bool) -> bool {
    const LEFT: Duration = Duration::from_secs(86_400);
    if cfg!(unix) && !is_new {
        return File::open(dir).is_ok_and(|file| file.try_lock().is_ok());
    }
    let modified = fs::symlink_metadata(dir).and_then(|about| about.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT))
}
