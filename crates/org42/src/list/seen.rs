//! Which organizations have come already, in as little memory as their order allows.

use std::collections::HashSet;

use org42_types::OrgId;

use super::row::RowKey;

/// The keys of organizations. Those that come in the order of their numbers, as nearly all do, take four bytes each.
#[derive(Default)]
pub(super) struct Seen {
    ascending: Vec<OrgId>,
    others: HashSet<RowKey>,
}

impl Seen {
    pub(super) fn len(&self) -> usize {
        self.ascending.len() + self.others.len()
    }

    pub(super) fn contains(&self, key: RowKey) -> bool {
        let is_ascending = match key {
            RowKey::Id(id) => self.ascending.binary_search(&id).is_ok(),
            RowKey::Guid(_) => false,
        };
        is_ascending || self.others.contains(&key)
    }

    /// Adds a key; returns whether it is new.
    pub(super) fn insert(&mut self, key: RowKey) -> bool {
        if let (RowKey::Id(id), &[first]) = (key, &*self.ascending)
            && id < first
        {
            // The top organization comes first, whatever its number.
            self.others.insert(RowKey::Id(first));
            self.ascending.clear();
        }
        match key {
            RowKey::Id(id) if self.ascending.last().is_none_or(|last| *last < id) => {
                let is_new = self.others.is_empty() || !self.others.contains(&key);
                if is_new {
                    self.ascending.push(id);
                }
                is_new
            }
            key => !self.contains(key) && self.others.insert(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_new_once_in_any_order() {
        let id = |id: u32| RowKey::Id(OrgId::from(id));
        let mut seen = Seen::default();
        let keys = [
            id(8),
            id(5),
            id(7),
            id(6),
            id(9),
            id(1),
            RowKey::Guid(5),
            id(10),
        ];
        for key in keys {
            assert!(!seen.contains(key) && seen.insert(key), "{key:?}");
        }
        for key in keys {
            assert!(seen.contains(key) && !seen.insert(key), "{key:?}");
        }
        assert_eq!(seen.len(), keys.len());
        assert_eq!(seen.ascending.len(), 4);
    }
}
