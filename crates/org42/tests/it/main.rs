//! The tests of the client against real sockets: a scripted server for faults, the authority for everything else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authority;
mod authority_settings;
mod blocking;
mod blocking_places;
mod cancellation;
mod certificates;
mod fault_matrix;
mod faults;
mod flavors;
mod keys;
mod listing;
mod listing_ahead;
mod listing_odd;
mod org_settings;
mod org_settings_backup_sets;
mod org_settings_changes;
mod org_settings_coupled;
mod org_settings_faults;
mod org_settings_keys;
mod org_settings_random;
mod org_settings_writes;
mod orgs;
mod orgs_create;
mod profiles;
mod settings;
mod settings_model;
mod settings_tenant;
mod tls;
mod tokens;
mod transport;
mod verified;
