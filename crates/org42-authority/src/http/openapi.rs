//! The OpenAPI document: made of the endpoint table and of the types of the handlers.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Bytes;
use org42_types::endpoints::{Access, Credentials};
use org42_types::{Endpoint, Problem};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, Required, Response,
    ResponseBuilder, ResponsesBuilder,
};

use super::describe::{Describe, Description};
use super::spelling::is_own;
use super::table::{Route, takes_keys};

const PROBLEMS: &str = "Problems";

/// The OpenAPI document of some routes, written when it is first asked for.
pub(crate) struct ApiDocument {
    routes: Vec<(Endpoint, HttpMethod, Describe)>,
    text: OnceLock<Bytes>,
}

impl ApiDocument {
    pub(crate) fn of(routes: &[Route]) -> Self {
        let facts = |route: &Route| (route.endpoint, route.method.clone(), route.describe);
        Self {
            routes: routes.iter().map(facts).collect(),
            text: OnceLock::new(),
        }
    }

    /// Returns the document as JSON, with a line for each value.
    pub(crate) fn text(&self) -> Bytes {
        let write = || {
            let mut text = serde_json::to_vec_pretty(&document(&self.routes)).unwrap_or_default();
            text.push(b'\n');
            Bytes::from(text)
        };
        self.text.get_or_init(write).clone()
    }
}

fn document(routes: &[(Endpoint, HttpMethod, Describe)]) -> OpenApi {
    let mut schemas = BTreeMap::new();
    let mut paths = PathsBuilder::new();
    for (endpoint, method, describe) in routes {
        let description = Description::of(*endpoint, *describe);
        let operation = operation(&description);
        paths = paths.path(endpoint.route, PathItem::new(method.clone(), operation));
        schemas.extend(description.schemas);
    }
    let mut problem = Vec::new();
    Problem::schemas(&mut problem);
    problem.push((
        Problem::name().into_owned(),
        <Problem as utoipa::PartialSchema>::schema(),
    ));
    schemas.extend(problem);
    let problems = ArrayBuilder::new().items(Ref::from_schema_name(Problem::name()));
    let problems: Schema = problems
        .description(Some("What is wrong; one entry in most cases. With the switch `v3_errors` the v3 routes have it as `error` in their envelope."))
        .into();
    schemas.insert(PROBLEMS.to_owned(), problems.into());
    let components = schemas
        .into_iter()
        .fold(ComponentsBuilder::new(), |components, (name, schema)| {
            components.schema(name, schema)
        });
    let info = InfoBuilder::new()
        .title("org42 authority")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The organization API of Code42, CrashPlan and Incydr as the authority serves it, and the authority's own \
             routes. docs/FIDELITY.md says what is like the real server.",
        ));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .components(Some(security_schemes(components).build()))
        .build()
}

fn security_schemes(components: ComponentsBuilder) -> ComponentsBuilder {
    let http = |scheme, text: &str| {
        let mut scheme = Http::new(scheme);
        scheme.description = Some(text.to_owned());
        SecurityScheme::Http(scheme)
    };
    let halves = "`TOKEN a-b`, with the two texts of an older client's token.";
    let halves = ApiKeyValue::with_description("Authorization", halves);
    components
        .security_scheme(
            "bearer",
            http(HttpAuthScheme::Bearer, "A token of a user or an API client."),
        )
        .security_scheme(
            "basic",
            http(
                HttpAuthScheme::Basic,
                "A user's name and password, or the id and secret of an API client; a one-time code goes into \
                 `totp-auth`.",
            ),
        )
        .security_scheme("token", SecurityScheme::ApiKey(ApiKey::Header(halves)))
}

/// Returns the operation id of a row's name: `ORGS_BLOCK` becomes `orgsBlock`.
fn operation_id(name: &str, is_own: bool) -> String {
    let prefix = is_own.then_some("AUTHORITY");
    let words = prefix.into_iter().chain(name.split('_'));
    let mut id = String::new();
    for word in words {
        let word = word.to_ascii_lowercase();
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if !id.is_empty() => {
                id.push(first.to_ascii_uppercase());
                id.push_str(letters.as_str());
            }
            _ => id.push_str(&word),
        }
    }
    id
}

fn tag(route: &str) -> &'static str {
    match route {
        route if is_own(route) => "authority",
        route if route.starts_with("/v1/") => "gateway",
        _ => "console",
    }
}

fn operation(description: &Description) -> Operation {
    let endpoint = description.endpoint;
    let is_own = is_own(endpoint.route);
    let repeat = endpoint.repeat.as_str();
    let facts = json!({"needs": endpoint.access.to_string(), "repeat": repeat});
    let extensions = Extensions::builder().add("x-org42", facts);
    let parameters = (endpoint.path_parameters().map(path_parameter))
        .chain(description.parameters.iter().cloned())
        .chain(one_time_code(endpoint.access))
        .chain(takes_keys(&endpoint).then(idempotency_key));
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(endpoint.name, is_own)))
        .summary(Some(endpoint.summary))
        .description(Some(format!("Needs: {}.", endpoint.access)))
        .tag(tag(endpoint.route))
        .parameters(Some(parameters))
        .securities(Some(securities(description)))
        .extensions(Some(extensions.build()))
        .responses(responses(description).build());
    if let Some(body) = &description.body {
        let body =
            RequestBodyBuilder::new().content("application/json", Content::new(Some(body.clone())));
        operation = operation.request_body(Some(body.build()));
    }
    operation.build()
}

fn path_parameter(name: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(Schema::from(
            ObjectBuilder::new().schema_type(Type::String).build(),
        )))
        .build()
}

fn one_time_code(access: Access) -> Option<Parameter> {
    let takes_codes = [Credentials::Password, Credentials::Device].map(Access::Credentials);
    if !takes_codes.contains(&access) {
        return None;
    }
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let code = ParameterBuilder::new()
        .name("totp-auth")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The one-time code of a user who has those."))
        .schema(Some(Schema::from(text)));
    Some(code.build())
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = text.min_length(Some(1)).max_length(Some(255)).build();
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A text of the client's own, such as a UUID. A request with the same key and the same content is carried \
             out once and answered each time, for a day.",
        ))
        .schema(Some(Schema::from(text)));
    key.build()
}

/// Returns the ways in which a request may authenticate; none where no header is read.
fn securities(description: &Description) -> Vec<SecurityRequirement> {
    let route = description.endpoint.route;
    let names: &[&str] = match description.endpoint.access {
        Access::Credentials(Credentials::Password | Credentials::ClientSecret) => &["basic"],
        Access::Anyone | Access::Credentials(_) => &[],
        _ if is_own(route) => &["bearer", "basic"],
        _ if route.starts_with("/api/v1/") => &["bearer", "basic", "token"],
        _ => &["bearer"],
    };
    let none: [&str; 0] = [];
    let requirement = |name: &&str| SecurityRequirement::new(*name, none);
    names.iter().map(requirement).collect()
}

fn responses(description: &Description) -> ResponsesBuilder {
    let (status, document) = &description.answer;
    let mut done = ResponseBuilder::new().description("Done.");
    if let Some(document) = document {
        done = done.content("application/json", Content::new(Some(document.clone())));
    }
    let problem = |text: &str| -> Response {
        let problems = Content::new(Some(Ref::from_schema_name(PROBLEMS)));
        let problem = ResponseBuilder::new().description(text);
        problem.content("application/json", problems).build()
    };
    let mut responses = ResponsesBuilder::new().response(status.to_string(), done.build());
    let endpoint = description.endpoint;
    if endpoint.access != Access::Anyone {
        let text = "Missing or invalid credentials, or a session that has ended.";
        responses = responses.response("401", problem(text));
    }
    if let Access::Right(..) | Access::Listed | Access::Administrator = endpoint.access {
        responses = responses.response("403", problem("The caller lacks the right."));
    }
    if endpoint.path_parameters().next().is_some() {
        responses = responses.response("404", problem("There is no such thing."));
    }
    responses
        .response("4XX", problem("The request cannot be, or there are too many."))
        .response(
            "5XX",
            problem("A rule of the tenant is broken (500), or the authority cannot work on it now (503)."),
        )
}
