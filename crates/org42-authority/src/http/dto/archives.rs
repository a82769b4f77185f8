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
    archive_guid: String,
    /// The device.
    backup_source_guid: String,
    user_id: u32,
    user_uid: String,
    archive_bytes: u64,
    /// The destination.
    target_guid: String,
    last_completed_backup: Timestamp,
    is_cold_storage: bool,
    last_maintained: Null,
    maintenance_duration: Null,
    compact_bytes_removed: Null,
    store_point_id: u32,
    selected_bytes: u64,
    selected_files: Null,
    todo_bytes: u64,
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
    archive_guid: String,
    archive_bytes: u64,
    /// When it is purged.
    archive_hold_expire_date: Option<Timestamp>,
    org_id: OrgId,
    org_name: String,
    mount_point_id: u32,
    mount_point_name: &'static str,
    server_name: &'static str,
    archive_type: &'static str,
    fcu_id: Null,
    source_user_id: u32,
    source_user_first_name: Option<String>,
    source_user_last_name: Option<String>,
    source_user_user_name: String,
    source_user_email: Option<String>,
    source_computer_id: u32,
    source_computer_guid: String,
    source_computer_name: String,
    source_computer_os_hostname: String,
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
    #[schema(value_type = Vec<ColdStorageRow>)]
    pub(in crate::http) cold_storage_rows: Rows<ColdStorageRow>,
    /// How many there are on all pages.
    #[schema(value_type = u64)]
    pub(in crate::http) total_count: Total,
}
