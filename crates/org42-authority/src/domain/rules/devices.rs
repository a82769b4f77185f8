//! The rules of devices, their plans and their archives.

use org42_types::Timestamp;

use super::{Decision, open};
use crate::domain::{
    Archive, ArchiveState, BackupPlan, Cold, Device, DeviceState, OrgState, Retention, RowChange,
    Stamp, TenantRefusal, User, UserState,
};

/// How many devices one user may have, so that every change of a user fits into one commit.
pub const MAX_DEVICES_PER_USER: usize = 250;

/// A device about to be registered.
#[derive(Clone)]
pub struct NewDevice {
    /// `computerId`.
    pub id: u32,
    /// `guid`.
    pub guid: String,
    /// The plan's uid.
    pub plan_uid: String,
    /// Its name.
    pub name: String,
    /// Its operating system.
    pub os_name: String,
    /// The hash of the secret that its agent sends.
    pub secret_hash: Vec<u8>,
}

/// Registers a device for a user, with a running plan.
///
/// `with` is the state of the organization whose registration key was sent, `org` that of the user's organization.
///
/// # Errors
///
/// When one of the organizations is inactive or blocked, the user is inactive or blocked, or the user has too many
/// devices.
pub fn register_device(
    with: &OrgState,
    org: &OrgState,
    user: &User,
    devices: usize,
    new: NewDevice,
    stamp: Stamp,
) -> Decision {
    open(with)?;
    open(org)?;
    let state = UserState::of(org, user);
    if !state.active {
        return Err(TenantRefusal::UserIsDeactivated);
    }
    if state.blocked {
        return Err(TenantRefusal::UserIsBlocked);
    }
    if devices >= MAX_DEVICES_PER_USER {
        return Err(TenantRefusal::TooManyDevices);
    }
    Ok(vec![RowChange::Device(Device {
        id: new.id,
        guid: new.guid,
        user_id: user.id,
        name: new.name,
        os_name: new.os_name,
        secret_hash: new.secret_hash,
        created_at: stamp.now,
        modified_at: stamp.now,
        last_connected: Some(stamp.now),
        login_date: Some(stamp.now),
        blocked: false,
        deactivated: false,
        plan: BackupPlan {
            uid: new.plan_uid,
            started_at: stamp.revision,
            stopped: false,
        },
    })])
}

/// Lets a device's agent log in.
///
/// # Errors
///
/// When the device is deactivated or blocked.
pub fn log_in_device(state: &DeviceState, device: &Device, now: Timestamp) -> Decision {
    if !state.active {
        return Err(TenantRefusal::DeviceDeactivated);
    }
    if state.blocked {
        return Err(TenantRefusal::DeviceBlocked);
    }
    Ok(vec![RowChange::Device(Device {
        login_date: Some(now),
        last_connected: Some(now),
        ..device.clone()
    })])
}

/// Blocks a device, apart from its user. It is never refused.
///
/// # Errors
///
/// None.
pub fn block_device(state: &DeviceState, device: &Device, stamp: Stamp) -> Decision {
    if state.blocked {
        return Ok(Vec::new());
    }
    Ok(vec![RowChange::Device(Device {
        blocked: true,
        modified_at: stamp.after(device.modified_at),
        ..device.clone()
    })])
}

/// Unblocks a device.
///
/// # Errors
///
/// When its user is blocked or deactivated.
pub fn unblock_device(
    user: &UserState,
    state: &DeviceState,
    device: &Device,
    stamp: Stamp,
) -> Decision {
    if !state.blocked {
        return Ok(Vec::new());
    }
    if user.blocked {
        return Err(TenantRefusal::UserIsBlocked);
    }
    if !user.active {
        return Err(TenantRefusal::UserIsDeactivated);
    }
    Ok(vec![RowChange::Device(Device {
        blocked: false,
        modified_at: stamp.after(device.modified_at),
        ..device.clone()
    })])
}

/// Deactivates a device: its plan stops, its archives go to cold storage. It is never refused.
///
/// # Errors
///
/// None.
pub fn deactivate_device(
    state: &DeviceState,
    device: &Device,
    archives: &[Archive],
    retention: &Retention,
    stamp: Stamp,
) -> Decision {
    if !state.active {
        return Ok(Vec::new());
    }
    let gone = Device {
        deactivated: true,
        modified_at: stamp.after(device.modified_at),
        ..device.clone()
    };
    Ok(at_rest(gone, archives, retention, stamp))
}

/// Makes a device active again. Its backups stay stopped.
///
/// # Errors
///
/// When its user is deactivated.
pub fn reactivate_device(
    user: &UserState,
    state: &DeviceState,
    device: &Device,
    stamp: Stamp,
) -> Decision {
    if state.active {
        return Ok(Vec::new());
    }
    if !user.active {
        return Err(TenantRefusal::UserIsDeactivated);
    }
    Ok(vec![RowChange::Device(Device {
        deactivated: false,
        modified_at: stamp.after(device.modified_at),
        ..device.clone()
    })])
}

/// Records a backup of `bytes` more bytes. A block does not stop it.
///
/// `new_guid` is for the archive of a device that has none yet.
///
/// # Errors
///
/// When the device is deactivated, or its plan was stopped and has not been started again since.
pub fn back_up(
    state: &DeviceState,
    device: &Device,
    archives: &[Archive],
    new_guid: String,
    bytes: u64,
    stamp: Stamp,
) -> Decision {
    if !state.active {
        return Err(TenantRefusal::DeviceDeactivated);
    }
    if !state.plan_runs {
        return Err(TenantRefusal::BackupStopped);
    }
    let archive = archives.first().cloned().unwrap_or(Archive {
        guid: new_guid,
        device_id: device.id,
        bytes: 0,
        last_backup: stamp.now,
        cold: None,
        warm_at: stamp.revision,
    });
    let bytes = archive.bytes.saturating_add(bytes).min(i64::MAX as u64);
    Ok(vec![
        RowChange::Device(Device {
            last_connected: Some(stamp.now),
            ..device.clone()
        }),
        RowChange::Archive(Archive {
            bytes,
            last_backup: stamp.now,
            ..archive
        }),
    ])
}

/// Starts a device's backups again and recovers its archives from cold storage, as far as they are not purged.
///
/// # Errors
///
/// When the device is deactivated or blocked.
pub fn start_backup(
    state: &DeviceState,
    device: &Device,
    archives: &[Archive],
    retention: &Retention,
    stamp: Stamp,
) -> Decision {
    if !state.active {
        return Err(TenantRefusal::DeviceDeactivated);
    }
    if state.blocked {
        return Err(TenantRefusal::DeviceBlocked);
    }
    if state.plan_runs {
        return Ok(Vec::new());
    }
    let plan = BackupPlan {
        started_at: stamp.revision,
        stopped: false,
        ..device.plan.clone()
    };
    let mut changes = vec![RowChange::Device(Device {
        plan,
        modified_at: stamp.after(device.modified_at),
        ..device.clone()
    })];
    changes.extend(archives.iter().map(|archive| {
        match ArchiveState::of(archive, retention, stamp.now) {
            ArchiveState::Purged => RowChange::ArchiveGone(archive.guid.clone()),
            ArchiveState::Warm | ArchiveState::Cold { .. } => RowChange::Archive(Archive {
                cold: None,
                warm_at: stamp.revision,
                ..archive.clone()
            }),
        }
    }));
    Ok(changes)
}

/// Stops a device's backups, and puts those of its archives into cold storage that are not there yet.
pub(super) fn at_rest(
    device: Device,
    archives: &[Archive],
    retention: &Retention,
    stamp: Stamp,
) -> Vec<RowChange> {
    let cold = archives.iter().map(|archive| {
        let now = Cold {
            since: stamp.now,
            hold_days: retention.hold_days,
        };
        RowChange::Archive(Archive {
            cold: retention.cold(archive).or(Some(now)),
            ..archive.clone()
        })
    });
    let plan = BackupPlan {
        stopped: true,
        ..device.plan.clone()
    };
    let mut changes = vec![RowChange::Device(Device { plan, ..device })];
    changes.extend(cold);
    changes
}

/// Writes onto a device and its archives what the organizations above meant for them, so that it stays true
/// elsewhere.
pub(super) fn settled(
    org: &OrgState,
    device: &Device,
    archives: &[Archive],
    retention: &Retention,
    stamp: Stamp,
) -> Vec<RowChange> {
    let stopped = device.plan.stopped || org.newest_deactivation > device.plan.started_at;
    let plan = BackupPlan {
        started_at: stamp.revision,
        stopped,
        ..device.plan.clone()
    };
    let mut changes = vec![RowChange::Device(Device {
        plan,
        ..device.clone()
    })];
    changes.extend(archives.iter().map(|archive| {
        RowChange::Archive(Archive {
            cold: retention.cold(archive),
            warm_at: stamp.revision,
            ..archive.clone()
        })
    }));
    changes
}
