//! Answers on their way out: the log gets a copy of each, made as the body passes by, so that the client does not
//! wait for it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

use super::requests::{Answer, MAX_TEXT, Requests};

/// Notes an answer, with no more of its body than the log keeps.
pub(super) fn noted(requests: &Arc<Requests>, number: u64, answer: Response) -> Response {
    let status = answer.status().as_u16();
    let length = length(&answer);
    match length.filter(|length| *length > MAX_TEXT) {
        Some(length) => {
            requests.answered(number, Answer::measured(status, length));
            return answer;
        }
        None => requests.answered(number, Answer::new(status, &[])),
    }
    if answer.body().is_end_stream() {
        return answer;
    }
    answer.map(|body| {
        Body::new(Noted {
            body,
            requests: Arc::clone(requests),
            number,
            status,
            copy: Vec::with_capacity(length.unwrap_or_default()),
            length: 0,
            is_over: false,
        })
    })
}

/// Returns the length of an answer, if it is known before it is sent.
fn length(answer: &Response) -> Option<usize> {
    let declared = answer.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse().ok());
    declared.or_else(|| usize::try_from(answer.body().size_hint().exact()?).ok())
}

/// A body that is noted before its end is sent.
struct Noted {
    body: Body,
    requests: Arc<Requests>,
    number: u64,
    status: u16,
    /// The body so far, unless it is too long to be kept.
    copy: Vec<u8>,
    /// The length of the body so far, in bytes.
    length: usize,
    is_over: bool,
}

impl Noted {
    fn copy(&mut self, piece: &[u8]) {
        self.length = self.length.saturating_add(piece.len());
        match self.length <= MAX_TEXT {
            true => self.copy.extend_from_slice(piece),
            false => self.copy = Vec::new(),
        }
    }

    fn note(&mut self, is_whole: bool) {
        self.is_over = true;
        // In a document that was cut off, secrets cannot be found.
        let answer = match is_whole && self.length <= MAX_TEXT {
            true => Answer::new(self.status, &self.copy),
            false => Answer::measured(self.status, self.length),
        };
        self.requests.answered(self.number, answer);
    }
}

impl HttpBody for Noted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(piece) = frame.data_ref() {
                    self.copy(piece);
                }
                if self.body.is_end_stream() {
                    self.note(true);
                }
            }
            Some(Err(_)) => self.note(false),
            None if !self.is_over => self.note(true),
            None => {}
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

impl Drop for Noted {
    fn drop(&mut self) {
        if !self.is_over {
            self.note(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;
    use futures_util::stream;
    use org42_types::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    /// Notes an answer of these pieces, whose length is not known before.
    fn pieces(requests: &Arc<Requests>, pieces: &[&'static str]) -> (u64, Response) {
        let number = requests.note(Timestamp::EPOCH, "GET", "/x", "", b"");
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok::<_, axum::Error>(*piece))
            .collect();
        let body = Body::from_stream(stream::iter(pieces));
        let answer = (StatusCode::CREATED, body).into_response();
        (number, noted(requests, number, answer))
    }

    fn shown(requests: &Requests, number: u64) -> (Value, Value) {
        let (_, row) = requests.after(number - 1).unwrap();
        let mut row: Value = serde_json::from_slice(&row).unwrap();
        (row["status"].take(), row["answer"].take())
    }

    #[tokio::test]
    async fn an_answer_is_noted_as_it_goes_by() {
        let requests = Arc::new(Requests::default());
        let (number, answer) = pieces(&requests, &["{\"a\":", "1}"]);
        assert_eq!(shown(&requests, number), (json!(201), Value::Null));
        let sent = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert_eq!(sent, "{\"a\":1}");
        assert_eq!(shown(&requests, number), (json!(201), json!({"a": 1})));
    }

    #[tokio::test]
    async fn an_answer_whose_length_is_known_is_noted_with_its_last_piece() {
        let requests = Arc::new(Requests::default());
        let number = requests.note(Timestamp::EPOCH, "GET", "/x", "", b"");
        let answer = noted(&requests, number, "[1]".into_response());
        assert_eq!(answer.body().size_hint().exact(), Some(3));
        let mut body = answer.into_body().into_data_stream();
        let first = futures_util::StreamExt::next(&mut body).await;
        assert_eq!(first.unwrap().unwrap(), "[1]");
        assert_eq!(shown(&requests, number), (json!(200), json!([1])));
    }

    #[tokio::test]
    async fn what_is_too_long_or_cut_off_is_only_measured() {
        let requests = Arc::new(Requests::default());
        let long: &'static str = "x".repeat(MAX_TEXT).leak();
        let (number, answer) = pieces(&requests, &[long, "yz"]);
        to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let measured = format!("[{} bytes]", MAX_TEXT + 2);
        assert_eq!(shown(&requests, number).1, measured);
        let (number, answer) = pieces(&requests, &["{\"password\": \"hun", "ter2\"}"]);
        let mut body = answer.into_body().into_data_stream();
        futures_util::StreamExt::next(&mut body).await;
        drop(body);
        assert_eq!(shown(&requests, number), (json!(201), json!("[17 bytes]")));
    }
}
