//! The spans of a call, and the proof that they contain no secret.
//!
//! A process of its own: with a subscriber for one thread alone, an event that another thread meets first stays switched
//! off for all of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use org42::{Client, LocalAccount};
use org42_test::fixtures::org;
use org42_test::{Reply, Server, quick};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps spans as lines: their names, and the values that were recorded.
#[derive(Clone, Default)]
struct Kept {
    spans: Arc<Mutex<Vec<String>>>,
    decisions: Arc<Mutex<Vec<String>>>,
    count: Arc<AtomicU64>,
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("org42")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut line = attributes.metadata().name().to_owned();
        attributes.record(&mut Line(&mut line));
        self.spans.lock().unwrap().push(line);
        Id::from_u64(self.count.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Line(&mut spans[place]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut Line(&mut line));
        self.decisions.lock().unwrap().push(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_leaves_its_operation_attempts_and_waits_and_no_secret() {
    let server = Server::start(|seen, before| match (before, seen.method.as_str()) {
        (0, _) => Reply::status(429, "s3cret-body").with_header("Retry-After: 0"),
        (_, "GET") => Reply::json(org(7)),
        _ => Reply::status(404, "s3cret-body"),
    })
    .await;
    let kept = Kept::default();
    tracing::subscriber::set_global_default(kept.clone()).unwrap();
    let account = LocalAccount::new("admin@example.com", "s3cret-password").totp("424242");
    let client = Client::builder(&server.url)
        .local_account(account)
        .retry(quick())
        .build()
        .unwrap();
    let orgs = client.orgs().with_param("key", "s3cret-param");
    orgs.get_by_guid("guid-7").await.unwrap();
    orgs.block("guid-7").await.unwrap_err();
    let decisions = kept.decisions.lock().unwrap().clone();
    for decided in ["sent again in", "not sent again: it would come to the same"] {
        let is_it = |line: &String| line.contains(decided);
        assert!(decisions.iter().any(is_it), "{decided}: {decisions:?}");
    }
    assert!(!decisions.concat().contains("s3cret"), "{decisions:?}");
    let spans = kept.spans.lock().unwrap().clone();
    let names: Vec<&str> = spans
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    let of_a_call = ["operation", "attempt", "wait", "attempt"];
    let read = [&of_a_call[..2], &["operation", "attempt"], &of_a_call[2..]].concat();
    // A change is looked at before and after.
    let (before, after) = (&of_a_call[..2], &of_a_call[..2]);
    let all = [&read[..], before, &of_a_call[..], after].concat();
    assert_eq!(names, all, "{spans:#?}");
    assert!(
        spans[0].contains("route=\"/api/v3/orgs/{orgGuid}\""),
        "{spans:#?}"
    );
    assert!(spans[0].contains("happened=\"yes\""), "{spans:#?}");
    assert!(spans[2].contains("sign in"), "{spans:#?}");
    assert!(spans[1].contains("number=1 status=429"), "{spans:#?}");
    assert!(
        spans[8].contains("status=404 happened=\"unknown\" kind=NotTheApi"),
        "{spans:#?}"
    );
    let all = spans.join("\n");
    // A token of the fixture is user.0.x.
    for secret in ["s3cret", "424242", "user.0", "Bearer", "Basic", &server.url] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}
