//! What belongs to which part of the tree, and in which order it is listed.

use super::Backend;
use super::fixture::{
    add, agent_state, api_client, archive, ask, deactivation, device, filled, forest, numbers, org,
    user,
};
use crate::store::{Store, Window};
use crate::tree::{Archive, Change, Device, Org, Path, User};

pub(super) fn a_child_is_found_by_exactly_its_name(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[(2, 1), (3, 2)]);
    let store = &*store;
    let [top, child, grandchild] = &orgs[..] else {
        panic!("three were made")
    };
    assert_eq!(
        ask(store, |s| s.child_named(top.id, "Org 2")).as_ref(),
        Some(child)
    );
    assert_eq!(
        ask(store, |s| s.child_named(child.id, "Org 3")).as_ref(),
        Some(grandchild)
    );
    for (parent, name) in [
        (top, "Org 3"),
        (top, "org 2"),
        (top, "Org 2 "),
        (top, "Org _"),
        (child, "Org 2"),
    ] {
        assert_eq!(
            ask(store, |s| s.child_named(parent.id, name)),
            None,
            "{name:?}"
        );
    }
}

pub(super) fn the_way_down_starts_at_the_top(backend: &dyn Backend) {
    let chain: Vec<_> = (2..=100).map(|id| (id, id - 1)).collect();
    let (store, orgs) = forest(backend, 1, &chain);
    assert_eq!(ask(&*store, |s| s.way_down(&orgs[0].path)), orgs[..1]);
    assert_eq!(ask(&*store, |s| s.way_down(&orgs[3].path)), orgs[..4]);
    assert_eq!(ask(&*store, |s| s.way_down(&orgs[99].path)), orgs);
    let unknown = org(500, Some(&orgs[1]));
    assert_eq!(ask(&*store, |s| s.way_down(&unknown.path)), orgs[..2]);
}

/// The numbers where a path's last place turns over, with neighbours whose paths begin alike.
pub(super) fn a_subtree_ends_where_the_next_begins(backend: &dyn Backend) {
    let others = [
        (61, 1),
        (62, 1),
        (63, 1),
        (3843, 1),
        (3844, 1),
        (100, 61),
        (101, 62),
        (u32::MAX, 62),
        (103, 101),
    ];
    let (store, orgs) = forest(backend, 1, &others);
    let below = |id: u32| {
        let under = orgs.iter().find(|org| org.id.get() == id).unwrap();
        numbers(&ask(&*store, |s| s.subtree(&under.path)))
    };
    assert_eq!(
        below(1),
        [1, 61, 100, 62, 101, 103, u32::MAX, 63, 3843, 3844]
    );
    assert_eq!(below(61), [61, 100]);
    assert_eq!(below(62), [62, 101, 103, u32::MAX]);
    assert_eq!(below(101), [101, 103]);
    assert_eq!(below(3843), [3843]);
    assert_eq!(
        numbers(&ask(&*store, |s| s.subtree(&Path::default()))).len(),
        10
    );
    assert_eq!(
        ask(&*store, |s| s.subtree(&org(64, Some(&orgs[0])).path)),
        []
    );
}

pub(super) fn a_page_starts_with_the_top_and_goes_on_by_number(backend: &dyn Backend) {
    let (store, _) = forest(
        backend,
        42,
        &[(7, 42), (100, 42), (9, 100), (41, 7), (43, 7)],
    );
    let page = |offset, limit| numbers(&ask(&*store, |s| s.org_page(Window { offset, limit })));
    assert_eq!(page(0, 100), [42, 7, 9, 41, 43, 100]);
    assert_eq!(
        (page(0, 1), page(0, 2), page(1, 1)),
        (vec![42], vec![42, 7], vec![7])
    );
    assert_eq!(page(2, 3), [9, 41, 43]);
    assert_eq!(
        (page(5, 5), page(6, 5), page(u64::MAX, u64::MAX)),
        (vec![100], vec![], vec![])
    );
    assert_eq!(
        (page(0, 0), page(3, 0), page(0, u64::MAX).len()),
        (vec![], vec![], 6)
    );
    assert_eq!(ask(&*store, |s| s.count_orgs()), 6);
}

pub(super) fn windows_cover_a_listing_once(backend: &dyn Backend) {
    let others: Vec<_> = (1..=30).map(|id| (id, 500)).collect();
    let (store, _) = forest(backend, 500, &others);
    let whole = ask(&*store, |s| {
        s.org_page(Window {
            offset: 0,
            limit: 100,
        })
    });
    for limit in [1, 7, 30, 31, 32] {
        let mut pieces = Vec::new();
        for offset in (0..).step_by(limit) {
            let piece = ask(&*store, |s| {
                s.org_page(Window {
                    offset,
                    limit: limit as u64,
                })
            });
            if piece.is_empty() {
                break;
            }
            pieces.extend(piece);
        }
        assert_eq!(pieces, whole, "in pieces of {limit}");
    }
}

/// Organizations 1 > (2 > 3), 4, of which each has one user with one device with one archive, numbered so that neither
/// follows the order of the others.
struct Population {
    store: Box<dyn Store>,
    orgs: Vec<Org>,
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
        .map(Change::Org)
        .chain(users.iter().cloned().map(Change::User));
    let rows = rows.chain(devices.iter().cloned().map(Change::Device));
    let store = filled(
        backend,
        rows.chain(archives.iter().cloned().map(Change::Archive)),
    );
    Population {
        store,
        orgs,
        users,
        devices,
        archives,
    }
}

/// The first organization's number, and what belongs to the subtree under it, as places in the lists above.
const SUBTREES: [(usize, &[usize]); 4] = [(0, &[0, 1, 2, 3]), (1, &[1, 2]), (2, &[2]), (3, &[3])];

/// Two windows into a list of up to four, and the list without any.
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
    add(&*store, &[Change::Device(second.clone())]);
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
    add(&*store, &[Change::Archive(second.clone())]);
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
    add(&*store, &[Change::User(moved.clone())]);
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

pub(super) fn deactivations_are_found_above_and_below_but_not_beside(backend: &dyn Backend) {
    let (store, orgs) = forest(
        backend,
        1,
        &[(2, 1), (3, 2), (4, 3), (5, 2), (61, 3), (62, 3)],
    );
    let places = [
        (0, 8),
        (1, 3),
        (2, 5),
        (3, 6),
        (4, 4),
        (2, 7),
        (5, 9),
        (6, 10),
    ];
    let all = places.map(|(place, revision)| deactivation(&orgs[place], revision));
    add(&*store, &all.map(Change::Deactivation));
    let around = |place: usize| {
        let found = ask(&*store, |s| s.deactivations(&orgs[place].path));
        found
            .iter()
            .map(|found| (found.org_id.get(), found.mark.revision.0))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        around(0),
        [
            (2, 3),
            (5, 4),
            (3, 5),
            (4, 6),
            (3, 7),
            (1, 8),
            (61, 9),
            (62, 10)
        ]
    );
    assert_eq!(
        around(2),
        [(2, 3), (3, 5), (4, 6), (3, 7), (1, 8), (61, 9), (62, 10)]
    );
    assert_eq!(around(3), [(2, 3), (3, 5), (4, 6), (3, 7), (1, 8)]);
    assert_eq!(around(4), [(2, 3), (5, 4), (1, 8)]);
    assert_eq!(around(5), [(2, 3), (3, 5), (3, 7), (1, 8), (61, 9)]);
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
    let device_row = [Change::Device(second.clone())];
    add(
        &*store,
        &device_row
            .into_iter()
            .chain(states.clone().map(Change::AgentState))
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

pub(super) fn api_clients_are_listed_oldest_first(backend: &dyn Backend) {
    let clients = [("key-a", 3), ("key-b", 1), ("key-c", 2), ("key-0", 2)];
    let store = filled(
        backend,
        clients.map(|(id, created)| Change::ApiClient(api_client(id, created))),
    );
    let listed = ask(&*store, |s| s.api_clients());
    let ids: Vec<_> = listed
        .iter()
        .map(|client| client.client_id.as_str())
        .collect();
    assert_eq!(ids, ["key-b", "key-0", "key-c", "key-a"]);
}
