//! Ports and connections, their TLS and their limits; requests are answered by `http`.
//!
//! A port is bound first, and served later.
//!
//! - `limits`: the time and memory that connections may take
//! - `link`: the state of a connection; `watch`: its deadlines
//! - `crowd`: all connections together, of which the slowest is ended to make room
//! - `accepting`, `connection`, `parting`: the beginning, the course and the end of a connection
//! - `stream`, `counted`: its bytes and bodies, which report to the link

mod accepting;
mod connection;
mod counted;
mod crowd;
mod limits;
mod link;
mod parting;
mod stream;
mod tls;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch as channel;
use tokio::task::JoinHandle;

pub use self::limits::{Limits, Pace};
pub use self::tls::Tls;

use self::connection::Port;
use crate::error::StartError;
use crate::http::edge::Edge;
use crate::http::hosts::{Host, Hosts};

/// The address at which an authority is served, with its hosts, TLS and limits.
///
/// ```no_run
/// use org42_authority::{Authority, Door, Options, Sample, Tls, DEFAULT_ADMIN};
///
/// # async fn run() -> Result<(), org42_authority::StartError> {
/// let tls = Tls::from_files("cert.pem".as_ref(), "key.pem".as_ref())?;
/// let listening = Door::at(([192, 0, 2, 1], 443).into()).encrypted(tls).open().await?;
/// let authority = Authority::in_memory(Sample::Small, DEFAULT_ADMIN, Options::default())?;
/// let running = authority.serve(listening);
/// # running.stop().await;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Door {
    address: SocketAddr,
    hosts: Hosts,
    tls: Option<Tls>,
    is_insecure: bool,
    limits: Limits,
}

impl Door {
    /// Returns a door at this address; port 0 is a free one. Requests may name the address, or a loopback name.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        let mut hosts = Hosts::default();
        hosts.allow(address.ip().into());
        Self {
            address,
            hosts,
            tls: None,
            is_insecure: false,
            limits: Limits::default(),
        }
    }

    /// Allows requests to name this host too.
    #[must_use]
    pub fn allow_host(mut self, host: Host) -> Self {
        self.hosts.allow(host);
        self
    }

    /// Serves with TLS.
    #[must_use]
    pub fn encrypted(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Serves without TLS even where others on the network can listen in.
    #[must_use]
    pub fn insecure_http(mut self) -> Self {
        self.is_insecure = true;
        self
    }

    /// Sets other limits on connections.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Returns whether passwords would travel without TLS where others on the network can read them.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.tls.is_none() && !self.address.ip().to_canonical().is_loopback()
    }

    /// Refuses to serve without TLS where others can listen in, unless that was [asked for](Self::insecure_http).
    ///
    /// # Errors
    ///
    /// When others on the network could read passwords.
    pub fn check(&self) -> Result<(), StartError> {
        if !self.is_exposed() || self.is_insecure {
            return Ok(());
        }
        Err(StartError::Refused(format!(
            "{} can be reached from other machines, and passwords would travel there without encryption",
            self.address
        )))
    }

    /// Binds the port.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or others on the network could read passwords.
    pub async fn open(self) -> Result<Listening, StartError> {
        self.check()?;
        let address = self.address;
        let io = |error| StartError::Io(format!("listen on {address}"), error);
        let listener = hold(address).map_err(io)?;
        let address = listener.local_addr().map_err(io)?;
        Ok(Listening {
            door: Self { address, ..self },
            listener,
        })
    }
}

fn hold(address: SocketAddr) -> std::io::Result<TcpListener> {
    /// Bytes that are sent ahead of a client that reads slowly take the system's memory.
    const SENT_AHEAD: u32 = 256 * 1024;
    const BACKLOG: u32 = 1024;
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Lets the port of a server that has just ended be bound again; other systems allow that anyway, and the option
    // means something else there.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SENT_AHEAD)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A port that is bound. Clients that connect wait until an authority answers there.
///
/// So it is known whether a tenant can be served before the tenant is made.
#[derive(Debug)]
pub struct Listening {
    door: Door,
    listener: TcpListener,
}

impl Listening {
    /// Binds the port of `address`, without TLS; port 0 is a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or can be reached from other machines.
    pub async fn at(address: SocketAddr) -> Result<Self, StartError> {
        Door::at(address).open().await
    }

    /// Returns the address that is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.door.address
    }

    /// Returns the URL that will be answered, such as `http://127.0.0.1:4200`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = match self.door.tls {
            None => "http",
            Some(_) => "https",
        };
        format!("{scheme}://{}", self.door.address)
    }

    /// Starts answering with the entrance that `edge` makes for the hosts that requests may name.
    pub(crate) fn answered_by(self, edge: impl FnOnce(Hosts) -> Edge) -> Answering {
        let Door {
            hosts, tls, limits, ..
        } = self.door;
        let (stop, stopped) = channel::channel(());
        let port = Arc::new(Port {
            edge: edge(hosts),
            tls,
            limits,
        });
        let task = tokio::spawn(accepting::accept_all(self.listener, port, stopped));
        Answering { stop, task }
    }
}

/// A port at which requests are answered, until this is dropped.
#[derive(Debug)]
pub(crate) struct Answering {
    stop: channel::Sender<()>,
    task: JoinHandle<()>,
}

impl Answering {
    /// Stops accepting requests and waits for those in progress.
    pub(crate) async fn stop(self) {
        let Self { stop, task } = self;
        drop(stop);
        // The way in which the server ended does not matter any more.
        let _ = task.await;
    }

    /// Waits until the server ends by itself, which it does only when it fails.
    pub(crate) async fn ended(&self) {
        self.stop.closed().await;
    }
}
