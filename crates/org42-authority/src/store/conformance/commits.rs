//! Tests that commits are whole, come one after the other, and decide on the newest state.

use std::sync::Barrier;
use std::thread;

use super::Backend;
use super::fixture::{add, ask, filled, forest, org, revision, tenant, write};
use crate::domain::{OrgRecord, Path, Revision, RowChange, Tenant};
use crate::store::{Extent, OrgLookup, Store, StoreError};

pub(super) fn every_commit_makes_the_next_revision(backend: &dyn Backend) {
    let store = backend.fresh();
    let odd = Tenant {
        revision: Revision(77),
        ..tenant()
    };
    assert_eq!(
        write(&*store, [RowChange::Tenant(odd)]).unwrap(),
        Revision(1)
    );
    assert_eq!(write(&*store, [RowChange::NextId(5)]).unwrap(), Revision(2));
    assert_eq!(write(&*store, []).unwrap(), Revision(3));
    assert_eq!(revision(&*store), Revision(3));
    // A write that applies nothing makes no revision, and one that applies twice makes two.
    let nothing = store.write(Extent::Rows, |_| Ok::<_, StoreError>(5));
    assert_eq!((nothing.unwrap(), revision(&*store)), (5, Revision(3)));
    let twice = store.write(Extent::Rows, |draft| {
        let first = draft.apply(&[RowChange::NextId(6)])?;
        let seen = draft.view().tenant()?.map(|tenant| tenant.next_id);
        Ok::<_, StoreError>((first, seen, draft.apply(&[RowChange::NextId(7)])?))
    });
    assert_eq!(twice.unwrap(), (Revision(4), Some(6), Revision(5)));
    assert_eq!(revision(&*store), Revision(5));
}

pub(super) fn a_refusal_changes_nothing(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    add(&*store, &[RowChange::NextId(7)]);
    let change = [
        RowChange::Org(OrgRecord {
            notes: Some("late".to_owned()),
            ..orgs[0].clone()
        }),
        RowChange::NextId(8),
    ];
    let refused = store.write(Extent::Rows, move |draft| {
        draft.apply(&change)?;
        Err::<(), _>(StoreError::failed("no"))
    });
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the tenant's database failed: no"
    );
    assert_eq!(
        ask(&*store, |s| s.tenant()),
        Some(Tenant {
            revision: Revision(2),
            next_id: 7,
            ..tenant()
        })
    );
    assert_eq!(ask(&*store, |s| s.subtree(&Path::default())), orgs);
}

pub(super) fn a_tenant_is_created_once(backend: &dyn Backend) {
    let store = filled(backend, []);
    let other = [RowChange::Tenant(Tenant {
        uid: "other".to_owned(),
        ..tenant()
    })];
    let again = write(&*store, other);
    assert!(matches!(again, Err(StoreError::Failed(_))), "{again:?}");
    assert_eq!(ask(&*store, |s| s.tenant()), Some(tenant()));
}

pub(super) fn the_first_commit_creates_a_tenant_or_nothing(backend: &dyn Backend) {
    let store = backend.fresh();
    let without = write(&*store, [RowChange::Org(org(1, None))]);
    assert!(matches!(without, Err(StoreError::Failed(_))), "{without:?}");
    assert_eq!(
        ask(&*store, |s| Ok((s.tenant()?, s.count_orgs()?))),
        (None, 0)
    );
}

pub(super) fn of_two_commits_at_once_one_sees_the_other(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    for round in 1..=20 {
        let start = Barrier::new(2);
        let race = |id: u32| {
            start.wait();
            store.write(Extent::Rows, move |draft| {
                match draft.view().tenant()?.unwrap().revision {
                    Revision(seen) if seen == round => draft.apply(&[RowChange::NextId(id)]),
                    _ => Err(StoreError::failed("late")),
                }
            })
        };
        let ends = thread::scope(|scope| {
            let racers = [1, 2].map(|id| scope.spawn(move || race(id)));
            racers.map(|racer| racer.join().unwrap())
        });
        let next_id = ask(store, |s| s.tenant()).unwrap().next_id;
        match ends {
            [Ok(_), Err(StoreError::Failed(_))] => assert_eq!(next_id, 1),
            [Err(StoreError::Failed(_)), Ok(_)] => assert_eq!(next_id, 2),
            other => panic!("one wins and one is late, not {other:?}"),
        }
        assert_eq!(revision(store), Revision(round + 1));
    }
}

/// Several writers count up the same number, each from the number that it is shown.
pub(super) fn no_update_is_lost(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    count_up(store).unwrap();
                }
            });
        }
    });
    let counted = ask(store, |s| s.tenant()).unwrap();
    assert_eq!(
        (counted.next_id, counted.revision),
        (tenant().next_id + 40, Revision(41))
    );
}

fn count_up(store: &dyn Store) -> Result<Revision, StoreError> {
    store.write(Extent::Rows, |draft| {
        let seen = draft.view().tenant()?.unwrap();
        draft.apply(&[RowChange::NextId(seen.next_id + 1)])
    })
}

pub(super) fn a_view_does_not_move(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let store = &*store;
    let renamed = OrgRecord {
        name: "Renamed".to_owned(),
        ..orgs[0].clone()
    };
    let change = [
        RowChange::Org(renamed.clone()),
        RowChange::Org(org(2, Some(&renamed))),
        RowChange::NextId(9),
    ];
    thread::scope(|scope| {
        let seen = ask(store, |view| {
            let commit = scope.spawn(|| add(store, &change));
            if backend.commits_beside_reads() {
                commit.join().unwrap();
            }
            Ok((
                view.subtree(&Path::default())?,
                view.count_orgs()?,
                view.tenant()?,
            ))
        });
        assert_eq!(seen, (orgs.clone(), 1, Some(tenant())));
    });
    assert_eq!(
        ask(store, |s| Ok((s.org(&OrgLookup::Top)?, s.count_orgs()?))),
        (Some(renamed), 2)
    );
    assert_eq!(revision(store), Revision(2));
}

pub(super) fn a_failed_look_leaves_the_store_usable(backend: &dyn Backend) {
    let store = filled(backend, []);
    let end = store.read(&mut |_| Err(StoreError::failed("looked away")));
    assert_eq!(
        end.unwrap_err().to_string(),
        "the tenant's database failed: looked away"
    );
    add(&*store, &[RowChange::NextId(3)]);
    assert_eq!(revision(&*store), Revision(2));
}
