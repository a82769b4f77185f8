//! The endpoints that only an authority has: what devices' agents do, and the test bench.

use super::Endpoint;
use super::access::Access::{Administrator, Credentials, Right};
use super::access::Credentials::Device;
use super::access::Over::User;
use super::access::Right::Administer;

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
    TOTP_ON = Post "/_authority/totp/{userUid}", WhenNotDone, Right(Administer, User);
    /// Switches one-time codes of a user off.
    TOTP_OFF = Delete "/_authority/totp/{userUid}", WhenNotDone, Right(Administer, User);
    /// Lists the API clients, without their secrets.
    API_CLIENTS = Get "/_authority/api-clients", Freely, Administrator;
    /// Creates an API client; the answer is the only one that shows its secret.
    API_CLIENTS_CREATE = Post "/_authority/api-clients", WhenNotDone, Administrator;
    /// Revokes an API client.
    API_CLIENTS_REVOKE = Delete "/_authority/api-clients/{clientId}", WhenNotDone, Administrator;
    /// Shows the tenant's name, and how much is in it.
    TENANT = Get "/_authority/tenant", Freely, Administrator;
    /// Adds a sample below the top organization.
    SEED = Post "/_authority/seed", WhenNotDone, Administrator;
    /// Replaces the tenant by a new one; its administrators go on signing in.
    RESET = Post "/_authority/reset", WhenNotDone, Administrator;
    /// Lists the snapshots.
    SNAPSHOTS = Get "/_authority/snapshots", Freely, Administrator;
    /// Saves the tenant as it is under a name.
    SNAPSHOTS_SAVE = Post "/_authority/snapshots", WhenNotDone, Administrator;
    /// Shows what a restoration would bring back, and what it would not.
    SNAPSHOTS_PREVIEW = Get "/_authority/snapshots/{name}", Freely, Administrator;
    /// Restores the tenant of a snapshot; its administrators go on signing in, and every session ends.
    SNAPSHOTS_RESTORE = Post "/_authority/snapshots/{name}/restore", WhenNotDone, Administrator;
    /// Deletes a snapshot.
    SNAPSHOTS_DELETE = Delete "/_authority/snapshots/{name}", WhenNotDone, Administrator;
    /// Lists the last requests, without secrets.
    REQUESTS = Get "/_authority/requests", Freely, Administrator;
    /// Forgets the noted requests.
    REQUESTS_FORGET = Delete "/_authority/requests", WhenNotDone, Administrator;
    /// Lists the faults in force.
    FAULTS = Get "/_authority/faults", Freely, Administrator;
    /// Adds a fault.
    FAULTS_ADD = Post "/_authority/faults", WhenNotDone, Administrator;
    /// Removes all faults.
    FAULTS_CLEAR = Delete "/_authority/faults", WhenNotDone, Administrator;
    /// Shows the switches for what is unknown about the real server.
    FIDELITY = Get "/_authority/fidelity", Freely, Administrator;
    /// Sets some switches.
    FIDELITY_SET = Put "/_authority/fidelity", WhenNotDone, Administrator;
    /// Sets all switches as they were at the start.
    FIDELITY_RESET = Delete "/_authority/fidelity", WhenNotDone, Administrator;
    /// Shows the time, and whether the clock runs.
    CLOCK = Get "/_authority/clock", Freely, Administrator;
    /// Sets, advances or stops the clock, or lets it run on.
    CLOCK_TURN = Post "/_authority/clock", WhenNotDone, Administrator;
    /// Shows the machine's time again.
    CLOCK_LET_GO = Delete "/_authority/clock", WhenNotDone, Administrator;
}

/// Every endpoint that only an authority has.
pub const ALL: &[Endpoint] = ROWS;
