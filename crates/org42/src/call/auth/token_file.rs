//! A token that is kept in a file, so that the next process need not sign in again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// How long to wait for another process that is signing in, and the pause between two attempts to take its place.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// The most bytes that a token file has.
const LONGEST: u64 = 1024 * 1024;

/// The place of a token, and the account that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile {
    pub(crate) path: PathBuf,
    /// The tenant and the caller. A token of another owner is not used.
    pub(crate) owner: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    owner: String,
    token: String,
    /// Seconds since 1970.
    expires: i64,
}

/// The right to sign in and to write the file, which one process has at a time.
#[derive(Debug)]
pub(crate) struct Turn {
    file: TokenFile,
    _lock: File,
}

impl TokenFile {
    /// Waits until no other process is signing in. Returns `None` if files cannot be locked or it takes too long: the
    /// token is then not kept, and nothing else differs.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        let file = self.clone();
        let waiting = tokio::task::spawn_blocking(move || file.lock());
        let lock = waiting.await.ok()?.ok()?;
        Some(Turn {
            file: self.clone(),
            _lock: lock,
        })
    }

    fn lock(&self) -> io::Result<File> {
        if let Some(directory) = self.path.parent() {
            private_directory(directory)?;
        }
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(name)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) if waited < PATIENCE => {}
                Err(error) => return Err(error.into()),
            }
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }

    /// Returns the token in the file and how much longer it is valid, if it belongs to the same account and server.
    pub(crate) fn read(&self, now: Timestamp) -> Option<(SecretString, Duration)> {
        // A file that others can read keeps no secret: a new token replaces it.
        if is_open(&self.path) {
            return None;
        }
        let mut text = Vec::new();
        let file = File::open(&self.path).ok()?;
        file.take(LONGEST).read_to_end(&mut text).ok()?;
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        let token = SecretString::from(kept.token);
        let left = u64::try_from(kept.expires.saturating_sub(now.as_second())).ok()?;
        (kept.owner == self.owner).then_some((token, Duration::from_secs(left)))
    }
}

impl Turn {
    /// Replaces the token in the file, as a whole or not at all.
    pub(crate) fn write(
        &self,
        token: &SecretString,
        lifetime: Duration,
        now: Timestamp,
    ) -> io::Result<()> {
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let kept = Kept {
            owner: self.file.owner.clone(),
            token: token.expose_secret().to_owned(),
            expires: now.as_second().saturating_add(lifetime),
        };
        // A path that is a link stays a link: its target is replaced.
        let path = fs::canonicalize(&self.file.path).unwrap_or_else(|_| self.file.path.clone());
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut new = tempfile::NamedTempFile::new_in(directory)?;
        new.write_all(&serde_json::to_vec(&kept)?)?;
        new.persist(&path)?;
        Ok(())
    }
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
