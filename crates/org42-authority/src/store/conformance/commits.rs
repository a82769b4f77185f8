//! Commits are whole, in one line, and never out of date.

use std::sync::Barrier;
use std::thread;

use super::Backend;
use super::fixture::{GREATEST, add, ask, filled, forest, org, revision, tenant};
use crate::domain::{Change, OrgRecord, Path, Revision, Tenant};
use crate::store::{OrgLookup, Store, StoreError};

pub(super) fn every_commit_makes_the_next_revision(backend: &dyn Backend) {
    let store = backend.fresh();
    let odd = Tenant {
        revision: Revision(77),
        ..tenant()
    };
    store.commit(Revision(0), &[Change::Tenant(odd)]).unwrap();
    assert_eq!(revision(&*store), Revision(1));
    store.commit(Revision(1), &[Change::NextId(5)]).unwrap();
    store.commit(Revision(2), &[]).unwrap();
    assert_eq!(revision(&*store), Revision(3));
}

pub(super) fn a_stale_commit_changes_nothing(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    add(&*store, &[Change::NextId(7)]);
    let change = [
        Change::Org(OrgRecord {
            notes: Some("late".to_owned()),
            ..orgs[0].clone()
        }),
        Change::NextId(8),
    ];
    for seen in [
        Revision(0),
        Revision(1),
        Revision(3),
        Revision(GREATEST),
        Revision(u64::MAX),
    ] {
        assert!(
            matches!(store.commit(seen, &change), Err(StoreError::Stale)),
            "{seen:?}"
        );
    }
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
    let other = [Change::Tenant(Tenant {
        uid: "other".to_owned(),
        ..tenant()
    })];
    assert!(matches!(
        store.commit(Revision(0), &other),
        Err(StoreError::Stale)
    ));
    assert!(matches!(
        store.commit(Revision(1), &other),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(ask(&*store, |s| s.tenant()), Some(tenant()));
}

pub(super) fn the_first_commit_creates_a_tenant_or_nothing(backend: &dyn Backend) {
    let store = backend.fresh();
    assert!(matches!(
        store.commit(Revision(0), &[Change::Org(org(1, None))]),
        Err(StoreError::Failed(_))
    ));
    assert!(matches!(
        store.commit(Revision(1), &[Change::Tenant(tenant())]),
        Err(StoreError::Stale)
    ));
    assert_eq!(
        ask(&*store, |s| Ok((s.tenant()?, s.count_orgs()?))),
        (None, 0)
    );
}

pub(super) fn of_two_commits_at_once_one_wins(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    for round in 1..=20 {
        let start = Barrier::new(2);
        let race = |id: u32| {
            start.wait();
            store.commit(Revision(round), &[Change::NextId(id)])
        };
        let ends = thread::scope(|scope| {
            let racers = [1, 2].map(|id| scope.spawn(move || race(id)));
            racers.map(|racer| racer.join().unwrap())
        });
        let next_id = ask(store, |s| s.tenant()).unwrap().next_id;
        match ends {
            [Ok(()), Err(StoreError::Stale)] => assert_eq!(next_id, 1),
            [Err(StoreError::Stale), Ok(())] => assert_eq!(next_id, 2),
            other => panic!("one wins and one is stale, not {other:?}"),
        }
        assert_eq!(revision(store), Revision(round + 1));
    }
}

/// Several count up the same number, each starting anew from what it finds when another was faster.
pub(super) fn no_update_is_lost(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| count_up(store)));
        }
    });
    let counted = ask(store, |s| s.tenant()).unwrap();
    assert_eq!(
        (counted.next_id, counted.revision),
        (tenant().next_id + 40, Revision(41))
    );
}

fn count_up(store: &dyn Store) {
    loop {
        let seen = ask(store, |s| s.tenant()).unwrap();
        match store.commit(seen.revision, &[Change::NextId(seen.next_id + 1)]) {
            Err(StoreError::Stale) => {}
            other => return other.unwrap(),
        }
    }
}

pub(super) fn a_snapshot_does_not_move(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let store = &*store;
    let renamed = OrgRecord {
        name: "Renamed".to_owned(),
        ..orgs[0].clone()
    };
    let change = [
        Change::Org(renamed.clone()),
        Change::Org(org(2, Some(&renamed))),
        Change::NextId(9),
    ];
    thread::scope(|scope| {
        let seen = ask(store, |snapshot| {
            let commit = scope.spawn(|| store.commit(Revision(1), &change).unwrap());
            if backend.commits_beside_reads() {
                commit.join().unwrap();
            }
            Ok((
                snapshot.subtree(&Path::default())?,
                snapshot.count_orgs()?,
                snapshot.tenant()?,
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
    add(&*store, &[Change::NextId(3)]);
    assert_eq!(revision(&*store), Revision(2));
}
