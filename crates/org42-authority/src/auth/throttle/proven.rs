//! The proven pairs: accounts, with the addresses from which they were signed in to.

use std::collections::VecDeque;
use std::fmt;
use std::net::IpAddr;

use lru::LruCache;

use super::account::{Account, Kind};

/// How many addresses an account is proven at, so that signing in to one's own account from everywhere does not push
/// out other accounts.
const ADDRESSES: usize = 16;

/// The accounts of each kind, those used last kept longest, each with its addresses, the last one used first.
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

    /// Returns whether this account has been signed in to from there. The question does not keep an entry longer,
    /// since strangers cause it too.
    pub(super) fn has(&mut self, account: Account, network: IpAddr) -> bool {
        let all = self.of(account);
        let known = all.and_then(|all| all.peek(&account));
        known.is_some_and(|addresses| addresses.contains(&network))
    }

    /// Records that this account has been signed in to from there, for at most `most` accounts of its kind.
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
