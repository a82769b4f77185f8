//! The rules once more, naively: every mark is written onto everything it means. Compared with the API by histories.

use std::collections::{BTreeMap, BTreeSet};

/// How many days archives stay in cold storage where no organization says otherwise.
const HOLD_DAYS: i64 = 14;

/// Status and name of an answer; no name for a yes.
pub(crate) type Answer = (u16, &'static str);
const YES: Answer = (200, "");
const BLOCKED: Answer = (500, "PARENT_ORG_BLOCKED");
const INACTIVE: Answer = (500, "PARENT_ORG_NOT_ACTIVE");

/// A refusal as agents get it.
fn for_agents(answer: Answer) -> Answer {
    if answer == YES { YES } else { (403, answer.1) }
}

#[derive(Clone, Debug)]
pub(crate) struct Org {
    pub(crate) name: String,
    pub(crate) parent: Option<u32>,
    pub(crate) blocked: bool,
    pub(crate) active: bool,
    pub(crate) off_since: Option<i64>,
    pub(crate) depth: u32,
    /// How many days archives stay in cold storage, where it does not inherit that.
    own_hold_days: Option<i64>,
    former: Option<String>,
    off_by: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) org: u32,
    pub(crate) blocked: bool,
    pub(crate) active: bool,
    off_by: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) user: u32,
    own_block: bool,
    own_off: bool,
    pub(crate) runs: bool,
    /// Bytes, and the day on which it is purged, fixed when it goes into cold storage.
    archive: Option<(u64, Option<i64>)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) orgs: BTreeMap<u32, Org>,
    pub(crate) users: BTreeMap<u32, User>,
    pub(crate) devices: BTreeMap<u32, Device>,
    /// The day.
    pub(crate) now: i64,
    /// Users whose newest session goes on.
    pub(crate) sessions: BTreeSet<u32>,
    /// Whether a reactivation restores what is below.
    restores_below: bool,
    events: u32,
}

impl Model {
    pub(crate) fn new(top: u32, name: &str, admin: u32, restores_below: bool) -> Self {
        let mut model = Self {
            restores_below,
            ..Self::default()
        };
        model.add_org(top, None, name);
        model.add_user(admin, top);
        model
    }

    fn add_org(&mut self, id: u32, parent: Option<u32>, name: &str) {
        let depth = parent.map_or(1, |parent| self.orgs[&parent].depth + 1);
        let org = Org {
            name: name.to_owned(),
            parent,
            blocked: false,
            active: true,
            off_since: None,
            depth,
            own_hold_days: None,
            former: None,
            off_by: None,
        };
        self.orgs.insert(id, org);
    }

    fn add_user(&mut self, id: u32, org: u32) {
        self.users.insert(
            id,
            User {
                org,
                blocked: false,
                active: true,
                off_by: None,
            },
        );
    }

    fn open(&self, org: u32) -> Answer {
        match &self.orgs[&org] {
            org if !org.active => INACTIVE,
            org if org.blocked => BLOCKED,
            _ => YES,
        }
    }

    fn is_below(&self, mut org: u32, above: u32) -> bool {
        loop {
            match (org == above, self.orgs[&org].parent) {
                (true, _) => return true,
                (false, Some(parent)) => org = parent,
                (false, None) => return false,
            }
        }
    }

    fn subtree(&self, above: u32) -> Vec<u32> {
        self.orgs
            .keys()
            .copied()
            .filter(|org| self.is_below(*org, above))
            .collect()
    }

    fn named(&self, parent: Option<u32>, name: &str) -> bool {
        self.orgs
            .values()
            .any(|org| org.parent == parent && org.name == name)
    }

    /// How many days archives stay in cold storage.
    pub(crate) fn hold_days(&self, org: u32) -> i64 {
        let org = &self.orgs[&org];
        match (org.own_hold_days, org.parent) {
            (Some(days), _) => days,
            (None, Some(parent)) => self.hold_days(parent),
            (None, None) => HOLD_DAYS,
        }
    }

    pub(crate) fn set_hold_days(&mut self, org: u32, days: i64) -> Answer {
        self.orgs.get_mut(&org).unwrap().own_hold_days = Some(days);
        YES
    }

    pub(crate) fn inherit_hold_days(&mut self, org: u32) -> Answer {
        let org = self.orgs.get_mut(&org).unwrap();
        // There is nothing above the top organization.
        org.own_hold_days.take_if(|_| org.parent.is_some());
        YES
    }

    pub(crate) fn may_create_org(&self, parent: u32, name: &str) -> Answer {
        match self.open(parent) {
            YES if self.named(Some(parent), name) => (500, "ORG_DUPLICATE"),
            answer => answer,
        }
    }

    pub(crate) fn create_org(&mut self, id: u32, parent: u32, name: &str) {
        self.add_org(id, Some(parent), name);
    }

    pub(crate) fn rename(&mut self, id: u32, name: &str) -> Answer {
        let org = &self.orgs[&id];
        if org.name == name {
            return YES;
        }
        if org.parent.is_some() && self.named(org.parent, name) {
            return (500, "ORG_DUPLICATE");
        }
        let org = self.orgs.get_mut(&id).unwrap();
        org.name = name.to_owned();
        org.former = None;
        YES
    }

    pub(crate) fn block(&mut self, id: u32) -> Answer {
        if self.orgs[&id].blocked {
            return YES;
        }
        if self.orgs[&id].parent.is_none() {
            return (403, "OWN_TENANT");
        }
        for org in self.subtree(id) {
            self.orgs.get_mut(&org).unwrap().blocked = true;
            for (id, user) in self.users.iter_mut().filter(|(_, user)| user.org == org) {
                user.blocked = true;
                self.sessions.remove(id);
            }
        }
        YES
    }

    pub(crate) fn unblock(&mut self, id: u32) -> Answer {
        if !self.orgs[&id].blocked {
            return YES;
        }
        if self.orgs[&id]
            .parent
            .is_some_and(|parent| self.orgs[&parent].blocked)
        {
            return BLOCKED;
        }
        for org in self.subtree(id) {
            self.orgs.get_mut(&org).unwrap().blocked = false;
        }
        YES
    }

    pub(crate) fn deactivate(&mut self, id: u32) -> Answer {
        if !self.orgs[&id].active {
            return YES;
        }
        if self.orgs[&id].parent.is_none() {
            return (403, "OWN_TENANT");
        }
        self.events += 1;
        let (event, now) = (self.events, self.now);
        for place in self.subtree(id) {
            let org = self.orgs.get_mut(&place).unwrap();
            if org.active {
                (org.active, org.off_by, org.off_since) = (false, Some(event), Some(now));
            }
            let ids: Vec<u32> = self
                .users
                .iter()
                .filter(|(_, user)| user.org == place)
                .map(|(id, _)| *id)
                .collect();
            for id in ids {
                let user = self.users.get_mut(&id).unwrap();
                if user.active {
                    (user.active, user.off_by) = (false, Some(event));
                }
                self.rest(id);
            }
        }
        let org = self.orgs.get_mut(&id).unwrap();
        org.former = Some(org.name.clone());
        org.name = format!("{} (deactivated {id})", org.name);
        YES
    }

    /// A user's session ends and the backups of all devices stop.
    fn rest(&mut self, user: u32) {
        self.sessions.remove(&user);
        let purge = self.now + self.hold_days(self.users[&user].org);
        for device in self
            .devices
            .values_mut()
            .filter(|device| device.user == user)
        {
            device.rest(purge);
        }
    }

    pub(crate) fn reactivate(&mut self, id: u32) -> Answer {
        if self.orgs[&id].active {
            return YES;
        }
        if let Some(parent) = self.orgs[&id].parent
            && self.open(parent) != YES
        {
            return self.open(parent);
        }
        let (event, all) = (self.orgs[&id].off_by, self.restores_below);
        for (_, org) in (self.orgs.iter_mut())
            .filter(|(other, org)| **other == id || (all && org.off_by == event))
        {
            (org.active, org.off_by, org.off_since) = (true, None, None);
        }
        for user in self
            .users
            .values_mut()
            .filter(|user| all && user.off_by == event)
        {
            (user.active, user.off_by) = (true, None);
        }
        let (parent, former) = (
            self.orgs[&id].parent,
            self.orgs.get_mut(&id).unwrap().former.take(),
        );
        if let Some(name) = former.filter(|name| !self.named(parent, name)) {
            self.orgs.get_mut(&id).unwrap().name = name;
        }
        YES
    }

    pub(crate) fn may_create_user(&self, org: u32) -> Answer {
        self.open(org)
    }

    pub(crate) fn create_user(&mut self, id: u32, org: u32) {
        self.add_user(id, org);
    }

    pub(crate) fn block_user(&mut self, id: u32) -> Answer {
        self.users.get_mut(&id).unwrap().blocked = true;
        self.sessions.remove(&id);
        YES
    }

    pub(crate) fn unblock_user(&mut self, id: u32) -> Answer {
        let blocked = self.orgs[&self.users[&id].org].blocked;
        let user = self.users.get_mut(&id).unwrap();
        if user.blocked && blocked {
            return BLOCKED;
        }
        user.blocked = false;
        YES
    }

    pub(crate) fn deactivate_user(&mut self, id: u32) -> Answer {
        let user = self.users.get_mut(&id).unwrap();
        if user.active {
            user.active = false;
            self.rest(id);
        }
        YES
    }

    pub(crate) fn activate_user(&mut self, id: u32) -> Answer {
        if self.users[&id].active {
            return YES;
        }
        let answer = self.open(self.users[&id].org);
        if answer == YES {
            self.users.get_mut(&id).unwrap().active = true;
        }
        answer
    }

    pub(crate) fn move_user(&mut self, id: u32, to: u32) -> Answer {
        if self.users[&id].org == to {
            return YES;
        }
        let answer = self.open(to);
        if answer == YES {
            let user = self.users.get_mut(&id).unwrap();
            (user.org, user.off_by) = (to, None);
        }
        answer
    }

    pub(crate) fn log_in(&mut self, id: u32) -> Answer {
        let user = &self.users[&id];
        match self.open(user.org) {
            (_, "PARENT_ORG_NOT_ACTIVE") => return (401, "ORG_IS_DEACTIVATED"),
            (_, "PARENT_ORG_BLOCKED") => return (401, "ORG_IS_BLOCKED"),
            _ => {}
        }
        if !user.active {
            return (401, "USER_IS_DEACTIVATED");
        }
        if user.blocked {
            return (401, "USER_IS_BLOCKED");
        }
        self.sessions.insert(id);
        YES
    }

    pub(crate) fn agent_log_in(&mut self, id: u32) -> Answer {
        match (self.is_active(id), self.is_blocked(id)) {
            (false, _) => (403, "COMPUTER_DEACTIVATED"),
            (true, true) => (403, "COMPUTER_BLOCKED"),
            (true, false) => YES,
        }
    }

    pub(crate) fn may_register(&self, user: u32) -> Answer {
        let user = &self.users[&user];
        for_agents(match self.open(user.org) {
            YES if !user.active => (500, "USER_IS_DEACTIVATED"),
            YES if user.blocked => (500, "USER_IS_BLOCKED"),
            answer => answer,
        })
    }

    pub(crate) fn register(&mut self, id: u32, user: u32) {
        self.devices.insert(
            id,
            Device {
                user,
                own_block: false,
                own_off: false,
                runs: true,
                archive: None,
            },
        );
    }

    pub(crate) fn is_active(&self, device: u32) -> bool {
        let device = &self.devices[&device];
        !device.own_off && self.users[&device.user].active
    }

    pub(crate) fn is_blocked(&self, device: u32) -> bool {
        let device = &self.devices[&device];
        device.own_block || self.users[&device.user].blocked
    }

    pub(crate) fn block_device(&mut self, id: u32) -> Answer {
        if !self.is_blocked(id) {
            self.devices.get_mut(&id).unwrap().own_block = true;
        }
        (204, "")
    }

    pub(crate) fn unblock_device(&mut self, id: u32) -> Answer {
        let user = &self.users[&self.devices[&id].user];
        if self.is_blocked(id) {
            if user.blocked {
                return (500, "USER_IS_BLOCKED");
            }
            if !user.active {
                return (500, "USER_IS_DEACTIVATED");
            }
            self.devices.get_mut(&id).unwrap().own_block = false;
        }
        (204, "")
    }

    pub(crate) fn deactivate_device(&mut self, id: u32) -> Answer {
        if self.is_active(id) {
            let org = self.users[&self.devices[&id].user].org;
            let purge = self.now + self.hold_days(org);
            let device = self.devices.get_mut(&id).unwrap();
            device.own_off = true;
            device.rest(purge);
        }
        (204, "")
    }

    pub(crate) fn reactivate_device(&mut self, id: u32) -> Answer {
        if !self.is_active(id) {
            if !self.users[&self.devices[&id].user].active {
                return (500, "USER_IS_DEACTIVATED");
            }
            self.devices.get_mut(&id).unwrap().own_off = false;
        }
        (204, "")
    }

    pub(crate) fn back_up(&mut self, id: u32) -> Answer {
        if !self.is_active(id) {
            return (403, "COMPUTER_DEACTIVATED");
        }
        let device = self.devices.get_mut(&id).unwrap();
        if !device.runs {
            return (403, "BACKUP_STOPPED");
        }
        device.archive.get_or_insert((0, None)).0 += 1000;
        YES
    }

    pub(crate) fn start_backup(&mut self, id: u32) -> Answer {
        if !self.is_active(id) {
            return (403, "COMPUTER_DEACTIVATED");
        }
        if self.is_blocked(id) {
            return (403, "COMPUTER_BLOCKED");
        }
        let now = self.now;
        let device = self.devices.get_mut(&id).unwrap();
        if !device.runs {
            device.runs = true;
            device.archive = device
                .archive
                .filter(|_| device.archive_at(now).is_some())
                .map(|(bytes, _)| (bytes, None));
        }
        YES
    }

    /// Bytes and purge day of a device's archive, if it has one that is not purged.
    pub(crate) fn archive(&self, id: u32) -> Option<(u64, Option<i64>)> {
        self.devices[&id].archive_at(self.now)
    }
}

impl Device {
    fn rest(&mut self, purge_on: i64) {
        self.runs = false;
        if let Some((_, purge)) = &mut self.archive {
            purge.get_or_insert(purge_on);
        }
    }

    fn archive_at(&self, now: i64) -> Option<(u64, Option<i64>)> {
        let (bytes, purge) = self.archive?;
        let is_kept = purge.is_none_or(|purge| purge > now);
        is_kept.then_some((bytes, purge))
    }
}
