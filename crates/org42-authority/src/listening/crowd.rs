//! All connections of a port together; the slowest is ended when there is no room for another.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::limits::Limits;
use super::link::Link;
use crate::origin::origin;

/// The connections of a port.
#[derive(Debug)]
pub(super) struct Crowd {
    limits: Limits,
    members: Mutex<Members>,
    /// The number of bytes in incomplete heads.
    unfinished: AtomicUsize,
    has_left: Notify,
}

#[derive(Debug, Default)]
struct Members {
    next: u64,
    all: HashMap<u64, (IpAddr, Arc<Link>)>,
    of: HashMap<IpAddr, usize>,
}

/// One of the connections; it leaves the crowd when this is dropped.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) link: Arc<Link>,
    crowd: Arc<Crowd>,
    number: u64,
}

impl Crowd {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            members: Mutex::default(),
            unfinished: AtomicUsize::new(0),
            has_left: Notify::new(),
        }
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self) -> bool {
        self.members().all.len() >= self.limits.connections
    }

    /// Adds a connection from `address`.
    pub(super) fn join(self: &Arc<Self>, address: IpAddr) -> Member {
        let link = Arc::new(Link::new(self.limits));
        let origin = origin(address);
        let mut members = self.members();
        let number = members.next;
        members.next += 1;
        members.all.insert(number, (origin, Arc::clone(&link)));
        *members.of.entry(origin).or_default() += 1;
        Member {
            link,
            crowd: Arc::clone(self),
            number,
        }
    }

    /// Makes room for one more connection; returns whether there is room. A connection whose request is in progress
    /// stays.
    pub(super) async fn make_room(&self) -> bool {
        // A connection that is asked to end does so at once; if it does not, another is asked.
        const PATIENCE: Duration = Duration::from_millis(100);
        let mut is_patient = true;
        while self.is_full() {
            let waits = is_patient && self.is_one_leaving();
            if !waits && !self.slowest_give_way() {
                return false;
            }
            let left = tokio::time::timeout(PATIENCE, self.has_left.notified()).await;
            is_patient = left.is_ok();
        }
        true
    }

    fn is_one_leaving(&self) -> bool {
        let members = self.members();
        members.all.values().any(|(_, link)| link.is_pressed())
    }

    /// Ends the slowest connections of the origin that has the most; returns whether there were any.
    ///
    /// So no origin pushes out the connections of others. Several are ended at once, so that not every new connection
    /// causes a search through all.
    pub(super) fn slowest_give_way(&self) -> bool {
        let members = self.members();
        let claims = members.all.values().filter_map(|(origin, link)| {
            let share = members.of.get(origin).copied().unwrap_or_default();
            Some(((Reverse(share), link.claim()?), link))
        });
        let mut claims: Vec<_> = claims.collect();
        claims.sort_unstable_by_key(|(claim, _)| *claim);
        let largest = claims.first().map(|((share, _), _)| *share);
        let of_the_largest = claims
            .iter()
            .take_while(|((share, _), _)| Some(*share) == largest);
        let several = (self.limits.connections / 32).max(1);
        for (_, link) in of_the_largest.take(several) {
            link.give_way();
        }
        largest.is_some()
    }

    /// Ends the connections whose heads have been arriving for the longest time, until the others are within the
    /// limit.
    fn slowest_heads_give_way(&self) {
        let most = self.limits.unfinished_bytes;
        let members = self.members();
        let leaving = members.all.values().filter(|(_, link)| link.is_pressed());
        let leaving: usize = leaving.map(|(_, link)| link.unfinished()).sum();
        let mut staying = self
            .unfinished
            .load(Ordering::SeqCst)
            .saturating_sub(leaving);
        if staying <= most {
            return;
        }
        let heads = members
            .all
            .values()
            .filter_map(|(_, link)| Some((link.head_since()?, link)));
        let mut heads: Vec<_> = heads.collect();
        heads.sort_unstable_by_key(|(since, _)| *since);
        // Frees a little more than is needed, so that not every piece of a head causes a search through all.
        for (_, link) in heads {
            if staying <= most - most / 16 {
                break;
            }
            staying = staying.saturating_sub(link.unfinished());
            link.give_way();
        }
    }

    fn leave(&self, number: u64) {
        let mut members = self.members();
        if let Some((origin, _)) = members.all.remove(&number)
            && let Some(share) = members.of.get_mut(&origin)
        {
            *share -= 1;
            if *share == 0 {
                members.of.remove(&origin);
            }
        }
        drop(members);
        self.has_left.notify_one();
    }
}

impl Member {
    /// Counts bytes that have come in.
    pub(super) fn read(&self, bytes: usize) {
        let bytes = self.link.read(bytes);
        let before = self.crowd.unfinished.fetch_add(bytes, Ordering::SeqCst);
        if bytes > 0 && before + bytes > self.crowd.limits.unfinished_bytes {
            self.crowd.slowest_heads_give_way();
        }
    }

    /// Counts a head that is complete.
    pub(super) fn asked(&self) {
        let bytes = self.link.asked();
        self.crowd.unfinished.fetch_sub(bytes, Ordering::SeqCst);
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let bytes = self.link.unfinished();
        self.crowd.unfinished.fetch_sub(bytes, Ordering::SeqCst);
        self.crowd.leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(connections: usize) -> Arc<Crowd> {
        Arc::new(Crowd::new(Limits {
            connections,
            unfinished_bytes: 100,
            ..Limits::default()
        }))
    }

    fn pressed(members: &[Member]) -> Vec<bool> {
        members
            .iter()
            .map(|member| member.link.is_pressed())
            .collect()
    }

    fn join(crowd: &Arc<Crowd>, addresses: &[&str]) -> Vec<Member> {
        let member = |address: &&str| {
            std::thread::sleep(Duration::from_millis(2));
            crowd.join(address.parse().unwrap())
        };
        addresses.iter().map(member).collect()
    }

    #[test]
    fn the_slowest_of_the_largest_origin_gives_way_and_work_never() {
        let crowd = crowd(4);
        let members = join(&crowd, &["10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2"]);
        members[1].asked();
        assert!(crowd.slowest_give_way());
        assert_eq!(pressed(&members), [false, false, true, false]);
        assert!(crowd.slowest_give_way());
        assert_eq!(pressed(&members), [false, false, true, true]);
        assert!(crowd.slowest_give_way());
        assert!(!crowd.slowest_give_way());
        assert_eq!(pressed(&members), [true, false, true, true]);
    }

    #[test]
    fn a_request_that_waits_for_a_body_gives_way_after_those_who_have_asked_nothing() {
        let crowd = crowd(4);
        let members = join(&crowd, &["10.0.0.1", "10.0.0.1"]);
        members[0].asked();
        members[0].link.body_waits();
        assert!(crowd.slowest_give_way());
        assert_eq!(pressed(&members), [false, true]);
        assert!(crowd.slowest_give_way());
        assert_eq!(pressed(&members), [true, true]);
    }

    #[test]
    fn unfinished_heads_have_a_bound_together() {
        let crowd = crowd(10);
        let mut members = join(&crowd, &["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
        for member in &members {
            member.read(40);
        }
        assert_eq!(pressed(&members), [true, false, false]);
        // One that leaves already counts no more, and as many go as it takes.
        members[2].read(19);
        assert_eq!(pressed(&members), [true, false, false]);
        members.remove(0);
        assert_eq!(pressed(&members), [false, false]);
        members[0].asked();
        members[1].read(41);
        assert_eq!(pressed(&members), [false, false]);
        drop(members);
        assert_eq!(crowd.unfinished.load(Ordering::SeqCst), 0);
        assert!(crowd.members().of.is_empty());
    }
}
