//! The test bench: notes requests, lets them run into faults, and the routes that say which.

use std::io;
use std::time::Duration;

use axum::body::{Body as AnswerBody, Bytes, HttpBody as _, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Map, Value, json};

use super::App;
use super::body::Body;
use super::caller::{Admin, has_session, token_of};
use super::connection::Peer;
use super::headers::{CHALLENGE, in_form};
use super::intake::{Held, NotTaken};
use super::reply::{ErrorReply, bare, no_content, with_type};
use super::spelling::{AsReceived, one_spelling};
use crate::clock::{Clock as _, SystemClock};
use crate::domain::TenantRefusal;
use crate::testbench::clock::Turn;
use crate::testbench::faults::{Hit, Rule, Trouble};
use crate::testbench::is_own;
use crate::testbench::requests::{Answer, MAX_TEXT, Requests};

/// The longest path with its query, in bytes.
const MAX_TARGET: usize = 8 * 1024;
/// How much of the log is made ready at once for whoever reads it, in bytes.
const PIECE: usize = 64 * 1024;
const HTML: &str = "text/html; charset=utf-8";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\
                    <body><h1>Sign in to the network</h1></body></html>\n";

/// Notes the request and lets it run into the fault that is meant for it, if any.
pub(super) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<Peer>>().cloned();
    if let Some(ConnectInfo(peer)) = &peer {
        parts.extensions.insert(ConnectInfo(peer.address));
    }
    // Given back when the request is answered.
    let held = Held::default();
    let asks_first = parts
        .headers
        .get(header::EXPECT)
        .is_some_and(|wanted| wanted.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let token = token_of(&parts);
    let is_known = has_session(&app, token);
    let taken = app.intake.take(body, &held, asks_first, is_known).await;
    parts.extensions.insert(held.clone());
    if is_own(parts.uri.path()) {
        return match taken {
            Ok(body) => next.run(Request::from_parts(parts, body.into())).await,
            Err((why, _)) => not_taken(&app, why).into_response(),
        };
    }
    let (noted, is_too_long) = note(&app, &parts, &taken);
    let refusal = match taken {
        _ if is_too_long => Err(ErrorReply::new(
            StatusCode::URI_TOO_LONG,
            "SYSTEM",
            &format!("The path with its query is longer than {MAX_TARGET} bytes"),
        )),
        Err((why, _)) => Err(not_taken(&app, why)),
        Ok(body) => Ok(body),
    };
    let limit = app.tenant.fidelity().requests_per_minute;
    // Whoever waits, waits by the clock of a machine.
    let machine = app.bench.clock.machine().now();
    let limited = app.bench.rate.too_many(limit, machine);
    let refusal = match (limited, refusal) {
        (Some(seconds), _) => Err(ErrorReply::too_many_requests(seconds.into())),
        (None, refusal) => refusal,
    };
    let body = match refusal {
        Ok(body) => body,
        Err(refusal) => {
            let answer = in_form(&app, &parts.uri, refusal.into_response()).await;
            let (answer, shown) = shown(answer).await;
            app.bench.requests.answered(noted, shown);
            return answer;
        }
    };
    let hit = app
        .bench
        .faults
        .hit(parts.method.as_str(), parts.uri.path());
    let uri = parts.uri.clone();
    let request = Request::from_parts(parts, AnswerBody::from(body));
    let Some(hit) = hit else {
        let (answer, shown) = shown(next.run(request).await).await;
        app.bench.requests.answered(noted, shown);
        return answer;
    };
    // Also where the client does not wait for the answer.
    app.bench.requests.hit(noted, hit.number);
    let (right, right_shown) = match hit.applied {
        true => shown(next.run(request).await).await,
        false => (Response::default(), Answer::default()),
    };
    let is_right = hit.trouble.needs_answer();
    let wrong = wrong(&app, &uri, hit, right, peer.map(|peer| peer.0)).await;
    let (answer, told) = match wrong {
        // The right one, in a wrong way: it is noted as it was meant.
        Some(answer) if is_right => (answer, Some(right_shown)),
        Some(answer) => {
            let (answer, shown) = shown(answer).await;
            (answer, Some(shown))
        }
        None => (Response::default(), None),
    };
    if let Some(told) = told {
        app.bench.requests.answered(noted, told);
    }
    answer
}

/// Notes a request as it was received; gives its number, and whether its path with the query is too long.
fn note(app: &App, parts: &Parts, taken: &Result<Bytes, (NotTaken, usize)>) -> (u64, bool) {
    let received = parts.extensions.get::<AsReceived>();
    let received = received.map_or(&parts.uri, |AsReceived(uri)| uri);
    let (path, query) = (received.path(), received.query().unwrap_or_default());
    let (body, length) = match taken {
        Ok(body) => (&**body, None),
        Err((_, length)) => (&[][..], Some(*length)),
    };
    let now = app.tenant.clock().now();
    let requests = &app.bench.requests;
    let noted = requests.note(now, parts.method.as_str(), path, query, body);
    if let Some(length) = length {
        requests.body_measured(noted, length);
    }
    (noted, path.len() + query.len() > MAX_TARGET)
}

fn not_taken(app: &App, why: NotTaken) -> ErrorReply {
    match why {
        NotTaken::TooLong => {
            let text = format!("The body is longer than {} bytes", app.intake.longest());
            ErrorReply::new(StatusCode::PAYLOAD_TOO_LARGE, "SYSTEM", &text)
        }
        NotTaken::EndedEarly => {
            ErrorReply::new(StatusCode::BAD_REQUEST, "SYSTEM", "The body ended early")
        }
        NotTaken::Busy => TenantRefusal::Busy(1).into(),
    }
}

/// The answer, and how it is noted.
async fn shown(answer: Response) -> (Response, Answer) {
    let status = answer.status().as_u16();
    // A longer one is not read, and perhaps not in memory either.
    if let Some(length) = length(&answer).filter(|length| *length > MAX_TEXT) {
        return (answer, Answer::measured(status, length));
    }
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let noted = Answer::new(status, &body);
    (Response::from_parts(parts, AnswerBody::from(body)), noted)
}

fn length(answer: &Response) -> Option<usize> {
    let told = answer.headers().get(header::CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse().ok());
    told.or_else(|| usize::try_from(answer.body().size_hint().exact()?).ok())
}

/// The wrong answer in place of the right one; none where the connection was reset.
async fn wrong(
    app: &App,
    uri: &Uri,
    hit: Hit,
    right: Response,
    peer: Option<Peer>,
) -> Option<Response> {
    let reset = || {
        if let Some(peer) = &peer {
            peer.reset();
        }
    };
    let typed = |status: StatusCode, kind: &str, body: String| {
        let mut answer = (status, body).into_response();
        let kind = HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static(HTML));
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer
    };
    Some(match hit.trouble {
        Trouble::Status {
            status,
            body,
            content_type,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            let kind = content_type.unwrap_or_else(|| "application/json;charset=UTF-8".to_owned());
            typed(status, &kind, body)
        }
        Trouble::TooManyRequests {
            retry_after_seconds,
            as_date,
        } => {
            let text = "Too many requests".to_owned();
            let mut answer = typed(StatusCode::TOO_MANY_REQUESTS, HTML, text);
            let value = retry_after(retry_after_seconds, as_date);
            answer
                .headers_mut()
                .extend(value.map(|value| (header::RETRY_AFTER, value)));
            answer
        }
        Trouble::Delay { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            right
        }
        Trouble::SlowBody {
            pieces,
            pause_millis,
        } => slow(right, pieces, Duration::from_millis(pause_millis)).await,
        Trouble::TruncatedBody => match truncated(right).await {
            Some(answer) => answer,
            // Of nothing there is no half.
            None => {
                reset();
                return None;
            }
        },
        Trouble::Reset => {
            reset();
            return None;
        }
        Trouble::ExpiredToken => {
            let mut answer = in_form(app, uri, ErrorReply::unauthorized().into_response()).await;
            let challenge = HeaderValue::from_static(CHALLENGE);
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
            answer
        }
        Trouble::InvalidJson => {
            let broken = r#"{"data": {"orgs": [{"orgId": 2, "#.to_owned();
            typed(StatusCode::OK, "application/json;charset=UTF-8", broken)
        }
        Trouble::HtmlPage => typed(StatusCode::OK, HTML, PAGE.to_owned()),
    })
}

/// A date counts from the `Date` of the answer, which is the machine's, wherever the tenant's clock stands.
fn retry_after(seconds: u32, as_date: bool) -> Option<HeaderValue> {
    if !as_date {
        return Some(HeaderValue::from(seconds));
    }
    let at = SystemClock.now().plus_millis(i64::from(seconds) * 1000);
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    let text = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&text).ok()
}

/// The answer in parts: headers with the length of the whole body, and the body.
async fn whole(answer: Response) -> (StatusCode, HeaderMap, Bytes) {
    let (mut parts, body) = answer.into_parts();
    // The authority's own answers are in memory already.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    (parts.status, parts.headers, body)
}

async fn truncated(answer: Response) -> Option<Response> {
    let (status, headers, body) = whole(answer).await;
    if body.is_empty() {
        return None;
    }
    let half = body.slice(..body.len() / 2);
    let half = stream::once(async { Ok(half) });
    let end = stream::once(async {
        // What is there is sent only when the next piece lets wait for itself.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let body = AnswerBody::from_stream(half.chain(end));
    Some((status, headers, body).into_response())
}

async fn slow(answer: Response, pieces: u32, pause: Duration) -> Response {
    let (status, headers, body) = whole(answer).await;
    let piece = body.len().div_ceil(pieces.max(1) as usize).max(1);
    let body = stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let part = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, io::Error>(part), rest))
    });
    (status, headers, AnswerBody::from_stream(body)).into_response()
}

/// Those that were noted until now, made ready bit by bit: all of them at once may be far more than is kept.
pub(super) async fn requests(State(app): State<App>, _: Admin) -> Response {
    let bench = app.bench.clone();
    let last = bench.requests.last();
    let pieces = stream::unfold(Some(0), move |told| {
        let bench = bench.clone();
        async move {
            let told = told?;
            let reading = move || piece(&bench.requests, told, last);
            let read = tokio::task::spawn_blocking(reading).await;
            Some(match read {
                Ok((piece, told)) => (Ok(piece), told),
                Err(gone) => (Err(io::Error::other(gone)), None),
            })
        }
    });
    with_type(AnswerBody::from_stream(pieces))
}

/// The requests behind number `told`, as many as fit a piece; and the number up to which they are told then.
fn piece(requests: &Requests, mut told: u64, last: u64) -> (Vec<u8>, Option<u64>) {
    let mut piece = Vec::new();
    let mut is_first = told == 0;
    if is_first {
        piece.extend_from_slice(b"{\"requests\":[");
    }
    while piece.len() < PIECE {
        match requests.after(told).filter(|(number, _)| *number <= last) {
            Some((number, row)) => {
                if !is_first {
                    piece.push(b',');
                }
                is_first = false;
                told = number;
                piece.extend(row);
            }
            None => {
                piece.extend_from_slice(b"]}");
                return (piece, None);
            }
        }
    }
    (piece, Some(told))
}

pub(super) async fn forget_requests(State(app): State<App>, _: Admin) -> Response {
    app.bench.requests.forget();
    no_content()
}

pub(super) async fn faults(State(app): State<App>, _: Admin) -> Response {
    bare(&json!({"faults": app.bench.faults.all()}))
}

pub(super) async fn add_fault(
    State(app): State<App>,
    admin: Admin,
    Body(rule): Body<Rule>,
) -> Result<Response, ErrorReply> {
    admin.still(&app).await?;
    let added = app.bench.faults.add(rule.spelled(one_spelling));
    Ok(bare(&added.map_err(TenantRefusal::Invalid)?))
}

pub(super) async fn clear_faults(State(app): State<App>, _: Admin) -> Response {
    app.bench.faults.clear();
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
    app.bench.take_switches_back(&app.tenant);
    no_content()
}

pub(super) async fn clock(State(app): State<App>, _: Admin) -> Response {
    bare(&json!(app.bench.clock.reading()))
}

pub(super) async fn turn_clock(
    State(app): State<App>,
    admin: Admin,
    Body(turn): Body<Turn>,
) -> Result<Response, ErrorReply> {
    admin.still(&app).await?;
    let reading = app.bench.clock.turn(turn).map_err(TenantRefusal::Invalid)?;
    Ok(bare(&json!(reading)))
}

pub(super) async fn let_clock_go(State(app): State<App>, _: Admin) -> Response {
    app.bench.clock.let_go();
    no_content()
}
