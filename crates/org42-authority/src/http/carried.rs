//! Answers that are written in the change that they answer: asked for with an idempotency key, they are committed with
//! it.

use std::marker::PhantomData;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::describe::{Answer, Description};
use super::error_reply::ErrorReply;
use super::keyed::REPLAYED;
use crate::domain::TenantRefusal;
use crate::service::{Key, TenantDraft, Written};

/// An answer that can be written before it is sent.
pub(crate) trait Document: Answer + Send + 'static {
    /// Whether it shows a secret, which is kept nowhere.
    const IS_SECRET: bool = false;

    /// Writes it.
    fn written(self) -> Result<Written, TenantRefusal>;
}

/// The answer to a change, as it was written when the change was carried out.
#[derive(Debug)]
pub(crate) struct Carried<A> {
    written: Written,
    is_replay: bool,
    answer: PhantomData<fn() -> A>,
}

/// Carries a change out and writes its answer; with a `key`, once: then the answer of the first time is returned.
pub(super) fn carry_out<A: Document>(
    tenant: &TenantDraft<'_>,
    key: Option<&Key>,
    change: impl FnOnce() -> Result<A, TenantRefusal>,
) -> Result<Carried<A>, TenantRefusal> {
    let carried = |written, is_replay| Carried {
        written,
        is_replay,
        answer: PhantomData,
    };
    let Some(key) = key else {
        return Ok(carried(change()?.written()?, false));
    };
    if let Some(written) = tenant.answer_of(key)? {
        return Ok(carried(written, true));
    }
    let written = change()?.written()?;
    tenant.keep_answer(key, &written, A::IS_SECRET)?;
    Ok(carried(written, false))
}

impl<A> IntoResponse for Carried<A> {
    fn into_response(self) -> Response {
        let Written {
            status,
            content_type,
            document,
        } = self.written;
        let (Ok(status), Ok(content_type)) = (
            StatusCode::from_u16(status),
            HeaderValue::from_str(&content_type),
        ) else {
            let text = "The authority cannot read the answer that it has kept";
            return ErrorReply::new(StatusCode::SERVICE_UNAVAILABLE, "", text).into_response();
        };
        let mut response = (status, Body::from(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        if self.is_replay {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl<A: Answer> Answer for Carried<A> {
    const IS_CARRIED: bool = true;

    fn describe(to: &mut Description) {
        A::describe(to);
    }
}
