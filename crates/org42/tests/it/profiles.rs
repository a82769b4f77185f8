//! The parts that profiles use: tokens that are kept between processes, and clients that change nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use org42::{Client, ClientBuilder, CreateOrg, LocalAccount, UpdateOrg};
use tempfile::TempDir;

use org42_test::fixtures::tenant;
use org42_test::{Reply, Seen, Server, quick};

/// Answers as a tenant whose tokens contain when they expire, and the number of the login.
fn tenant_with_lifetimes(seen: &Seen, before: usize) -> Reply {
    if seen.line() != JWT {
        return tenant(seen, 3);
    }
    let claims = format!(r#"{{"exp":{}}}"#, 4_102_444_800_u64 + before as u64);
    let token = format!("user.{}.{before}", URL_SAFE_NO_PAD.encode(claims));
    Reply::json(format!(r#"{{"data":{{"v3_user_token":"{token}"}}}}"#))
}

const JWT: &str = "GET /api/v3/auth/jwt";

fn keeping(server: &Server, dir: &TempDir, who: &str) -> Client {
    Client::builder(&server.url)
        .local_account(LocalAccount::new(who, "hunter22"))
        .token_file(dir.path().join("made").join("token.json"))
        .retry(quick())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_hundred_clients_one_after_another_sign_in_once() {
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    for _ in 0..100 {
        let client = keeping(&server, &dir, "a");
        client.orgs().get_by_id(2).await.unwrap();
    }
    assert_eq!(server.count(JWT), 1);
}

#[tokio::test]
async fn many_clients_at_once_sign_in_once() {
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    let clients: Vec<_> = (0..20).map(|_| keeping(&server, &dir, "a")).collect();
    let read = join_all(
        clients
            .iter()
            .map(|client| async { client.orgs().get_by_id(2).await.map(drop) }),
    );
    assert!(read.await.iter().all(Result::is_ok));
    assert_eq!(server.count(JWT), 1);
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_replaced_once() {
    // The server accepts only the second token.
    let server = Server::with_logins(|seen: &Seen, before| {
        let is_first = seen
            .headers
            .lines()
            .any(|line| line.contains("Bearer user.") && line.ends_with(".0"));
        match is_first && seen.line() != JWT {
            true => Reply::status(401, ""),
            false => tenant_with_lifetimes(seen, before),
        }
    })
    .await;
    let dir = TempDir::new().unwrap();
    for _ in 0..3 {
        let client = keeping(&server, &dir, "a");
        client.orgs().get_by_id(2).await.unwrap();
    }
    assert_eq!(server.count(JWT), 2);
}

#[tokio::test]
async fn a_token_is_used_for_the_same_caller_alone() {
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let other = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    for (server, who) in [(&server, "a"), (&server, "b"), (&other, "b")] {
        keeping(server, &dir, who)
            .orgs()
            .get_by_id(2)
            .await
            .unwrap();
    }
    assert_eq!((server.count(JWT), other.count(JWT)), (2, 1));
}

#[tokio::test]
async fn a_file_that_holds_no_token_is_written_over() {
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("made").join("token.json");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    for rubbish in ["", "{", r#"{"owner":1}"#] {
        std::fs::write(&file, rubbish).unwrap();
        keeping(&server, &dir, "a")
            .orgs()
            .get_by_id(2)
            .await
            .unwrap();
        keeping(&server, &dir, "a")
            .orgs()
            .get_by_id(2)
            .await
            .unwrap();
    }
    assert_eq!(server.count(JWT), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_kept_token_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    keeping(&server, &dir, "a")
        .orgs()
        .get_by_id(2)
        .await
        .unwrap();
    let made = dir.path().join("made");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&made), mode(&made.join("token.json"))),
        (0o700, 0o600)
    );
}

#[tokio::test]
async fn a_read_only_client_sends_nothing_that_changes_something() {
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let read_only = |builder: ClientBuilder| builder.read_only(true);
    let account = LocalAccount::new("a", "b");
    let client = read_only(Client::builder(&server.url).local_account(account))
        .build()
        .unwrap();
    let orgs = client.orgs();
    let refused = [
        orgs.create_org("Paris", CreateOrg::new())
            .await
            .unwrap_err(),
        orgs.update_org(2, UpdateOrg::new().notes("x"))
            .await
            .unwrap_err(),
        orgs.block(2).await.unwrap_err(),
        orgs.unblock(2).await.unwrap_err(),
        orgs.deactivate(2).await.unwrap_err(),
        orgs.reactivate(2).await.unwrap_err(),
    ];
    for error in refused {
        assert!(error.is_read_only(), "{error}");
        assert!(error.to_string().contains("read-only"), "{error}");
    }
    assert!(server.all().is_empty(), "not even a login");
    orgs.get_by_id(2).await.unwrap();
}

#[tokio::test]
async fn a_password_is_asked_for_only_where_a_login_needs_it() {
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let asked = Arc::clone(&asked);
        let account = LocalAccount::asking("a", move || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, std::io::Error>("hunter22") }
        });
        let client = Client::builder(&server.url)
            .local_account(account)
            .token_file(dir.path().join("token.json"))
            .build()
            .unwrap();
        client.orgs().get_by_id(2).await.unwrap();
    }
    assert_eq!((asked.load(Ordering::SeqCst), server.count(JWT)), (1, 1));
    let account = LocalAccount::asking("b", || async {
        Err::<String, _>(std::io::Error::other("the safe is closed"))
    });
    let client = Client::builder(&server.url).local_account(account);
    let error = client
        .build()
        .unwrap()
        .orgs()
        .get_by_id(2)
        .await
        .unwrap_err();
    assert!(
        error.is_sign_in() && error.to_string().contains("no password"),
        "{error}"
    );
    assert_eq!(server.count(JWT), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_kept_token_that_others_could_read_or_no_header_carries_is_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::with_logins(tenant_with_lifetimes).await;
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("made").join("token.json");
    let read = async || {
        let client = keeping(&server, &dir, "a");
        client.orgs().get_by_id(2).await.unwrap();
    };
    read().await;
    let mode = |mode: u32| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(&file, mode(0o644)).unwrap();
    read().await;
    assert_eq!(server.count(JWT), 2);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let kept = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, kept.replace("user.", "\\u0001user.")).unwrap();
    read().await;
    assert_eq!(server.count(JWT), 3);
}
