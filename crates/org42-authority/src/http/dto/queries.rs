//! The queries of the endpoints, and what they mean to the tenant.

use org42_types::{OrgGuid, OrgId, OrgUid};

use crate::fidelity::{Fidelity, Listed};
use crate::http::query::{Count, queries};
use crate::service::{ArchiveQuery, DeviceQuery, OrgQuery, OrgSort, PageOf, UserQuery};
use crate::store::{OrgLookup, UserLookup};

/// The page of a listing where the client asks for no size.
const DEFAULT_PAGE: u32 = 100;

queries! {
    /// No parameters; those that come are repeated in the answer all the same.
    NoQuery {}

    /// Which organizations to list.
    OrgsQuery {
        /// The page, the first one being 1.
        pg_num: Count = "pgNum",
        /// How many organizations a page has; 100 unless given.
        pg_size: Count = "pgSize",
        /// Only active ones, or only inactive ones.
        active: bool = "active",
        /// Only blocked ones, or only those that are not.
        blocked: bool = "blocked",
        /// Only those whose name begins so, or that have this registration key.
        q: String = "q",
        /// `orgName` sorts by name, everything else by number.
        srt_key: String = "srtKey",
        /// `desc` sorts backwards.
        srt_dir: String = "srtDir",
        /// Whether to count what is in them.
        inc_counts: bool = "incCounts",
    }

    /// What to show of an organization beside itself.
    OrgDetails {
        /// Counts of what is in it.
        inc_counts: bool = "incCounts",
        /// What it is set to.
        inc_settings: bool = "incSettings",
        /// What new devices start with.
        inc_device_defaults: bool = "incDeviceDefaults",
        /// Which organizations provide what it inherits.
        inc_inherited_org_info: bool = "incInheritedOrgInfo",
        /// Files of a Windows migration; always empty ones.
        inc_windows_usmt_files: bool = "incWindowsUsmtFiles",
    }

    /// Which organizations the gateway lists.
    GatewayOrgsQuery {
        /// Only active ones, or only inactive ones.
        active: bool = "active",
    }

    /// Which settings to show that are kept by key.
    SettingKeysQuery {
        /// Only these, by comma.
        keys: String = "keys",
    }

    /// Whose login configuration to show.
    LoginQuery {
        /// The user's name.
        username: String = "username",
    }

    /// Which users to list.
    UsersQuery {
        /// The page, the first one being 1.
        pg_num: Count = "pgNum",
        /// How many users a page has; 100 unless given.
        pg_size: Count = "pgSize",
        /// Only those in this organization and below it, by number.
        org_id: OrgId = "orgId",
        /// Only those in this organization and below it, by uid.
        org_uid: OrgUid = "orgUid",
        /// Only those in this organization and below it, by guid.
        org_guid: OrgGuid = "orgGuid",
        /// Only active ones, or only inactive ones.
        active: bool = "active",
        /// Only blocked ones, or only those that are not.
        blocked: bool = "blocked",
        /// Only the one of this name.
        username: String = "username",
        /// Only those with this address.
        email: String = "email",
        /// Only those with this in name or address.
        q: String = "q",
        /// Only those with this role.
        role_id: String = "roleId",
        /// Whether to show their roles.
        inc_roles: bool = "incRoles",
    }

    /// What to show of a user beside the user.
    UserDetails {
        /// The names of the user's roles.
        inc_roles: bool = "incRoles",
    }

    /// What to reactivate a user with.
    UserReactivation {
        /// Whether to unblock the user too.
        unblock_user: bool = "unblockUser",
    }

    /// Which devices to list.
    DevicesQuery {
        /// The page, the first one being 1.
        pg_num: Count = "pgNum",
        /// How many devices a page has; 100 unless given.
        pg_size: Count = "pgSize",
        /// Only those in this organization and below it, by number.
        org_id: OrgId = "orgId",
        /// Only those in this organization and below it, by uid.
        org_uid: OrgUid = "orgUid",
        /// Only those in this organization and below it, by guid.
        org_guid: OrgGuid = "orgGuid",
        /// Only those of this user.
        user_uid: String = "userUid",
        /// Only active ones, or only inactive ones.
        active: bool = "active",
        /// Only blocked ones, or only those that are not.
        blocked: bool = "blocked",
        /// Only those with this in their name.
        q: String = "q",
        /// Whether to say how many there are.
        inc_counts: bool = "incCounts",
    }

    /// Which states of agents to list.
    AgentStatesQuery {
        /// Of the devices in this organization itself, by number; one of the three is required.
        org_id: OrgId = "orgId",
        /// Of the devices in this organization itself, by uid.
        org_uid: OrgUid = "orgUid",
        /// Of the devices in this organization itself, by guid.
        org_guid: OrgGuid = "orgGuid",
        /// The property; required.
        property_name: String = "propertyName",
    }

    /// Which state of which agent to show.
    AgentStateQuery {
        /// The device; required.
        device_guid: String = "deviceGuid",
        /// The property; required.
        property_name: String = "propertyName",
    }

    /// Which archives to list.
    ArchivesQuery {
        /// The page, the first one being 1.
        pg_num: Count = "pgNum",
        /// How many archives a page has; 100 unless given.
        pg_size: Count = "pgSize",
        /// Only those in this organization, by number.
        org_id: OrgId = "orgId",
        /// Only those in this organization, by uid.
        org_uid: OrgUid = "orgUid",
        /// Only those in this organization, by guid.
        org_guid: OrgGuid = "orgGuid",
        /// Whether those below the organization are listed too.
        inc_child_orgs: bool = "incChildOrgs",
        /// Only those of this device.
        backup_source_guid: String = "backupSourceGuid",
        /// Only those of this user.
        user_uid: String = "userUid",
        /// `desc` sorts backwards.
        srt_dir: String = "srtDir",
    }
}

fn page(num: Option<Count>, size: Option<Count>, fidelity: &Fidelity) -> PageOf {
    let Count(num) = num.unwrap_or(Count(1));
    let Count(size) = size.unwrap_or(Count(DEFAULT_PAGE));
    PageOf {
        num,
        size: size.min(fidelity.max_page_size),
    }
}

fn is_descending(srt_dir: Option<&str>) -> bool {
    srt_dir.is_some_and(|dir| dir.eq_ignore_ascii_case("desc"))
}

impl OrgsQuery {
    pub(in crate::http) fn query(&self, fidelity: &Fidelity) -> OrgQuery {
        let unless_asked = (fidelity.listed == Listed::Active).then_some(true);
        let key = self.srt_key.as_deref();
        let by_name = key.is_some_and(|key| key.eq_ignore_ascii_case("orgName"));
        OrgQuery {
            page: page(self.pg_num, self.pg_size, fidelity),
            under: None,
            active: self.active.or(unless_asked),
            blocked: self.blocked,
            search: self.q.clone(),
            sort: match (by_name, is_descending(self.srt_dir.as_deref())) {
                (false, false) => OrgSort::Number,
                (false, true) => OrgSort::NumberDown,
                (true, false) => OrgSort::Name,
                (true, true) => OrgSort::NameDown,
            },
            counts: self.inc_counts.unwrap_or(false),
        }
    }
}

macro_rules! limited_to_org {
    ($($query:ty)*) => {$(
        impl $query {
            /// Returns the organization that the list is limited to: the first one that is named.
            pub(in crate::http) fn org(&self) -> Option<OrgLookup> {
                let by_id = self.org_id.map(OrgLookup::Id);
                let by_uid = || self.org_uid.clone().map(OrgLookup::Uid);
                let by_guid = || self.org_guid.clone().map(OrgLookup::Guid);
                by_id.or_else(by_uid).or_else(by_guid)
            }
        }
    )*};
}

limited_to_org! { UsersQuery DevicesQuery AgentStatesQuery ArchivesQuery }

impl UsersQuery {
    pub(in crate::http) fn query(&self, fidelity: &Fidelity) -> UserQuery {
        UserQuery {
            page: page(self.pg_num, self.pg_size, fidelity),
            under: self.org(),
            active: self.active,
            blocked: self.blocked,
            username: self.username.clone(),
            email: self.email.clone(),
            search: self.q.clone(),
            role: self.role_id.clone(),
        }
    }
}

impl DevicesQuery {
    pub(in crate::http) fn query(&self, fidelity: &Fidelity) -> DeviceQuery {
        DeviceQuery {
            page: page(self.pg_num, self.pg_size, fidelity),
            under: self.org(),
            user: self.user_uid.clone().map(UserLookup::Uid),
            active: self.active,
            blocked: self.blocked,
            search: self.q.clone(),
        }
    }
}

impl ArchivesQuery {
    pub(in crate::http) fn query(&self, fidelity: &Fidelity, cold_only: bool) -> ArchiveQuery {
        let under = self.org();
        // Without an organization all of the tenant is meant.
        let below = self.inc_child_orgs.unwrap_or(!cold_only || under.is_none());
        ArchiveQuery {
            page: page(self.pg_num, self.pg_size, fidelity),
            under,
            below,
            device_guid: self.backup_source_guid.clone(),
            user_uid: self.user_uid.clone(),
            cold_only,
            descending: is_descending(self.srt_dir.as_deref()),
        }
    }
}
