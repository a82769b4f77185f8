//! The routes that show and steer the test bench.

use std::io;
use std::sync::Arc;

use axum::body::Body as AnswerBody;
use axum::extract::{Extension, State};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::TestBench;
use super::clock::Turn;
use super::faults::Rule;
use super::requests::Requests;
use crate::domain::TenantRefusal;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Admin;
use crate::http::reply::{ErrorReply, bare, no_content, with_type};
use crate::http::spelling::one_spelling;

/// How much of the log is made ready at once, in bytes.
const PIECE: usize = 64 * 1024;

/// The test bench of the served tenant.
type Bench = Extension<Arc<TestBench>>;

/// Answers with the requests that were noted until now, made ready bit by bit: all at once may be far more than is kept.
pub(super) async fn requests(Extension(bench): Bench, _: Admin) -> Response {
    let last = bench.requests.last();
    let pieces = stream::unfold(Some(0), move |shown| {
        let bench = bench.clone();
        async move {
            let shown = shown?;
            let reading = move || piece(&bench.requests, shown, last);
            let read = tokio::task::spawn_blocking(reading).await;
            Some(match read {
                Ok((piece, shown)) => (Ok(piece), shown),
                Err(gone) => (Err(io::Error::other(gone)), None),
            })
        }
    });
    with_type(AnswerBody::from_stream(pieces))
}

/// Returns the requests behind number `shown`, as many as fit a piece, and the number of the last of them; `None` when
/// there are no more.
fn piece(requests: &Requests, mut shown: u64, last: u64) -> (Vec<u8>, Option<u64>) {
    let mut piece = Vec::new();
    let mut is_first = shown == 0;
    if is_first {
        piece.extend_from_slice(b"{\"requests\":[");
    }
    while piece.len() < PIECE {
        match requests.after(shown).filter(|(number, _)| *number <= last) {
            Some((number, row)) => {
                if !is_first {
                    piece.push(b',');
                }
                is_first = false;
                shown = number;
                piece.extend(row);
            }
            None => {
                piece.extend_from_slice(b"]}");
                return (piece, None);
            }
        }
    }
    (piece, Some(shown))
}

pub(super) async fn forget_requests(Extension(bench): Bench, _: Admin) -> Response {
    bench.requests.forget();
    no_content()
}

pub(super) async fn faults(Extension(bench): Bench, _: Admin) -> Response {
    bare(&json!({"faults": bench.faults.all()}))
}

pub(super) async fn add_fault(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Body(rule): Body<Rule>,
) -> Result<Response, ErrorReply> {
    admin.still(&app).await?;
    let added = bench.faults.add(rule.spelled(one_spelling));
    Ok(bare(&added.map_err(TenantRefusal::Invalid)?))
}

pub(super) async fn clear_faults(Extension(bench): Bench, _: Admin) -> Response {
    bench.faults.clear();
    no_content()
}

pub(super) async fn fidelity(State(app): State<App>, _: Admin) -> Response {
    bare(&json!(app.tenant.fidelity()))
}

pub(super) async fn set_fidelity(
    State(app): State<App>,
    admin: Admin,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Response, ErrorReply> {
    admin.still(&app).await?;
    let set = app
        .tenant
        .change_fidelity(|switches| switches.with(&changes));
    let set = set.map_err(|why| TenantRefusal::Invalid(why.to_string()))?;
    Ok(bare(&json!(set)))
}

pub(super) async fn reset_fidelity(State(app): State<App>, _: Admin) -> Response {
    app.tenant.reset_fidelity();
    no_content()
}

pub(super) async fn clock(Extension(bench): Bench, _: Admin) -> Response {
    bare(&json!(bench.clock.reading()))
}

pub(super) async fn turn_clock(
    State(app): State<App>,
    Extension(bench): Bench,
    admin: Admin,
    Body(turn): Body<Turn>,
) -> Result<Response, ErrorReply> {
    admin.still(&app).await?;
    let reading = bench.clock.turn(turn).map_err(TenantRefusal::Invalid)?;
    Ok(bare(&json!(reading)))
}

pub(super) async fn let_clock_go(Extension(bench): Bench, _: Admin) -> Response {
    bench.clock.let_go();
    no_content()
}
