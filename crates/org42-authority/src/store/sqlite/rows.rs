//! The tables, and how each record of the model is read from and written to its row.

use std::sync::LazyLock;

use org42_types::{OrgId, Timestamp};
use rusqlite::{Connection, params};

use super::cells::{Cells, Record, Table, revision_of, signed, text_of, time_of};
use crate::domain::settings::OwnSettings;
use crate::domain::{
    AgentStateRow, ApiClient, Archive, BackupPlan, Cold, Deactivation, Device, EndedToken,
    HoldDays, KeyedAnswer, Mark, OrgRecord, Path, Tenant, Totp, User,
};
use crate::store::{StoreError, username_key};

/// Returns every table, each after those that it refers to.
pub(super) fn tables() -> [&'static Table; 12] {
    [
        &TENANT,
        &ORG,
        &DEACTIVATION,
        &HOLD_DAYS,
        &SETTINGS,
        &USER,
        &DEVICE,
        &ARCHIVE,
        &AGENT_STATE,
        &API_CLIENT,
        &ENDED_TOKEN,
        &KEYED_ANSWER,
    ]
}

static TENANT: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        "tenant",
        0,
        "id revision tenant_uid next_id destinations signing_key",
    )
});

impl Record for Tenant {
    fn table() -> &'static Table {
        &TENANT
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        cells.take::<i64>()?;
        Ok(Self {
            revision: cells.revision()?,
            uid: cells.take()?,
            next_id: cells.take()?,
            destinations: cells.take_as(|text: String| serde_json::from_str(&text))?,
            signing_key: cells.take()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let destinations = serde_json::to_string(&self.destinations).map_err(StoreError::failed)?;
        let values = params![
            1,
            signed(self.revision.0)?,
            self.uid,
            self.next_id,
            destinations,
            self.signing_key
        ];
        TENANT.write(connection, values)
    }
}

static ORG: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        "org",
        1,
        "org_id org_uid org_guid parent_id path name former_name ext_ref notes registration_key \
         created_at modified_at blocked_revision unblocked_revision deactivated_revision \
         deactivated_at last_deactivation left_inactive \
         activated_revision revived_revision",
    )
});

impl Record for OrgRecord {
    fn table() -> &'static Table {
        &ORG
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: OrgId::from(cells.take::<u32>()?),
            uid: cells.parse()?,
            guid: cells.parse()?,
            parent_id: cells.take::<Option<u32>>()?.map(OrgId::from),
            path: Path::from_stored(cells.take()?),
            name: cells.take()?,
            former_name: cells.take()?,
            ext_ref: cells.take()?,
            notes: cells.take()?,
            registration_key: cells.parse()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            blocked_at: cells.revision()?,
            unblocked_at: cells.revision()?,
            deactivated: cells.mark()?,
            last_deactivation: cells.revision()?,
            left_inactive: cells.marks()?,
            activated_at: cells.revision()?,
            revived_at: cells.revision()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![
            self.id.get(),
            self.uid.as_str(),
            self.guid.as_str(),
            self.parent_id.map(OrgId::get),
            self.path.as_str(),
            self.name,
            self.former_name,
            self.ext_ref,
            self.notes,
            self.registration_key.as_str(),
            self.created_at.as_millis(),
            self.modified_at.as_millis(),
            signed(self.blocked_at.0)?,
            signed(self.unblocked_at.0)?,
            revision_of(self.deactivated)?,
            time_of(self.deactivated),
            signed(self.last_deactivation.0)?,
            text_of(&self.left_inactive)?,
            signed(self.activated_at.0)?,
            signed(self.revived_at.0)?,
        ];
        ORG.write(connection, values)
    }
}

static DEACTIVATION: LazyLock<Table> =
    LazyLock::new(|| Table::new("deactivation", 2, "org_id revision at"));

impl Record for Deactivation {
    fn table() -> &'static Table {
        &DEACTIVATION
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        let org_id = OrgId::from(cells.take::<u32>()?);
        Ok(Self {
            org_id,
            mark: Mark {
                revision: cells.revision()?,
                at: cells.time()?,
            },
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![
            self.org_id.get(),
            signed(self.mark.revision.0)?,
            self.mark.at.as_millis()
        ];
        DEACTIVATION.write(connection, values)
    }
}

static HOLD_DAYS: LazyLock<Table> =
    LazyLock::new(|| Table::new("hold_days", 2, "org_id revision days"));

impl Record for HoldDays {
    fn table() -> &'static Table {
        &HOLD_DAYS
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            org_id: OrgId::from(cells.take::<u32>()?),
            since: cells.revision()?,
            days: cells.take()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![self.org_id.get(), signed(self.since.0)?, self.days];
        HOLD_DAYS.write(connection, values)
    }
}

static SETTINGS: LazyLock<Table> =
    LazyLock::new(|| Table::new("org_settings", 1, "org_id settings"));

impl Record for OwnSettings {
    fn table() -> &'static Table {
        &SETTINGS
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        let org_id = OrgId::from(cells.take::<u32>()?);
        let own = cells.take_as(|text: String| serde_json::from_str(&text))?;
        Ok(Self { org_id, own })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let text = serde_json::to_string(&self.own).map_err(StoreError::failed)?;
        SETTINGS.write(connection, params![self.org_id.get(), text])
    }
}

static USER: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        "org_user",
        1,
        "user_id user_uid username username_key email first_name last_name ext_ref notes org_id \
         roles password_hash totp_secret totp_last_step created_at modified_at blocked \
         deactivated unblocked_revision activated_revision sessions_end",
    )
});

impl Record for User {
    fn table() -> &'static Table {
        &USER
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        let id = cells.take()?;
        let (uid, username) = (cells.take()?, cells.take()?);
        cells.take::<String>()?; // the username in lower case
        Ok(Self {
            id,
            uid,
            username,
            email: cells.take()?,
            first_name: cells.take()?,
            last_name: cells.take()?,
            ext_ref: cells.take()?,
            notes: cells.take()?,
            org_id: OrgId::from(cells.take::<u32>()?),
            roles: cells.take_as(|text: String| serde_json::from_str(&text))?,
            password_hash: cells.take()?,
            totp: read_totp(cells)?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            blocked: cells.take()?,
            deactivated: cells.take()?,
            unblocked_at: cells.revision()?,
            activated_at: cells.revision()?,
            sessions_end: cells.revision()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let totp = self.totp.as_ref();
        let roles = serde_json::to_string(&self.roles).map_err(StoreError::failed)?;
        let values = params![
            self.id,
            self.uid,
            self.username,
            username_key(&self.username),
            self.email,
            self.first_name,
            self.last_name,
            self.ext_ref,
            self.notes,
            self.org_id.get(),
            roles,
            self.password_hash,
            totp.map(|totp| &totp.secret),
            totp.map(|totp| signed(totp.last_step)).transpose()?,
            self.created_at.as_millis(),
            self.modified_at.as_millis(),
            self.blocked,
            self.deactivated,
            signed(self.unblocked_at.0)?,
            signed(self.activated_at.0)?,
            signed(self.sessions_end.0)?,
        ];
        USER.write(connection, values)
    }
}

fn read_totp(cells: &mut Cells<'_>) -> Result<Option<Totp>, StoreError> {
    let secret: Option<Vec<u8>> = cells.take()?;
    let last_step = cells.take_as(|step: Option<i64>| step.map(u64::try_from).transpose())?;
    Ok(secret.map(|secret| Totp {
        secret,
        last_step: last_step.unwrap_or(0),
    }))
}

static DEVICE: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        "device",
        1,
        "device_id guid user_id name os_name secret_hash created_at modified_at last_connected \
         login_date blocked deactivated plan_uid plan_started_revision plan_stopped",
    )
});

impl Record for Device {
    fn table() -> &'static Table {
        &DEVICE
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.take()?,
            guid: cells.take()?,
            user_id: cells.take()?,
            name: cells.take()?,
            os_name: cells.take()?,
            secret_hash: cells.take()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            last_connected: cells.maybe_time()?,
            login_date: cells.maybe_time()?,
            blocked: cells.take()?,
            deactivated: cells.take()?,
            plan: BackupPlan {
                uid: cells.take()?,
                started_at: cells.revision()?,
                stopped: cells.take()?,
            },
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![
            self.id,
            self.guid,
            self.user_id,
            self.name,
            self.os_name,
            self.secret_hash,
            self.created_at.as_millis(),
            self.modified_at.as_millis(),
            self.last_connected.map(Timestamp::as_millis),
            self.login_date.map(Timestamp::as_millis),
            self.blocked,
            self.deactivated,
            self.plan.uid,
            signed(self.plan.started_at.0)?,
            self.plan.stopped,
        ];
        DEVICE.write(connection, values)
    }
}

static ARCHIVE: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        "archive",
        1,
        "guid device_id bytes last_backup cold_since cold_hold_days warm_revision",
    )
});

impl Record for Archive {
    fn table() -> &'static Table {
        &ARCHIVE
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            guid: cells.take()?,
            device_id: cells.take()?,
            bytes: cells.number()?,
            last_backup: cells.time()?,
            cold: read_cold(cells)?,
            warm_at: cells.revision()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![
            self.guid,
            self.device_id,
            signed(self.bytes)?,
            self.last_backup.as_millis(),
            self.cold.map(|cold| cold.since.as_millis()),
            self.cold.map(|cold| cold.hold_days),
            signed(self.warm_at.0)?,
        ];
        ARCHIVE.write(connection, values)
    }
}

fn read_cold(cells: &mut Cells<'_>) -> Result<Option<Cold>, StoreError> {
    let since = cells.maybe_time()?;
    let hold_days: Option<u32> = cells.take()?;
    Ok(since
        .zip(hold_days)
        .map(|(since, hold_days)| Cold { since, hold_days }))
}

static AGENT_STATE: LazyLock<Table> =
    LazyLock::new(|| Table::new("agent_state", 2, "device_guid name value"));

impl Record for AgentStateRow {
    fn table() -> &'static Table {
        &AGENT_STATE
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            device_guid: cells.take()?,
            name: cells.take()?,
            value: cells.take()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        AGENT_STATE.write(connection, params![self.device_guid, self.name, self.value])
    }
}

static API_CLIENT: LazyLock<Table> =
    LazyLock::new(|| Table::new("api_client", 1, "client_id secret_hash created_at revoked"));

impl Record for ApiClient {
    fn table() -> &'static Table {
        &API_CLIENT
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            client_id: cells.take()?,
            secret_hash: cells.take()?,
            created_at: cells.time()?,
            revoked: cells.take()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![
            self.client_id,
            self.secret_hash,
            self.created_at.as_millis(),
            self.revoked
        ];
        API_CLIENT.write(connection, values)
    }
}

static ENDED_TOKEN: LazyLock<Table> =
    LazyLock::new(|| Table::new("ended_token", 1, "digest expires_at").that_stays());

impl Record for EndedToken {
    fn table() -> &'static Table {
        &ENDED_TOKEN
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            digest: cells.take()?,
            expires: cells.time()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        ENDED_TOKEN.write(connection, params![self.digest, self.expires.as_millis()])
    }
}

static KEYED_ANSWER: LazyLock<Table> = LazyLock::new(|| {
    Table::new(
        "keyed_answer",
        1,
        "digest asked status content_type document expires_at",
    )
});

impl Record for KeyedAnswer {
    fn table() -> &'static Table {
        &KEYED_ANSWER
    }

    fn from_cells(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            digest: cells.take()?,
            asked: cells.take()?,
            status: cells.take()?,
            content_type: cells.take()?,
            document: cells.take()?,
            expires: cells.time()?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let values = params![
            self.digest,
            self.asked,
            self.status,
            self.content_type,
            self.document,
            self.expires.as_millis()
        ];
        KEYED_ANSWER.write(connection, values)
    }
}
