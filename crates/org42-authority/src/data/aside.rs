//! Directories for what is made aside. Each is locked by its maker, so that one whose maker was killed is known at once.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One that is being made, for an instant: nobody has locked it yet.
const NEW: &str = ".new-";

/// Gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Aside {
    path: PathBuf,
    // Locked until the directory is gone.
    _held: Option<File>,
}

impl Aside {
    /// One whose name begins with `prefix`, that only its owner can look into.
    pub(crate) fn make_in(parent: &Path, prefix: &str) -> io::Result<Self> {
        let new = private(&format!("{prefix}{NEW}")).tempdir_in(parent)?;
        let held = hold(new.path())?;
        let name = new.path().file_name().unwrap_or_default();
        let name = name.to_string_lossy().replacen(NEW, "-", 1);
        let path = parent.join(name);
        // It gets the name by which it is looked for once it is locked.
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
        // What cannot be removed now goes at the next use.
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

/// A directory cannot be locked here.
#[cfg(not(unix))]
fn hold(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// Removes what processes that were killed have left. What cannot be removed is in nobody's way.
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

/// Whether nobody works in it any more: nobody holds its lock, or, where there is none, it is a day old.
fn is_left(dir: &Path, is_new: bool) -> bool {
    const LEFT: Duration = Duration::from_secs(86_400);
    if cfg!(unix) && !is_new {
        return File::open(dir).is_ok_and(|file| file.try_lock().is_ok());
    }
    let modified = fs::symlink_metadata(dir).and_then(|about| about.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT))
}
