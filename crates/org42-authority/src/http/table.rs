//! Routes: rows of the endpoint table with their handlers. Method, route and access are the row's.

use axum::extract::Extension;
use axum::middleware::from_fn;
use axum::routing::{MethodFilter, MethodRouter, on};
use org42_types::endpoints::Repeat;
use org42_types::{Endpoint, Method};
use utoipa::openapi::path::HttpMethod;

use super::access::App;
use super::describe::{Describe, Described};
use super::gate_kind::GateKind;
use super::keyed;

/// Endpoints, each with its handler.
pub(crate) type Routes = Vec<Route>;

/// An endpoint with its handler.
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    pub(super) method: HttpMethod,
    pub(super) handler: MethodRouter<App>,
    pub(super) describe: Describe,
}

/// A row of the table as a type, so that a handler is compared with it while compiling.
pub(crate) trait Row {
    const ENDPOINT: Endpoint;
}

impl Route {
    /// Has `handler` answer the requests of a row. One that does not take the gate that the row wants does not compile.
    pub(crate) fn new<R: Row, T: 'static, H: Described<T>>(handler: H) -> Self {
        const {
            assert!(
                GateKind::is_alone_and_fits(H::GATES, &R::ENDPOINT),
                "a handler takes one gate, and the one that its row in the endpoint table wants"
            );
        }
        const {
            assert!(
                H::IS_CARRIED || !takes_keys(&R::ENDPOINT),
                "an answer that idempotency keys are taken for is written in the change that it answers"
            );
        }
        let (filter, method) = const { method(R::ENDPOINT.method) };
        let handler = match takes_keys(&R::ENDPOINT) {
            true => on(filter, handler).layer(from_fn(keyed::note)),
            false => on(filter, handler),
        };
        Self {
            endpoint: R::ENDPOINT,
            method,
            handler: handler.layer(Extension(R::ENDPOINT)),
            describe: H::describe,
        }
    }

    /// Adds an extension to the requests of the handler.
    pub(crate) fn with<T: Clone + Send + Sync + 'static>(self, extension: T) -> Self {
        Self {
            handler: self.handler.layer(Extension(extension)),
            ..self
        }
    }
}

/// Returns whether an endpoint takes idempotency keys.
pub(super) const fn takes_keys(endpoint: &Endpoint) -> bool {
    matches!(endpoint.repeat, Repeat::ByKey)
}

/// Returns a method as routes and the OpenAPI document have it. One that is not known here does not compile.
const fn method(method: Method) -> (MethodFilter, HttpMethod) {
    match method {
        Method::Get => (MethodFilter::GET, HttpMethod::Get),
        Method::Post => (MethodFilter::POST, HttpMethod::Post),
        Method::Put => (MethodFilter::PUT, HttpMethod::Put),
        Method::Delete => (MethodFilter::DELETE, HttpMethod::Delete),
        _ => unreachable!(),
    }
}

/// Lists the handlers of a file by table and row.
macro_rules! routes {
    ($($table:ident { $($name:ident => $handler:expr,)* })*) => {
        /// The endpoints of these handlers.
        pub(crate) const ROWS: &[org42_types::Endpoint] = &[$($($table::$name),*),*];

        /// Returns each endpoint with its handler.
        pub(crate) fn routes() -> $crate::http::table::Routes {
            vec![$($({
                struct Row;
                impl $crate::http::table::Row for Row {
                    const ENDPOINT: org42_types::Endpoint = $table::$name;
                }
                $crate::http::table::Route::new::<Row, _, _>($handler)
            }),*),*]
        }
    };
}
pub(crate) use routes;

/// Returns whether parts of a service have the endpoints of parts of the table, each once.
pub(crate) const fn are_same(served: &[&[Endpoint]], table: &[&[Endpoint]]) -> bool {
    let mut part = 0;
    while part < table.len() {
        let mut row = 0;
        while row < table[part].len() {
            if count(served, table[part][row].name) != 1 {
                return false;
            }
            row += 1;
        }
        part += 1;
    }
    length(served) == length(table)
}

const fn length(parts: &[&[Endpoint]]) -> usize {
    let (mut length, mut part) = (0, 0);
    while part < parts.len() {
        length += parts[part].len();
        part += 1;
    }
    length
}

/// Counts the endpoints of a name.
const fn count(parts: &[&[Endpoint]], name: &str) -> usize {
    let (mut count, mut part) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            if is_same(parts[part][row].name, name) {
                count += 1;
            }
            row += 1;
        }
        part += 1;
    }
    count
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
