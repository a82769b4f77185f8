//! The layer around the service: it notes each request but those to the authority's own routes, and applies the fault
//! that hits it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::TestBench;
use super::noted::noted;
use super::wrong::{Way, wrong};
use crate::clock::Clock as _;
use crate::http::App;
use crate::http::admission::{Declined, Received, target};
use crate::http::connection::Peer;
use crate::http::spelling::is_own;

/// Notes a request, applies the fault that hits it, and notes the answer.
pub(super) async fn watch(
    State((bench, app)): State<(Arc<TestBench>, App)>,
    mut request: Request,
    next: Next,
) -> Response {
    let received = request.extensions_mut().remove::<Received>();
    if is_own(request.uri().path()) {
        return next.run(request).await;
    }
    let number = note(&bench, &request, received);
    // A request that was refused at the entrance is not subject to faults.
    let hit = match request.extensions().get::<Declined>() {
        Some(_) => None,
        None => {
            let (method, path) = (request.method().as_str(), request.uri().path());
            bench.faults.hit(method, path)
        }
    };
    let Some(hit) = hit else {
        return noted(&bench.requests, number, next.run(request).await);
    };
    // Noted before the fault begins, since the client may not wait for the answer.
    bench.requests.hit(number, hit.number);
    let way = Way {
        app,
        requests: Arc::clone(&bench.requests),
        number,
        uri: request.uri().clone(),
        peer: request.extensions().get::<Peer>().cloned(),
    };
    let right = match hit.applied {
        true => next.run(request).await,
        false => Response::default(),
    };
    wrong(way, hit.trouble, right).await
}

/// Notes a request as it was received; returns its number.
fn note(bench: &TestBench, request: &Request, received: Option<Received>) -> u64 {
    let target = target(request);
    let (path, query) = (target.path(), target.query().unwrap_or_default());
    let (now, method) = (bench.clock.now(), request.method().as_str());
    let (requests, none) = (&bench.requests, &[][..]);
    match received {
        Some(Received::Whole(body)) => requests.note(now, method, path, query, &body),
        Some(Received::Dropped(length)) => {
            let number = requests.note(now, method, path, query, none);
            requests.body_measured(number, length);
            number
        }
        None => requests.note(now, method, path, query, none),
    }
}
