//! What the marks on the way down to an organization, user, device or archive make of it.

use std::rc::Rc;

use org42_types::{OrgId, Timestamp};

use super::model::{
    Archive, Cold, Deactivation, Device, HoldDays, Mark, OrgRecord, Path, Revision, User,
};

/// How many days an archive stays in cold storage before it is purged, in a tenant where nobody has set it.
pub(crate) const ARCHIVE_HOLD_DAYS: u32 = 14;

/// The state of an organization, from its own marks and those above it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgState {
    /// Whether neither it nor an organization above it is deactivated.
    pub active: bool,
    /// Whether it or an organization above it is blocked.
    pub blocked: bool,
    /// When it became inactive, while it is.
    pub inactive_since: Option<Timestamp>,
    /// The newest block on the way down, also when it is over: users blocked by it stay blocked.
    pub newest_block: Revision,
    /// The newest deactivation on the way down, also when it is over: plans stopped by it stay stopped.
    pub newest_deactivation: Revision,
    newest_unblock: Revision,
    left_inactive: Vec<Mark>,
}

impl OrgState {
    /// The state above the top organization: nothing has ever happened.
    pub const ABOVE_TOP: Self = Self {
        active: true,
        blocked: false,
        inactive_since: None,
        newest_block: Revision(0),
        newest_deactivation: Revision(0),
        newest_unblock: Revision(0),
        left_inactive: Vec::new(),
    };

    /// The state of an organization whose parent has this state.
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

    /// The state of the last organization of a way down from the top.
    #[must_use]
    pub fn of_way(way: &[OrgRecord]) -> Self {
        way.iter()
            .fold(Self::ABOVE_TOP, |state, org| state.of_child(org))
    }

    /// Whether something can be created in or below it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.active && !self.blocked
    }

    /// The state in the words of the API.
    #[must_use]
    pub fn status(&self) -> &'static str {
        status(self.active, self.blocked)
    }
}

/// Works out the states of organizations that come in the order of their paths, each after its parent.
#[derive(Debug)]
pub struct StatesInPathOrder {
    above: Rc<OrgState>,
    way: Vec<(Path, Rc<OrgState>)>,
}

impl StatesInPathOrder {
    /// `above` is the state of the parent of the first one.
    #[must_use]
    pub fn new(above: OrgState) -> Self {
        Self {
            above: Rc::new(above),
            way: Vec::new(),
        }
    }

    /// The state of the next one. Where it is the parent's, it is kept once for both.
    pub fn of(&mut self, org: &OrgRecord) -> Rc<OrgState> {
        while (self.way.last()).is_some_and(|(path, _)| !org.path.is_at_or_below(path)) {
            self.way.pop();
        }
        let parent = self.way.last().map_or(&self.above, |(_, state)| state);
        let state = parent.of_child(org);
        let state = match state == **parent {
            true => parent.clone(),
            false => Rc::new(state),
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
    /// The state of a user of an organization in the state `org`.
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

    /// Whether the user may log in.
    #[must_use]
    pub fn may_log_in(&self) -> bool {
        self.active && !self.blocked
    }

    /// Whether a session that began at `revision` is still good.
    #[must_use]
    pub fn session_holds(&self, org: &OrgState, user: &User, revision: Revision) -> bool {
        let outlives = |mark: Revision, since: Revision| mark <= since || mark <= revision;
        self.may_log_in()
            && revision >= user.sessions_end
            && outlives(org.newest_block, user.unblocked_at)
            && outlives(org.newest_deactivation, user.activated_at)
    }

    /// The state in the words of the API.
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
    /// The state of a device of a user in the state `user`, in an organization in the state `org`.
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

    /// The state in the words of the API.
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
    /// Those that go there now.
    pub hold_days: u32,
    /// The deactivations of the organizations on the way down, each with the days that were in force then.
    pub deactivations: Vec<(Mark, u32)>,
}

impl Retention {
    /// Works it out for the organization at the end of `way` (ids, the top one first).
    pub fn of_way(way: &[OrgId], holds: &[HoldDays], deactivations: &[Deactivation]) -> Self {
        let at = |revision| hold_days_at(way, holds, revision);
        let above = deactivations.iter().filter(|d| way.contains(&d.org_id));
        Self {
            hold_days: at(Revision(u64::MAX)),
            deactivations: above.map(|d| (d.mark, at(d.mark.revision))).collect(),
        }
    }

    /// The stay of an archive in cold storage: since the first deactivation that found it outside.
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

/// The days that were in force at a revision: those of the lowest organization that had some of its own.
fn hold_days_at(way: &[OrgId], holds: &[HoldDays], revision: Revision) -> u32 {
    let own = |org_id: &OrgId| {
        let until_then = holds
            .iter()
            .filter(|hold| hold.org_id == *org_id && hold.since <= revision);
        until_then.max_by_key(|hold| hold.since)?.days
    };
    way.iter().rev().find_map(own).unwrap_or(ARCHIVE_HOLD_DAYS)
}

/// Where an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveState {
    /// In use.
    Warm,
    /// In cold storage, to be purged at this time.
    Cold {
        /// When it is purged.
        purge_at: Timestamp,
    },
    /// Purged: it is gone.
    Purged,
}

impl ArchiveState {
    /// Where an archive is at the time `now`.
    #[must_use]
    pub fn of(archive: &Archive, retention: &Retention, now: Timestamp) -> Self {
        match retention.cold(archive).map(Cold::purge_at) {
            None => Self::Warm,
            Some(purge_at) if purge_at > now => Self::Cold { purge_at },
            Some(_) => Self::Purged,
        }
    }
}
