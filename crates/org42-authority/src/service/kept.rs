//! What was worked out of the tenant's present state, for as long as it is the present one.
//!
//! Each request has to find out who its caller is and what the caller may do, and nearly all find the same. What is kept
//! belongs to one revision, so a block, a password or an ended token counts for the very next request, whichever process
//! has written it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use org42_types::{OrgId, Timestamp};

use super::Caller;
use super::outline::Outline;
use super::user_view::UserView;
use crate::domain::{OrgRecord, Revision, TenantRefusal};
use crate::store::{OrgLookup, ReadView};

/// How many sessions, users and ends of pages are kept of each.
const MOST: usize = 1_024;

/// The sessions and users of one revision, and the outline of the last one that was listed.
#[derive(Default)]
pub(super) struct Kept {
    state: Mutex<State>,
    outline: RwLock<Option<(Revision, Outline)>>,
}

#[derive(Default)]
struct State {
    revision: Revision,
    /// The caller that each token stands for, and the time from which it is not valid any more.
    sessions: HashMap<String, (Caller, Timestamp)>,
    /// The users, by uid.
    users: HashMap<String, Arc<UserView>>,
    /// How many organizations there are.
    orgs: Option<u64>,
    /// The last organization of a page, by how many come in the order of listings until then.
    ends: BTreeMap<u64, OrgId>,
}

impl Kept {
    /// Returns what is kept of a revision; what is kept of another one is forgotten.
    fn of(&self, revision: Revision) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.revision != revision {
            *state = State {
                revision,
                ..State::default()
            };
        }
        state
    }

    /// Returns the caller that a token stands for at the time `now`, if that is known.
    pub(super) fn caller(&self, of: Revision, token: &str, now: Timestamp) -> Option<Caller> {
        let state = self.of(of);
        let (caller, expires) = state.sessions.get(token)?;
        (now < *expires).then(|| caller.clone())
    }

    pub(super) fn keep_caller(
        &self,
        of: Revision,
        token: &str,
        caller: &Caller,
        expires: Timestamp,
    ) {
        let sessions = &mut self.of(of).sessions;
        if sessions.len() >= MOST {
            sessions.clear();
        }
        sessions.insert(token.to_owned(), (caller.clone(), expires));
    }

    /// Returns how many organizations there are, if that is known.
    pub(super) fn orgs(&self, of: Revision) -> Option<u64> {
        self.of(of).orgs
    }

    pub(super) fn keep_orgs(&self, of: Revision, count: u64) {
        self.of(of).orgs = Some(count);
    }

    /// Returns how many organizations come until the last page end that is known and not beyond `offset`, and which is
    /// the last of them. Pages are as a rule asked for one after the other.
    pub(super) fn end_before(&self, of: Revision, offset: u64) -> Option<(u64, OrgId)> {
        let state = self.of(of);
        let (count, last) = state.ends.range(..=offset).next_back()?;
        Some((*count, *last))
    }

    pub(super) fn keep_end(&self, of: Revision, count: u64, last: OrgId) {
        let ends = &mut self.of(of).ends;
        if ends.len() >= MOST {
            ends.clear();
        }
        ends.insert(count, last);
    }

    /// Passes the outline of the tenant to `ask`, with counts if they are needed. That of another revision follows the
    /// commits that were made since; what is being changed is outlined by itself, from the end of `way` down.
    pub(super) fn outlined<T>(
        &self,
        view: &dyn ReadView,
        way: &[OrgRecord],
        with_counts: bool,
        ask: impl FnOnce(&Outline) -> Result<T, TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        let apart = |way| -> Result<Outline, TenantRefusal> {
            let mut outline = Outline::of(view, way)?;
            if with_counts {
                outline.count(view)?;
            }
            Ok(outline)
        };
        let Some(revision) = view.committed() else {
            return ask(&apart(way)?);
        };
        let kept = self.outline.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, outline)) = &*kept {
            if *of == revision && (outline.is_counted() || !with_counts) {
                return ask(outline);
            }
            if *of > revision {
                return ask(&apart(way)?);
            }
        }
        drop(kept);
        let mut kept = self.outline.write().unwrap_or_else(PoisonError::into_inner);
        // What fails in the midst of it is not kept.
        let outline = match kept.take() {
            Some((of, outline)) if of > revision => {
                *kept = Some((of, outline));
                return ask(&apart(way)?);
            }
            Some((of, outline)) => following(view, of, outline)?,
            None => None,
        };
        let mut outline = match outline {
            Some(outline) => outline,
            None => {
                let top = view.org(&OrgLookup::Top)?;
                Outline::of(view, top.as_slice())?
            }
        };
        if with_counts {
            outline.count(view)?;
        }
        let (_, outline) = kept.insert((revision, outline));
        ask(outline)
    }

    /// Returns a user by uid, if it is known.
    pub(super) fn user(&self, of: Revision, uid: &str) -> Option<Arc<UserView>> {
        self.of(of).users.get(uid).cloned()
    }

    pub(super) fn keep_user(&self, of: Revision, user: &Arc<UserView>) {
        let users = &mut self.of(of).users;
        if users.len() >= MOST {
            users.clear();
        }
        users.insert(user.user.uid.clone(), Arc::clone(user));
    }
}

/// Brings an outline to the state of `view`; `None` if it is quicker, or the only way, to read everything anew.
fn following(
    view: &dyn ReadView,
    of: Revision,
    mut outline: Outline,
) -> Result<Option<Outline>, TenantRefusal> {
    let touched = view.touched_since(of);
    let few = touched.filter(|touched| touched.len() <= outline.len() / 4 + 16);
    let Some(touched) = few else {
        return Ok(None);
    };
    Ok(outline.follow(view, &touched)?.then_some(outline))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_ends_with_its_revision_and_a_session_with_its_time() {
        let (kept, time) = (Kept::default(), Timestamp::EPOCH);
        let program = Caller::Program("key-42".to_owned());
        kept.keep_caller(Revision(7), "token", &program, time.plus_millis(10));
        let caller =
            |revision, millis| kept.caller(Revision(revision), "token", time.plus_millis(millis));
        assert_eq!(caller(7, 9), Some(program));
        assert_eq!(caller(7, 10), None);
        assert_eq!(caller(8, 9), None);
        assert_eq!(caller(7, 9), None, "it is forgotten");
    }

    #[test]
    fn the_last_end_before_a_page_is_found() {
        let kept = Kept::default();
        for count in [500, 1_000, 2_000] {
            kept.keep_end(Revision(1), count, OrgId::from(count as u32 * 3));
        }
        let before = |offset| kept.end_before(Revision(1), offset).map(|(count, _)| count);
        assert_eq!(
            [0, 499, 500, 1_999, 9_999].map(before),
            [None, None, Some(500), Some(1_000), Some(2_000)]
        );
        assert_eq!(kept.end_before(Revision(2), 500), None);
    }

    #[test]
    fn no_more_is_kept_than_a_number() {
        let kept = Kept::default();
        for number in 0..5_000 {
            let program = Caller::Program(number.to_string());
            kept.keep_caller(Revision(1), &number.to_string(), &program, Timestamp::EPOCH);
        }
        assert!(kept.of(Revision(1)).sessions.len() <= MOST);
        for number in 0..5_000 {
            kept.keep_end(Revision(1), number, OrgId::from(1));
        }
        assert!(kept.of(Revision(1)).ends.len() <= MOST);
    }
}
