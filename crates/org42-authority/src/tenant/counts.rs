//! How much is in organizations.

use std::collections::HashMap;

use org42_types::OrgId;

use crate::store::Snapshot;
use crate::tree::{DeviceState, Org, OrgState, Refusal, UserState, states_in_path_order};

/// What is in an organization and below it, as far as it is active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// Counts an organization and each one below it, all in one pass.
pub(super) fn counts_below(
    snapshot: &dyn Snapshot,
    top: &Org,
) -> Result<HashMap<OrgId, Counts>, Refusal> {
    let way = snapshot.way_down(&top.path)?;
    let above = OrgState::of_way(way.split_last().map_or(&[], |(_, above)| above));
    let orgs: Vec<(Org, OrgState)> =
        states_in_path_order(above, snapshot.subtree(&top.path)?).collect();
    let states: HashMap<OrgId, &OrgState> =
        (orgs.iter()).map(|(org, state)| (org.id, state)).collect();
    let mut counts: HashMap<OrgId, Counts> = (orgs.iter())
        .map(|(org, state)| {
            let orgs = u64::from(state.active);
            (
                org.id,
                Counts {
                    orgs,
                    ..Counts::default()
                },
            )
        })
        .collect();
    let state_of = |org_id: OrgId| states.get(&org_id).copied().ok_or(Refusal::OrgNotFound);
    for user in snapshot.users(&top.path, None)? {
        let active = UserState::of(state_of(user.org_id)?, &user).active;
        counts.entry(user.org_id).or_default().users += u64::from(active);
    }
    for (device, user) in snapshot.devices(&top.path, None)? {
        let org = state_of(user.org_id)?;
        let state = DeviceState::of(org, &UserState::of(org, &user), &device);
        let counts = counts.entry(user.org_id).or_default();
        counts.devices += u64::from(state.active);
        counts.plans += u64::from(state.plan_runs);
    }
    // Whoever is below comes later in the order of paths, so backwards everybody is complete when it is added.
    for (org, _) in orgs.iter().skip(1).rev() {
        let own = counts.get(&org.id).copied().unwrap_or_default();
        if let Some(parent) = org.parent_id {
            counts.entry(parent).or_default().add(own);
        }
    }
    Ok(counts)
}
