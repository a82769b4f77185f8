//! Successful answers: the envelopes of the API's routes around typed documents.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use org42_types::Timestamp;
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::access::App;
use super::carried::Document;
use super::describe::{Answer, Description};
use super::params::Params;
use crate::domain::TenantRefusal;
use crate::service::Written;
use crate::store::StoreError;

const JSON_TYPE: &str = "application/json;charset=UTF-8";
const JSON: HeaderValue = HeaderValue::from_static(JSON_TYPE);
const BARE_JSON_TYPE: &str = "application/json";
const BARE_JSON: HeaderValue = HeaderValue::from_static(BARE_JSON_TYPE);

/// Returns a JSON document that is already written, with its content type.
pub(crate) fn labelled(document: Body) -> Response {
    let mut response = Response::new(document);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// A document with the envelope around it.
pub(crate) trait Envelope: Serialize {
    fn schema(to: &mut Description) -> RefOr<Schema>;
}

/// A document with nothing around it.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Bare<T>(pub(crate) T);

/// The envelope of the v1 routes.
#[derive(Serialize)]
pub(crate) struct V1<T> {
    data: T,
    metadata: V1Metadata,
}

/// What a v1 answer says about itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct V1Metadata {
    /// When it was answered.
    timestamp: Timestamp,
    /// The parameters of the query.
    params: BTreeMap<String, String>,
}

impl<T> V1<T> {
    pub(super) fn new(app: &App, params: &Params, data: T) -> Self {
        Self::at(app.now(), params, data)
    }

    /// Returns an answer of this time.
    pub(super) fn at(timestamp: Timestamp, params: &Params, data: T) -> Self {
        let metadata = V1Metadata {
            timestamp,
            params: params.echo(),
        };
        Self { data, metadata }
    }
}

/// The envelope of the v3 routes.
#[derive(Serialize)]
pub(crate) struct V3<T> {
    data: T,
    error: Null,
    warnings: Null,
}

impl<T> V3<T> {
    pub(super) fn new(data: T) -> Self {
        Self {
            data,
            error: Null,
            warnings: Null,
        }
    }
}

/// The envelope of the routes with larger version numbers.
#[derive(Serialize)]
pub(crate) struct Rpc<T> {
    data: T,
    metadata: RpcMetadata,
}

/// What an answer of the routes with larger version numbers says about itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RpcMetadata {
    /// When it was answered.
    date: Timestamp,
    /// Always empty.
    headers: Empty,
    /// Always empty.
    license_status: Vec<String>,
}

impl<T> Rpc<T> {
    pub(super) fn new(app: &App, data: T) -> Self {
        let metadata = RpcMetadata {
            date: app.now(),
            headers: Empty {},
            license_status: Vec::new(),
        };
        Self { data, metadata }
    }
}

/// A field that is always null.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Null;

impl PartialSchema for Null {
    fn schema() -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(SchemaType::new(Type::Null));
        null.description(Some("Always null.")).into()
    }
}

impl ToSchema for Null {}

/// An object without fields: done, and nothing to say; or nothing known to stand there.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

/// The v1 routes' answer without a document.
#[derive(Default)]
pub(crate) struct NoContent;

/// The v3 routes' answer without a document.
pub(crate) type Done = Bare<Empty>;

impl Default for Done {
    fn default() -> Self {
        Self(Empty {})
    }
}

fn with_data(data: RefOr<Schema>, others: &[(&str, RefOr<Schema>)]) -> RefOr<Schema> {
    let envelope = ObjectBuilder::new().property("data", data).required("data");
    let envelope = others.iter().fold(envelope, |envelope, (name, schema)| {
        envelope.property(*name, schema.clone()).required(*name)
    });
    Schema::from(envelope.build()).into()
}

impl<T: Serialize + ToSchema> Envelope for Bare<T> {
    fn schema(to: &mut Description) -> RefOr<Schema> {
        to.schema::<T>()
    }
}

impl<T: Serialize + ToSchema> Envelope for V1<T> {
    fn schema(to: &mut Description) -> RefOr<Schema> {
        let data = to.schema::<T>();
        with_data(data, &[("metadata", to.schema::<V1Metadata>())])
    }
}

impl<T: Serialize + ToSchema> Envelope for V3<T> {
    fn schema(to: &mut Description) -> RefOr<Schema> {
        let data = to.schema::<T>();
        let others = [("error", Null::schema()), ("warnings", Null::schema())];
        with_data(data, &others)
    }
}

impl<T: Serialize + ToSchema> Envelope for Rpc<T> {
    fn schema(to: &mut Description) -> RefOr<Schema> {
        let data = to.schema::<T>();
        with_data(data, &[("metadata", to.schema::<RpcMetadata>())])
    }
}

macro_rules! answers {
    ($($envelope:ident)*) => {$(
        impl<T> IntoResponse for $envelope<T>
        where
            Self: Envelope,
        {
            fn into_response(self) -> Response {
                match serde_json::to_vec(&self) {
                    Ok(document) => labelled(Body::from(document)),
                    Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                }
            }
        }

        impl<T: Shown> Document for $envelope<T>
        where
            Self: Envelope + Send + 'static,
        {
            const IS_SECRET: bool = T::IS_SECRET;

            fn written(self) -> Result<Written, TenantRefusal> {
                let document = serde_json::to_vec(&self).map_err(StoreError::failed)?;
                Ok(Written {
                    status: 200,
                    content_type: JSON_TYPE.to_owned(),
                    document,
                })
            }
        }

        impl<T> Answer for $envelope<T>
        where
            Self: Envelope,
        {
            fn describe(to: &mut Description) {
                to.answer = (200, Some(<Self as Envelope>::schema(to)));
            }
        }
    )*};
}

answers! { Bare V1 V3 Rpc }

/// A document that may show a secret.
pub(crate) trait Shown {
    /// Whether it does.
    const IS_SECRET: bool = false;
}

impl Shown for Empty {}

impl<A: Document> Document for (StatusCode, A) {
    const IS_SECRET: bool = A::IS_SECRET;

    fn written(self) -> Result<Written, TenantRefusal> {
        let (status, answer) = self;
        Ok(Written {
            status: status.as_u16(),
            ..answer.written()?
        })
    }
}

impl Document for NoContent {
    fn written(self) -> Result<Written, TenantRefusal> {
        Ok(Written {
            status: 204,
            content_type: BARE_JSON_TYPE.to_owned(),
            document: Vec::new(),
        })
    }
}

/// An answer whose status a switch may change.
impl<A: Answer> Answer for (StatusCode, A) {
    fn describe(to: &mut Description) {
        A::describe(to);
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, BARE_JSON);
        response
    }
}

impl Answer for NoContent {
    fn describe(to: &mut Description) {
        to.answer = (204, None);
    }
}

/// Returns a reference to a schema by its name.
pub(crate) fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}
