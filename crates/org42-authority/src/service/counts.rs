//! Counts of the active organizations, users, devices and plans in an organization and below it.

use std::collections::HashMap;
use std::rc::Rc;

use org42_types::OrgId;

use super::listing::each;
use crate::domain::{
    Device, DeviceState, OrgRecord, OrgState, StatesInPathOrder, TenantRefusal, User, UserState,
};
use crate::store::ReadView;

/// The number of active things in an organization and below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Organizations, itself included.
    pub orgs: u64,
    /// Users.
    pub users: u64,
    /// Devices.
    pub devices: u64,
    /// Running plans.
    pub plans: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.orgs += other.orgs;
        self.users += other.users;
        self.devices += other.devices;
        self.plans += other.plans;
    }
}

/// An organization while its contents are counted.
struct Counting {
    parent: Option<OrgId>,
    state: Rc<OrgState>,
    counts: Counts,
}

/// The counts of an organization and of each one below it.
pub(super) struct CountsBelow(HashMap<OrgId, Counting>);

impl CountsBelow {
    pub(super) fn of(&self, id: OrgId) -> Option<Counts> {
        self.0.get(&id).map(|counting| counting.counts)
    }
}

/// Counts the contents of an organization and of each one below it, all in one pass.
pub(super) fn counts_below(
    view: &dyn ReadView,
    top: &OrgRecord,
) -> Result<CountsBelow, TenantRefusal> {
    let way = view.way_down(&top.path)?;
    let above = OrgState::of_way(way.split_last().map_or(&[], |(_, above)| above));
    let mut states = StatesInPathOrder::new(above);
    let mut order = Vec::new();
    let mut all: HashMap<OrgId, Counting> = HashMap::new();
    view.each_org(&top.path, &mut |org| {
        let state = states.of(&org);
        let counts = Counts {
            orgs: u64::from(state.active),
            ..Counts::default()
        };
        order.push(org.id);
        let parent = org.parent_id.filter(|_| org.id != top.id);
        let counting = Counting {
            parent,
            state,
            counts,
        };
        all.insert(org.id, counting);
        Ok(())
    })?;
    let count = |user: User| {
        let org = all
            .get_mut(&user.org_id)
            .ok_or(TenantRefusal::OrgNotFound)?;
        org.counts.users += u64::from(UserState::of(&org.state, &user).active);
        Ok(())
    };
    each(|see| view.each_user(&top.path, None, see), count)?;
    let count = |(device, user): (Device, User)| {
        let org = all
            .get_mut(&user.org_id)
            .ok_or(TenantRefusal::OrgNotFound)?;
        let state = DeviceState::of(&org.state, &UserState::of(&org.state, &user), &device);
        org.counts.devices += u64::from(state.active);
        org.counts.plans += u64::from(state.plan_runs);
        Ok(())
    };
    each(|see| view.each_device(&top.path, None, see), count)?;
    // Children come after their parent in path order; backwards, each count is complete when it is added to the
    // parent's.
    for id in order.iter().rev() {
        let own = all.get(id).map(|own| (own.parent, own.counts));
        if let Some((Some(parent), counts)) = own
            && let Some(parent) = all.get_mut(&parent)
        {
            parent.counts.add(counts);
        }
    }
    Ok(CountsBelow(all))
}
