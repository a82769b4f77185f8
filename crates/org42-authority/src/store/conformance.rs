//! The suite of tests that every backend must pass, split by subject: rows, keys, trees, people, commits, the line of
//! writes, whole changes, and files.
//!
//! A backend's tests implement [`Backend`] and name it once; each behaviour becomes a test of its own:
//!
//! ```
//! use org42_authority::store::{Sqlite, Store, conformance::Backend};
//!
//! struct InMemory;
//!
//! impl Backend for InMemory {
//!     fn fresh(&self) -> Box<dyn Store> {
//!         Box::new(Sqlite::in_memory().expect("there is memory"))
//!     }
//!
//!     fn commits_beside_reads(&self) -> bool {
//!         false
//!     }
//! }
//!
//! org42_authority::store_conformance!(in_memory, super::InMemory);
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "it is a test suite, which lives beside the trait it tests"
)]

mod commits;
mod files;
pub(super) mod fixture;
mod keys;
mod line;
mod people;
mod rows;
mod trees;
mod whole;

use super::Store;

/// Makes the stores that the suite tries.
pub trait Backend: Sync {
    /// Returns a new, empty store.
    fn fresh(&self) -> Box<dyn Store>;

    /// Returns whether a commit can finish while a view is open. Either is right: a backend may also let the commit
    /// wait.
    fn commits_beside_reads(&self) -> bool {
        true
    }

    /// Returns two handles on one new, empty store, as two processes have them; `None` if the backend allows only
    /// one.
    fn fresh_pair(&self) -> Option<[Box<dyn Store>; 2]> {
        None
    }

    /// Returns a new store after `fill`, which can then grow by no more than about `bytes`, as on a full disk; `None`
    /// if the backend cannot make one.
    fn nearly_full(&self, fill: &dyn Fn(&dyn Store), bytes: u64) -> Option<Box<dyn Store>> {
        let _ = (fill, bytes);
        None
    }
}

type Behaviour = fn(&dyn Backend);

/// Runs one behaviour of the suite by its name. [`store_conformance!`](crate::store_conformance) calls this.
///
/// # Panics
///
/// When the backend fails the test, or the suite has no behaviour of that name.
pub fn run(behaviour: &str, backend: &dyn Backend) {
    match SUITE.iter().find(|(name, _)| *name == behaviour) {
        Some((_, check)) => check(backend),
        None => panic!("the suite has no behaviour {behaviour}"),
    }
}

/// Calls another macro with what is passed along, followed by the names of all behaviours.
#[doc(hidden)]
#[macro_export]
macro_rules! store_behaviours {
    ($with:path, $($given:tt)*) => {
        $with! {
            $($given)*

            rows: an_empty_store_has_nothing;
            rows: the_first_commit_creates_the_tenant;
            rows: organizations_come_back_whole;
            rows: deactivations_come_back_whole;
            rows: hold_days_come_back_whole;
            rows: settings_come_back_whole;
            rows: users_come_back_whole;
            rows: devices_come_back_whole;
            rows: archives_come_back_whole;
            rows: agent_states_come_back_whole;
            rows: api_clients_come_back_whole;
            rows: ended_tokens_come_back_until_they_are_forgotten;
            rows: keyed_answers_come_back_until_they_are_forgotten;
            rows: a_row_written_again_is_replaced;
            rows: the_next_id_is_kept;
            rows: a_purged_archive_is_gone;

            keys: every_key_finds_its_organization;
            keys: every_key_finds_its_user;
            keys: every_key_finds_its_device;
            keys: a_username_is_found_in_any_case;

            trees: a_child_is_found_by_exactly_its_name;
            trees: the_way_down_starts_at_the_top;
            trees: a_subtree_ends_where_the_next_begins;
            trees: a_page_starts_with_the_top_and_goes_on_by_number;
            trees: windows_cover_a_listing_once;
            trees: deactivations_are_found_above_and_below_but_not_beside;
            trees: hold_days_are_found_above_and_below_but_not_beside;
            trees: api_clients_are_listed_oldest_first;

            people: users_are_found_by_subtree;
            people: devices_are_found_by_subtree_and_by_user;
            people: archives_are_found_by_subtree_and_by_device;
            people: a_user_that_moves_is_found_elsewhere;
            people: agent_states_are_found_by_organization;

            commits: every_commit_makes_the_next_revision;
            commits: a_refusal_changes_nothing;
            commits: a_tenant_is_created_once;
            commits: the_first_commit_creates_a_tenant_or_nothing;
            commits: of_two_commits_at_once_one_sees_the_other;
            commits: no_update_is_lost;
            commits: a_view_does_not_move;
            commits: a_failed_look_leaves_the_store_usable;

            line: those_who_wait_are_served_in_the_order_of_their_coming;
            line: what_fails_in_a_commit_fails_no_other;
            line: a_commit_ends_before_it_has_too_many_rows;
            line: a_whole_write_has_a_commit_of_its_own;
            line: nothing_is_answered_before_it_is_kept;
            line: what_has_no_room_fails_no_other;
            line: what_nobody_waits_for_is_left;
            line: everybody_who_submits_is_answered;

            whole: a_commit_is_all_or_nothing;
            whole: whatever_must_be_unique_is;
            whole: siblings_are_unique_and_cousins_are_not;
            whole: changes_come_in_any_order;
            whole: as_many_changes_as_allowed_and_no_more;
            whole: a_number_that_cannot_be_kept_is_refused;

            files: an_exported_tenant_is_loaded_whole;
            files: what_is_loaded_replaces_all_and_the_revision_goes_on;
            files: a_tenant_stays_itself_whatever_is_loaded;
            files: a_replacement_that_fails_changes_nothing;
            files: a_token_that_was_ended_stays_so_whatever_is_loaded;
            files: answers_belong_to_the_tenant_that_gave_them;
        }
    };
}

/// Makes one test per behaviour of the suite, in a module of this name, for this [`Backend`].
#[macro_export]
macro_rules! store_conformance {
    (@tests $name:ident, $backend:expr; $($group:ident: $behaviour:ident;)*) => {
        mod $name {
            $(
                #[test]
                fn $behaviour() {
                    $crate::store::conformance::run(stringify!($behaviour), &$backend);
                }
            )*
        }
    };
    ($name:ident, $backend:expr) => {
        $crate::store_behaviours!($crate::store_conformance, @tests $name, $backend;);
    };
}

macro_rules! suite {
    ($($group:ident: $behaviour:ident;)*) => {
        /// Every behaviour with its name. The compiler reports a test that is missing here as never used.
        const SUITE: &[(&str, Behaviour)] = &[$((stringify!($behaviour), $group::$behaviour)),*];
    };
}

store_behaviours!(suite,);
