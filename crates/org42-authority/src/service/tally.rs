//! How much is in each organization itself, and with everything below it.

use super::counts::Counts;

/// Organizations, users, devices and running plans.
type Four = [u32; 4];

/// The counts of all organizations, by place. `parents` are the places of their parents, or their own where there is none.
pub(super) struct Tally {
    own: Vec<Four>,
    total: Vec<Four>,
}

impl Tally {
    pub(super) fn of(own: &[Counts], parents: &[u32]) -> Self {
        let mut tally = Self {
            own: vec![Four::default(); own.len()],
            total: vec![Four::default(); own.len()],
        };
        for (place, counts) in own.iter().enumerate() {
            tally.set(place, *counts, parents);
        }
        tally
    }

    /// Adds an organization with nothing in it.
    pub(super) fn add(&mut self) {
        self.own.push(Four::default());
        self.total.push(Four::default());
    }

    /// Sets what is in an organization itself.
    pub(super) fn set(&mut self, place: usize, counts: Counts, parents: &[u32]) {
        let Counts {
            orgs,
            users,
            devices,
            plans,
        } = counts;
        let own =
            [orgs, users, devices, plans].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let before = std::mem::replace(&mut self.own[place], own);
        if before != own {
            self.move_total(Some(place), before, own, parents);
        }
    }

    /// Moves an organization with everything below it below `parent`; `parents` are those until now.
    pub(super) fn shift(&mut self, place: usize, parent: usize, parents: &[u32]) {
        let above = |at: usize, parent: usize| (parent != at).then_some(parent);
        let before = above(place, parents[place] as usize);
        let after = above(place, parent);
        if before != after {
            let total = self.total[place];
            self.move_total(before, total, Four::default(), parents);
            self.move_total(after, Four::default(), total, parents);
        }
    }

    /// Takes `less` away and adds `more` at a place and all above it.
    fn move_total(&mut self, from: Option<usize>, less: Four, more: Four, parents: &[u32]) {
        let mut next = from;
        while let Some(at) = next {
            for (kind, total) in self.total[at].iter_mut().enumerate() {
                *total = total.wrapping_sub(less[kind]).wrapping_add(more[kind]);
            }
            let parent = parents[at] as usize;
            next = (parent != at).then_some(parent);
        }
    }

    /// Returns what is in an organization and below it.
    pub(super) fn total(&self, place: usize) -> Counts {
        let [orgs, users, devices, plans] = self.total[place].map(u64::from);
        Counts {
            orgs,
            users,
            devices,
            plans,
        }
    }
}
