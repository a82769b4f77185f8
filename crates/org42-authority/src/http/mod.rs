//! The API over HTTP: routes, parameters and answers. Handlers translate; [`crate::service`] decides.

pub(crate) mod admission;
mod agents;
mod api_clients;
mod app;
mod archives;
mod auth_tokens;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod connection;
mod credentials;
mod customer;
mod devices;
pub(crate) mod edge;
pub(crate) mod forwarded;
mod gateway;
pub(crate) mod guard;
pub(crate) mod headers;
pub(crate) mod hosts;
pub(crate) mod intake;
pub(crate) mod lanes;
mod listing;
mod login;
mod orgs;
mod params;
mod rate;
pub(crate) mod reply;
mod roles;
mod settings;
pub(crate) mod shapes;
pub(crate) mod spelling;
mod totp;
mod users;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post, put};
use org42_types::Endpoint;
use org42_types::endpoints::{self as e, authority as own};

pub(crate) use app::App;

/// Endpoints, each with its handler.
pub(crate) type Routes = Vec<(Endpoint, MethodRouter<App>)>;

/// What answers a request.
pub(crate) type Service = spelling::Spelled<Router>;

/// Every endpoint of the API, with its handler.
pub(crate) fn routes() -> Routes {
    let mut routes = vec![
        (e::AUTH_JWT, get(login::user_token)),
        (e::AUTH_TOKEN_CREATE, post(auth_tokens::create)),
        (e::AUTH_TOKEN_GET, get(auth_tokens::get)),
        (e::AUTH_TOKEN_REVOKE, delete(auth_tokens::revoke)),
        (e::OAUTH_TOKEN, post(login::api_token)),
        (e::LOGIN_CONFIGURATION, get(login::login_configuration)),
        (e::CUSTOMER_MY, get(customer::customer)),
        (e::ORG_LIST, get(orgs::list_v1)),
        (e::ORG_MY, get(orgs::my)),
        (e::ORG_GET, get(orgs::get_v1)),
        (e::ORG_CREATE, post(orgs::create_v1)),
        (e::ORG_UPDATE, put(orgs::update_v1)),
        (e::ORG_BLOCK, put(orgs::block_v1)),
        (e::ORG_UNBLOCK, delete(orgs::unblock_v1)),
        (e::ORG_DEACTIVATE, put(orgs::deactivate_v1)),
        (e::ORG_REACTIVATE, delete(orgs::reactivate_v1)),
        (e::ORG_SETTING_GET, get(settings::get_by_key)),
        (e::ORG_SETTING_PUT, put(settings::put_by_key)),
        (e::ORGS_LIST, get(orgs::list_v3)),
        (e::ORGS_CREATE, post(orgs::create_v3)),
        (e::ORGS_GET, get(orgs::get_v3)),
        (e::ORGS_UPDATE, put(orgs::update_v3)),
        (e::ORGS_BLOCK, post(orgs::block_v3)),
        (e::ORGS_UNBLOCK, post(orgs::unblock_v3)),
        (e::ORGS_DEACTIVATE, post(orgs::deactivate_v3)),
        (e::ORGS_ACTIVATE, post(orgs::activate_v3)),
        (e::GATEWAY_OAUTH, post(login::api_token)),
        (e::GATEWAY_CUSTOMER, get(gateway::customer)),
        (e::GATEWAY_ORGS_LIST, get(gateway::list)),
        (e::GATEWAY_ORGS_CREATE, post(gateway::create)),
        (e::GATEWAY_ORGS_GET, get(gateway::get)),
        (e::GATEWAY_ORGS_UPDATE, put(gateway::update)),
        (e::GATEWAY_ORGS_DEACTIVATE, post(orgs::deactivate_v3)),
        (e::GATEWAY_ORGS_ACTIVATE, post(orgs::activate_v3)),
        (e::USER_LIST, get(users::list)),
        (e::USER_MY, get(users::my)),
        (e::USER_GET, get(users::get)),
        (e::USER_CREATE, post(users::create)),
        (e::USER_UPDATE, put(users::update)),
        (e::USER_BLOCK, put(users::block_v1)),
        (e::USER_UNBLOCK, delete(users::unblock_v1)),
        (e::USER_DEACTIVATE, put(users::deactivate_v1)),
        (e::USER_REACTIVATE, delete(users::reactivate_v1)),
        (e::USER_MOVE_PROCESS, post(users::move_v1)),
        (e::USERS_BLOCK, post(users::block_v3)),
        (e::USERS_UNBLOCK, post(users::unblock_v3)),
        (e::USERS_DEACTIVATE, post(users::deactivate_v3)),
        (e::USERS_ACTIVATE, post(users::activate_v3)),
        (e::USERS_MOVE, post(users::move_v3)),
        (e::ROLE_LIST, get(roles::list)),
        (e::USERS_ROLES, get(roles::of_user)),
        (e::USERS_ROLES_SET, put(roles::set)),
        (e::COMPUTER_LIST, get(devices::list)),
        (e::COMPUTER_GET, get(devices::get)),
        (e::COMPUTER_BLOCK, put(devices::block)),
        (e::COMPUTER_UNBLOCK, delete(devices::unblock)),
        (e::ARCHIVE_LIST, get(archives::list)),
        (e::COLD_STORAGE_LIST, get(archives::cold_storage)),
    ];
    for endpoint in [e::AGENT_STATE_BY_ORG_V14, e::AGENT_STATE_BY_ORG_V38] {
        routes.push((endpoint, get(devices::agent_states)));
    }
    for endpoint in [e::AGENT_STATE_BY_DEVICE_V14, e::AGENT_STATE_BY_DEVICE_V38] {
        routes.push((endpoint, get(devices::agent_state)));
    }
    for endpoint in [e::COMPUTER_DEACTIVATE_V4, e::COMPUTER_DEACTIVATE_V38] {
        routes.push((endpoint, post(devices::deactivate)));
    }
    for endpoint in [e::COMPUTER_REACTIVATE_V4, e::COMPUTER_REACTIVATE_V38] {
        routes.push((endpoint, post(devices::reactivate)));
    }
    routes.extend([
        (own::AGENT_REGISTER, post(agents::register)),
        (own::AGENT_LOGIN, post(agents::login)),
        (own::AGENT_BACKUP, post(agents::backup)),
        (own::AGENT_START_BACKUP, post(agents::start_backup)),
        (own::AGENT_STATE, post(agents::state)),
        (own::TOTP_ON, post(totp::switch_on)),
        (own::TOTP_OFF, delete(totp::switch_off)),
        (own::API_CLIENTS, get(api_clients::list)),
        (own::API_CLIENTS_CREATE, post(api_clients::create)),
        (own::API_CLIENTS_REVOKE, delete(api_clients::revoke)),
    ]);
    routes
}

/// Makes a service of routes. `around` puts a layer between what decides which requests are let in, and what answers
/// them.
pub(crate) fn service(
    app: App,
    routes: Routes,
    around: impl FnOnce(Router<App>) -> Router<App>,
) -> Service {
    let router = routes
        .into_iter()
        .fold(Router::new(), |router, (endpoint, handler)| {
            router.route(&spelling::registered(endpoint.route), handler)
        });
    let router = router
        .fallback(reply::no_such_route)
        .method_not_allowed_fallback(reply::no_such_method)
        .layer(from_fn(admission::decline))
        .layer(from_fn_with_state(app.clone(), headers::add_headers));
    let router = around(router)
        .layer(from_fn_with_state(app.clone(), admission::take))
        .with_state(app);
    spelling::spelled(router)
}
