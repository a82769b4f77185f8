//! The endpoints that only an authority has: what devices' agents do, and the test bench.

use super::access::Access::{Administrator, Anyone, Credentials, Right};
use super::access::Credentials::Device;
use super::access::Right::Administer;
use super::access::ScopeKind::User;
use super::{Endpoint, testbench};

pub use super::testbench::*;

super::endpoints! {
    /// Registers a device of a user, as its agent does.
    AGENT_REGISTER = Post "/_authority/agent/register", WhenNotDone, Credentials(Device);
    /// Logs a device in.
    AGENT_LOGIN = Post "/_authority/agent/login", WhenNotDone, Credentials(Device);
    /// Backs a device up.
    AGENT_BACKUP = Post "/_authority/agent/backup", WhenNotDone, Credentials(Device);
    /// Starts the backups of a device again, and recovers its archives.
    AGENT_START_BACKUP = Post "/_authority/agent/start-backup", WhenNotDone, Credentials(Device);
    /// Reports a property of a device.
    AGENT_STATE = Post "/_authority/agent/state", WhenNotDone, Credentials(Device);
    /// Switches one-time codes of a user on; the answer is the only one that shows the secret.
    TOTP_ON = Post "/_authority/totp/{userUid}", ByKey, Right(Administer, User);
    /// Switches one-time codes of a user off.
    TOTP_OFF = Delete "/_authority/totp/{userUid}", WhenNotDone, Right(Administer, User);
    /// Lists the API clients, without their secrets.
    API_CLIENTS = Get "/_authority/api-clients", Freely, Administrator;
    /// Creates an API client; the answer is the only one that shows its secret.
    API_CLIENTS_CREATE = Post "/_authority/api-clients", ByKey, Administrator;
    /// Revokes an API client.
    API_CLIENTS_REVOKE = Delete "/_authority/api-clients/{clientId}", WhenNotDone, Administrator;
    /// Shows the OpenAPI document of everything that the authority serves.
    OPENAPI = Get "/_authority/openapi.json", Freely, Anyone;
}

/// The endpoints that every authority has.
pub const SERVICE: &[Endpoint] = ROWS;

/// The endpoints of the test bench, which an authority may be served without.
pub const TEST_BENCH: &[Endpoint] = testbench::ROWS;

/// Every endpoint that only an authority has.
pub const ALL: &[Endpoint] =
    &super::joined::<{ ROWS.len() + TEST_BENCH.len() }>(&[ROWS, TEST_BENCH]);
