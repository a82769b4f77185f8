//! From where accounts have been got into.

use std::collections::VecDeque;
use std::fmt;
use std::net::IpAddr;

use lru::LruCache;

use super::{Account, Kind};

/// An account is proven at no more addresses than this, so that nobody pushes others out by getting into one of their
/// own from everywhere.
const ADDRESSES: usize = 16;

/// The accounts of each kind, those used last kept longest, with the addresses of each, the last one used in front.
pub(super) struct Proven {
    kinds: [(Kind, LruCache<Account, VecDeque<IpAddr>>); 3],
}

impl Default for Proven {
    fn default() -> Self {
        Self {
            kinds: [Kind::User, Kind::Program, Kind::Device]
                .map(|kind| (kind, LruCache::unbounded())),
        }
    }
}

impl fmt::Debug for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.kinds.iter().map(|(kind, all)| (kind, all.len()));
        f.debug_map().entries(sizes).finish()
    }
}

impl Proven {
    fn of(&mut self, account: Account) -> Option<&mut LruCache<Account, VecDeque<IpAddr>>> {
        let mut kinds = self.kinds.iter_mut();
        kinds.find_map(|(kind, all)| (*kind == account.kind).then_some(all))
    }

    /// Whether this account has been got into from there. Asking is no use: strangers ask too.
    pub(super) fn has(&mut self, account: Account, network: IpAddr) -> bool {
        let all = self.of(account);
        let known = all.and_then(|all| all.peek(&account));
        known.is_some_and(|addresses| addresses.contains(&network))
    }

    /// Remembers that it has, for at most so many accounts of its kind.
    pub(super) fn add(&mut self, account: Account, network: IpAddr, most: usize) {
        let Some(all) = self.of(account) else {
            return;
        };
        let addresses = all.get_or_insert_mut(account, VecDeque::new);
        addresses.retain(|known| *known != network);
        addresses.push_front(network);
        addresses.truncate(ADDRESSES);
        while all.len() > most && all.pop_lru().is_some() {}
    }
}
