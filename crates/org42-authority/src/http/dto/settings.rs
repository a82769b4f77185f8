//! Settings as documents show them: the blocks of an organization's document, and the settings that are kept by key.

use std::collections::BTreeMap;

use org42_types::{OrgId, OrgUid};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AllOfBuilder, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::schemas;
use crate::domain::settings::{Destination, InForce};
use crate::http::answer::{Null, reference};
use crate::service::SettingsView;

/// Fields that show null in an organization that has none of its own, whatever is in force.
const NULL_UNLESS_OWN: [&str; 3] = [
    "ldapServerIds",
    "radiusServerIds",
    "ssoIdentityProviderUids",
];

/// A block of settings, or what stands there where settings were not asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum SettingsBlock<T> {
    Quotas(Quotas),
    Full(Box<T>),
}

/// Two limits without their values: listings do not read settings.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct Quotas {
    #[schema(schema_with = schemas::unknown_limit)]
    max_seats: UnknownLimit,
    #[schema(schema_with = schemas::unknown_limit)]
    max_bytes: UnknownLimit,
}

/// The recorded oddity: -1 in the top organization, null where nothing is set here, `""` where nothing is computed.
#[derive(Clone, Copy)]
enum UnknownLimit {
    None,
    NotSet,
    NotComputed,
}

impl Serialize for UnknownLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_i64(-1),
            Self::NotSet => serializer.serialize_unit(),
            Self::NotComputed => serializer.serialize_str(""),
        }
    }
}

impl Quotas {
    fn both(limit: UnknownLimit) -> Self {
        Self {
            max_seats: limit,
            max_bytes: limit,
        }
    }

    /// Returns what stands for `settings`, `settingsInherited` and `settingsSummary`.
    pub(super) fn of_listed(is_top: bool) -> (Self, Self, Self) {
        let (own, summary) = match is_top {
            true => (UnknownLimit::None, UnknownLimit::None),
            false => (UnknownLimit::NotSet, UnknownLimit::NotComputed),
        };
        let inherited = UnknownLimit::NotComputed;
        (Self::both(own), Self::both(inherited), Self::both(summary))
    }
}

/// The values of settings by name.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(in crate::http) struct SettingFields(Map<String, Value>);

impl PartialSchema for SettingFields {
    fn schema() -> RefOr<Schema> {
        Schema::from(schemas::setting_fields().build()).into()
    }
}

impl ToSchema for SettingFields {}

/// A place that devices back up to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Destination)]
pub(in crate::http) struct DestinationDocument {
    /// The number of the destination.
    destination_id: u32,
    /// The guid of the destination.
    guid: String,
    /// The name of the destination.
    destination_name: String,
    /// Always `CLUSTER`.
    r#type: &'static str,
}

impl From<&Destination> for DestinationDocument {
    fn from(destination: &Destination) -> Self {
        Self {
            destination_id: destination.id,
            guid: destination.guid.clone(),
            destination_name: destination.name.clone(),
            r#type: "CLUSTER",
        }
    }
}

/// Returns destinations by guid.
fn destinations(view: &SettingsView, guids: &[String]) -> Vec<DestinationDocument> {
    let find = |guid: &String| view.destinations.iter().find(|known| known.guid == *guid);
    let found = guids.iter().filter_map(find);
    found.map(DestinationDocument::from).collect()
}

/// What is in force above an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct InheritedSettings {
    #[serde(flatten)]
    fields: SettingFields,
    /// The destinations that are offered.
    destinations: Vec<DestinationDocument>,
}

impl InheritedSettings {
    pub(super) fn of(view: &SettingsView) -> Self {
        let in_force: &InForce = &view.inherited;
        Self {
            fields: SettingFields(in_force.fields.clone()),
            destinations: destinations(view, &in_force.destinations),
        }
    }
}

/// What is in force in an organization. Of destinations it shows those from above, as the recording does.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SummarizedSettings {
    #[serde(flatten)]
    fields: SettingFields,
    /// The destinations that are offered above.
    destinations: Vec<DestinationDocument>,
    report_last_sent: Null,
}

impl SummarizedSettings {
    pub(super) fn of(view: &SettingsView) -> Self {
        Self {
            fields: SettingFields(view.in_force.fields.clone()),
            destinations: destinations(view, &view.inherited.destinations),
            report_last_sent: Null,
        }
    }
}

/// What is in force, with null for some fields that are not the organization's own, and the switches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct FullSettings {
    #[serde(flatten)]
    fields: SettingFields,
    report_last_sent: Null,
    /// The destinations that are offered.
    destinations: Vec<DestinationDocument>,
    /// All destinations of the tenant.
    all_destinations: Vec<DestinationDocument>,
    /// Whether `defaultRoles` is inherited.
    is_default_roles_inherited: bool,
    /// Whether the destinations are inherited.
    is_using_destination_defaults: bool,
    /// Whether the quota is inherited.
    is_using_quota_defaults: bool,
    /// Whether the reporting is inherited.
    is_using_reporting_defaults: bool,
    /// Always true.
    is_native_clients_enabled: bool,
    /// Whether `securityKeyType` is inherited.
    security_key_inherit: bool,
}

impl FullSettings {
    pub(super) fn of(view: &SettingsView, is_top: bool) -> Self {
        let mut fields = view.in_force.fields.clone();
        for key in NULL_UNLESS_OWN {
            if !view.own.fields.contains_key(key) {
                fields.insert(key.to_owned(), Value::Null);
            }
        }
        Self {
            fields: SettingFields(fields),
            report_last_sent: Null,
            destinations: destinations(view, &view.in_force.destinations),
            all_destinations: view.destinations.iter().map(Into::into).collect(),
            is_default_roles_inherited: !view.own.fields.contains_key("defaultRoles"),
            is_using_destination_defaults: !is_top && view.own.destinations.is_none(),
            is_using_quota_defaults: !is_top && view.own.quota.is_none(),
            is_using_reporting_defaults: !is_top && view.own.reporting.is_none(),
            is_native_clients_enabled: true,
            security_key_inherit: !view.own.fields.contains_key("securityKeyType"),
        }
    }
}

/// Which organizations provide destinations and device defaults.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Origins {
    /// The number of the organization.
    org_id: OrgId,
    /// The uid of the organization.
    org_uid: OrgUid,
    org_id_providing_org: Null,
    org_uid_providing_org: Null,
    org_name_providing_org: Null,
    /// The number of the organization that provides the destinations.
    org_id_providing_destinations: OrgId,
    /// The uid of the organization that provides the destinations.
    org_uid_providing_destinations: OrgUid,
    /// The name of the organization that provides the destinations.
    org_name_providing_destinations: String,
    /// The number of the organization that provides the device defaults.
    org_id_providing_device_defaults: OrgId,
    /// The uid of the organization that provides the device defaults.
    org_uid_providing_device_defaults: OrgUid,
    /// The name of the organization that provides the device defaults.
    org_name_providing_device_defaults: String,
}

impl Origins {
    pub(super) fn of(org_id: OrgId, org_uid: OrgUid, settings: &SettingsView) -> Self {
        let (places, defaults) = (&settings.destinations_from, &settings.device_defaults_from);
        Self {
            org_id,
            org_uid,
            org_id_providing_org: Null,
            org_uid_providing_org: Null,
            org_name_providing_org: Null,
            org_id_providing_destinations: places.id,
            org_uid_providing_destinations: places.uid.clone(),
            org_name_providing_destinations: places.name.clone(),
            org_id_providing_device_defaults: defaults.id,
            org_uid_providing_device_defaults: defaults.uid.clone(),
            org_name_providing_device_defaults: defaults.name.clone(),
        }
    }
}

/// Files of a Windows migration; always empty ones.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::http) struct UsmtFiles {
    user: UsmtFile,
    app: UsmtFile,
    docs: UsmtFile,
    config: UsmtFile,
    custom: UsmtFile,
}

/// A file of a Windows migration.
#[derive(Default, Serialize, ToSchema)]
struct UsmtFile {
    /// Always empty.
    filename: &'static str,
}

/// The settings that are kept by key.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(in crate::http) struct SettingsByKey(pub(in crate::http) BTreeMap<String, SettingByKey>);

/// A setting that is kept by key.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SettingByKey {
    /// Always `ORG`.
    pub(in crate::http) scope: &'static str,
    /// The value, always a text.
    pub(in crate::http) value: String,
    /// Whether organizations below cannot override it.
    pub(in crate::http) locked: bool,
    /// The organization that provides it.
    pub(in crate::http) id: OrgId,
}

/// The body that changes settings that are kept by key.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct PacketsBody {
    /// At most 500.
    #[serde(default)]
    #[schema(schema_with = packets)]
    pub(in crate::http) packets: Value,
}

fn switch(text: &str) -> ObjectBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::Boolean);
    schema.description(Some(text))
}

fn packets() -> RefOr<Schema> {
    let text = |text: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        schema.description(Some(text))
    };
    let packet = ObjectBuilder::new()
        .property("key", text("At most 200 characters."))
        .required("key")
        .property("value", text("Always a text; at most 64 KiB."))
        .required("value")
        .property(
            "locked",
            switch("Whether organizations below cannot override it."),
        );
    let packets = ArrayBuilder::new().items(packet);
    packets.description(Some("At most 500.")).into()
}

/// The document of an organization that a client writes back. What can only be read is ignored; what is not there stays.
#[derive(Deserialize)]
#[serde(transparent)]
pub(in crate::http) struct OrgEditBody(pub(in crate::http) Map<String, Value>);

impl PartialSchema for OrgEditBody {
    fn schema() -> RefOr<Schema> {
        let inherited = |what: &str| switch(&format!("Whether the {what} inherited."));
        let destinations = ArrayBuilder::new().items(reference::<DestinationDocument>());
        let settings = schemas::setting_fields()
            .property("isUsingQuotaDefaults", inherited("quota is"))
            .property("isUsingReportingDefaults", inherited("reporting is"))
            .property("isUsingDestinationDefaults", inherited("destinations are"))
            .property(
                "destinations",
                destinations.description(Some("The destinations to offer.")),
            )
            .description(Some("What to change; what is not there stays."));
        let document = ObjectBuilder::new()
            .property("settings", settings)
            .property("deviceDefaults", schemas::device_defaults());
        AllOfBuilder::new()
            .item(reference::<org42_types::UpdateOrgBody>())
            .item(document)
            .into()
    }
}

impl ToSchema for OrgEditBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((
            DestinationDocument::name().into_owned(),
            DestinationDocument::schema(),
        ));
        schemas.push((
            org42_types::UpdateOrgBody::name().into_owned(),
            org42_types::UpdateOrgBody::schema(),
        ));
        org42_types::UpdateOrgBody::schemas(schemas);
    }
}
