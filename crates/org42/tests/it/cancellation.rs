//! Futures of calls that are dropped before they are done, at every point of a change.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use org42::exports::bytes::Bytes;
use org42::exports::http::{self, Request};
use org42::{Client, CreateOrg, ResponseBody, Transport, TransportError};
use org42_authority::Sample;
use org42_test::fixtures::tenant;
use org42_test::{InProcess, Server, Tenant};
use tokio::sync::Notify;

/// The point at which a request to create something is held up.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    BeforeItIsSent,
    BeforeItIsAnswered,
}

struct Holding {
    tenant: InProcess,
    held: Held,
    is_held: Arc<Notify>,
}

impl Transport for Holding {
    async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let is_create = request.method() == "POST" && request.uri().path() == "/api/v3/orgs";
        if !is_create {
            return self.tenant.send(request).await;
        }
        if self.held == Held::BeforeItIsAnswered {
            self.tenant.send(request).await?;
        }
        self.is_held.notify_one();
        pending().await
    }
}

#[tokio::test]
async fn a_change_that_is_dropped_may_have_happened_or_not() {
    for (held, exists) in [
        (Held::BeforeItIsSent, false),
        (Held::BeforeItIsAnswered, true),
    ] {
        let tenant = Tenant::new(Sample::None);
        let is_held = Arc::new(Notify::new());
        let transport = Holding {
            tenant: tenant.transport(),
            held,
            is_held: Arc::clone(&is_held),
        };
        let client = Client::builder("http://localhost")
            .local_account(tenant.admin())
            .transport(transport)
            .build()
            .unwrap();
        let orgs = client.orgs();
        tokio::select! {
            made = orgs.create_org("Paris", CreateOrg::new()) => panic!("{made:?}"),
            () = is_held.notified() => {}
        }
        let all = client.orgs().get_all().orgs().try_collect().await.unwrap();
        let is_there = all.iter().any(|org| org.org_name == "Paris");
        assert_eq!(is_there, exists, "{held:?}");
    }
}

#[tokio::test]
async fn a_change_that_was_never_polled_is_not_sent() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let client = server.client();
    drop(client.orgs().block(2));
    drop(client.orgs().create_org("Paris", CreateOrg::new()));
    client.orgs().get_by_guid("guid-2").await.unwrap();
    assert_eq!(server.requests().len(), 1);
}

/// Polls a future `times` times, and drops it.
async fn dropped_after(polls: u32, future: impl Future) {
    let mut future = Box::pin(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if future.as_mut().poll(&mut context).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn reads_are_safe_to_drop_wherever_they_are() {
    let logins = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&logins);
    let server = Server::with_logins(move |seen, before| {
        if seen.path.ends_with("/auth/jwt") {
            counted.fetch_add(1, Ordering::SeqCst);
            return org42_test::fixtures::login(seen, before);
        }
        tenant(seen, 1200)
    })
    .await;
    let client = server.client();
    for polls in 0..40 {
        dropped_after(polls, client.orgs().get_by_id(7)).await;
        dropped_after(polls, client.orgs().org_id_map()).await;
        let mut pages = client.orgs().get_all();
        dropped_after(polls, pages.next()).await;
    }
    assert_eq!(client.orgs().get_by_id(7).await.unwrap().org_name, "Org 7");
    assert_eq!(client.orgs().org_id_map().await.unwrap().len(), 1200);
    let mut pages = client.orgs().get_all();
    dropped_after(3, pages.next()).await;
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.unwrap().orgs.len();
    }
    assert_eq!(
        count, 1200,
        "a page whose reading was dropped is read again"
    );
    assert_eq!(
        logins.load(Ordering::SeqCst),
        1,
        "signing in goes on without its callers"
    );
}
