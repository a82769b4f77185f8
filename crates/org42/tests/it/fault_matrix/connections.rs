//! The cells in which there is no connection: nothing is sent, by any method.

use std::net::TcpListener;
use std::time::Duration;

use futures_util::future::join_all;
use org42::{Client, ErrorKind, Happened, LocalAccount};
use org42_test::quick;
use rustls::ALL_VERSIONS;

use super::methods::METHODS;
use crate::tls::{Shown, serve};

/// Starts a server that does something with each connection.
fn listening(meet: impl Fn(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(meet));
    port
}

/// Returns the addresses where there is no connection, each with why.
fn addresses() -> Vec<(&'static str, String)> {
    let shown = Shown::own(|_| ());
    let untrusted = serve(&shown, ALL_VERSIONS);
    let cut = listening(drop);
    let (keep, kept) = std::sync::mpsc::channel();
    let silent = listening(move |stream| drop(keep.send(stream)));
    std::mem::forget(kept);
    vec![
        // No server gets this port by chance.
        ("connection refused", "http://127.0.0.1:9".to_owned()),
        (
            "a host that does not exist",
            "http://no-such-host.invalid".to_owned(),
        ),
        (
            "a certificate that is not trusted",
            format!("https://127.0.0.1:{untrusted}"),
        ),
        (
            "a certificate of another host",
            format!("https://localhost.invalid:{untrusted}"),
        ),
        ("handshake cut off", format!("https://127.0.0.1:{cut}")),
        (
            "handshake without an end",
            format!("https://127.0.0.1:{silent}"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_connection_nothing_is_sent() {
    let mut running = Vec::new();
    for (why, address) in addresses() {
        for method in METHODS {
            let client = Client::builder(&address)
                .local_account(LocalAccount::new("admin@example.com", "hunter22"))
                .retry(quick())
                .connect_timeout(Duration::from_millis(500))
                .silence(Duration::from_secs(1))
                .build()
                .unwrap();
            running.push(async move {
                let calling = (method.call)(client);
                let called = tokio::time::timeout(Duration::from_secs(60), calling).await;
                let error = called.unwrap().unwrap_err();
                let what = (error.happened(), error.kind());
                assert_eq!(
                    what,
                    (Happened::No, ErrorKind::Connect),
                    "{}: {why}: {error}",
                    method.name
                );
            });
        }
    }
    join_all(running).await;
}
