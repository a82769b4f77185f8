//! Tenants kept in directories: opened, and founded if there is none. What is in the directory is the business of
//! `data`.

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::auth;
use crate::authority::Authority;
use crate::data::{self, DATABASE, Gate, Place, SNAPSHOTS, UNFINISHED, Unfit, files};
use crate::error::StartError;
use crate::import::{self, Source};
use crate::options::Options;
use crate::sample::Sample;
use crate::store::{Sqlite, Store};
use crate::testbench::snapshots::{ASIDE, Snapshots};

impl From<Unfit> for StartError {
    fn from(unfit: Unfit) -> Self {
        Self::Refused(unfit.0)
    }
}

impl Authority {
    /// Returns whether the directory `dir` holds a tenant.
    #[must_use]
    pub fn is_in(dir: &Path) -> bool {
        dir.join(DATABASE).exists()
    }

    /// Opens the tenant in the directory `dir`; founds and fills it first if there is none.
    ///
    /// Any number of processes may have the same directory open. `admin_username` counts only for a new tenant. If
    /// founding fails, nothing is left behind.
    ///
    /// # Errors
    ///
    /// When the directory cannot be used, other users may change what is in it, or the tenant in it cannot be read by
    /// this version or lacks changes that it had.
    pub fn open(
        dir: &Path,
        sample: Sample,
        admin_username: &str,
        options: Options,
    ) -> Result<Self, StartError> {
        let place = Place::at(dir)?;
        let store = in_place(&place, |gate| {
            let path = place.path.join(DATABASE);
            if files::ordinary(&path)?.is_none() {
                let fill = |store: &Arc<dyn Store>| {
                    let Options { clock, entropy, .. } = &options;
                    Ok(sample.fill(store, clock, entropy, admin_username)?)
                };
                found_in(&place.path, fill)?;
            }
            Ok(Sqlite::kept(&path, gate)?)
        })?;
        let snapshots = place.path.join(SNAPSHOTS);
        data::sweep(&snapshots, ASIDE);
        let snapshots = Snapshots::In(snapshots);
        let authority = Self::over(Arc::new(store), sample, snapshots, options);
        Ok(authority.noting(place.notes))
    }

    /// Makes a tenant in the directory `dir` from the documents of another one; with `anonymize` without names, notes
    /// and registration keys.
    ///
    /// The administrator gets the name `admin_username` and has no password yet. Returns what had to be left out, and
    /// why: users and devices that cannot be read, or have no owner.
    ///
    /// # Errors
    ///
    /// When the directory holds a tenant already or cannot be used, or the documents contradict each other. Nothing
    /// is left behind then.
    pub fn copy_into(
        dir: &Path,
        source: &Source,
        anonymize: bool,
        admin_username: &str,
        options: &Options,
    ) -> Result<Vec<String>, StartError> {
        let place = Place::at(dir)?;
        in_place(&place, |_| {
            if files::ordinary(&place.path.join(DATABASE))?.is_some() {
                let why = format!("{} holds a tenant already", dir.display());
                return Err(StartError::Refused(why));
            }
            found_in(&place.path, |store| {
                import::write(source, anonymize, admin_username, store, options)
            })
        })
    }

    /// Makes a tenant that lives in memory, as long as the returned value and its clones.
    ///
    /// # Errors
    ///
    /// When the sample cannot be made.
    pub fn in_memory(
        sample: Sample,
        admin_username: &str,
        options: Options,
    ) -> Result<Self, StartError> {
        let store: Arc<dyn Store> = Arc::new(Sqlite::in_memory()?);
        sample.fill(&store, &options.clock, &options.entropy, admin_username)?;
        let snapshots = Snapshots::Passing(Mutex::default());
        Ok(Self::over(store, sample, snapshots, options))
    }

    /// Checks that a password may become the administrator's, so that a bad one is refused before a tenant is
    /// founded.
    ///
    /// # Errors
    ///
    /// When it has fewer than 8 characters, or is too long.
    pub fn check_password(password: &str) -> Result<(), StartError> {
        Ok(auth::check_password(password)?)
    }
}

/// Runs `act` while no other process opens, founds or closes the tenant. If it fails and there is no tenant,
/// everything that was made is removed.
fn in_place<T>(
    place: &Place,
    act: impl FnOnce(&Gate) -> Result<T, StartError>,
) -> Result<T, StartError> {
    let gate = match Gate::of(&place.path) {
        Ok(gate) => gate,
        Err(unfit) => {
            place.take_back();
            return Err(unfit.into());
        }
    };
    // This process holds the lock for founding, so an unfinished tenant is left from a process that was killed.
    let cleared = files::remove_database(&place.path.join(UNFINISHED));
    let acted = cleared.map_err(StartError::from).and_then(|()| act(&gate));
    if acted.is_err() && fs::symlink_metadata(place.path.join(DATABASE)).is_err() {
        // The first failure is the one to report.
        let _ = files::remove_database(&place.path.join(UNFINISHED));
        gate.take_away();
        place.take_back();
    }
    acted
}

/// Founds a tenant beside its place and moves it there when it is complete, so that no process ever sees half of it.
fn found_in<T>(
    dir: &Path,
    fill: impl FnOnce(&Arc<dyn Store>) -> Result<T, StartError>,
) -> Result<T, StartError> {
    let path = dir.join(DATABASE);
    Sqlite::expect_none(&path)?;
    let unfinished = dir.join(UNFINISHED);
    let store: Arc<dyn Store> = Arc::new(Sqlite::founding(&unfinished)?);
    let filled = fill(&store);
    drop(store);
    let filled = filled?;
    Sqlite::complete(&unfinished)?;
    let failed = |error| StartError::Io(format!("complete the tenant in {}", dir.display()), error);
    // Changes still in the log, because the disk had no room for them, would be lost by the move.
    if fs::metadata(files::log_of(&unfinished)).is_ok_and(|log| log.len() > 0) {
        return Err(failed(std::io::Error::other(
            "its log could not be emptied",
        )));
    }
    fs::rename(&unfinished, path).map_err(failed)?;
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(failed)?;
    Ok(filled)
}
