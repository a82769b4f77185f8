//! The bodies of requests and answers, which report their progress to the connection's link.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

use super::link::Link;

/// The body of a request.
pub(super) struct Request {
    body: Incoming,
    link: Arc<Link>,
}

/// The body of an answer.
pub(super) struct Answer {
    body: Body,
    link: Arc<Link>,
}

impl Request {
    pub(super) fn new(body: Incoming, link: Arc<Link>) -> Self {
        if body.is_end_stream() {
            link.body_ends(true);
        }
        Self { body, link }
    }
}

impl hyper::body::Body for Request {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            self.link.body_waits();
            return Poll::Pending;
        };
        if let Some(Ok(frame)) = &frame {
            self.link.body_came(frame.data_ref().map_or(0, Bytes::len));
        }
        if frame.is_none() || self.body.is_end_stream() {
            self.link.body_ends(true);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.link.body_ends(false);
    }
}

impl Answer {
    pub(super) fn new(body: Body, link: Arc<Link>) -> Self {
        Self { body, link }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.link.answer_ends();
    }
}
