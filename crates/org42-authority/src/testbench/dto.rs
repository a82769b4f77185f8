//! The documents of the test bench's routes, typed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::faults::InForce;
use super::requests::NotedRequest;
use super::snapshots::Saved;
use crate::fidelity::Fidelity;
use crate::http::dto::schemas;
use crate::replace::{Preview, Return};

/// The tenant, and how much is in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TenantSummary {
    /// The name of the top organization.
    pub(super) name: String,
    /// The uid of the tenant.
    pub(super) tenant_uid: String,
    /// How many organizations there are.
    pub(super) orgs: u64,
    /// How many users there are.
    pub(super) users: u64,
}

/// The body that names a sample.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SampleBody {
    /// `small`, `none`, or a number of organizations.
    #[schema(schema_with = schemas::number_or_text)]
    pub(super) sample: Option<Value>,
}

/// The body that saves a snapshot.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SaveBody {
    /// From 1 to 64 letters, digits, dots, dashes and underlines, the first no dot.
    pub(super) name: String,
    /// Whether one of this name is written over.
    #[serde(default)]
    pub(super) replace: bool,
}

/// The snapshots.
#[derive(Serialize, ToSchema)]
pub(super) struct Snapshots {
    /// The snapshots, by name.
    pub(super) snapshots: Vec<Saved>,
}

/// What a restoration would bring back, and what it would not.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestorationPreview {
    /// The name of the snapshot.
    name: String,
    /// How many organizations it has.
    orgs: u64,
    /// How many users it has.
    users: u64,
    comes_back: Return,
}

impl RestorationPreview {
    pub(super) fn of(name: String, preview: Preview) -> Self {
        Self {
            name,
            orgs: preview.orgs,
            users: preview.users,
            comes_back: preview.comes_back,
        }
    }
}

/// The last requests; written piece by piece, so that they are never whole in memory.
#[derive(Serialize, ToSchema)]
pub(super) struct NotedRequests {
    /// The requests, the oldest first.
    requests: Vec<NotedRequest>,
}

/// The faults in force.
#[derive(Serialize, ToSchema)]
pub(super) struct FaultsInForce {
    /// The faults, the first one to hit first.
    pub(super) faults: Vec<InForce>,
}

/// The switches to be set.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct SwitchesBody(pub(super) Map<String, Value>);

impl PartialSchema for SwitchesBody {
    fn schema() -> RefOr<Schema> {
        schemas::some_switches()
    }
}

impl ToSchema for SwitchesBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Fidelity::schemas(schemas);
    }
}
