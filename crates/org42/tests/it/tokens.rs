//! Tokens: fetched once for all callers, renewed once, and never in a loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use org42::{Client, GetPage, Happened, LocalAccount};

use org42_test::fixtures::{login, tenant};
use org42_test::{Reply, Seen, Server, quick};

const JWT: &str = "GET /api/v3/auth/jwt";

#[tokio::test]
async fn fifty_requests_at_once_log_in_once() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let orgs = server.client().orgs();
    let pages = join_all((0..50).map(|_| orgs.get_page(GetPage::default()))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!((server.count(JWT), server.requests().len()), (1, 50));
}

#[tokio::test]
async fn twenty_late_401s_cause_one_renewal() {
    // The server accepts only the second token.
    let server = Server::start(|seen: &Seen, _| match seen.headers.contains("user.0.x") {
        true => Reply::status(401, ""),
        false => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    let pages = join_all((0..20).map(|_| orgs.get_page(GetPage::default()))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(server.count(JWT), 2);
}

#[tokio::test]
async fn a_lasting_401_is_an_error_after_one_renewal() {
    let server = Server::start(|_, _| Reply::status(401, "")).await;
    let client = server.client();
    for _ in 0..5 {
        let error = client
            .orgs()
            .get_page(GetPage::default())
            .await
            .unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
    }
    assert_eq!(
        server.count(JWT),
        2,
        "a token that is refused is not fetched over and over"
    );
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    let server =
        Server::with_logins(|_, _| Reply::status(401, r#"[{"name":"SYSTEM","description":"no"}]"#))
            .await;
    let client = server.client();
    for _ in 0..10 {
        let error = client.orgs().get_by_id(2).await.unwrap_err();
        assert!(error.is_unauthorized() && error.is_sign_in(), "{error}");
    }
    let asked: Vec<_> = server.all().iter().map(|seen| seen.line()).collect();
    assert_eq!(
        asked,
        [JWT, "GET /api/v3/LoginConfiguration"],
        "the second says why, and has no password in it"
    );
    assert!(
        !server.all()[1]
            .headers
            .to_lowercase()
            .contains("authorization")
    );
}

#[tokio::test]
async fn a_one_time_code_given_as_a_value_is_used_once() {
    let server = Server::start(|seen: &Seen, before| match (seen.line().as_str(), before) {
        ("GET /api/v1/Org", 1) => Reply::status(401, ""),
        _ => tenant(seen, 3),
    })
    .await;
    let account = LocalAccount::new("admin@example.com", "hunter22").totp("123456");
    let client = Client::builder(&server.url)
        .local_account(account)
        .retry(quick())
        .build()
        .unwrap();
    client.orgs().get_page(GetPage::default()).await.unwrap();
    let error = client
        .orgs()
        .get_page(GetPage::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("code"), "{error}");
    let codes = server
        .all()
        .iter()
        .filter(|seen| seen.headers.contains("123456"))
        .count();
    assert_eq!((codes, server.count(JWT)), (1, 1));
}

#[tokio::test]
async fn a_callback_gives_a_code_for_each_login() {
    let server = Server::start(|seen: &Seen, before| match (seen.line().as_str(), before) {
        ("GET /api/v1/Org", 0) => Reply::status(401, ""),
        _ => tenant(seen, 3),
    })
    .await;
    let asked = Arc::new(AtomicUsize::new(100_000));
    let counter = Arc::clone(&asked);
    let account = LocalAccount::new("admin@example.com", "hunter22").totp_with(move || {
        let code = counter.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, std::io::Error>(code.to_string()) }
    });
    let client = Client::builder(&server.url)
        .local_account(account)
        .retry(quick())
        .build()
        .unwrap();
    client.orgs().get_page(GetPage::default()).await.unwrap();
    let logins: Vec<_> = server
        .all()
        .into_iter()
        .filter(|seen| seen.line() == JWT)
        .collect();
    assert!(logins[0].headers.contains("100000") && logins[1].headers.contains("100001"));
    assert_eq!(logins.len(), 2);
}

#[tokio::test]
async fn an_api_client_logs_in_by_its_own_route_bare_or_wrapped() {
    for wrapped in [false, true] {
        let server = Server::with_logins(move |seen: &Seen, before| {
            match (seen.path.ends_with("/token"), wrapped) {
                (true, true) => Reply::json(
                    r#"{"data":{"access_token":"api.0.x","token_type":"bearer","expires_in":900}}"#,
                ),
                (true, false) => login(seen, before),
                _ => tenant(seen, 3),
            }
        })
        .await;
        let client = Client::builder(&server.url)
            .api_client("key-42-x", "s3cret")
            .retry(quick())
            .build()
            .unwrap();
        client.orgs().get_page(GetPage::default()).await.unwrap();
        let all = server.all();
        assert_eq!(all[0].line(), "POST /api/v3/oauth/token");
        assert_eq!(all[0].param("grant_type"), Some("client_credentials"));
        assert!(all[1].headers.contains("api.0.x"));
    }
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_before_it_is_used() {
    let server =
        Server::with_logins(
            |seen: &Seen, before| match (seen.path.ends_with("/token"), before) {
                (true, 0) => {
                    Reply::json(r#"{"access_token":"short","token_type":"bearer","expires_in":0}"#)
                }
                (true, _) => login(seen, before),
                _ => tenant(seen, 3),
            },
        )
        .await;
    let client = Client::builder(&server.url)
        .api_client("key-42-x", "s3cret")
        .retry(quick())
        .build()
        .unwrap();
    for _ in 0..3 {
        client.orgs().get_page(GetPage::default()).await.unwrap();
    }
    assert_eq!(server.count("POST /api/v3/oauth/token"), 2);
}

#[tokio::test]
async fn get_current_with_an_api_client_says_that_it_needs_a_user() {
    let server = Server::start(|_, _| Reply::status(500, "")).await;
    let client = Client::builder(&server.url)
        .api_client("key-42-x", "s3cret")
        .build()
        .unwrap();
    let error = client.orgs().get_current().await.unwrap_err();
    assert!(error.to_string().contains("needs a user"), "{error}");
    assert!(server.all().is_empty());
}

#[tokio::test]
async fn a_caller_that_goes_away_wastes_neither_the_login_nor_its_code() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let account = LocalAccount::new("admin@example.com", "hunter22").totp("123456");
    let client = Client::builder(&server.url)
        .local_account(account)
        .build()
        .unwrap();
    let orgs = client.orgs();
    // Polled once, so that the login is under way, and dropped.
    assert!(orgs.get_page(GetPage::default()).now_or_never().is_none());
    orgs.get_page(GetPage::default()).await.unwrap();
    assert_eq!((server.count(JWT), server.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_login_that_meets_a_fault_is_tried_three_times_and_not_three_times_three() {
    for (faults, logins) in [(2, 3), (9, 3)] {
        let server = Server::with_logins(move |seen: &Seen, before| match seen.line() == JWT {
            true if before < faults => Reply::status(503, "busy"),
            true => login(seen, before),
            false => tenant(seen, 3),
        })
        .await;
        let result = server.client().orgs().get_page(GetPage::default()).await;
        assert_eq!(result.is_ok(), faults < 3);
        assert_eq!(server.count(JWT), logins);
        if let Err(error) = result {
            assert!(error.is_sign_in() && error.is_transient(), "{error}");
            assert_eq!((error.attempts(), error.happened()), (3, Happened::No));
        }
    }
}

#[tokio::test]
async fn a_one_time_code_is_not_sent_again_when_it_may_have_been_used() {
    let server = Server::with_logins(|_, _| Reply::status(503, "busy")).await;
    let account = LocalAccount::new("admin@example.com", "hunter22").totp("123456");
    let client = Client::builder(&server.url)
        .local_account(account)
        .retry(quick())
        .build()
        .unwrap();
    for advice in ["503", "one-time code"] {
        let error = client.orgs().get_current().await.unwrap_err();
        assert!(error.to_string().contains(advice), "{error}");
    }
    assert_eq!(server.count(JWT), 1);
}

#[tokio::test]
async fn a_one_time_code_that_never_left_can_still_be_used() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let account = LocalAccount::new("admin@example.com", "hunter22").totp("123456");
    let client = Client::builder(format!("http://{address}"))
        .local_account(account)
        .retry(quick())
        .build()
        .unwrap();
    for _ in 0..2 {
        let error = client.orgs().get_current().await.unwrap_err();
        assert!(error.is_connect() && error.is_sign_in(), "{error}");
    }
}

#[tokio::test]
async fn a_mistyped_code_does_not_hold_back_the_next_one() {
    let server = Server::with_logins(|seen: &Seen, before| match seen.line() == JWT {
        true if seen.headers.contains("100000") => Reply::status(401, ""),
        true => login(seen, before),
        false => tenant(seen, 3),
    })
    .await;
    let asked = AtomicUsize::new(100_000);
    let account =
        LocalAccount::new("admin@example.com", "hunter22").totp_with_blocking(move || {
            Ok::<_, std::io::Error>(asked.fetch_add(1, Ordering::SeqCst).to_string())
        });
    let client = Client::builder(&server.url)
        .local_account(account)
        .build()
        .unwrap();
    let wrong = client.orgs().get_by_id(2).await.unwrap_err();
    assert!(wrong.is_unauthorized(), "{wrong}");
    client.orgs().get_by_id(2).await.unwrap();
    assert_eq!(server.count(JWT), 2);
}

#[tokio::test]
async fn a_person_who_is_let_in_again_can_go_on_with_the_same_client() {
    let is_blocked = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&is_blocked);
    let server = Server::with_logins(move |seen: &Seen, before| {
        match (now.load(Ordering::SeqCst), seen.line() == JWT) {
            (1, _) => Reply::status(401, ""),
            (_, true) => login(seen, before),
            _ => tenant(seen, 3),
        }
    })
    .await;
    let orgs = server.client().orgs();
    orgs.get_by_id(2).await.unwrap();
    is_blocked.store(1, Ordering::SeqCst);
    assert!(orgs.get_by_id(2).await.unwrap_err().is_unauthorized());
    is_blocked.store(0, Ordering::SeqCst);
    orgs.get_by_id(2).await.unwrap();
}

/// Lets time pass for the client without waiting.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_persons_token_says_itself_when_it_expires_and_is_renewed_a_minute_before() {
    // `{"exp":1445414280}`: half an hour after the server's date.
    const TOKEN: &str = "e30.eyJleHAiOjE0NDU0MTQyODB9.x";
    let server = Server::with_logins(|seen: &Seen, _| match seen.line() == JWT {
        true => Reply::json(format!(r#"{{"data":{{"v3_user_token":"{TOKEN}"}}}}"#))
            .with_header("Date: Wed, 21 Oct 2015 07:28:00 GMT"),
        false => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    for (seconds, logins) in [(0, 1), (1730, 1), (20, 2), (0, 2)] {
        pass(seconds).await;
        orgs.get_page(GetPage::default()).await.unwrap();
        assert_eq!(server.count(JWT), logins, "{seconds} s later");
    }
}

#[tokio::test]
async fn a_renewal_that_fails_is_no_harm_while_the_old_token_lives() {
    let server = Server::with_logins(|seen: &Seen, before| match seen.path.ends_with("/token") {
        true if before > 0 => Reply::status(403, ""),
        true => login(seen, before),
        false => tenant(seen, 3),
    })
    .await;
    let client = Client::builder(&server.url)
        .api_client("key-42-x", "s3cret")
        .build()
        .unwrap();
    let orgs = client.orgs();
    // A token of 900 s is to be renewed after 840; a renewal that failed is not tried at every request.
    for (seconds, fine, logins) in [
        (0, true, 1),
        (845, true, 2),
        (0, true, 2),
        (40, true, 3),
        (30, false, 4),
    ] {
        pass(seconds).await;
        let page = orgs.get_page(GetPage::default()).await;
        assert_eq!(page.is_ok(), fine, "{seconds} s later: {page:?}");
        assert_eq!(server.count("POST /api/v3/oauth/token"), logins);
    }
}

#[tokio::test]
async fn a_token_provider_is_asked_again_only_when_needed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let server = Server::start(|seen: &Seen, _| match seen.headers.contains("token-0") {
        true => Reply::status(401, ""),
        false => tenant(seen, 3),
    })
    .await;
    let client = Client::builder(&server.url)
        .token_provider_blocking(move || {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(format!("token-{number}"))
        })
        .build()
        .unwrap();
    for _ in 0..3 {
        client.orgs().get_by_id(2).await.unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(
        server
            .all()
            .iter()
            .all(|seen| seen.path != "/api/v3/auth/jwt")
    );
}

#[tokio::test]
async fn a_token_provider_that_fails_says_why_and_one_that_panics_hangs_nobody() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let failing = Client::builder(&server.url)
        .token_provider(|| async { Err::<String, _>("the vault is sealed") })
        .build()
        .unwrap();
    let error = failing.orgs().get_by_id(2).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "the vault is sealed");
    assert!(
        error.is_token_provider() && error.is_sign_in() && !error.is_unauthorized(),
        "{error}"
    );
    assert_eq!(error.happened(), Happened::No);
    let unusable = Client::builder(&server.url)
        .token_provider(|| async { Ok::<_, std::io::Error>("a\nb") })
        .build()
        .unwrap();
    let error = unusable.orgs().get_by_id(2).await.unwrap_err();
    assert!(error.is_token_provider(), "{error}");
    assert!(server.all().is_empty());
    let panicking = Client::builder(&server.url)
        .token_provider_blocking(|| -> Result<String, std::io::Error> { panic!("a bug") })
        .build()
        .unwrap();
    let error = panicking.orgs().get_by_id(2).await.unwrap_err();
    assert!(error.is_sign_in(), "{error}");
    assert!(server.all().is_empty());
}

#[tokio::test]
async fn a_token_from_a_file_may_end_with_a_line_break() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let client = Client::builder(&server.url)
        .token_provider(|| async { Ok::<_, std::io::Error>("token-7\r\n") })
        .build()
        .unwrap();
    client.orgs().get_by_id(2).await.unwrap();
    let lines = server.all()[0].headers.clone();
    assert!(lines.contains("token-7"), "{lines}");
}

#[tokio::test]
async fn get_current_with_a_token_of_unknown_kind_explains_a_refusal() {
    let server = Server::start(|_, _| Reply::status(500, r#"[{"name":"SYSTEM"}]"#)).await;
    let client = Client::builder(&server.url)
        .token_provider(|| async { Ok::<_, std::io::Error>("a.b.c") })
        .build()
        .unwrap();
    let error = client.orgs().get_current().await.unwrap_err();
    assert!(error.hint().unwrap().contains("needs a user"), "{error}");
    assert_eq!((error.http_status(), server.all().len()), (Some(500), 3));
}

#[tokio::test]
async fn a_clock_that_is_90_s_behind_is_told_and_no_other_code_is_tried() {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 90;
    let date = jiff::Timestamp::from_second(now.try_into().unwrap()).unwrap();
    let date = format!("Date: {}", date.strftime("%a, %d %b %Y %H:%M:%S GMT"));
    let server = Server::with_logins(move |seen: &Seen, _| match seen.line() == JWT {
        true => Reply::status(401, "[]").with_header(&date),
        false => Reply::json(r#"{"data":{"loginType":"LOCAL_2FA"}}"#),
    })
    .await;
    let account = LocalAccount::new("admin@example.com", "hunter22")
        .totp_secret("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
        .unwrap();
    let client = Client::builder(&server.url).local_account(account).build();
    let error = client.unwrap().orgs().get_current().await.unwrap_err();
    let told = ["your clock is 89 s behind", "your clock is 90 s behind"];
    assert!(
        told.iter().any(|told| error.to_string().contains(told)),
        "{error}"
    );
    assert_eq!(server.count(JWT), 1);
}

#[tokio::test]
async fn a_callback_s_code_may_have_spaces_and_what_is_none_is_not_sent() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let client = |code: &'static str| {
        let account = LocalAccount::new("admin@example.com", "hunter22")
            .totp_with(move || async move { Ok::<_, std::io::Error>(code) });
        Client::builder(&server.url).local_account(account).build()
    };
    let page = |client: Client| async move { client.orgs().get_page(GetPage::default()).await };
    page(client("314 159\n").unwrap()).await.unwrap();
    assert!(server.all()[0].headers.contains("totp-auth: 314159"));
    let before = server.all().len();
    let error = page(client("hunter23").unwrap()).await.unwrap_err();
    assert!(error.is_sign_in() && error.is_invalid_input(), "{error}");
    assert!(!format!("{error:?}").contains("hunter23"), "{error:?}");
    assert_eq!(server.all().len(), before);
}
