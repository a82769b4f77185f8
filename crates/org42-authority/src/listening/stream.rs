//! The byte stream of a connection, which reports to its link.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::crowd::Member;
use crate::http::connection::Peer;

/// A byte stream in both directions, with or without TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {
    /// Returns the TCP connection that the bytes travel over.
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// The byte stream of one connection, which reports to its link.
pub(super) struct Stream {
    pub(super) wire: Box<dyn Wire>,
    member: Arc<Member>,
    peer: Peer,
}

impl Stream {
    pub(super) fn new(wire: Box<dyn Wire>, member: Arc<Member>, peer: Peer) -> Self {
        Self { wire, member, peer }
    }

    /// Fails on a connection that is to be reset.
    fn alive(&self) -> io::Result<()> {
        match self.peer.is_reset() {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }

    fn noted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending => self.member.link.sending_waits(),
            Poll::Ready(Ok(bytes)) => self.member.link.sent(*bytes),
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.member.link.holds_reading(cx.waker()) {
            return Poll::Pending;
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.wire).poll_read(cx, buf))?;
        let bytes = buf.filled().len() - before;
        if bytes > 0 {
            self.member.read(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        // The HTTP library's refusal is dropped: `connection` answers in the authority's own form when it closes.
        if self.member.link.refuses(buf) {
            return Poll::Ready(Ok(buf.len()));
        }
        let written = Pin::new(&mut self.wire).poll_write(cx, buf);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.alive()?;
        let first = bufs.first().map_or(&[][..], |buf| &buf[..]);
        if self.member.link.refuses(first) {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        let written = Pin::new(&mut self.wire).poll_write_vectored(cx, bufs);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.wire).poll_flush(cx);
        match &flushed {
            Poll::Pending => self.member.link.sending_waits(),
            Poll::Ready(_) => self.member.link.flushed(),
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.alive()?;
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
