//! Typed queries: how a parameter is read by its type, and the extractor. The queries themselves are in
//! `dto::queries`.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use org42_types::{OrgGuid, OrgId, OrgUid};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::access::App;
use super::describe::{Description, Part};
use super::error_reply::ErrorReply;
use super::params::Params;
use crate::domain::TenantRefusal;

/// A query, typed, and as names and values.
pub(super) struct Query<Q> {
    asked: Q,
    pub(super) params: Params,
}

/// A typed query.
pub(super) trait Asked: Sized {
    fn read(params: &Params) -> Result<Self, TenantRefusal>;
    fn parameters() -> Vec<Parameter>;
}

impl<Q> Deref for Query<Q> {
    type Target = Q;

    fn deref(&self) -> &Q {
        &self.asked
    }
}

impl<Q: Asked> FromRequestParts<App> for Query<Q> {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ErrorReply> {
        let params = Params::of(&parts.uri)?;
        let asked = Q::read(&params)?;
        Ok(Self { asked, params })
    }
}

impl<Q: Asked> Part for Query<Q> {
    fn describe(to: &mut Description) {
        to.parameters.extend(Q::parameters());
    }
}

/// The value of a parameter.
pub(super) trait Value: Sized {
    /// A description of the values that are allowed, for people.
    const WANTED: &'static str;

    fn read(text: &str) -> Option<Self>;
    fn schema() -> RefOr<Schema>;
}

/// Reads a parameter; an empty one counts as missing.
///
/// # Errors
///
/// When the value is not of the type.
pub(super) fn read<V: Value>(params: &Params, name: &str) -> Result<Option<V>, TenantRefusal> {
    let Some(text) = params.text(name) else {
        return Ok(None);
    };
    let invalid = || TenantRefusal::Invalid(format!("{name}={text:?}: {} is wanted", V::WANTED));
    V::read(text).map(Some).ok_or_else(invalid)
}

/// A whole number from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(pub(super) u32);

impl Value for Count {
    const WANTED: &'static str = "a whole number from 1";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| *count > 0).map(Self)
    }

    fn schema() -> RefOr<Schema> {
        let count = ObjectBuilder::new().schema_type(Type::Integer);
        Schema::from(count.minimum(Some(1)).build()).into()
    }
}

impl Value for bool {
    const WANTED: &'static str = "true or false";

    /// Reads a switch, in any case of the letters.
    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn schema() -> RefOr<Schema> {
        <Self as PartialSchema>::schema()
    }
}

impl Value for String {
    const WANTED: &'static str = "a text";

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn schema() -> RefOr<Schema> {
        <Self as PartialSchema>::schema()
    }
}

macro_rules! ids {
    ($($id:ty, $wanted:literal;)*) => {$(
        impl Value for $id {
            const WANTED: &'static str = $wanted;

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn schema() -> RefOr<Schema> {
                <Self as PartialSchema>::schema()
            }
        }
    )*};
}

ids! {
    OrgId, "a number";
    OrgUid, "a uid";
    OrgGuid, "a guid";
}

/// Declares typed queries: for each parameter its meaning, field, type and name.
macro_rules! queries {
    ($(
        $(#[doc = $about:literal])*
        $query:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $value:ty = $name:literal,)*
        }
    )*) => {$(
        $(#[doc = $about])*
        #[derive(Clone, Debug, Default)]
        pub(in crate::http) struct $query {
            $($(#[doc = $doc])+ pub(in crate::http) $field: Option<$value>,)*
        }

        impl $crate::http::query::Asked for $query {
            fn read(
                params: &$crate::http::params::Params,
            ) -> Result<Self, $crate::domain::TenantRefusal> {
                let _ = params;
                Ok(Self { $($field: $crate::http::query::read(params, $name)?,)* })
            }

            fn parameters() -> Vec<utoipa::openapi::path::Parameter> {
                vec![$($crate::http::describe::query_parameter(
                    $name,
                    concat!($($doc),+),
                    <$value as $crate::http::query::Value>::schema(),
                ),)*]
            }
        }
    )*};
}
pub(super) use queries;
