//! Archives and cold storage as the routes show them.

use org42_types::{OrgId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::answer::Null;
use crate::http::listing::{Rows, Total};
use crate::service::ArchiveView;

/// An archive.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Archive)]
pub(in crate::http) struct ArchiveDocument {
    /// The guid of the archive, a decimal text.
    archive_guid: String,
    /// The device.
    backup_source_guid: String,
    /// The number of the user.
    user_id: u32,
    /// The uid of the user.
    user_uid: String,
    /// How large it is, in bytes.
    archive_bytes: u64,
    /// The destination.
    target_guid: String,
    /// When it was last backed up to.
    last_completed_backup: Timestamp,
    /// Whether it is in cold storage.
    is_cold_storage: bool,
    last_maintained: Null,
    maintenance_duration: Null,
    compact_bytes_removed: Null,
    /// Always 1.
    store_point_id: u32,
    /// How much is backed up, in bytes.
    selected_bytes: u64,
    selected_files: Null,
    /// Always 0.
    todo_bytes: u64,
    /// Always `ARCHIVE_V1`.
    format: &'static str,
}

impl From<ArchiveView> for ArchiveDocument {
    fn from(view: ArchiveView) -> Self {
        Self {
            archive_guid: view.archive.guid,
            backup_source_guid: view.device.guid,
            user_id: view.user.id,
            user_uid: view.user.uid,
            archive_bytes: view.archive.bytes,
            target_guid: view.destination,
            last_completed_backup: view.archive.last_backup,
            is_cold_storage: view.purge_at.is_some(),
            last_maintained: Null,
            maintenance_duration: Null,
            compact_bytes_removed: Null,
            store_point_id: 1,
            selected_bytes: view.archive.bytes,
            selected_files: Null,
            todo_bytes: 0,
            format: "ARCHIVE_V1",
        }
    }
}

/// A page of archives.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ArchivePage {
    /// The archives of this page.
    #[schema(value_type = Vec<ArchiveDocument>)]
    pub(in crate::http) archives: Rows<ArchiveDocument>,
    /// How many there are on all pages.
    #[schema(value_type = u64)]
    pub(in crate::http) total_count: Total,
}

/// An archive in cold storage.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ColdStorageRow {
    /// The guid of the archive, a decimal text.
    archive_guid: String,
    /// How large it is, in bytes.
    archive_bytes: u64,
    /// When it is purged.
    archive_hold_expire_date: Option<Timestamp>,
    /// The number of the organization.
    org_id: OrgId,
    /// The name of the organization.
    org_name: String,
    /// Always 1.
    mount_point_id: u32,
    /// Always `org42`.
    mount_point_name: &'static str,
    /// Always `org42 authority`.
    server_name: &'static str,
    /// Always `BACKUP`.
    archive_type: &'static str,
    fcu_id: Null,
    /// The number of the user.
    source_user_id: u32,
    /// The first name of the user.
    source_user_first_name: Option<String>,
    /// The last name of the user.
    source_user_last_name: Option<String>,
    /// What the user signs in with.
    source_user_user_name: String,
    /// The mail address of the user.
    source_user_email: Option<String>,
    /// The number of the device.
    source_computer_id: u32,
    /// The guid of the device, a decimal text.
    source_computer_guid: String,
    /// The name of the device.
    source_computer_name: String,
    /// The same as the name.
    source_computer_os_hostname: String,
    /// Always `CrashPlan`.
    source_computer_service: &'static str,
}

impl From<ArchiveView> for ColdStorageRow {
    fn from(view: ArchiveView) -> Self {
        Self {
            archive_guid: view.archive.guid,
            archive_bytes: view.archive.bytes,
            archive_hold_expire_date: view.purge_at,
            org_id: view.org.id,
            org_name: view.org.name,
            mount_point_id: 1,
            mount_point_name: "org42",
            server_name: "org42 authority",
            archive_type: "BACKUP",
            fcu_id: Null,
            source_user_id: view.user.id,
            source_user_first_name: view.user.first_name,
            source_user_last_name: view.user.last_name,
            source_user_user_name: view.user.username,
            source_user_email: view.user.email,
            source_computer_id: view.device.id,
            source_computer_guid: view.device.guid,
            source_computer_name: view.device.name.clone(),
            source_computer_os_hostname: view.device.name,
            source_computer_service: "CrashPlan",
        }
    }
}

/// A page of the archives in cold storage.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ColdStoragePage {
    /// The archives of this page.
    #[schema(value_type = Vec<ColdStorageRow>)]
    pub(in crate::http) cold_storage_rows: Rows<ColdStorageRow>,
    /// How many there are on all pages.
    #[schema(value_type = u64)]
    pub(in crate::http) total_count: Total,
}
