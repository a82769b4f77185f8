//! The methods of the SDK: how each is called, and which request it is about.

use futures_util::future::{BoxFuture, FutureExt as _};
use org42::{Client, CreateOrg, Error, Happened, UpdateOrg};
use serde_json::{Value, json};

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Read,
    /// A read of the listing, which is read again where something is missing.
    Listing,
    /// A change that the organization shows.
    Change,
    Create,
}

type Call = fn(Client) -> BoxFuture<'static, Result<(), Error>>;

/// A method of the SDK.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    /// The request that it is about, as method and path.
    pub(crate) line: &'static str,
    pub(crate) call: Call,
    /// What organization 2 is like before.
    pub(crate) before: fn() -> Value,
}

macro_rules! methods {
    ($($name:literal, $class:ident, $line:literal, $before:tt: |$orgs:ident| $call:expr;)*) => {
        &[$(Method {
            name: $name,
            class: Class::$class,
            line: $line,
            call: |client| async move {
                let $orgs = client.orgs();
                $call.await.map(drop)
            }.boxed(),
            before: || json!($before),
        }),*]
    };
}

pub(crate) const METHODS: &[Method] = methods! {
    "get", Read, "GET /api/v3/orgs/guid-2", {}: |orgs| orgs.get("guid-2");
    "get_by_guid", Read, "GET /api/v3/orgs/guid-2", {}: |orgs| orgs.get_by_guid("guid-2");
    "get_by_id", Read, "GET /api/v3/orgs/guid-2", {}: |orgs| orgs.get_by_id(2);
    "get_by_uid", Read, "GET /api/v3/orgs/guid-2", {}: |orgs| orgs.get_by_uid("890000000000000002");
    "get_current", Read, "GET /api/v1/Org/my", {}: |orgs| orgs.get_current();
    "get_agent_state", Read, "GET /api/v14/agent-state/view-by-organization-id", {}:
        |orgs| orgs.get_agent_state(2, "fullDiskAccess");
    "get_agent_full_disk_access_states", Read, "GET /api/v14/agent-state/view-by-organization-id", {}:
        |orgs| orgs.get_agent_full_disk_access_states(2);
    "get_page", Read, "GET /api/v1/Org", {}: |orgs| orgs.get_page(Default::default());
    "get_all", Listing, "GET /api/v1/Org", {}: |orgs| async move { orgs.get_all().orgs().try_collect().await };
    "children", Listing, "GET /api/v1/Org", {}: |orgs| orgs.children("guid-1");
    "child", Listing, "GET /api/v1/Org", {}: |orgs| orgs.child("guid-1", "Org 2");
    "org_id_map", Listing, "GET /api/v1/Org", {}: |orgs| orgs.org_id_map();
    "block", Change, "POST /api/v3/orgs/guid-2/block", {}: |orgs| orgs.block("guid-2");
    "unblock", Change, "POST /api/v3/orgs/guid-2/unblock", {"blocked": true}: |orgs| orgs.unblock("guid-2");
    "deactivate", Change, "POST /api/v3/orgs/guid-2/deactivate", {}: |orgs| orgs.deactivate("guid-2");
    "reactivate", Change, "POST /api/v3/orgs/guid-2/activate", {"active": false}: |orgs| orgs.reactivate("guid-2");
    "update_org", Change, "PUT /api/v3/orgs/guid-2", {}:
        |orgs| orgs.update_org("guid-2", UpdateOrg::new().notes("new"));
    "create_org", Create, "POST /api/v3/orgs", {}:
        |orgs| orgs.create_org("Paris", CreateOrg::new().parent("guid-1").notes("new"));
};

/// What a call says of itself at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Done,
    /// It failed, and has happened or not, or that is not known.
    Failed(Happened),
}

impl Said {
    pub(crate) const NO: Self = Self::Failed(Happened::No);
    pub(crate) const UNKNOWN: Self = Self::Failed(Happened::Unknown);

    pub(crate) fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(error) => Self::Failed(error.happened()),
        }
    }
}
