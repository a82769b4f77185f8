//! Schemas of the wire types for an OpenAPI document; bodies and tokens derive theirs.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::{OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

macro_rules! schemas {
    ($($type:ident: $kind:expr, $format:expr, $text:literal;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type($kind)
                    .format($format)
                    .description(Some($text))
                    .into()
            }
        }

        impl ToSchema for $type {}
    )*};
}

schemas! {
    OrgId: Type::Integer, Some(SchemaFormat::KnownFormat(KnownFormat::Int32)), "The number of an organization.";
    OrgUid: Type::String, None, "The long number of an organization.";
    OrgGuid: Type::String, None, "The opaque id of an organization.";
    RegistrationKey: Type::String, None, "The key with which devices register.";
    Timestamp: Type::String, Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)), "A point in time.";
}

/// What a refusal is about.
pub(crate) fn objects() -> RefOr<Schema> {
    let object = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    let why = "Untyped because it differs by refusal, and is kept as the server sent it.";
    let objects = ArrayBuilder::new().items(object.description(Some(why)));
    objects.description(Some("What it is about.")).into()
}
