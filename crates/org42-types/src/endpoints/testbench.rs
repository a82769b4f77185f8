//! The endpoints of an authority's test bench; an authority that is served without its test bench has none of them.

use super::access::Access::Administrator;

super::endpoints! {
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
