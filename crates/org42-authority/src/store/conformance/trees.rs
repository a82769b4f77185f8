//! Tests of the parts of the tree, and of the order in which they are listed.

use super::Backend;
use super::fixture::{add, api_client, ask, deactivation, filled, forest, numbers, org};
use crate::domain::{HoldDays, Path, Revision, RowChange};
use crate::store::Window;

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

/// Numbers at which the last place of a path turns over, with neighbours whose paths begin in the same way.
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
    let after = |number, offset, limit| {
        let window = Window { offset, limit };
        let after = org42_types::OrgId::from(number);
        numbers(&ask(&*store, |s| {
            let mut found = Vec::new();
            s.each_listed_org_after(after, window, &mut |org| {
                found.push(org);
                Ok(())
            })?;
            Ok(found)
        }))
    };
    assert_eq!(after(7, 0, 3), [9, 41, 43]);
    assert_eq!(after(41, 1, 3), [100]);
    assert_eq!(after(100, 0, 3), Vec::<u32>::new());
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
    add(&*store, &all.map(RowChange::Deactivation));
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

pub(super) fn hold_days_are_found_above_and_below_but_not_beside(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[(2, 1), (3, 2), (4, 3), (5, 2)]);
    let all =
        [(0, 9), (1, 3), (2, 5), (3, 4), (4, 6)].map(|(place, revision): (usize, u64)| HoldDays {
            org_id: orgs[place].id,
            since: Revision(revision),
            days: None,
        });
    add(&*store, &all.map(RowChange::HoldDays));
    let around = |place: usize| {
        let found = ask(&*store, |s| s.hold_days(&orgs[place].path));
        let ids = found.iter().map(|found| found.org_id.get());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(around(0), [2, 4, 3, 5, 1]);
    assert_eq!(around(2), [2, 4, 3, 1]);
    assert_eq!(around(4), [2, 5, 1]);
}

pub(super) fn api_clients_are_listed_oldest_first(backend: &dyn Backend) {
    let clients = [("key-a", 3), ("key-b", 1), ("key-c", 2), ("key-0", 2)];
    let store = filled(
        backend,
        clients.map(|(id, created)| RowChange::ApiClient(api_client(id, created))),
    );
    let listed = ask(&*store, |s| s.api_clients());
    let ids: Vec<_> = listed
        .iter()
        .map(|client| client.client_id.as_str())
        .collect();
    assert_eq!(ids, ["key-b", "key-0", "key-c", "key-a"]);
}
