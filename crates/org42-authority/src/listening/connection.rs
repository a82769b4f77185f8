//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::counted;
use super::crowd::Member;
use super::limits::Limits;
use super::link::Ending;
use super::parting::{self, part};
use super::stream::{Stream, Wire};
use super::tls::Tls;
use super::watch::Watch;
use crate::http::connection::Peer;
use crate::http::edge::Edge;
use crate::http::guard::{Scheme, Via};

/// The state that all connections of a port share.
pub(super) struct Port {
    pub(super) edge: Edge,
    pub(super) tls: Option<Tls>,
    pub(super) limits: Limits,
}

/// The end of a connection.
enum End {
    /// It ended regularly.
    Done,
    /// It ended by an error.
    Broken,
    /// The client exceeded a limit.
    Cut(Ending),
}

/// A connection, and the client at its other end.
struct Talk {
    port: Arc<Port>,
    member: Arc<Member>,
    peer: Peer,
    via: Via,
}

/// Answers all requests of one connection.
pub(super) async fn serve(
    tcp: TcpStream,
    address: SocketAddr,
    member: Member,
    port: Arc<Port>,
    stopped: watch::Receiver<()>,
) {
    let Ok(local) = tcp.local_addr() else { return };
    let mut watch = Watch::over(Arc::clone(&member.link), stopped);
    // No memory is set aside for a connection that sends nothing.
    let Ok(Ok(())) = watch.before_a_request(tcp.readable()).await else {
        return;
    };
    let scheme = match port.tls {
        None => Scheme::Http,
        Some(_) => Scheme::Https,
    };
    let via = Via {
        local: local.ip(),
        scheme,
    };
    let talk = Arc::new(Talk {
        port,
        member: Arc::new(member),
        peer: Peer::new(address),
        via,
    });
    let Some(wire) = talk.wire(tcp, &mut watch).await else {
        return;
    };
    let stream = Stream::new(wire, Arc::clone(&talk.member), talk.peer.clone());
    let (stream, end) = Arc::clone(&talk).go_on(stream, &mut watch).await;
    talk.end(stream, end, &mut watch).await;
}

impl Talk {
    /// Returns the connection's bytes, after the TLS handshake if there is one.
    async fn wire(&self, tcp: TcpStream, watch: &mut Watch) -> Option<Box<dyn Wire>> {
        let Some(tls) = &self.port.tls else {
            return Some(Box::new(tcp));
        };
        self.member.link.handshake_begins();
        // Every TLS handshake begins with this byte, and no HTTP request does.
        const HANDSHAKE: u8 = 22;
        let mut first = [0];
        let peeked = watch.before_a_request(tcp.peek(&mut first)).await;
        if matches!(peeked, Ok(Ok(1))) && first != [HANDSHAKE] {
            self.member.link.closes();
            let text = "Here is HTTPS; https:// is wanted in the address";
            let words = self
                .port
                .edge
                .last_words(StatusCode::BAD_REQUEST, text)
                .await;
            let _ = watch
                .during(Box::pin(part(Box::new(tcp), &words, true)))
                .await;
            return None;
        }
        let agreed = watch.before_a_request(Box::pin(tls.accept(tcp))).await;
        let wire = agreed.ok()?.ok()?;
        self.member.link.handshake_is_done();
        Some(Box::new(wire))
    }

    /// Answers one request after the other.
    async fn go_on(self: Arc<Self>, stream: Stream, watch: &mut Watch) -> (Stream, End) {
        let service = service_fn(|request| {
            self.member.asked();
            Box::pin(Arc::clone(&self).answer(request))
        });
        let mut connection = http1::Builder::new()
            .max_buf_size(self.port.limits.head_bytes.max(8 * 1024))
            .max_header_size(self.port.limits.head_bytes)
            .serve_connection(TokioIo::new(stream), service);
        let mut is_announced = false;
        let end = poll_fn(|cx| {
            if watch.is_stopping(cx) {
                if self.member.link.is_waiting() {
                    return Poll::Ready(End::Cut(Ending::Silent));
                }
                if !is_announced {
                    Pin::new(&mut connection).graceful_shutdown();
                    is_announced = true;
                }
            }
            match connection.poll_without_shutdown(cx) {
                Poll::Ready(Ok(())) => Poll::Ready(End::Done),
                Poll::Ready(Err(_)) => Poll::Ready(End::Broken),
                Poll::Pending => watch.poll(cx).map(End::Cut),
            }
        })
        .await;
        (connection.into_parts().io.into_inner(), end)
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<counted::Answer>, Infallible> {
        let link = &self.member.link;
        let request = request.map(|body| Body::new(counted::Request::new(body, Arc::clone(link))));
        let edge = &self.port.edge;
        let answer = edge.answer(request, self.via, self.peer.clone()).await;
        link.is_answered();
        Ok(answer.map(|body| counted::Answer::new(body, Arc::clone(link))))
    }

    /// Closes the connection, after a last answer if one is due.
    async fn end(&self, stream: Stream, end: End, watch: &mut Watch) {
        let link = &self.member.link;
        let (refused, is_pressed, is_unread) =
            (link.refused(), link.is_pressed(), link.is_unread());
        link.closes();
        let is_reset = self.peer.is_reset() || matches!(end, End::Cut(Ending::Reset));
        if is_reset {
            // If it cannot be set, the client sees an early end, which has the same effect.
            let _ = stream.wire.tcp().set_zero_linger();
            return;
        }
        let status = match (refused, end) {
            (Some(status), _) => Some(status),
            (None, End::Cut(Ending::TooSlow)) => Some(StatusCode::REQUEST_TIMEOUT),
            (None, End::Done) => None,
            (None, End::Broken | End::Cut(_)) => return,
        };
        let words = match status {
            Some(status) => {
                let text = parting::why(status);
                self.port.edge.last_words(status, text).await
            }
            None => Vec::new(),
        };
        let does_linger = !is_pressed && (is_unread || status.is_some());
        let _ = watch
            .during(Box::pin(part(stream.wire, &words, does_linger)))
            .await;
    }
}
