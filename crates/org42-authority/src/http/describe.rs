//! Descriptions of endpoints, collected from the types of their handlers: what the arguments read, and what is
//! answered. The OpenAPI document is made of them in `openapi`.

use std::collections::BTreeMap;

use axum::extract::{Extension, Path, State};
use axum::handler::Handler;
use org42_types::Endpoint;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr, Required};

use super::access::App;
use super::gate_kind::GateKind;

/// A function that adds to the description of an endpoint.
pub(crate) type Describe = fn(&mut Description);

/// The description of an endpoint.
pub(crate) struct Description {
    pub(crate) endpoint: Endpoint,
    /// The parameters of its query.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RefOr<Schema>>,
    /// The status of its answer, and the document if there is one.
    pub(crate) answer: (u16, Option<RefOr<Schema>>),
    /// The schemas that the others refer to, by name.
    pub(crate) schemas: BTreeMap<String, RefOr<Schema>>,
}

impl Description {
    pub(crate) fn of(endpoint: Endpoint, describe: Describe) -> Self {
        let mut description = Self {
            endpoint,
            parameters: Vec::new(),
            body: None,
            answer: (200, None),
            schemas: BTreeMap::new(),
        };
        describe(&mut description);
        description
    }

    /// Returns a reference to the schema of a type, and collects that schema and those that it refers to.
    pub(crate) fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        schemas.push((T::name().into_owned(), T::schema()));
        self.schemas.extend(schemas);
        Ref::from_schema_name(T::name()).into()
    }
}

/// An argument of a handler.
pub(crate) trait Part {
    /// Which gate it is, if it is one.
    const GATE: Option<GateKind> = None;

    fn describe(_: &mut Description) {}
}

impl Part for State<App> {}

impl<T> Part for Extension<T> {}

/// Adds nothing: the path's parameters are known from the route.
impl Part for Path<String> {}

/// The answer of a handler.
pub(crate) trait Answer {
    /// Whether it is written in the change that it answers.
    const IS_CARRIED: bool = false;

    fn describe(to: &mut Description);
}

impl<A: Answer, E> Answer for Result<A, E> {
    const IS_CARRIED: bool = A::IS_CARRIED;

    fn describe(to: &mut Description) {
        A::describe(to);
    }
}

/// A handler whose arguments and answer describe themselves.
pub(crate) trait Described<T>: Handler<T, App> {
    /// Which of its arguments are gates.
    const GATES: &'static [Option<GateKind>];
    /// Whether its answer is written in the change that it answers.
    const IS_CARRIED: bool;

    fn describe(to: &mut Description);
}

macro_rules! described {
    ($($argument:ident),+) => {
        impl<F, Answers, Later, Marker, $($argument),+> Described<(Marker, $($argument,)+)> for F
        where
            F: Handler<(Marker, $($argument,)+), App> + Fn($($argument),+) -> Later,
            Later: Future<Output = Answers>,
            Answers: Answer,
            $($argument: Part),+
        {
            const GATES: &'static [Option<GateKind>] = &[$($argument::GATE),+];
            const IS_CARRIED: bool = Answers::IS_CARRIED;

            fn describe(to: &mut Description) {
                $($argument::describe(to);)+
                Answers::describe(to);
            }
        }
    };
}

described!(A);
described!(A, B);
described!(A, B, C);
described!(A, B, C, D);

/// Returns a parameter of a query.
pub(crate) fn query_parameter(name: &str, text: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(text.trim()))
        .schema(Some(schema))
        .build()
}

/// Returns the parameter `idType`, if the path can name something in more than one way.
pub(crate) fn id_type(endpoint: &Endpoint, types: &[&str]) -> Option<Parameter> {
    let mut names = endpoint.path_parameters();
    names.find(|name| ["orgId", "userId", "computerId"].contains(name))?;
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(types.iter().map(ToString::to_string)))
        .build();
    let text = "What the path names it by; the first unless given.";
    Some(query_parameter("idType", text, Schema::from(schema).into()))
}
