//! Checks of directories and files on systems other than Unix, where owners and permissions are not looked at.

use std::path::Path;

use super::Unfit;
use super::files::ordinary;

/// Refuses what is not a directory.
pub(crate) fn check_directory(path: &Path) -> Result<Vec<String>, Unfit> {
    match path.is_dir() {
        true => Ok(Vec::new()),
        false => Err(Unfit(format!("{} is not a directory", path.display()))),
    }
}

/// Refuses what is not an ordinary file.
pub(crate) fn tighten(path: &Path) -> Result<Option<String>, Unfit> {
    ordinary(path).map(|_| None)
}
