//! Tests that a commit happens as a whole or not at all.

use super::Backend;
use super::fixture::{
    GREATEST, add, ask, deactivation, device, filled, forest, org, revision, tenant, user, write,
};
use crate::domain::{Archive, Device, OrgRecord, Path, Revision, RowChange, Tenant, User};
use crate::store::{MAX_CHANGES, OrgLookup, Store, StoreError};

/// Returns a small tenant: a row of each table that another row can collide with.
fn crowd() -> (OrgRecord, OrgRecord, User, Device) {
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
            RowChange::Org(top),
            RowChange::Org(child),
            RowChange::User(owner),
            RowChange::Device(laptop),
        ],
    )
}

type Everything = (
    Option<Tenant>,
    Vec<OrgRecord>,
    Vec<(Device, User)>,
    Vec<Archive>,
);

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
    let clash = OrgRecord {
        registration_key: top.registration_key.clone(),
        ..org(50, Some(&top))
    };
    let changes = [
        RowChange::NextId(99),
        RowChange::Org(org(49, Some(&top))),
        RowChange::User(User {
            blocked: true,
            ..owner
        }),
        RowChange::Device(Device {
            blocked: true,
            ..laptop
        }),
        RowChange::Deactivation(deactivation(&child, 2)),
        RowChange::Org(clash),
        RowChange::Org(org(51, Some(&top))),
    ];
    assert!(matches!(
        write(store, changes.clone()),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(everything(store), before);
    assert_eq!(ask(store, |s| s.deactivations(&top.path)), []);
    // Without the collision it succeeds.
    let others: Vec<_> = changes
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at != 5)
        .map(|(_, change)| change)
        .collect();
    add(store, &others);
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
            RowChange::Org(OrgRecord {
                uid: child.uid.clone(),
                ..new.clone()
            }),
        ),
        (
            "guid",
            RowChange::Org(OrgRecord {
                guid: child.guid.clone(),
                ..new.clone()
            }),
        ),
        (
            "path",
            RowChange::Org(OrgRecord {
                path: child.path.clone(),
                ..new.clone()
            }),
        ),
        (
            "registration key",
            RowChange::Org(OrgRecord {
                registration_key: child.registration_key.clone(),
                ..new.clone()
            }),
        ),
        (
            "name",
            RowChange::Org(OrgRecord {
                name: child.name.clone(),
                ..new
            }),
        ),
        (
            "user's uid",
            RowChange::User(User {
                uid: owner.uid.clone(),
                ..person.clone()
            }),
        ),
        (
            "username",
            RowChange::User(User {
                username: owner.username.to_uppercase(),
                ..person
            }),
        ),
        (
            "device's guid",
            RowChange::Device(Device {
                guid: laptop.guid,
                ..device(62, &owner)
            }),
        ),
    ];
    for (what, clash) in clashes {
        let end = write(store, [RowChange::NextId(99), clash]);
        assert!(
            matches!(end, Err(StoreError::Failed(_))),
            "the same {what} twice: {end:?}"
        );
        assert_eq!(everything(store), before, "after the same {what} twice");
    }
}

pub(super) fn siblings_are_unique_and_cousins_are_not(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[(2, 1), (3, 1)]);
    let named = |id, parent: &OrgRecord, name: &str| {
        RowChange::Org(OrgRecord {
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
    let taken = write(&*store, [named(7, &orgs[1], "Sales")]);
    assert!(matches!(taken, Err(StoreError::Failed(_))), "{taken:?}");
    // A name that is freed can be used in the same commit.
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
        RowChange::Device(laptop),
        RowChange::User(owner),
        RowChange::Deactivation(deactivation(&child, 1)),
        RowChange::Org(child),
        RowChange::Org(top.clone()),
        RowChange::Tenant(tenant()),
    ];
    add(&*store, &changes);
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
            .map(|i| RowChange::Org(org(100 + i as u32, Some(&orgs[0]))))
            .collect()
    };
    let end = write(&*store, children(MAX_CHANGES + 1));
    assert!(
        matches!(end, Err(StoreError::TooLarge(rows)) if rows == MAX_CHANGES + 1),
        "{end:?}"
    );
    assert_eq!(
        (ask(&*store, |s| s.count_orgs()), revision(&*store)),
        (1, Revision(1))
    );
    add(&*store, &children(MAX_CHANGES));
    assert_eq!(ask(&*store, |s| s.count_orgs()), 1 + MAX_CHANGES as u64);
}

pub(super) fn a_number_that_cannot_be_kept_is_refused(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let beyond = OrgRecord {
        blocked_at: Revision(GREATEST + 1),
        ..orgs[0].clone()
    };
    let end = write(&*store, [RowChange::NextId(9), RowChange::Org(beyond)]);
    assert!(matches!(end, Err(StoreError::Failed(_))), "{end:?}");
    assert_eq!(
        ask(&*store, |s| Ok((s.tenant()?, s.org(&OrgLookup::Top)?))),
        (Some(tenant()), Some(orgs[0].clone()))
    );
}
