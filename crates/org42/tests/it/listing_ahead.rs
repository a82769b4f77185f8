//! Listings whose pages are requested before their turn.

use std::sync::Arc;
use std::time::Duration;

use org42::{GetAll, OrgId};
use org42_test::fixtures::listed;
use org42_test::{Counter, Seen, Server};

const LIST: &str = "GET /api/v1/Org";
/// How long the first page takes: a long way to the server.
const FAR: Duration = Duration::from_millis(200);

/// Starts a far server of `count` organizations.
async fn far(count: usize, wanted: usize) -> (Server, Arc<Counter>) {
    let counter = Arc::new(Counter::default());
    let counting = Arc::clone(&counter);
    let server = Server::start(move |seen: &Seen, _| {
        match seen.number("pgNum") {
            1 => std::thread::sleep(FAR),
            _ => counting.wait_for(wanted),
        }
        listed(seen, count, 500)
    });
    (server.await, counter)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 16)]
async fn the_pages_of_a_far_server_are_requested_at_once_up_to_a_bound_and_come_in_order() {
    for (at_once, most) in [(None, 12), (Some(3), 3), (Some(1), 1), (Some(99), 12)] {
        let (server, counter) = far(200, most).await;
        let how = GetAll::new().page_size(5);
        let how = at_once.map_or(how, |most| how.pages_at_once(most));
        let mut pages = server.client().orgs().get_all_with(how).raw();
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            ids.extend(page.unwrap().orgs().filter_map(|org| org.org_id()));
        }
        let all: Vec<OrgId> = (1..=200).map(OrgId::from).collect();
        assert_eq!(ids, all);
        assert_eq!(counter.most(), most, "{at_once:?}");
        // 40 pages, and the question for those that are not active.
        assert_eq!(server.count(LIST), 41, "{at_once:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 16)]
async fn no_more_pages_are_requested_than_may_be_ahead_of_the_reader() {
    let (server, _) = far(1000, 1).await;
    let mut orgs = server
        .client()
        .orgs()
        .get_all_with(GetAll::new().page_size(5))
        .orgs();
    assert!(orgs.next().await.unwrap().is_ok());
    tokio::time::sleep(FAR).await;
    let requested = server.count(LIST);
    assert!(requested <= 13, "{requested}");
}
