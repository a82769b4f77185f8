//! What the client does when something goes wrong, with the requests counted on the server's socket.

use std::time::Duration;

use org42::{Client, Happened, LocalAccount};

use org42_test::fixtures::tenant;
use org42_test::{Model, Reply, Seen, Server, quick};

const ORG: &str = "GET /api/v3/orgs/guid-2";
const BLOCK: &str = "POST /api/v3/orgs/guid-2/block";

/// Starts a tenant of three organizations in which the first `times` requests of `line` go wrong.
async fn failing(line: &'static str, times: usize, reply: Reply) -> Server {
    let model = Model::new(3);
    Server::start(move |seen: &Seen, before| {
        if seen.line() == line && before < times {
            reply.clone()
        } else {
            model.answer(seen)
        }
    })
    .await
}

fn passing_faults() -> Vec<Reply> {
    vec![
        Reply::Hangup,
        Reply::Cut(200, b"{\"data\":".to_vec()),
        Reply::status(408, ""),
        Reply::status(429, ""),
        Reply::status(500, ""),
        Reply::status(502, "<html>bad gateway</html>"),
        Reply::status(503, "busy"),
        Reply::status(504, ""),
    ]
}

#[tokio::test]
async fn a_read_is_tried_again_after_a_fault_that_passes() {
    for fault in passing_faults() {
        let server = failing(ORG, 2, fault.clone()).await;
        let org = server
            .client()
            .orgs()
            .get_by_id(2)
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(
            (org.org_name.as_str(), server.count(ORG)),
            ("Org 2", 3),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_read_is_tried_three_times_at_most() {
    for fault in passing_faults() {
        let server = failing(ORG, usize::MAX, fault.clone()).await;
        let error = server.client().orgs().get_by_id(2).await.unwrap_err();
        assert_eq!(
            (server.count(ORG), error.attempts()),
            (3, 3),
            "{fault:?}: {error}"
        );
        assert!(error.is_transient(), "{fault:?}: {error}");
    }
}

#[tokio::test]
async fn a_read_is_not_tried_again_after_a_lasting_refusal() {
    let named = r#"[{"name":"USER_DUPLICATE","description":"com.code42.core.CommandException"}]"#;
    for (status, body) in [
        (400, named),
        (403, named),
        (404, named),
        (409, named),
        (500, named),
        (418, ""),
    ] {
        let server = failing(ORG, usize::MAX, Reply::status(status, body)).await;
        let error = server.client().orgs().get_by_id(2).await.unwrap_err();
        assert_eq!(
            (error.http_status(), server.count(ORG)),
            (Some(status), 1),
            "{error}"
        );
        assert!(!error.is_transient(), "{error}");
    }
}

#[tokio::test]
async fn a_change_of_unknown_fate_is_sent_again_once_and_only_where_nothing_was_touched() {
    for fault in passing_faults()
        .into_iter()
        .filter(|fault| !matches!(fault, Reply::Http(429, ..)))
    {
        let server = failing(BLOCK, usize::MAX, fault.clone()).await;
        let error = server.client().orgs().block(2).await.unwrap_err();
        assert_eq!(server.count(BLOCK), 2, "{fault:?}: {error}");
        assert_eq!(error.happened(), Happened::Unknown, "{fault:?}");
        let text = error.to_string();
        let seen = text.contains("block organization 2") && text.contains("still not blocked");
        assert!(seen, "{text}");
    }
}

#[tokio::test]
async fn a_create_that_fails_is_not_sent_twice() {
    let create = "POST /api/v3/orgs";
    for status in [400, 403, 404, 409, 500, 502, 503, 504] {
        let server = failing(create, usize::MAX, Reply::status(status, "")).await;
        let created = server
            .client()
            .orgs()
            .create_org("Fresh", org42::CreateOrg::new())
            .await;
        assert_eq!(
            (created.unwrap_err().http_status(), server.count(create)),
            (Some(status), 1)
        );
    }
}

#[tokio::test]
async fn a_change_that_was_turned_away_is_sent_again() {
    let server = failing(
        BLOCK,
        2,
        Reply::status(429, "").with_header("Retry-After: 0"),
    )
    .await;
    server.client().orgs().block(2).await.unwrap();
    assert_eq!(server.count(BLOCK), 3);
}

#[tokio::test]
async fn a_change_refused_for_its_token_is_sent_once_more_with_a_new_one() {
    let server = failing(BLOCK, 1, Reply::status(401, "")).await;
    server.client().orgs().block(2).await.unwrap();
    assert_eq!(
        (server.count(BLOCK), server.count("GET /api/v3/auth/jwt")),
        (2, 2)
    );
}

#[tokio::test]
async fn a_change_that_never_left_is_safe_and_says_so() {
    // A port on which nothing listens any more.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::builder(format!("http://{address}"))
        .token_provider(|| async { Ok::<_, std::io::Error>("a.b.c") })
        .retry(quick())
        .build()
        .unwrap();
    let error = client.orgs().block(2).await.unwrap_err();
    assert!(
        error.is_connect() && error.happened() == Happened::No,
        "{error}"
    );
}

#[tokio::test]
async fn a_longer_wait_than_agreed_is_told_and_not_waited() {
    let server = failing(
        ORG,
        usize::MAX,
        Reply::status(429, "").with_header("Retry-After: 3600"),
    )
    .await;
    let error = server.client().orgs().get_by_id(2).await.unwrap_err();
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!(
        (error.retry_after(), server.count(ORG)),
        (Some(Duration::from_secs(3600)), 1)
    );
}

#[tokio::test]
async fn a_wait_given_as_a_date_of_the_past_is_none() {
    let past = Reply::status(503, "").with_header("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT");
    let server = failing(ORG, 1, past).await;
    server.client().orgs().get_by_id(2).await.unwrap();
    assert_eq!(server.count(ORG), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_gets_no_credentials() {
    let elsewhere = Server::start(|_, _| Reply::json("{}")).await;
    for line in [ORG, BLOCK] {
        let reply = Reply::status(302, "")
            .with_header(&format!("Location: {}/login?token=x", elsewhere.url));
        let server = failing(line, usize::MAX, reply).await;
        let orgs = server.client().orgs();
        let error = match line {
            ORG => orgs.get_by_id(2).await.map(|_| ()).unwrap_err(),
            _ => orgs.block(2).await.map(|_| ()).unwrap_err(),
        };
        assert_eq!(
            (server.count(line), elsewhere.all().len()),
            (1, 0),
            "{error}"
        );
        assert!(
            error.to_string().contains("/login") && !error.to_string().contains("token=x"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_is_no_document_of_the_api_is_an_error_and_never_an_empty_list() {
    for body in [
        "<html>sign in</html>",
        "",
        "not json",
        "[1, 2]",
        r#"{"data":{}}"#,
        r#"{"data":null}"#,
    ] {
        let server = failing("GET /api/v1/Org", usize::MAX, Reply::json(body)).await;
        let error = server
            .client()
            .orgs()
            .get_all()
            .orgs()
            .try_collect()
            .await
            .unwrap_err();
        assert!(!error.is_not_found(), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_what_the_server_said() {
    let body = r#"[{"name":"PARENT_ORG_BLOCKED","description":"com.code42.core.CommandException","objects":[]}]"#;
    let server = failing(BLOCK, usize::MAX, Reply::status(500, body)).await;
    let error = server.client().orgs().block(2).await.unwrap_err();
    assert_eq!(error.problems()[0].name, "PARENT_ORG_BLOCKED");
    assert_eq!(error.kind(), org42::ErrorKind::ParentBlocked);
    assert_eq!((error.text(), error.happened()), (body, Happened::No));
    assert!(error.to_string().contains("PARENT_ORG_BLOCKED"), "{error}");
}

#[tokio::test]
async fn a_long_refusal_is_kept_in_part() {
    let server = failing(BLOCK, usize::MAX, Reply::status(400, "x".repeat(1_000_000))).await;
    let error = server.client().orgs().block(2).await.unwrap_err();
    assert_eq!(error.text().len(), 8 * 1024);
    assert!(error.to_string().len() < 1000);
}

#[tokio::test]
async fn an_answer_larger_than_agreed_is_not_read_to_its_end() {
    let server = failing(ORG, usize::MAX, Reply::json("x".repeat(300_000))).await;
    let account = LocalAccount::new("a", "b");
    let client = Client::builder(&server.url)
        .local_account(account)
        .answer_limit(200_000)
        .retry(quick())
        .build();
    let error = client.unwrap().orgs().get_by_id(2).await.unwrap_err();
    assert!(error.to_string().contains("200000"), "{error}");
}

#[tokio::test]
async fn no_secret_shows_in_errors_or_debug_output() {
    // The worst server sends back every credential that it received.
    let server = Server::start(|seen: &Seen, _| match seen.line().as_str() {
        BLOCK => Reply::status(400, seen.headers.clone()),
        _ => tenant(seen, 3),
    })
    .await;
    let account = LocalAccount::new("admin@example.com", "hunter22").totp("123456");
    let builder = Client::builder(&server.url)
        .local_account(account.clone())
        .retry(quick());
    let mut shown = format!("{builder:?} {account:?}");
    let client = builder.build().unwrap();
    let error = client.orgs().block(2).await.unwrap_err();
    shown += &format!(
        "{client:?} {:?} {error} {error:?} {}",
        client.orgs(),
        error.text()
    );
    for secret in [
        "hunter22",
        "123456",
        "user.0.x",
        "YWRtaW5AZXhhbXBsZS5jb206aHVudGVyMjI",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_before_anything_is_sent() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let orgs = server.client().orgs();
    let page = |num, size| org42::GetPage::default().page_num(num).page_size(size);
    let errors = [
        orgs.get_by_id("two").await.map(|_| ()),
        orgs.get_by_id(-1).await.map(|_| ()),
        orgs.get_by_uid("").await.map(|_| ()),
        orgs.get_page(page(1, 0)).await.map(|_| ()),
        orgs.get_page(page(0, 5)).await.map(|_| ()),
        orgs.create_org("ab", org42::CreateOrg::new())
            .await
            .map(|_| ()),
        orgs.create_org("x".repeat(10_000), org42::CreateOrg::new())
            .await
            .map(|_| ()),
        orgs.create_org("fine", org42::CreateOrg::new().parent_org_uid("a b"))
            .await
            .map(|_| ()),
        orgs.update_org(2, org42::UpdateOrg::new())
            .await
            .map(|_| ()),
        orgs.update_org(2, org42::UpdateOrg::new().name("  "))
            .await
            .map(|_| ()),
        orgs.get_agent_state(2, " ").await.map(|_| ()),
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert!(
            error.is_invalid_input() && error.happened() == Happened::No,
            "{error}"
        );
        assert!(error.to_string().len() < 300, "{error}");
    }
    assert!(server.all().is_empty(), "{:?}", server.all());
    assert!(
        Client::builder(&server.url)
            .local_account(LocalAccount::new("a", "b"))
            .items_per_page(0)
            .build()
            .is_err()
    );
}

#[tokio::test]
async fn a_change_whose_organization_could_not_be_looked_up_has_not_happened() {
    // It is asked for by itself first.
    for (status, requests) in [(404, 2), (502, 4)] {
        let server = failing("GET /api/v1/Org", usize::MAX, Reply::status(status, "")).await;
        let error = server.client().orgs().block(2).await.unwrap_err();
        assert_eq!(
            (error.happened(), error.is_not_found()),
            (Happened::No, false),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .starts_with("could not block organization 2: reading the listing"),
            "{error}"
        );
        assert_eq!(server.requests().len(), requests);
    }
}

#[tokio::test]
async fn an_outage_does_not_become_a_storm() {
    let server = failing(ORG, usize::MAX, Reply::status(503, "")).await;
    let client = server.client();
    let mut hinted = 0;
    for _ in 0..300 {
        let error = client.orgs().get("guid-2").await.unwrap_err();
        hinted += usize::from(error.hint().is_some_and(|hint| hint.contains("too many")));
    }
    // Three attempts each would be 900.
    assert!(server.count(ORG) <= 300 + 110, "{}", server.count(ORG));
    assert!(hinted > 200, "{hinted}");
    // Another client of the host is no exception.
    let before = server.count(ORG);
    server.client().orgs().get("guid-2").await.unwrap_err();
    assert_eq!(server.count(ORG), before + 1);
}

#[tokio::test]
async fn what_a_server_asks_of_one_request_slows_the_whole_client() {
    let slow = Reply::status(429, "").with_header("Retry-After: 1");
    let server = failing(ORG, 1, slow).await;
    let client = server.client();
    client.orgs().get_page(org42::GetPage::new()).await.unwrap();
    let impatient = Client::builder(&server.url)
        .local_account(LocalAccount::new("admin@example.com", "hunter22"))
        .call_timeout(Duration::from_millis(300))
        .retry(quick())
        .build()
        .unwrap();
    impatient.orgs().get("guid-1").await.unwrap();
    let orgs = client.orgs();
    let (found, meanwhile) = tokio::join!(orgs.get("guid-2"), async {
        while server.count(ORG) == 0 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = server.all().len();
        let error = impatient.orgs().get("guid-3").await.unwrap_err();
        assert_eq!(server.all().len(), before, "nothing is sent");
        error
    });
    found.unwrap();
    assert!(meanwhile.is_rate_limited(), "{meanwhile}");
    assert_eq!(meanwhile.retry_after().map(|wait| wait.as_secs()), Some(0));
}
