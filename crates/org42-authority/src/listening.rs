//! Listening: a port is held first, and answered at later.

use std::net::SocketAddr;

use axum::ServiceExt;
use axum::extract::Request;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::authority::{Authority, StartError};
use crate::http;
use crate::http::connection::{Peer, Resettable};

/// A port that is held. Whoever connects meanwhile waits until an authority answers there.
///
/// So it is known that a tenant can be served before the tenant is made.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    url: String,
}

impl Listening {
    /// Takes the port of `address`; port 0 is a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn at(address: SocketAddr) -> Result<Self, StartError> {
        let io = |error| StartError::Io(format!("listen on {address}"), error);
        let listener = TcpListener::bind(address).await.map_err(io)?;
        let url = format!("http://{}", listener.local_addr().map_err(io)?);
        Ok(Self { listener, url })
    }

    /// Where it will be answered, such as `http://127.0.0.1:4200`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn answered_by(self, authority: Authority) -> Running {
        let Self { listener, url } = self;
        let (stop, mut stopped) = watch::channel(());
        let service = http::service(authority.app().clone());
        let make = ServiceExt::<Request>::into_make_service_with_connect_info::<Peer>(service);
        let server = axum::serve(Resettable(listener), make).with_graceful_shutdown(async move {
            // A dropped sender stops the server too.
            let _ = stopped.changed().await;
        });
        let task = tokio::spawn(async move { server.await });
        Running {
            url,
            authority,
            stop,
            task,
        }
    }
}

/// An authority that answers.
#[derive(Debug)]
pub struct Running {
    url: String,
    authority: Authority,
    stop: watch::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Where it answers, such as `http://127.0.0.1:4200`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The authority itself.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Stops taking requests and waits for those in work.
    pub async fn stop(self) {
        let Self { stop, task, .. } = self;
        drop(stop);
        // Whether the server ended well does not matter any more.
        let _ = task.await;
    }

    /// Waits until the server ends by itself, which it does only when it fails.
    pub async fn ended(&self) {
        self.stop.closed().await;
    }
}
