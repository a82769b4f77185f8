//! The files in a tenant's directory, opened without following links and without losing their content.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Unfit;

/// The file that exists as long as a process has the tenant open.
pub(crate) const MARKER: &str = "tenant.open";

/// Returns the metadata of an ordinary file, `None` if nothing has this name.
///
/// # Errors
///
/// When something else than an ordinary file has this name.
pub(crate) fn ordinary(path: &Path) -> Result<Option<Metadata>, Unfit> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_file() => Ok(Some(about)),
        Ok(about) => Err(Unfit(format!(
            "{} is {}, not an ordinary file: move it away, or use another directory",
            path.display(),
            kind(&about)
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Unfit(format!("cannot look at {}: {error}", path.display()))),
    }
}

fn kind(about: &Metadata) -> &'static str {
    let kind = about.file_type();
    if kind.is_symlink() {
        return "a link";
    }
    if kind.is_dir() {
        return "a directory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "a device"
}

/// Returns the paths of a database and of the files that SQLite has beside it.
pub(crate) fn of_database(path: &Path) -> [PathBuf; 4] {
    ["", "-wal", "-shm", "-journal"].map(|ending| {
        let mut name = OsString::from(path);
        name.push(ending);
        PathBuf::from(name)
    })
}

/// Returns the path of the log beside a database.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    let [_, log, _, _] = of_database(path);
    log
}

/// Refuses a database unless each of its files is an ordinary one or missing.
pub(crate) fn check_database(path: &Path) -> Result<(), Unfit> {
    let mut files = of_database(path).into_iter();
    files.try_for_each(|file| ordinary(&file).map(|_| ()))
}

/// Removes a database whose process has ended.
pub(crate) fn remove_database(path: &Path) -> Result<(), Unfit> {
    for file in of_database(path) {
        if ordinary(&file)?.is_some() {
            fs::remove_file(&file)
                .map_err(|error| Unfit(format!("cannot remove {}: {error}", file.display())))?;
        }
    }
    Ok(())
}

/// Opens a file to be locked, after making it if it is missing; its content stays.
pub(crate) fn lockable(path: &Path) -> Result<File, Unfit> {
    let failed = |error: io::Error| Unfit(format!("cannot lock {}: {error}", path.display()));
    ordinary(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = without_links(&mut options).open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_file() {
        true => Ok(file),
        false => Err(failed(io::Error::other("it is not an ordinary file"))),
    }
}

/// Copies a file into a new one that only its owner may read.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Unfit> {
    let failed = |error: io::Error| Unfit(format!("cannot copy {}: {error}", from.display()));
    ordinary(from)?;
    let mut source = without_links(OpenOptions::new().read(true))
        .open(from)
        .map_err(failed)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut target = without_links(&mut options).open(to).map_err(failed)?;
    io::copy(&mut source, &mut target).map_err(failed)?;
    Ok(())
}

/// Sets options so that links are not followed, a pipe does not block, and new files can be read by their owner
/// alone.
pub(crate) fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        options.mode(0o600).custom_flags(flags.cast_signed());
    }
    options
}
