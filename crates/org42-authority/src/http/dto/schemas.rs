//! Schemas that are written by hand, where no derived type has the information. Schemas of documents with a type of
//! their own do not belong here.

use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};

use crate::domain::settings::{FIELDS, Kind};
use crate::fidelity::Fidelity;

fn of_types(types: &[Type], text: &str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(SchemaType::Array(types.to_vec()));
    schema.description(Some(text)).into()
}

/// Returns the schema of a number, or the number as a text.
pub(crate) fn number_or_text() -> RefOr<Schema> {
    of_types(&[Type::Integer, Type::String], "A number, or a text.")
}

/// Returns the schema of a count, in the form that a switch chooses.
pub(crate) fn count() -> RefOr<Schema> {
    of_types(
        &[Type::Integer, Type::String],
        "A number; a text with the switch `gateway_counts`.",
    )
}

/// Returns the schema of a scalar that is kept as a text.
pub(crate) fn scalar() -> RefOr<Schema> {
    of_types(
        &[Type::String, Type::Boolean, Type::Number],
        "A text; other scalars are kept as their texts.",
    )
}

/// Returns the schema of a limit that was not worked out: -1 for none, null where none is set here, `""` where none
/// is computed.
pub(crate) fn unknown_limit() -> RefOr<Schema> {
    of_types(
        &[Type::Integer, Type::String, Type::Null],
        "-1 for no limit; null where nothing is set here; an empty text where nothing is computed.",
    )
}

/// Returns the schema of a document without a type, with the reason for that.
pub(super) fn untyped(because: &str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    let text = format!("Untyped because {because}");
    schema.description(Some(text)).into()
}

/// Returns the schema of device defaults.
pub(crate) fn device_defaults() -> RefOr<Schema> {
    untyped(
        "it is the document of the vendor's console as it was written: XML turned into JSON, whose keys differ by version.",
    )
}

/// Returns the schemas of the settings' values, from the table of fields.
pub(crate) fn setting_fields() -> ObjectBuilder {
    let schema = |kind: Kind| -> RefOr<Schema> {
        // Some are null unless they are the organization's own.
        let list = |items: Type| -> RefOr<Schema> {
            let items = ObjectBuilder::new().schema_type(items);
            let list = ArrayBuilder::new().items(items);
            let types = SchemaType::Array(vec![Type::Array, Type::Null]);
            let list = list.schema_type(types).description(Some(kind.wanted()));
            list.into()
        };
        match kind {
            Kind::Texts | Kind::Emails => list(Type::String),
            Kind::Numbers => list(Type::Integer),
            Kind::Count => of_types(&[Type::Integer, Type::Null], kind.wanted()),
            Kind::Limit => of_types(&[Type::Integer, Type::Null], kind.wanted()),
            Kind::Bool => of_types(&[Type::Boolean, Type::Null], kind.wanted()),
            Kind::Text | Kind::Schedule => of_types(&[Type::String, Type::Null], kind.wanted()),
        }
    };
    let fields = FIELDS.iter();
    fields.fold(ObjectBuilder::new(), |fields, field| {
        fields.property(field.key, schema(field.kind))
    })
}

/// Returns the schema of any number of switches.
pub(crate) fn some_switches() -> RefOr<Schema> {
    match Fidelity::schema() {
        RefOr::T(Schema::Object(mut switches)) => {
            switches.required.clear();
            Schema::from(switches).into()
        }
        other => other,
    }
}
