//! A transport that the caller sets: everything above it works as with the default one.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use org42::exports::bytes::Bytes;
use org42::exports::http::{self, Request};
use org42::exports::http_body::{Body, Frame};
use org42::{Client, ClientBuilder, Happened, ResponseBody, Transport, TransportError};
use org42_authority::Sample;
use org42_test::fixtures::org;
use org42_test::{Tenant, quick};
use serde_json::json;

const TOKEN: &str = "s3cret-t0ken";

type Answer = Result<http::Response<ResponseBody>, TransportError>;

/// Answers by a function, and keeps the requests.
struct Scripted<F> {
    answer: F,
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl<F: Fn(usize) -> Answer + Send + Sync + 'static> Transport for Scripted<F> {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        let before = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request);
            asked.len() - 1
        };
        (self.answer)(before)
    }
}

fn scripted<F: Fn(usize) -> Answer + Send + Sync + 'static>(answer: F) -> Arc<Scripted<F>> {
    Arc::new(Scripted {
        answer,
        asked: Mutex::default(),
    })
}

fn builder(transport: impl Transport) -> ClientBuilder {
    Client::builder("https://tenant.test/below")
        .token_provider(|| async { Ok::<_, io::Error>(TOKEN) })
        .retry(quick())
        .transport(transport)
}

fn client(transport: impl Transport) -> Client {
    builder(transport).build().unwrap()
}

fn found() -> Answer {
    Ok(http::Response::new(org(7).into()))
}

fn with(status: u16, headers: &[(&str, &str)], body: impl Into<ResponseBody>) -> Answer {
    let answer = http::Response::builder().status(status);
    let answer = headers
        .iter()
        .fold(answer, |answer, (name, value)| answer.header(*name, *value));
    Ok(answer.body(body.into()).unwrap())
}

#[tokio::test]
async fn it_is_handed_the_whole_request() {
    let transport = scripted(|_| found());
    let client = client(Arc::clone(&transport));
    let orgs = client.orgs().with_param("incCounts", true);
    assert_eq!(orgs.get_by_guid("guid-7").await.unwrap().org_name, "Org 7");
    let asked = transport.asked.lock().unwrap();
    let request = &asked[0];
    let url = "https://tenant.test/below/api/v3/orgs/guid-7?incCounts=true";
    assert_eq!(
        (
            request.method().as_str(),
            request.uri().to_string().as_str()
        ),
        ("GET", url)
    );
    assert_eq!(
        request.headers()["authorization"],
        format!("Bearer {TOKEN}")
    );
    assert!(
        request.headers()["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("org42/")
    );
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn its_errors_decide_what_is_sent_again() {
    type Make = fn() -> TransportError;
    let gone: Make = || TransportError::not_sent(io::Error::other("gone"));
    let lasting: Make = || TransportError::not_sent("gone").lasting();
    let broken: Make = || TransportError::fate_unknown("broken");
    let late: Make = TransportError::timed_out;
    for (make, reads, changes, outcome) in [
        (gone, 3, 3, Happened::No),
        (lasting, 1, 1, Happened::No),
        (broken, 3, 1, Happened::Unknown),
        (late, 2, 1, Happened::Unknown),
    ] {
        let transport = scripted(move |_| Err(make()));
        let client = client(Arc::clone(&transport));
        let error = client.orgs().get_by_guid("guid-7").await.unwrap_err();
        assert_eq!(
            (error.attempts(), error.happened()),
            (reads, Happened::No),
            "{error}"
        );
        let error = client
            .send(
                org42::endpoints::ORGS_BLOCK,
                &[("orgGuid", "guid-7")],
                &[],
                None,
            )
            .await
            .unwrap_err();
        assert_eq!(
            (error.attempts(), error.happened()),
            (changes, outcome),
            "{error}"
        );
        let asked = transport.asked.lock().unwrap().len();
        assert_eq!(asked, usize::try_from(reads + changes).unwrap());
    }
}

/// A body without an end, which counts how much of it was read.
struct Endless(Arc<AtomicU32>);

impl Body for Endless {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b' '; 1024])))))
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_to_the_limit() {
    for status in [200, 400] {
        let taken = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&taken);
        let transport = scripted(move |_| {
            let body = ResponseBody::new(Endless(Arc::clone(&counted)));
            with(status, &[], body)
        });
        let client = builder(transport)
            .document_limit(10 * 1024)
            .refusal_limit(10 * 1024)
            .build();
        let error = client
            .unwrap()
            .orgs()
            .get_by_guid("guid-7")
            .await
            .unwrap_err();
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(taken.load(Ordering::SeqCst), 11);
        if status == 200 {
            assert!(
                error.to_string().contains("more than 10240 bytes"),
                "{error}"
            );
        }
    }
}

/// A body that never sends anything.
struct Silent;

impl Body for Silent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn time_limits_hold_before_the_answer_and_within_it() {
    struct Never;
    impl Transport for Never {
        async fn send(&self, _: Request<Bytes>) -> Answer {
            std::future::pending().await
        }
    }
    let silent = scripted(|_| with(200, &[], ResponseBody::new(Silent)));
    let clients = [
        builder(Never).silence(Duration::from_secs(1)).build(),
        builder(silent).silence(Duration::from_secs(1)).build(),
    ];
    for client in clients {
        let error = client
            .unwrap()
            .send(
                org42::endpoints::ORGS_BLOCK,
                &[("orgGuid", "guid-7")],
                &[],
                None,
            )
            .await
            .unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(error.happened(), Happened::Unknown);
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_call_covers_its_attempts_and_pauses() {
    let transport = scripted(|_| with(503, &[("retry-after", "2")], ""));
    let client = builder(Arc::clone(&transport))
        .call_timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let begun = tokio::time::Instant::now();
    let error = client.orgs().get_by_guid("guid-7").await.unwrap_err();
    assert_eq!(
        (error.http_status(), error.attempts()),
        (Some(503), 2),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(3));

    struct Slow(AtomicU32);
    impl Transport for Slow {
        async fn send(&self, _: Request<Bytes>) -> Answer {
            self.0.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        }
    }
    let slow = Arc::new(Slow(AtomicU32::new(0)));
    let client = builder(Arc::clone(&slow))
        .silence(Duration::from_secs(2))
        .call_timeout(Duration::from_secs(3))
        .build()
        .unwrap();
    let begun = tokio::time::Instant::now();
    let error = client.orgs().get_by_guid("guid-7").await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(
        begun.elapsed() <= Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(slow.0.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_call_covers_signing_in() {
    let transport = scripted(|_| found());
    let client = Client::builder("http://tenant.test")
        .token_provider(std::future::pending::<Result<String, io::Error>>)
        .call_timeout(Duration::from_secs(3))
        .transport(Arc::clone(&transport))
        .build()
        .unwrap();
    let error = client
        .send(
            org42::endpoints::ORGS_BLOCK,
            &[("orgGuid", "guid-7")],
            &[],
            None,
        )
        .await
        .unwrap_err();
    assert!(error.is_timeout() && error.is_sign_in(), "{error}");
    assert_eq!(error.happened(), Happened::No);
    assert!(transport.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_secret_comes_up() {
    let place = format!("https://sso.test/login?token={TOKEN}");
    let transport = scripted(move |_| with(302, &[("location", place.as_str())], ""));
    let moved = client(Arc::clone(&transport));
    let error = moved.orgs().get_by_guid("guid-7").await.unwrap_err();
    assert!(
        error.to_string().contains("https://sso.test/login"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    assert_eq!(transport.asked.lock().unwrap().len(), 1);

    let telling: [fn() -> Answer; 3] = [
        || with(400, &[], format!("you sent Bearer {TOKEN}")),
        || {
            Err(TransportError::fate_unknown(format!(
                "while sending {TOKEN}"
            )))
        },
        || Err(TransportError::not_sent(format!("with {TOKEN}")).lasting()),
    ];
    for answer in telling {
        let told = client(scripted(move |_| answer()));
        let error = told.orgs().get_by_guid("guid-7").await.unwrap_err();
        let mut shown = format!("{error} {error:?} {}", error.text());
        let mut cause = std::error::Error::source(&error);
        while let Some(this) = cause {
            shown = format!("{shown} {this} {this:?}");
            cause = this.source();
        }
        assert!(!shown.contains(TOKEN), "{shown}");
    }
}

#[tokio::test]
async fn a_cause_without_secrets_is_kept_as_it_is() {
    let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
    let transport = scripted(move |_| Err(TransportError::not_sent(denied()).lasting()));
    let error = client(transport)
        .orgs()
        .get_by_guid("guid-7")
        .await
        .unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    let cause: &io::Error = cause.downcast_ref().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn an_authority_in_the_process_is_as_one_at_a_port() {
    use org42::endpoints::authority as own;
    let tenant = Tenant::new(Sample::None);
    let client = tenant.client();
    client
        .orgs()
        .create_org("Paris", Default::default())
        .await
        .unwrap();
    let log = client.get(own::REQUESTS, &[], &[]).await.unwrap();
    let rows = log["requests"].as_array().unwrap();
    let made = rows.iter().find(|row| row["method"] == "POST").unwrap();
    assert_eq!(made["path"], "/api/v3/orgs");
    // A host that the authority does not accept, and a page from another site.
    let elsewhere = Client::builder("http://tenant.example")
        .local_account(tenant.admin())
        .transport(tenant.transport())
        .build()
        .unwrap();
    let error = elsewhere.orgs().get_current().await.unwrap_err();
    assert_eq!(error.http_status(), Some(421), "{error}");
    // Wrong passwords are slowed down.
    let wrong = || {
        let account = org42::LocalAccount::new(org42_authority::DEFAULT_ADMIN, "guessed");
        tenant.builder().local_account(account).build().unwrap()
    };
    for _ in 0..3 {
        assert!(
            wrong()
                .orgs()
                .get_current()
                .await
                .unwrap_err()
                .is_unauthorized()
        );
    }
    // A connection that is reset, before and after a change.
    for applied in [false, true] {
        let name = format!("Lyon {applied}");
        let rule = json!({
            "method": "post", "path": "/api/v3/orgs", "count": 1, "applied": applied, "fault": "reset"
        });
        client
            .send(own::FAULTS_ADD, &[], &[], Some(&rule))
            .await
            .unwrap();
        let created = client.orgs().create_org(&name, Default::default()).await;
        assert_eq!(created.unwrap().org_name, name, "repeated by its key");
        let all = client.orgs().get_all().orgs().try_collect().await.unwrap();
        let made = all.iter().filter(|org| org.org_name == name);
        assert_eq!(made.count(), 1, "{applied}");
    }
    let rule = json!({"path": "/api/v1/Org", "fault": "truncatedBody", "count": 3});
    client
        .send(own::FAULTS_ADD, &[], &[], Some(&rule))
        .await
        .unwrap();
    let error = client
        .orgs()
        .get_page(Default::default())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("before the answer was complete"),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_is_sent_when_the_time_is_over() {
    let transport = scripted(|_| found());
    let signed_in = builder(Arc::clone(&transport));
    let unknown = Client::builder("https://tenant.test")
        .api_client("key-1", "s3cret")
        .transport(Arc::clone(&transport));
    for builder in [signed_in, unknown] {
        let client = builder.build().unwrap();
        client.stop_at(std::time::Instant::now());
        let error = client.orgs().get_by_guid("guid-7").await.unwrap_err();
        assert_eq!(error.kind(), org42::ErrorKind::Stopped);
        let error = client.orgs().block(7).await.unwrap_err();
        assert_eq!(error.happened(), Happened::No);
        // A sign-in is a task of its own.
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(transport.asked.lock().unwrap().len(), 0);
    }
}
