//! The loop that accepts connections, and goes on after errors.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::connection::{Port, serve};
use super::crowd::Crowd;
use super::parting::{part, why};

/// Serves connections until `stopped`, and then until those with a request in progress are done.
pub(super) async fn accept_all(
    listener: TcpListener,
    port: Arc<Port>,
    mut stopped: watch::Receiver<()>,
) {
    let crowd = Arc::new(Crowd::new(port.limits));
    let mut tasks = JoinSet::new();
    let mut trouble = Trouble::default();
    let in_work = stopped.clone();
    loop {
        let (tcp, address) = tokio::select! {
            // A dropped sender stops the server too.
            _ = stopped.changed() => break,
            Some(_) = tasks.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    trouble.is_met(&error, &crowd).await;
                    continue;
                }
            },
        };
        // Without it every answer waits for the client's delayed acknowledgement; if it cannot be set, answers are
        // only slower.
        let _ = tcp.set_nodelay(true);
        if crowd.make_room().await {
            let member = crowd.join(address.ip());
            let port = Arc::clone(&port);
            tasks.spawn(serve(tcp, address, member, port, in_work.clone()));
        } else {
            send_away(tcp, &port).await;
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

/// Answers a client that there is no room for it; with TLS the connection is just closed.
async fn send_away(tcp: TcpStream, port: &Port) {
    if port.tls.is_none() {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let words = port.edge.last_words(status, why(status)).await;
        part(Box::new(tcp), &words, false).await;
    }
}

/// The state of errors that keep connections from being accepted.
#[derive(Default)]
struct Trouble {
    logged: Option<Instant>,
}

impl Trouble {
    /// Ends the slowest connections where there is no room for another open file, and waits a moment.
    async fn is_met(&mut self, error: &io::Error, crowd: &Crowd) {
        const PAUSE: Duration = Duration::from_millis(20);
        const SILENCE: Duration = Duration::from_secs(60);
        let is_of_one_connection = matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionReset
        );
        if is_of_one_connection {
            return;
        }
        if self.logged.is_none_or(|logged| logged.elapsed() > SILENCE) {
            self.logged = Some(Instant::now());
            crate::log::failure(&format!("cannot take in a connection: {error}"));
        }
        crowd.slowest_give_way();
        sleep(PAUSE).await;
    }
}
