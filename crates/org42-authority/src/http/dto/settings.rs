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
#[serde(rename_all = "camelCase")]
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
    destination_id: u32,
    guid: String,
    destination_name: String,
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
    destinations: Vec<DestinationDocument>,
    all_destinations: Vec<DestinationDocument>,
    is_default_roles_inherited: bool,
    is_using_destination_defaults: bool,
    is_using_quota_defaults: bool,
    is_using_reporting_defaults: bool,
    is_native_clients_enabled: bool,
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
    org_id: OrgId,
    org_uid: OrgUid,
    org_id_providing_org: Null,
    org_uid_providing_org: Null,
    org_name_providing_org: Null,
    org_id_providing_destinations: OrgId,
    org_uid_providing_destinations: OrgUid,
    org_name_providing_destinations: String,
    org_id_providing_device_defaults: OrgId,
    org_uid_providing_device_defaults: OrgUid,
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
        .property("locked", bool::schema());
    ArrayBuilder::new().items(packet).into()
}

/// The document of an organization that a client writes back. What can only be read is ignored; what is not there stays.
#[derive(Deserialize)]
#[serde(transparent)]
pub(in crate::http) struct OrgEditBody(pub(in crate::http) Map<String, Value>);

impl PartialSchema for OrgEditBody {
    fn schema() -> RefOr<Schema> {
        let switch = || bool::schema();
        let settings = schemas::setting_fields()
            .property("isUsingQuotaDefaults", switch())
            .property("isUsingReportingDefaults", switch())
            .property("isUsingDestinationDefaults", switch())
            .property(
                "destinations",
                ArrayBuilder::new().items(reference::<DestinationDocument>()),
            );
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
