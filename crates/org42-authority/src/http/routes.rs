//! The handler of each endpoint, and the service that is made of them.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use org42_types::endpoints::{self, authority};

use super::access::App;
use super::answer::{Done, NoContent};
use super::handlers::{
    agents, api_clients, archives, auth_tokens, devices, gateway, openapi, orgs, roles, settings,
    sign_in, totp, users,
};
use super::openapi::ApiDocument;
use super::table::Routes;
use super::{admission, error_reply, headers, spelling};

/// The service that answers requests.
pub(crate) type Service = spelling::Spelled<Router>;

super::table::routes! {
    &[endpoints::ALL, authority::SERVICE];
    endpoints {
        // The consoles.
        AUTH_JWT => sign_in::user_token,
        AUTH_TOKEN_CREATE => auth_tokens::create,
        AUTH_TOKEN_GET => auth_tokens::get,
        AUTH_TOKEN_REVOKE => auth_tokens::revoke,
        OAUTH_TOKEN => sign_in::api_token,
        LOGIN_CONFIGURATION => sign_in::login_configuration,
        CUSTOMER_MY => sign_in::customer,
        ORG_LIST => orgs::list_v1,
        ORG_MY => orgs::my,
        ORG_GET => orgs::get_v1,
        ORG_CREATE => orgs::create_v1,
        ORG_UPDATE => orgs::update_v1,
        ORG_BLOCK => orgs::block::<NoContent>,
        ORG_UNBLOCK => orgs::unblock::<NoContent>,
        ORG_DEACTIVATE => orgs::deactivate::<NoContent>,
        ORG_REACTIVATE => orgs::reactivate::<NoContent>,
        ORG_SETTING_GET => settings::get_by_key,
        ORG_SETTING_PUT => settings::put_by_key,
        ORGS_LIST => orgs::list_v3,
        ORGS_CREATE => orgs::create_v3,
        ORGS_GET => orgs::get_v3,
        ORGS_UPDATE => orgs::update_v3,
        ORGS_BLOCK => orgs::block::<Done>,
        ORGS_UNBLOCK => orgs::unblock::<Done>,
        ORGS_DEACTIVATE => orgs::deactivate::<Done>,
        ORGS_ACTIVATE => orgs::reactivate::<Done>,
        AGENT_STATE_BY_ORG_V14 => devices::agent_states,
        AGENT_STATE_BY_ORG_V38 => devices::agent_states,
        AGENT_STATE_BY_DEVICE_V14 => devices::agent_state,
        AGENT_STATE_BY_DEVICE_V38 => devices::agent_state,

        // The gateway.
        GATEWAY_OAUTH => sign_in::api_token,
        GATEWAY_CUSTOMER => gateway::customer,
        GATEWAY_ORGS_LIST => gateway::list,
        GATEWAY_ORGS_CREATE => gateway::create,
        GATEWAY_ORGS_GET => gateway::get,
        GATEWAY_ORGS_UPDATE => gateway::update,
        GATEWAY_ORGS_DEACTIVATE => orgs::deactivate::<Done>,
        GATEWAY_ORGS_ACTIVATE => orgs::reactivate::<Done>,

        // The consoles: people.
        USER_LIST => users::list,
        USER_MY => users::my,
        USER_GET => users::get,
        USER_CREATE => users::create,
        USER_UPDATE => users::update,
        USER_BLOCK => users::block::<NoContent>,
        USER_UNBLOCK => users::unblock::<NoContent>,
        USER_DEACTIVATE => users::deactivate::<NoContent>,
        USER_REACTIVATE => users::reactivate_v1,
        USER_MOVE_PROCESS => users::move_v1,
        USERS_BLOCK => users::block::<Done>,
        USERS_UNBLOCK => users::unblock::<Done>,
        USERS_DEACTIVATE => users::deactivate::<Done>,
        USERS_ACTIVATE => users::activate_v3,
        USERS_MOVE => users::move_v3,
        ROLE_LIST => roles::list,
        USERS_ROLES => roles::of_user,
        USERS_ROLES_SET => roles::set,
        COMPUTER_LIST => devices::list,
        COMPUTER_GET => devices::get,
        COMPUTER_BLOCK => devices::block,
        COMPUTER_UNBLOCK => devices::unblock,
        COMPUTER_DEACTIVATE_V4 => devices::deactivate,
        COMPUTER_REACTIVATE_V4 => devices::reactivate,
        COMPUTER_DEACTIVATE_V38 => devices::deactivate,
        COMPUTER_REACTIVATE_V38 => devices::reactivate,
        ARCHIVE_LIST => archives::list,
        COLD_STORAGE_LIST => archives::cold_storage,
    }
    authority {
        AGENT_REGISTER => agents::register,
        AGENT_LOGIN => agents::login,
        AGENT_BACKUP => agents::backup,
        AGENT_START_BACKUP => agents::start_backup,
        AGENT_STATE => agents::state,
        TOTP_ON => totp::switch_on,
        TOTP_OFF => totp::switch_off,
        API_CLIENTS => api_clients::list,
        API_CLIENTS_CREATE => api_clients::create,
        API_CLIENTS_REVOKE => api_clients::revoke,
        OPENAPI => openapi::document,
}
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
