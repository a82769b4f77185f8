//! The service that is made of the handlers. Each file of handlers lists the endpoints that it answers.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use org42_types::endpoints::{self, authority};

use super::access::App;
use super::openapi::ApiDocument;
use super::table::{Routes, are_same};
use super::{admission, error_reply, handlers, headers, spelling};

/// The service that answers requests.
pub(crate) type Service = spelling::Spelled<Router>;

/// Joins the routes of the files of handlers. A row without a handler, or with two, does not compile.
macro_rules! joined {
    ($($file:ident,)*) => {
        const _: () = assert!(
            are_same(&[$(handlers::$file::ROWS),*], &[endpoints::ALL, authority::SERVICE]),
            "each row of the table has one handler"
        );

        /// Returns every endpoint of this room with its handler.
        pub(crate) fn routes() -> Routes {
            [$(handlers::$file::routes()),*].into_iter().flatten().collect()
        }
    };
}

joined! {
    agents,
    api_clients,
    archives,
    auth_tokens,
    devices,
    gateway,
    openapi,
    orgs,
    roles,
    settings,
    sign_in,
    totp,
    users,
}

/// Makes a service of routes. `around` adds a layer between the decision which requests are handled, and the
/// handlers.
pub(crate) fn service(
    app: App,
    routes: Routes,
    around: impl FnOnce(Router<App>) -> Router<App>,
) -> Service {
    let document = Arc::new(ApiDocument::of(&routes));
    let router = routes.into_iter().fold(Router::new(), |router, route| {
        let path = spelling::registered(route.endpoint.route);
        let route = match route.endpoint == authority::OPENAPI {
            true => route.with(document.clone()),
            false => route,
        };
        router.route(&path, route.handler)
    });
    let router = router
        .fallback(error_reply::no_such_route)
        .method_not_allowed_fallback(error_reply::no_such_method)
        .layer(from_fn(admission::decline))
        .layer(from_fn_with_state(app.clone(), headers::add_headers));
    let router = around(router)
        .layer(from_fn_with_state(app.clone(), admission::take))
        .with_state(app);
    spelling::spelled(router)
}
