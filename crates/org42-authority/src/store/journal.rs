//! The organizations that the last commits have touched, so that what was worked out of an older state can follow.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use org42_types::OrgId;

use crate::domain::Revision;

/// How many touched organizations are remembered. Beyond that, reading the tenant anew is not slower.
const MOST: usize = 10_000;

/// The organizations whose own row, users or devices were written by the commits of this process.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Commits>);

#[derive(Debug, Default)]
struct Commits {
    /// Each commit: the revision before it, its own, and what it has touched. The oldest first.
    commits: VecDeque<(Revision, Revision, BTreeSet<OrgId>)>,
    /// How many organizations are remembered in all commits.
    touched: usize,
}

/// The journal while a commit is made: who asks for it meanwhile waits, and never sees the commit without its entry.
pub(crate) struct Entering<'a>(MutexGuard<'a, Commits>);

impl Journal {
    pub(crate) fn enter(&self) -> Entering<'_> {
        Entering(self.lock())
    }

    /// Returns the organizations that were touched after `since`, up to the state of `until`; `None` if that is not known:
    /// it is too long ago, another process has committed meanwhile, or the whole tenant was replaced.
    pub(crate) fn touched(&self, since: Revision, until: Revision) -> Option<BTreeSet<OrgId>> {
        let journal = self.lock();
        let (mut at, mut touched) = (since, BTreeSet::new());
        for (before, after, orgs) in &journal.commits {
            if *before >= since && at < until {
                if *before != at {
                    return None;
                }
                touched.extend(orgs);
                at = *after;
            }
        }
        (at == until).then_some(touched)
    }

    fn lock(&self) -> MutexGuard<'_, Commits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entering<'_> {
    /// Records a commit; `None` if it may have touched anything.
    pub(crate) fn committed(
        mut self,
        before: Revision,
        after: Revision,
        touched: Option<BTreeSet<OrgId>>,
    ) {
        let journal = &mut *self.0;
        let Some(touched) = touched else {
            *journal = Commits::default();
            return;
        };
        journal.touched += touched.len() + 1;
        journal.commits.push_back((before, after, touched));
        while journal.touched > MOST
            && let Some((_, _, oldest)) = journal.commits.pop_front()
        {
            journal.touched -= oldest.len() + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orgs(ids: &[u32]) -> BTreeSet<OrgId> {
        ids.iter().map(|id| OrgId::from(*id)).collect()
    }

    #[test]
    fn what_was_touched_is_known_where_no_commit_is_missing() {
        let journal = Journal::default();
        let commit = |before, after, touched| {
            let touched: Option<&[u32]> = touched;
            (journal.enter()).committed(Revision(before), Revision(after), touched.map(orgs));
        };
        let touched = |since, until| journal.touched(Revision(since), Revision(until));
        commit(1, 2, Some(&[7]));
        commit(2, 4, Some(&[8, 9]));
        assert_eq!(touched(1, 4), Some(orgs(&[7, 8, 9])));
        assert_eq!(touched(2, 4), Some(orgs(&[8, 9])));
        assert_eq!(touched(1, 2), Some(orgs(&[7])));
        assert_eq!(touched(4, 4), Some(orgs(&[])));
        assert_eq!(touched(0, 4), None);
        assert_eq!(touched(3, 4), None);
        assert_eq!(touched(4, 5), None);
        // Another process has made the fifth.
        commit(5, 6, Some(&[3]));
        assert_eq!(touched(4, 6), None);
        assert_eq!(touched(5, 6), Some(orgs(&[3])));
        commit(6, 7, None);
        assert_eq!(touched(5, 7), None);
        assert_eq!(touched(6, 7), None);
        assert_eq!(touched(7, 7), Some(orgs(&[])));
    }

    #[test]
    fn no_more_is_remembered_than_a_number() {
        let journal = Journal::default();
        for revision in 0..3 * MOST as u64 {
            let (before, after) = (Revision(revision), Revision(revision + 1));
            journal.enter().committed(before, after, Some(orgs(&[1])));
        }
        assert!(journal.lock().commits.len() <= MOST);
        let last = Revision(3 * MOST as u64);
        assert_eq!(journal.touched(Revision(0), last), None);
        assert_eq!(
            journal.touched(Revision(last.0 - 9), last),
            Some(orgs(&[1]))
        );
    }
}
