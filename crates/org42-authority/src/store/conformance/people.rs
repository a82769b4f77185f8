//! Tests that users, devices and archives belong to the subtrees of their organizations.

use super::Backend;
use super::fixture::{add, agent_state, archive, ask, device, filled, org, user};
use crate::domain::{Archive, Device, OrgRecord, RowChange, User};
use crate::store::{Store, Window};

/// Organizations 1 > (2 > 3), 4, each with one user with one device with one archive, numbered so that neither
/// follows the order of the others.
struct Population {
    store: Box<dyn Store>,
    orgs: Vec<OrgRecord>,
    users: Vec<User>,
    devices: Vec<Device>,
    archives: Vec<Archive>,
}

fn population(backend: &dyn Backend) -> Population {
    let top = org(1, None);
    let child = org(2, Some(&top));
    let orgs = vec![
        top.clone(),
        child.clone(),
        org(3, Some(&child)),
        org(4, Some(&top)),
    ];
    let users: Vec<_> = orgs
        .iter()
        .zip([13, 14, 11, 12])
        .map(|(org, id)| user(id, org))
        .collect();
    let devices: Vec<_> = users
        .iter()
        .zip([22, 21, 24, 23])
        .map(|(user, id)| device(id, user))
        .collect();
    let archives: Vec<_> = devices
        .iter()
        .zip(["34", "4", "31", "32"])
        .map(|(d, guid)| archive(guid, d))
        .collect();
    let rows = orgs
        .iter()
        .cloned()
        .map(RowChange::Org)
        .chain(users.iter().cloned().map(RowChange::User));
    let rows = rows.chain(devices.iter().cloned().map(RowChange::Device));
    let store = filled(
        backend,
        rows.chain(archives.iter().cloned().map(RowChange::Archive)),
    );
    Population {
        store,
        orgs,
        users,
        devices,
        archives,
    }
}

/// The number of the first organization, and what belongs to the subtree under it, as indices into the lists above.
const SUBTREES: [(usize, &[usize]); 4] = [(0, &[0, 1, 2, 3]), (1, &[1, 2]), (2, &[2]), (3, &[3])];

/// Windows into a list of up to four rows, and the whole list.
const WINDOWS: [Option<Window>; 4] = [
    None,
    Some(Window {
        offset: 0,
        limit: 2,
    }),
    Some(Window {
        offset: 1,
        limit: u64::MAX,
    }),
    Some(Window {
        offset: u64::MAX,
        limit: 1,
    }),
];

fn cut<T>(list: Vec<T>, window: Option<Window>) -> Vec<T> {
    let Window { offset, limit } = window.unwrap_or(Window {
        offset: 0,
        limit: u64::MAX,
    });
    list.into_iter()
        .skip(offset as usize)
        .take(limit as usize)
        .collect()
}

pub(super) fn users_are_found_by_subtree(backend: &dyn Backend) {
    let Population {
        store, orgs, users, ..
    } = population(backend);
    for (under, places) in SUBTREES {
        let path = &orgs[under].path;
        let mut expected: Vec<_> = places.iter().map(|place| users[*place].clone()).collect();
        expected.sort_by_key(|user| user.id);
        assert_eq!(ask(&*store, |s| s.count_users(path)), expected.len() as u64);
        for window in WINDOWS {
            let found = ask(&*store, |s| s.users(path, window));
            assert_eq!(
                found,
                cut(expected.clone(), window),
                "under {under}, {window:?}"
            );
        }
    }
    let nowhere = &org(5, Some(&orgs[0])).path;
    assert_eq!(
        ask(&*store, |s| Ok((
            s.count_users(nowhere)?,
            s.users(nowhere, None)?
        ))),
        (0, vec![])
    );
}

pub(super) fn devices_are_found_by_subtree_and_by_user(backend: &dyn Backend) {
    let Population {
        store,
        orgs,
        users,
        devices,
        ..
    } = population(backend);
    for (under, places) in SUBTREES {
        let path = &orgs[under].path;
        let mut expected: Vec<_> = places
            .iter()
            .map(|place| (devices[*place].clone(), users[*place].clone()))
            .collect();
        expected.sort_by_key(|(device, _)| device.id);
        assert_eq!(
            ask(&*store, |s| s.count_devices(path)),
            expected.len() as u64
        );
        for window in WINDOWS {
            let found = ask(&*store, |s| s.devices(path, window));
            assert_eq!(
                found,
                cut(expected.clone(), window),
                "under {under}, {window:?}"
            );
        }
    }
    let second = device(20, &users[0]);
    add(&*store, &[RowChange::Device(second.clone())]);
    assert_eq!(
        ask(&*store, |s| s.devices_of(users[0].id)),
        [second, devices[0].clone()]
    );
    assert_eq!(ask(&*store, |s| s.devices_of(users[1].id)), devices[1..2]);
    assert_eq!(ask(&*store, |s| s.devices_of(99)), []);
}

pub(super) fn archives_are_found_by_subtree_and_by_device(backend: &dyn Backend) {
    let Population {
        store,
        orgs,
        users,
        devices,
        archives,
    } = population(backend);
    for (under, places) in SUBTREES {
        let belonging = places.iter().map(|at| {
            (
                archives[*at].clone(),
                devices[*at].clone(),
                users[*at].clone(),
            )
        });
        let mut expected: Vec<_> = belonging.collect();
        expected.sort_by_key(|(archive, ..)| archive.guid.clone());
        assert_eq!(
            ask(&*store, |s| s.archives(&orgs[under].path)),
            expected,
            "under {under}"
        );
    }
    let second = archive("300", &devices[0]);
    add(&*store, &[RowChange::Archive(second.clone())]);
    assert_eq!(
        ask(&*store, |s| s.archives_of(devices[0].id)),
        [second, archives[0].clone()]
    );
    assert_eq!(ask(&*store, |s| s.archives_of(99)), []);
}

pub(super) fn a_user_that_moves_is_found_elsewhere(backend: &dyn Backend) {
    let Population {
        store,
        orgs,
        users,
        devices,
        archives,
    } = population(backend);
    let moved = User {
        org_id: orgs[3].id,
        ..users[2].clone()
    };
    add(&*store, &[RowChange::User(moved.clone())]);
    let (old, new) = (&orgs[2].path, &orgs[3].path);
    assert_eq!(
        ask(&*store, |s| Ok((
            s.count_users(old)?,
            s.count_devices(old)?,
            s.archives(old)?
        ))),
        (0, 0, vec![])
    );
    assert_eq!(
        ask(&*store, |s| s.users(new, None)),
        [moved.clone(), users[3].clone()]
    );
    assert_eq!(ask(&*store, |s| s.count_devices(new)), 2);
    let found = ask(&*store, |s| s.archives(new));
    assert_eq!(found[0], (archives[2].clone(), devices[2].clone(), moved));
}

pub(super) fn agent_states_are_found_by_organization(backend: &dyn Backend) {
    let Population {
        store,
        orgs,
        users,
        devices,
        ..
    } = population(backend);
    let second = device(20, &users[1]);
    let states = [
        agent_state(&devices[0], "fullDiskAccess", "top"),
        agent_state(&devices[1], "fullDiskAccess", "first"),
        agent_state(&devices[1], "agentVersion", "1.2"),
        agent_state(&second, "fullDiskAccess", "second"),
        agent_state(&devices[2], "fullDiskAccess", "below"),
    ];
    let device_row = [RowChange::Device(second.clone())];
    add(
        &*store,
        &device_row
            .into_iter()
            .chain(states.clone().map(RowChange::AgentState))
            .collect::<Vec<_>>(),
    );
    assert_eq!(
        ask(&*store, |s| s.agent_states(orgs[1].id, "fullDiskAccess")),
        [
            (states[3].clone(), second, users[1].clone()),
            (states[1].clone(), devices[1].clone(), users[1].clone()),
        ]
    );
    assert_eq!(
        ask(&*store, |s| s.agent_states(orgs[1].id, "agentVersion")).len(),
        1
    );
    assert_eq!(
        ask(&*store, |s| s.agent_states(orgs[0].id, "agentVersion")),
        []
    );
    assert_eq!(
        ask(&*store, |s| s.agent_states(orgs[3].id, "fullDiskAccess")),
        []
    );
}
