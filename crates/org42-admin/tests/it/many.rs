//! Many plans at once: what is sent for them, and what is said of each. The server's own count of effects is the judge.

use std::num::NonZeroU8;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use org42::{ErrorKind, Happened};
use org42_admin::change::{NewOrg, OrgEdit};
use org42_admin::{Admin, Change, Error, Observer, Plan, Progress};
use org42_test::{Counter, Model, Reply, Seen, Server};
use serde_json::json;

async fn planned(admin: &Admin, changes: Vec<Change>) -> Vec<Plan> {
    admin.tree().await.unwrap();
    let mut plans = Vec::new();
    for change in changes {
        plans.push(admin.plan(change).await.unwrap());
    }
    plans
}

fn block(id: usize) -> Change {
    Change::block(format!("/Org 1/Org {id}").parse().unwrap())
}

fn call(error: &Error) -> &org42::Error {
    error.call().unwrap()
}

#[tokio::test]
async fn many_changes_take_a_listing_before_one_request_each_and_a_listing_after() {
    let model = Model::new(12);
    let server = Server::of(&model).await;
    let admin = Admin::new(server.client());
    let edit = OrgEdit::new().notes("audited");
    let mut changes: Vec<Change> = (2..=9).map(block).collect();
    changes.push(Change::update("/Org 1/Org 10".parse().unwrap(), edit));
    let plans = planned(&admin, changes).await;
    let listing = server.count("GET /api/v1/Org");
    let results = admin.apply_all(plans, &()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(
        results[0].as_ref().unwrap().to_string(),
        "blocked \"Org 2\" (id 2)"
    );
    let requests = server.requests();
    let changing = requests.iter().filter(|seen| seen.method != "GET").count();
    let listed = server.count("GET /api/v1/Org");
    assert_eq!((changing, listed), (9, 2 * listing));
    assert_eq!(requests.len(), 9 + 2 * listing, "nothing else was sent");
    assert_eq!(model.effects().len(), 9);
}

#[tokio::test]
async fn each_has_its_own_verdict_and_only_what_is_unknown_is_read_alone() {
    let model = Model::new(12);
    let other = model.clone();
    let server = Server::start(move |seen: &Seen, before| {
        let line = seen.line();
        let is = |id: usize| line == format!("POST /api/v3/orgs/guid-{id}/block");
        match before {
            // Said to be done, and is not.
            _ if is(3) => Reply::json("{}"),
            // Done, and the answer is lost.
            0 if is(4) => {
                let _ = other.answer(seen);
                Reply::status(502, "")
            }
            _ if is(5) => Reply::status(403, "[{\"name\":\"SYSTEM\",\"description\":\"no\"}]"),
            _ if is(6) => Reply::status(404, "<html>"),
            _ => other.answer(seen),
        }
    })
    .await;
    let admin = Admin::new(server.client());
    let plans = planned(&admin, (2..=7).map(block).collect()).await;
    let results = admin.apply_all(plans, &()).await;
    let said: Vec<_> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .map(drop)
                .map_err(|error| call(error).happened())
        })
        .collect();
    let no = Err(Happened::No);
    assert_eq!(
        said,
        [Ok(()), no, Ok(()), no, Err(Happened::Unknown), Ok(())]
    );
    let wrong = call(results[1].as_ref().unwrap_err());
    assert_eq!(wrong.kind(), ErrorKind::NotCarriedOut, "{wrong}");
    let alone = server.requests().into_iter();
    let alone = alone.filter(|seen| seen.method == "GET" && seen.path.starts_with("/api/v3/orgs/"));
    let mut alone: Vec<String> = alone.map(|seen| seen.path).collect();
    alone.sort();
    assert_eq!(alone, ["/api/v3/orgs/guid-4", "/api/v3/orgs/guid-6"]);
    let mut effects = model.effects();
    effects.sort();
    assert_eq!(effects, ["block guid-2", "block guid-4", "block guid-7"]);
}

#[tokio::test]
async fn a_block_of_another_is_not_taken_for_the_lost_one() {
    let model = Model::new(4);
    model.touch("guid-2", json!({"blocked": true}));
    let other = model.clone();
    let server = Server::start(move |seen: &Seen, _| match seen.method.as_str() {
        "POST" => Reply::status(502, ""),
        _ => other.answer(seen),
    })
    .await;
    let admin = Admin::new(server.client());
    let plans = planned(&admin, vec![block(2)]).await;
    let results = admin.apply_all(plans, &()).await;
    let lost = call(results[0].as_ref().unwrap_err());
    assert_eq!(
        lost.happened(),
        Happened::Unknown,
        "it was so before: {lost}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 16)]
async fn as_many_changes_are_under_way_as_the_client_has_set() {
    for (set, most) in [(None, 4), (Some(1), 1), (Some(9), 9)] {
        let (counter, model) = (Arc::new(Counter::default()), Model::new(30));
        let (counting, other) = (Arc::clone(&counter), model.clone());
        let server = Server::start(move |seen: &Seen, _| {
            if seen.method == "POST" {
                counting.wait_for(most);
            }
            other.answer(seen)
        })
        .await;
        let client = server.client_with(|builder| match set.and_then(NonZeroU8::new) {
            Some(set) => builder.changes_at_once(set),
            None => builder,
        });
        let admin = Admin::new(client);
        let plans = planned(&admin, (2..=26).map(block).collect()).await;
        let results = admin.apply_all(plans, &()).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!((counter.most(), model.effects().len()), (most, 25));
    }
}

/// Stops after some.
struct Stops(usize, AtomicUsize);

impl Observer for Stops {
    fn progress(&self, progress: Progress) {
        self.1.store(progress.done, Ordering::SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.1.load(Ordering::SeqCst) >= self.0
    }
}

#[tokio::test]
async fn what_is_stopped_says_what_was_not_begun() {
    let model = Model::new(40);
    let server = Server::of(&model).await;
    let admin = Admin::new(server.client());
    let mut changes: Vec<Change> = (2..=30).map(block).collect();
    changes.push(Change::create(
        NewOrg::new("Paris").below("/Org 1".parse().unwrap()),
    ));
    let plans = planned(&admin, changes).await;
    let results = admin.apply_all(plans, &Stops(5, AtomicUsize::new(0))).await;
    let done = results.iter().filter(|result| result.is_ok()).count();
    assert!((5..=12).contains(&done), "{done} were done");
    assert_eq!(model.effects().len(), done);
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        let what = (call(error).kind(), call(error).happened());
        assert_eq!(what, (ErrorKind::Stopped, Happened::No), "{error}");
    }
    assert!(results.last().unwrap().is_err(), "the creation comes last");
}
