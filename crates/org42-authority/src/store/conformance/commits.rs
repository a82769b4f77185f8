//! Commits are whole, in one line, and never out of date.

use std::sync::Barrier;
use std::thread;

use super::Backend;
use super::fixture::{
    GREATEST, add, ask, deactivation, device, filled, forest, org, revision, tenant, user,
};
use crate::store::{MAX_CHANGES, OrgKey, Store, StoreError};
use crate::tree::{Archive, Change, Device, Org, Path, Revision, Tenant, User};

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
        Change::Org(Org {
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
    let renamed = Org {
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
        ask(store, |s| Ok((s.org(&OrgKey::Top)?, s.count_orgs()?))),
        (Some(renamed), 2)
    );
    assert_eq!(revision(store), Revision(2));
}

/// A small tenant: a row of each table that something can collide with.
fn crowd() -> (Org, Org, User, Device) {
    let top = org(1, None);
    let child = org(2, Some(&top));
    let owner = user(3, &child);
    let laptop = device(4, &owner);
    (top, child, owner, laptop)
}

fn crowded(backend: &dyn Backend) -> Box<dyn Store> {
    let (top, child, owner, laptop) = crowd();
    filled(
        backend,
        [
            Change::Org(top),
            Change::Org(child),
            Change::User(owner),
            Change::Device(laptop),
        ],
    )
}

type Everything = (Option<Tenant>, Vec<Org>, Vec<(Device, User)>, Vec<Archive>);

fn everything(store: &dyn Store) -> Everything {
    let all = &Path::default();
    ask(store, |s| {
        Ok((
            s.tenant()?,
            s.subtree(all)?,
            s.devices(all, None)?,
            s.archives_of(4)?,
        ))
    })
}

pub(super) fn a_commit_is_all_or_nothing(backend: &dyn Backend) {
    let store = &*crowded(backend);
    let (top, child, owner, laptop) = crowd();
    let before = everything(store);
    let clash = Org {
        registration_key: top.registration_key.clone(),
        ..org(50, Some(&top))
    };
    let changes = [
        Change::NextId(99),
        Change::Org(org(49, Some(&top))),
        Change::User(User {
            blocked: true,
            ..owner
        }),
        Change::Device(Device {
            blocked: true,
            ..laptop
        }),
        Change::Deactivation(deactivation(&child, 2)),
        Change::Org(clash),
        Change::Org(org(51, Some(&top))),
    ];
    assert!(matches!(
        store.commit(Revision(1), &changes),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(everything(store), before);
    assert_eq!(ask(store, |s| s.deactivations(&top.path)), []);
    // Without the clash it goes through.
    let others: Vec<_> = changes
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at != 5)
        .map(|(_, change)| change)
        .collect();
    store.commit(Revision(1), &others).unwrap();
    assert_eq!(
        ask(store, |s| Ok((
            s.count_orgs()?,
            s.deactivations(&top.path)?.len()
        ))),
        (4, 1)
    );
}

pub(super) fn whatever_must_be_unique_is(backend: &dyn Backend) {
    let store = &*crowded(backend);
    let (top, child, owner, laptop) = crowd();
    let before = everything(store);
    let (new, person) = (org(60, Some(&top)), user(61, &top));
    let clashes = [
        (
            "uid",
            Change::Org(Org {
                uid: child.uid.clone(),
                ..new.clone()
            }),
        ),
        (
            "guid",
            Change::Org(Org {
                guid: child.guid.clone(),
                ..new.clone()
            }),
        ),
        (
            "path",
            Change::Org(Org {
                path: child.path.clone(),
                ..new.clone()
            }),
        ),
        (
            "registration key",
            Change::Org(Org {
                registration_key: child.registration_key.clone(),
                ..new.clone()
            }),
        ),
        (
            "name",
            Change::Org(Org {
                name: child.name.clone(),
                ..new
            }),
        ),
        (
            "user's uid",
            Change::User(User {
                uid: owner.uid.clone(),
                ..person.clone()
            }),
        ),
        (
            "username",
            Change::User(User {
                username: owner.username.to_uppercase(),
                ..person
            }),
        ),
        (
            "device's guid",
            Change::Device(Device {
                guid: laptop.guid,
                ..device(62, &owner)
            }),
        ),
    ];
    for (what, clash) in clashes {
        let end = store.commit(Revision(1), &[Change::NextId(99), clash]);
        assert!(
            matches!(end, Err(StoreError::Failed(_))),
            "the same {what} twice: {end:?}"
        );
        assert_eq!(everything(store), before, "after the same {what} twice");
    }
}

pub(super) fn siblings_are_unique_and_cousins_are_not(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[(2, 1), (3, 1)]);
    let named = |id, parent: &Org, name: &str| {
        Change::Org(Org {
            name: name.to_owned(),
            ..org(id, Some(parent))
        })
    };
    add(
        &*store,
        &[
            named(4, &orgs[1], "Sales"),
            named(5, &orgs[2], "Sales"),
            named(6, &orgs[1], "SALES"),
        ],
    );
    let taken = store.commit(revision(&*store), &[named(7, &orgs[1], "Sales")]);
    assert!(matches!(taken, Err(StoreError::Failed(_))), "{taken:?}");
    // A name that is given up can be taken in the same commit.
    add(
        &*store,
        &[
            named(4, &orgs[1], "Sales (old)"),
            named(7, &orgs[1], "Sales"),
        ],
    );
    assert_eq!(
        ask(&*store, |s| s.child_named(orgs[1].id, "Sales"))
            .unwrap()
            .id
            .get(),
        7
    );
}

pub(super) fn changes_come_in_any_order(backend: &dyn Backend) {
    let store = backend.fresh();
    let (top, child, owner, laptop) = crowd();
    let changes = [
        Change::Device(laptop),
        Change::User(owner),
        Change::Deactivation(deactivation(&child, 1)),
        Change::Org(child),
        Change::Org(top.clone()),
        Change::Tenant(tenant()),
    ];
    store.commit(Revision(0), &changes).unwrap();
    assert_eq!(
        ask(&*store, |s| Ok((
            s.count_orgs()?,
            s.count_devices(&top.path)?
        ))),
        (2, 1)
    );
}

pub(super) fn as_many_changes_as_allowed_and_no_more(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let children = |count: usize| -> Vec<_> {
        (0..count)
            .map(|i| Change::Org(org(100 + i as u32, Some(&orgs[0]))))
            .collect()
    };
    let end = store.commit(Revision(1), &children(MAX_CHANGES + 1));
    assert!(
        matches!(end, Err(StoreError::TooLarge(rows)) if rows == MAX_CHANGES + 1),
        "{end:?}"
    );
    assert_eq!(
        (ask(&*store, |s| s.count_orgs()), revision(&*store)),
        (1, Revision(1))
    );
    store.commit(Revision(1), &children(MAX_CHANGES)).unwrap();
    assert_eq!(ask(&*store, |s| s.count_orgs()), 1 + MAX_CHANGES as u64);
}

pub(super) fn a_number_that_cannot_be_kept_is_refused(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let beyond = Org {
        blocked_at: Revision(GREATEST + 1),
        ..orgs[0].clone()
    };
    let end = store.commit(Revision(1), &[Change::NextId(9), Change::Org(beyond)]);
    assert!(matches!(end, Err(StoreError::Failed(_))), "{end:?}");
    assert_eq!(
        ask(&*store, |s| Ok((s.tenant()?, s.org(&OrgKey::Top)?))),
        (Some(tenant()), Some(orgs[0].clone()))
    );
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
