//! Tokens: fetched once for all, renewed once, never in a loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use org42::{Client, LocalAccount};

use crate::server::{Reply, Seen, Server, login, quick, tenant};

const JWT: &str = "GET /api/v3/auth/jwt";

#[tokio::test]
async fn fifty_requests_at_once_log_in_once() {
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    let orgs = server.client().orgs();
    let pages = join_all((0..50).map(|_| orgs.get_page(org42::GetPage::default()))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!((server.count(JWT), server.requests().len()), (1, 50));
}

#[tokio::test]
async fn twenty_late_401s_cause_one_renewal() {
    // Only the second token is any good.
    let server = Server::start(|seen: &Seen, _| match seen.headers.contains("user.0.x") {
        true => Reply::status(401, ""),
        false => tenant(seen, 3),
    })
    .await;
    let orgs = server.client().orgs();
    let pages = join_all((0..20).map(|_| orgs.get_page(org42::GetPage::default()))).await;
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
            .get_page(org42::GetPage::default())
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
    assert_eq!(server.all().len(), 1);
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
    client
        .orgs()
        .get_page(org42::GetPage::default())
        .await
        .unwrap();
    let error = client
        .orgs()
        .get_page(org42::GetPage::default())
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
    client
        .orgs()
        .get_page(org42::GetPage::default())
        .await
        .unwrap();
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
        client
            .orgs()
            .get_page(org42::GetPage::default())
            .await
            .unwrap();
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
        client
            .orgs()
            .get_page(org42::GetPage::default())
            .await
            .unwrap();
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
