//! Routes: rows of the endpoint table with their handlers. Method, route and access are the row's.

use axum::extract::Extension;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use org42_types::Endpoint;

use super::access::App;
use super::describe::{Describe, Described, Description};

/// Endpoints, each with its handler.
pub(crate) type Routes = Vec<Route>;

/// An endpoint with its handler.
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    pub(super) handler: MethodRouter<App>,
    pub(super) describe: Describe,
}

impl Route {
    pub(crate) fn new<T: 'static, H: Handler<T, App> + Described<T>>(
        endpoint: Endpoint,
        handler: H,
    ) -> Self {
        let method = Method::from_bytes(endpoint.method.as_str().as_bytes()).ok();
        let method = method.and_then(|method| MethodFilter::try_from(method).ok());
        Self {
            endpoint,
            handler: on(method.unwrap_or(MethodFilter::GET), handler).layer(Extension(endpoint)),
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

    /// Returns whether the handler takes the one gate that the row requires. It is not served otherwise.
    pub(crate) fn takes_its_gate(&self) -> bool {
        match Description::of(self.endpoint, self.describe).gates[..] {
            [fits] => fits(&self.endpoint),
            _ => false,
        }
    }
}

/// Lists handlers by table and row, in the order of `$rows`; a missing handler, or one too many, does not compile.
macro_rules! routes {
    ($rows:expr; $($table:ident { $($name:ident => $handler:expr,)* })*) => {
        const _: () = assert!(
            $crate::http::table::are_same(&[$($($table::$name),*),*], $rows),
            "each row of the table has one handler, in the order of the table"
        );

        /// Returns every endpoint of this room with its handler.
        pub(crate) fn routes() -> $crate::http::table::Routes {
            vec![$($($crate::http::table::Route::new($table::$name, $handler)),*),*]
        }

        #[cfg(test)]
        #[test]
        fn every_handler_takes_the_one_gate_of_its_row() {
            for route in routes() {
                let endpoint = route.endpoint;
                assert!(route.takes_its_gate(), "{endpoint} needs {}", endpoint.access);
            }
        }
    };
}
pub(crate) use routes;

/// Returns whether these endpoints are the rows of the parts of the table, one after the other.
pub(crate) const fn are_same(served: &[Endpoint], parts: &[&[Endpoint]]) -> bool {
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            if at == served.len() || !is_same(served[at].name, parts[part][row].name) {
                return false;
            }
            at += 1;
            row += 1;
        }
        part += 1;
    }
    at == served.len()
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
