//! The states of organizations, users, devices and archives, worked out from the marks on the way down to them.

use std::sync::Arc;

use org42_types::{OrgId, Timestamp};

use super::model::{
    Archive, Cold, Deactivation, Device, HoldDays, Mark, OrgRecord, Path, Revision, User,
};

/// How many days an archive stays in cold storage before it is purged, unless an organization sets another number.
pub(crate) const ARCHIVE_HOLD_DAYS: u32 = 14;

/// The state of an organization, from its own marks and those above it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgState {
    /// Whether neither it nor an organization above it is deactivated.
    pub active: bool,
    /// Whether it or an organization above it is blocked.
    pub blocked: bool,
    /// The time since which it is inactive.
    pub inactive_since: Option<Timestamp>,
    /// The newest block on the way down, even if it is over: users blocked by it stay blocked.
    pub newest_block: Revision,
    /// The newest deactivation on the way down, even if it is over: plans stopped by it stay stopped.
    pub newest_deactivation: Revision,
    newest_unblock: Revision,
    left_inactive: Vec<Mark>,
}

impl OrgState {
    /// The state above the top organization, without any mark.
    pub const ABOVE_TOP: Self = Self {
        active: true,
        blocked: false,
        inactive_since: None,
        newest_block: Revision(0),
        newest_deactivation: Revision(0),
        newest_unblock: Revision(0),
        left_inactive: Vec::new(),
    };

    /// Returns the state of an organization whose parent has this state.
    #[must_use]
    pub fn of_child(&self, org: &OrgRecord) -> Self {
        let newest_block = self.newest_block.max(org.blocked_at);
        let newest_unblock = self.newest_unblock.max(org.unblocked_at);
        let left = (self.left_inactive.iter()).find(|mark| mark.revision > org.activated_at);
        let since = [
            self.inactive_since,
            org.deactivated.map(|mark| mark.at),
            left.map(|mark| mark.at),
        ];
        let inactive_since = since.into_iter().flatten().min();
        let still_left = (self.left_inactive.iter()).filter(|mark| mark.revision > org.revived_at);
        let mut left_inactive: Vec<_> = still_left.chain(&org.left_inactive).copied().collect();
        left_inactive.sort_unstable();
        Self {
            active: inactive_since.is_none(),
            blocked: newest_block > newest_unblock,
            inactive_since,
            newest_block,
            newest_deactivation: self.newest_deactivation.max(org.last_deactivation),
            newest_unblock,
            left_inactive,
        }
    }

    /// Returns the state of the last organization of a way down from the top.
    #[must_use]
    pub fn of_way(way: &[OrgRecord]) -> Self {
        way.iter()
            .fold(Self::ABOVE_TOP, |state, org| state.of_child(org))
    }

    /// Returns whether something can be created in the organization or below it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.active && !self.blocked
    }

    /// Returns the state in the words of the API.
    #[must_use]
    pub fn status(&self) -> &'static str {
        status(self.active, self.blocked)
    }
}

/// Works out the states of organizations that come in the order of their paths, each after its parent.
#[derive(Debug)]
pub struct StatesInPathOrder {
    above: Arc<OrgState>,
    way: Vec<(Path, Arc<OrgState>)>,
}

impl StatesInPathOrder {
    /// Starts with `above`, the state of the first organization's parent.
    #[must_use]
    pub fn new(above: OrgState) -> Self {
        Self {
            above: Arc::new(above),
            way: Vec::new(),
        }
    }

    /// Returns the state of the next organization; one that equals the parent's shares its memory.
    pub fn of(&mut self, org: &OrgRecord) -> Arc<OrgState> {
        while (self.way.last()).is_some_and(|(path, _)| !org.path.is_at_or_below(path)) {
            self.way.pop();
        }
        let parent = self.way.last().map_or(&self.above, |(_, state)| state);
        let state = parent.of_child(org);
        let state = match state == **parent {
            true => parent.clone(),
            false => Arc::new(state),
        };
        self.way.push((org.path.clone(), state.clone()));
        state
    }
}

/// The state of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserState {
    /// Whether neither the user nor the organization is deactivated.
    pub active: bool,
    /// Whether the user is blocked, or was by a block of the organization and has not been unblocked since.
    pub blocked: bool,
}

impl UserState {
    /// Returns the state of a user whose organization has the state `org`.
    #[must_use]
    pub fn of(org: &OrgState, user: &User) -> Self {
        let left = org
            .left_inactive
            .last()
            .is_some_and(|mark| mark.revision > user.activated_at);
        Self {
            active: org.active && !left && !user.deactivated,
            blocked: org.blocked || user.blocked || org.newest_block > user.unblocked_at,
        }
    }

    /// Returns whether the user may log in.
    #[must_use]
    pub fn may_log_in(&self) -> bool {
        self.active && !self.blocked
    }

    /// Returns whether a session that began at `revision` is still valid.
    #[must_use]
    pub fn session_holds(&self, org: &OrgState, user: &User, revision: Revision) -> bool {
        let outlives = |mark: Revision, since: Revision| mark <= since || mark <= revision;
        self.may_log_in()
            && revision >= user.sessions_end
            && outlives(org.newest_block, user.unblocked_at)
            && outlives(org.newest_deactivation, user.activated_at)
    }

    /// Returns the state in the words of the API.
    #[must_use]
    pub fn status(&self) -> &'static str {
        status(self.active, self.blocked)
    }
}

/// The state of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceState {
    /// Whether neither the device nor its user is deactivated.
    pub active: bool,
    /// Whether the device or its user is blocked.
    pub blocked: bool,
    /// Whether backups run.
    pub plan_runs: bool,
}

impl DeviceState {
    /// Returns the state of a device whose user has the state `user` and whose user's organization the state `org`.
    #[must_use]
    pub fn of(org: &OrgState, user: &UserState, device: &Device) -> Self {
        let active = user.active && !device.deactivated;
        let stopped = device.plan.stopped || org.newest_deactivation > device.plan.started_at;
        Self {
            active,
            blocked: user.blocked || device.blocked,
            plan_runs: active && !stopped,
        }
    }

    /// Returns the state in the words of the API.
    #[must_use]
    pub fn status(&self) -> &'static str {
        status(self.active, self.blocked)
    }
}

fn status(active: bool, blocked: bool) -> &'static str {
    match (active, blocked) {
        (true, false) => "Active",
        (true, true) => "Active, Blocked",
        (false, false) => "Deactivated",
        (false, true) => "Deactivated, Blocked",
    }
}

/// How long archives of one organization's devices stay in cold storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The days for archives that go there now.
    pub hold_days: u32,
    /// The deactivations of the organizations on the way down, each with the days that were in force then.
    pub deactivations: Vec<(Mark, u32)>,
}

impl Retention {
    /// Works out the retention for the organization at the end of `way` (ids, the top one first).
    pub fn of_way(way: &[OrgId], holds: &[HoldDays], deactivations: &[Deactivation]) -> Self {
        let at = |revision| hold_days_at(way, holds, revision);
        let above = deactivations.iter().filter(|d| way.contains(&d.org_id));
        Self {
            hold_days: at(Revision(u64::MAX)),
            deactivations: above.map(|d| (d.mark, at(d.mark.revision))).collect(),
        }
    }

    /// Returns the stay of an archive in cold storage: its own, or one since the first deactivation that found it
    /// outside.
    #[must_use]
    pub fn cold(&self, archive: &Archive) -> Option<Cold> {
        let found = self.deactivations.iter();
        let found = found
            .filter(|(mark, _)| mark.revision > archive.warm_at)
            .min();
        archive.cold.or_else(|| {
            found.map(|(mark, hold_days)| Cold {
                since: mark.at,
                hold_days: *hold_days,
            })
        })
    }
}

/// Returns the days in force at a revision: those of the lowest organization that had a number of its own.
fn hold_days_at(way: &[OrgId], holds: &[HoldDays], revision: Revision) -> u32 {
    let own = |org_id: &OrgId| {
        let until_then = holds
            .iter()
            .filter(|hold| hold.org_id == *org_id && hold.since <= revision);
        until_then.max_by_key(|hold| hold.since)?.days
    };
    way.iter().rev().find_map(own).unwrap_or(ARCHIVE_HOLD_DAYS)
}

/// The place of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveState {
    /// Not in cold storage.
    Warm,
    /// In cold storage, and not yet purged.
    Cold {
        /// The time at which it is purged.
        purge_at: Timestamp,
    },
    /// Purged.
    Purged,
}

impl ArchiveState {
    /// Returns where an archive is at the time `now`.
    #[must_use]
    pub fn of(archive: &Archive, retention: &Retention, now: Timestamp) -> Self {
        match retention.cold(archive).map(Cold::purge_at) {
            None => Self::Warm,
            Some(purge_at) if purge_at > now => Self::Cold { purge_at },
            Some(_) => Self::Purged,
        }
    }
}
