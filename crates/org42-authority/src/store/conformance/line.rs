//! Tests that writes wait in line, and that those that wait share a commit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use super::Backend;
use super::fixture::{ODD_TEXT, add, ask, filled, forest, org, revision, tenant};
use crate::domain::{OrgRecord, Revision, RowChange};
use crate::store::{Draft, Extent, MAX_CHANGES, Reply, Store, StoreError};

type End = Result<Revision, StoreError>;

/// Keeps the line waiting until the returned value is dropped.
fn hold(store: &dyn Store) -> Sender<()> {
    let (begin, begun) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (reply, _) = mpsc::channel();
    let waits = move |_: &dyn Draft| {
        let _ = begin.send(());
        let _ = released.recv();
        Ok::<_, StoreError>(())
    };
    store.queue(Extent::Rows, waits, reply);
    begun.recv().unwrap();
    release
}

/// Submits a write; returns the channel on which it is answered.
fn submit(
    store: &dyn Store,
    extent: Extent,
    decide: impl FnMut(&dyn Draft) -> End + Send + 'static,
) -> Receiver<End> {
    let (reply, answer) = mpsc::channel();
    store.queue(extent, decide, reply);
    answer
}

fn applying(store: &dyn Store, changes: Vec<RowChange>) -> Receiver<End> {
    submit(store, Extent::Rows, move |draft| draft.apply(&changes))
}

fn next_id(draft: &dyn Draft) -> Result<u32, StoreError> {
    Ok(draft.view().tenant()?.unwrap().next_id)
}

/// A reply that calls a closure with the answer, on the thread that answers.
struct Then<F>(F);

impl<R, F: FnOnce(R) + Send + 'static> Reply<R> for Then<F> {
    fn answer(self, answer: R) {
        (self.0)(answer);
    }
}

struct Unwanted;

impl<R> Reply<R> for Unwanted {
    fn is_wanted(&self) -> bool {
        false
    }

    fn answer(self, _: R) {}
}

pub(super) fn those_who_wait_are_served_in_the_order_of_their_coming(backend: &dyn Backend) {
    const MANY: u32 = 200;
    let store = &*filled(backend, []);
    let (answers, answered) = mpsc::channel();
    let held = hold(store);
    for number in 0..MANY {
        let counting = move |draft: &dyn Draft| {
            let seen = next_id(draft)?;
            Ok::<_, StoreError>((seen, draft.apply(&[RowChange::NextId(number)])?))
        };
        let answers = answers.clone();
        let reply = Then(move |answer| answers.send((number, answer)).unwrap());
        store.queue(Extent::Rows, counting, reply);
    }
    drop((held, answers));
    let mut last = tenant().next_id;
    for (place, (number, answer)) in (0..).zip(answered) {
        let (seen, revision): (u32, Revision) = answer.unwrap();
        assert_eq!((number, seen), (place, last), "each sees the one before it");
        assert_eq!(revision, Revision(u64::from(place) + 2));
        last = number;
    }
    assert_eq!(last, MANY - 1);
    assert_eq!(revision(store), Revision(u64::from(MANY) + 1));
}

pub(super) fn what_fails_in_a_commit_fails_no_other(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let store = &*store;
    let top = &orgs[0];
    let child = |id| RowChange::Org(org(id, Some(top)));
    let clash = RowChange::Org(OrgRecord {
        registration_key: top.registration_key.clone(),
        ..org(50, Some(top))
    });
    // The row that it refers to is missing, which a backend may notice as late as at the commit.
    let orphan = RowChange::Org(OrgRecord {
        parent_id: Some(99.into()),
        ..org(51, Some(top))
    });
    let held = hold(store);
    let first = applying(store, vec![child(10)]);
    let refused = submit(store, Extent::Rows, {
        let child = child(11);
        move |draft| {
            draft.apply(std::slice::from_ref(&child))?;
            Err(StoreError::failed("refused"))
        }
    });
    let runs = Arc::new(AtomicUsize::new(0));
    let panicking = submit(store, Extent::Rows, {
        let (child, runs) = (child(12), runs.clone());
        move |draft| {
            draft.apply(std::slice::from_ref(&child))?;
            runs.fetch_add(1, Ordering::SeqCst);
            panic!("as a test does")
        }
    });
    let swallowing = submit(store, Extent::Rows, {
        let changes = [child(13), clash];
        move |draft| {
            let _ = draft.apply(&changes);
            Ok(Revision(0))
        }
    });
    let orphan = applying(store, vec![child(14), orphan]);
    let too_large = applying(store, (100..).map(child).take(MAX_CHANGES + 1).collect());
    let last = applying(store, vec![child(15)]);
    drop(held);
    assert_eq!(first.recv().unwrap().unwrap(), Revision(2));
    let no = refused.recv().unwrap().unwrap_err().to_string();
    assert!(no.contains("refused"), "{no}");
    assert!(matches!(
        panicking.recv().unwrap(),
        Err(StoreError::Failed(_))
    ));
    assert_eq!(
        runs.load(Ordering::SeqCst),
        1,
        "what has panicked is not run again"
    );
    assert!(matches!(
        swallowing.recv().unwrap(),
        Err(StoreError::Failed(_))
    ));
    assert!(matches!(orphan.recv().unwrap(), Err(StoreError::Failed(_))));
    assert!(matches!(
        too_large.recv().unwrap(),
        Err(StoreError::TooLarge(_))
    ));
    assert_eq!(last.recv().unwrap().unwrap(), Revision(3));
    let there = ask(store, |s| s.subtree(&top.path));
    assert_eq!(super::fixture::numbers(&there), [1, 10, 15]);
    assert_eq!(revision(store), Revision(3));
}

pub(super) fn a_commit_ends_before_it_has_too_many_rows(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let store = &*store;
    let children = |from: u32, count: usize| -> Vec<_> {
        let ids = (from..).take(count);
        ids.map(|id| RowChange::Org(org(id, Some(&orgs[0]))))
            .collect()
    };
    let held = hold(store);
    let answers = [
        applying(store, children(1_000, 600)),
        applying(store, children(2_000, 600)),
        applying(store, children(3_000, MAX_CHANGES)),
        applying(store, children(5_000, 1)),
    ];
    drop(held);
    let ends = answers.map(|answer| answer.recv().unwrap().unwrap());
    assert_eq!(ends, [2, 3, 4, 5].map(Revision));
    let count = 1 + 600 + 600 + MAX_CHANGES as u64 + 1;
    assert_eq!(ask(store, |s| s.count_orgs()), count);
}

pub(super) fn a_whole_write_has_a_commit_of_its_own(backend: &dyn Backend) {
    let (store, orgs) = forest(backend, 1, &[]);
    let store = &*store;
    let rows = |from: u32| -> Vec<_> {
        let ids = from..from + 3_000;
        ids.map(|id| RowChange::Org(org(id, Some(&orgs[0]))))
            .collect()
    };
    let (kept, given_up) = (rows(10_000), rows(20_000));
    let held = hold(store);
    let before = applying(store, vec![RowChange::NextId(1)]);
    let whole = submit(store, Extent::Whole, move |draft| {
        assert_eq!(next_id(draft)?, 1);
        for rows in kept.chunks(1_500) {
            draft.apply(rows)?;
        }
        draft.apply(&[RowChange::NextId(2)])
    });
    let undone = submit(store, Extent::Whole, move |draft| {
        draft.apply(&given_up)?;
        Err(StoreError::failed("given up"))
    });
    let after = submit(store, Extent::Rows, |draft| {
        assert_eq!(next_id(draft)?, 2);
        draft.apply(&[RowChange::NextId(3)])
    });
    drop(held);
    let ends = [before, whole].map(|answer| answer.recv().unwrap().unwrap());
    assert_eq!(ends, [Revision(2), Revision(5)]);
    assert!(undone.recv().unwrap().is_err());
    assert_eq!(after.recv().unwrap().unwrap(), Revision(6));
    assert_eq!(ask(store, |s| s.count_orgs()), 3_001);
}

pub(super) fn nothing_is_answered_before_it_is_kept(backend: &dyn Backend) {
    let Some([store, other]) = backend.fresh_pair() else {
        return;
    };
    add(&*store, &[RowChange::Tenant(tenant())]);
    let other: Arc<dyn Store> = other.into();
    let (answers, answered) = mpsc::channel();
    let held = hold(&*store);
    for number in 1..=100 {
        let (answers, other) = (answers.clone(), other.clone());
        let reply = Then(move |answer: End| {
            let seen = other.look(|view| view.tenant()).unwrap().unwrap().next_id;
            answers.send((number, answer, seen)).unwrap();
        });
        let counting = move |draft: &dyn Draft| draft.apply(&[RowChange::NextId(number)]);
        store.queue(Extent::Rows, counting, reply);
    }
    drop((held, answers));
    let mut count = 0;
    for (number, answer, seen) in answered {
        assert!(
            answer.is_ok() && seen >= number,
            "{number}: {answer:?}, {seen}"
        );
        count += 1;
    }
    assert_eq!(count, 100);
}

pub(super) fn what_has_no_room_fails_no_other(backend: &dyn Backend) {
    let fill = |store: &dyn Store| {
        add(
            store,
            &[RowChange::Tenant(tenant()), RowChange::Org(org(1, None))],
        );
    };
    let Some(store) = backend.nearly_full(&fill, 256 * 1024) else {
        return;
    };
    let top = org(1, None);
    let large = move |from: u32| -> Vec<_> {
        let large = |id| OrgRecord {
            notes: Some(ODD_TEXT.repeat(500)),
            ..org(id, Some(&top))
        };
        (from..from + 100)
            .map(|id| RowChange::Org(large(id)))
            .collect()
    };
    for round in 0..3 {
        let held = hold(&*store);
        let before = applying(&*store, vec![RowChange::NextId(round)]);
        let large = applying(&*store, large(100));
        let after = submit(&*store, Extent::Rows, |draft| {
            draft.apply(&[RowChange::NextId(next_id(draft)? + 10)])
        });
        drop(held);
        assert!(before.recv().unwrap().is_ok());
        let end = large.recv().unwrap();
        assert!(matches!(end, Err(StoreError::NoRoom(_))), "{end:?}");
        assert!(after.recv().unwrap().is_ok());
        let seen = ask(&*store, |s| {
            Ok((s.count_orgs()?, s.tenant()?.unwrap().next_id))
        });
        assert_eq!(seen, (1, round + 10));
    }
}

pub(super) fn what_nobody_waits_for_is_left(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    let held = hold(store);
    let counting = |draft: &dyn Draft| draft.apply(&[RowChange::NextId(77)]);
    store.queue(Extent::Rows, counting, Unwanted);
    let after = submit(store, Extent::Rows, |draft| {
        assert_eq!(next_id(draft)?, tenant().next_id);
        draft.apply(&[])
    });
    drop(held);
    assert_eq!(after.recv().unwrap().unwrap(), Revision(2));
}

/// Every write is answered once, however many come at once, and even if some of them fail.
pub(super) fn everybody_who_submits_is_answered(backend: &dyn Backend) {
    let store = &*filled(backend, []);
    let ends = Mutex::new([0, 0]);
    thread::scope(|scope| {
        for writer in 0..8 {
            let ends = &ends;
            scope.spawn(move || {
                for number in 0..20 {
                    let is_refused = (writer + number) % 3 == 0;
                    let end = store.write(Extent::Rows, move |draft| {
                        let made = draft.apply(&[RowChange::NextId(next_id(draft)? + 1)]);
                        match is_refused {
                            true => Err(StoreError::failed("refused")),
                            false => made,
                        }
                    });
                    assert_eq!(end.is_err(), is_refused, "{end:?}");
                    ends.lock().unwrap()[usize::from(is_refused)] += 1;
                }
            });
        }
    });
    let [made, refused] = *ends.lock().unwrap();
    assert_eq!(made + refused, 160);
    assert_eq!(revision(store), Revision(made + 1));
    let next_id = ask(store, |s| s.tenant()).unwrap().next_id;
    assert_eq!(u64::from(next_id), u64::from(tenant().next_id) + made);
}
