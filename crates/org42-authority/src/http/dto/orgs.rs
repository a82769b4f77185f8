//! Organizations as the routes of v1, v3 and the gateway show them.

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::schemas;
use super::settings::{
    FullSettings, InheritedSettings, Origins, Quotas, SettingsBlock, SummarizedSettings, UsmtFiles,
};
use crate::fidelity::{GatewayCounts, V3Dates};
use crate::http::answer::{Empty, Shown};
use crate::http::dto::queries::OrgDetails;
use crate::http::listing::{Rows, Total};
use crate::service::{Counts, OrgView, With};

/// A date as one of the dialects writes it.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) enum Date {
    Iso(Timestamp),
    Java(Timestamp),
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Iso(time) => serializer.collect_str(time),
            Self::Java(time) => serializer.serialize_str(&time.to_java_string()),
        }
    }
}

/// An organization of the v1 and v3 routes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Org)]
pub(crate) struct OrgDocument {
    /// The number of the organization.
    org_id: OrgId,
    /// The uid of the organization.
    org_uid: OrgUid,
    /// The guid of the organization.
    org_guid: OrgGuid,
    /// The name of the organization.
    org_name: String,
    /// External reference, such as a serial number, asset tag or help desk issue.
    org_ext_ref: Option<String>,
    /// Free text.
    notes: Option<String>,
    /// The state in words.
    status: &'static str,
    /// Whether neither it nor an organization above it is deactivated.
    active: bool,
    /// Whether it or an organization above it is blocked.
    blocked: bool,
    /// Null for the top organization.
    parent_org_id: Option<OrgId>,
    /// Null for the top organization.
    parent_org_uid: Option<OrgUid>,
    /// Null for the top organization.
    parent_org_guid: Option<OrgGuid>,
    /// Always `ENTERPRISE`.
    r#type: &'static str,
    /// Always `BASIC`.
    classification: &'static str,
    /// The uid again; of the v1 routes alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<OrgUid>,
    hierarchy_counts: Empty,
    config_inheritance_counts: Empty,
    /// The v3 routes write dates as Java does.
    #[schema(value_type = String)]
    creation_date: Date,
    /// When it was last changed.
    #[schema(value_type = String)]
    modification_date: Date,
    /// When it was deactivated; null while it is active.
    #[schema(value_type = Option<String>)]
    deactivation_date: Option<Date>,
    /// What it is set to; without `incSettings` two limits without values.
    settings: SettingsBlock<FullSettings>,
    /// What is in force above it.
    settings_inherited: SettingsBlock<InheritedSettings>,
    /// What is in force in it.
    settings_summary: SettingsBlock<SummarizedSettings>,
    registration_key: RegistrationKey,
    reporting: Reporting,
    /// Whether it has device defaults of its own; false where settings were not asked for.
    custom_config: bool,
    #[serde(flatten)]
    #[schema(value_type = OrgCounts)]
    counts: Option<OrgCounts>,
    /// Where its settings come from; with `incInheritedOrgInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    org_inherit_dto: Option<Origins>,
    /// What new devices start with; with `incDeviceDefaults`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schemas::device_defaults)]
    device_defaults: Option<Value>,
    /// With `incWindowsUsmtFiles`.
    #[serde(skip_serializing_if = "Option::is_none")]
    windows_usmt_files: Option<UsmtFiles>,
}

/// Who manages an organization; always nobody.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Reporting {
    /// Always empty.
    org_managers: Vec<String>,
}

/// What is in an organization and below it; with `incCounts`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrgCounts {
    /// Organizations, itself included.
    #[schema(required = false)]
    org_count: u64,
    /// Users.
    #[schema(required = false)]
    user_count: u64,
    /// Users, as `userCount`.
    #[schema(required = false)]
    licensed_user_count: u64,
    /// Devices.
    #[schema(required = false)]
    computer_count: u64,
    /// Devices, as `computerCount`.
    #[schema(required = false)]
    backup_computer_count: u64,
    /// Devices, as `computerCount`.
    #[schema(required = false)]
    backup_device_count: u64,
    /// Always 0.
    #[schema(required = false)]
    share_device_count: u64,
    /// Backup plans.
    #[schema(required = false)]
    plan_count: u64,
}

impl From<Counts> for OrgCounts {
    fn from(counts: Counts) -> Self {
        Self {
            org_count: counts.orgs,
            user_count: counts.users,
            licensed_user_count: counts.users,
            computer_count: counts.devices,
            backup_computer_count: counts.devices,
            backup_device_count: counts.devices,
            share_device_count: 0,
            plan_count: counts.plans,
        }
    }
}

/// A page of organizations.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct OrgPage {
    /// The organizations of this page.
    #[schema(value_type = Vec<OrgDocument>)]
    pub(in crate::http) orgs: Rows<OrgDocument>,
    /// How many there are on all pages.
    #[schema(value_type = u64)]
    pub(in crate::http) total_count: Total,
}

impl OrgDetails {
    /// Returns the parts of an organization that the tenant has to read for these details.
    pub(in crate::http) fn with(&self) -> With {
        let is = |flag: Option<bool>| flag.unwrap_or(false);
        With {
            counts: is(self.inc_counts),
            settings: is(self.inc_settings)
                || is(self.inc_device_defaults)
                || is(self.inc_inherited_org_info),
        }
    }
}

impl OrgDocument {
    /// Returns an organization of the v1 routes.
    pub(crate) fn v1(view: OrgView) -> Self {
        let external_id = Some(view.org.uid.clone());
        Self {
            external_id,
            ..Self::of(view, Date::Iso)
        }
    }

    /// Returns an organization of the v3 routes, which write dates in another way and have no `externalId`.
    pub(in crate::http) fn v3(view: OrgView, dates: V3Dates) -> Self {
        Self::of(
            view,
            match dates {
                V3Dates::Java => Date::Java,
                V3Dates::Iso => Date::Iso,
            },
        )
    }

    fn of(view: OrgView, date: fn(Timestamp) -> Date) -> Self {
        let OrgView {
            org,
            state,
            parent,
            counts,
            ..
        } = view;
        let (own, inherited, summary) = Quotas::of_listed(parent.is_none());
        let (parent_org_id, parent_org_uid, parent_org_guid) = match parent {
            Some(parent) => (Some(parent.id), Some(parent.uid), Some(parent.guid)),
            None => (None, None, None),
        };
        Self {
            org_id: org.id,
            org_uid: org.uid,
            org_guid: org.guid,
            org_name: org.name,
            org_ext_ref: org.ext_ref,
            notes: org.notes,
            status: state.status(),
            active: state.active,
            blocked: state.blocked,
            parent_org_id,
            parent_org_uid,
            parent_org_guid,
            r#type: "ENTERPRISE",
            classification: "BASIC",
            external_id: None,
            hierarchy_counts: Empty {},
            config_inheritance_counts: Empty {},
            creation_date: date(org.created_at),
            modification_date: date(org.modified_at),
            deactivation_date: state.inactive_since.map(date),
            settings: SettingsBlock::Quotas(own),
            settings_inherited: SettingsBlock::Quotas(inherited),
            settings_summary: SettingsBlock::Quotas(summary),
            registration_key: org.registration_key,
            reporting: Reporting {
                org_managers: Vec::new(),
            },
            custom_config: false,
            counts: counts.map(OrgCounts::from),
            org_inherit_dto: None,
            device_defaults: None,
            windows_usmt_files: None,
        }
    }

    /// Adds what was asked for beside the organization itself.
    pub(in crate::http) fn detailed(
        view: OrgView,
        details: &OrgDetails,
        show: impl FnOnce(OrgView) -> Self,
    ) -> Self {
        let is = |flag: Option<bool>| flag.unwrap_or(false);
        let settings = view.settings.clone();
        let (is_top, id, uid) = (view.parent.is_none(), view.org.id, view.org.uid.clone());
        let mut document = show(view);
        if let Some(settings) = settings {
            document.custom_config = settings.own.device_defaults.is_some();
            if is(details.inc_settings) {
                document.settings =
                    SettingsBlock::Full(Box::new(FullSettings::of(&settings, is_top)));
                document.settings_inherited =
                    SettingsBlock::Full(Box::new(InheritedSettings::of(&settings)));
                document.settings_summary =
                    SettingsBlock::Full(Box::new(SummarizedSettings::of(&settings)));
            }
            if is(details.inc_inherited_org_info) {
                document.org_inherit_dto = Some(Origins::of(id, uid, &settings));
            }
            if is(details.inc_device_defaults) {
                document.device_defaults = Some(settings.in_force.device_defaults);
            }
        }
        if is(details.inc_windows_usmt_files) {
            document.windows_usmt_files = Some(UsmtFiles::default());
        }
        document
    }
}

/// An organization of the gateway.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GatewayOrg)]
pub(in crate::http) struct GatewayOrgDocument {
    /// The guid of the organization.
    org_guid: OrgGuid,
    /// The name of the organization.
    org_name: String,
    /// External reference, such as a serial number, asset tag or help desk issue.
    org_ext_ref: Option<String>,
    /// Free text.
    notes: Option<String>,
    /// Null for the top organization.
    parent_org_guid: Option<OrgGuid>,
    /// Whether neither it nor an organization above it is deactivated.
    active: bool,
    /// When it was created.
    creation_date: Timestamp,
    /// When it was last changed.
    modification_date: Timestamp,
    /// When it was deactivated; null while it is active.
    deactivation_date: Option<Timestamp>,
    registration_key: RegistrationKey,
    #[serde(flatten)]
    #[schema(value_type = GatewayCountsDocument)]
    counts: Option<GatewayCountsDocument>,
}

/// What is below an organization of the gateway.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GatewayOrgCounts)]
struct GatewayCountsDocument {
    #[schema(schema_with = schemas::count, required = false)]
    user_count: GatewayCount,
    #[schema(schema_with = schemas::count, required = false)]
    computer_count: GatewayCount,
    /// Without the organization itself.
    #[schema(schema_with = schemas::count, required = false)]
    org_count: GatewayCount,
}

/// A count in the form that a switch asks for.
#[derive(Serialize)]
#[serde(untagged)]
enum GatewayCount {
    Number(u64),
    Text(String),
}

impl GatewayOrgDocument {
    pub(in crate::http) fn of(view: OrgView, form: GatewayCounts) -> Self {
        let OrgView {
            org,
            state,
            parent,
            counts,
            ..
        } = view;
        let itself = u64::from(state.active);
        let count = |count: u64| match form {
            GatewayCounts::Numbers => GatewayCount::Number(count),
            GatewayCounts::Texts => GatewayCount::Text(count.to_string()),
        };
        let counts = counts.map(|counts| GatewayCountsDocument {
            user_count: count(counts.users),
            computer_count: count(counts.devices),
            org_count: count(counts.orgs.saturating_sub(itself)),
        });
        Self {
            org_guid: org.guid,
            org_name: org.name,
            org_ext_ref: org.ext_ref,
            notes: org.notes,
            parent_org_guid: parent.map(|parent| parent.guid),
            active: state.active,
            creation_date: org.created_at,
            modification_date: org.modified_at,
            deactivation_date: state.inactive_since,
            registration_key: org.registration_key,
            counts,
        }
    }
}

/// All organizations of the gateway.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct GatewayOrgs {
    /// The organizations.
    #[schema(value_type = Vec<GatewayOrgDocument>)]
    pub(in crate::http) orgs: Rows<GatewayOrgDocument>,
    /// How many there are.
    #[schema(value_type = u64)]
    pub(in crate::http) total_count: Total,
}

impl Shown for OrgDocument {}
impl Shown for GatewayOrgDocument {}
