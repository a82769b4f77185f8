//! The thing that a path names: by number, uid or guid, as the parameter and `idType` say.

use org42_types::OrgGuid;
use org42_types::endpoints::ScopeKind;

use crate::domain::TenantRefusal;
use crate::http::params::Params;
use crate::service::{Caller, Scope, Service};
use crate::store::{DeviceLookup, OrgLookup, UserLookup};

/// The thing that a path names.
#[derive(Clone, Debug)]
pub(in crate::http) enum Named<K> {
    Key(K),
    /// The word `my`.
    Own,
    /// A text that cannot be a key.
    Unknown,
}

impl<K: Lookup> Named<K> {
    /// Returns the key, which is looked up if the path says `my`.
    pub(super) fn key(&self, tenant: &Service<'_>, caller: &Caller) -> Result<K, TenantRefusal> {
        match self {
            Self::Key(key) => Ok(key.clone()),
            Self::Own => K::own(tenant, caller),
            Self::Unknown => Err(K::unknown()),
        }
    }
}

/// A key of a thing that a right can be needed over.
pub(in crate::http) trait Lookup: Clone + Send + Sync + Sized + 'static {
    /// The kinds of things that it finds.
    const FINDS: &'static [ScopeKind];
    /// The values of `idType` that the documents of the API name; none where the path alone decides.
    const ID_TYPES: &'static [&'static str];

    /// Reads the value of a path parameter.
    fn named(parameter: &str, id: &str, params: &Params) -> Named<Self>;

    /// Returns the refusal of a key that finds nothing.
    fn unknown() -> TenantRefusal;

    /// Returns the scope of a right over this thing.
    fn scope(&self, over: ScopeKind) -> Scope;

    /// Returns the key that `my` stands for.
    fn own(tenant: &Service<'_>, caller: &Caller) -> Result<Self, TenantRefusal>;
}

fn parsed<T: std::str::FromStr, K>(id: &str, key: fn(T) -> K) -> Named<K> {
    match id.parse() {
        Ok(id) => Named::Key(key(id)),
        Err(_) => Named::Unknown,
    }
}

/// Returns whether `idType` has this ending, by which all its values can be distinguished.
fn id_type_ends(params: &Params, end: &str) -> bool {
    let kind = params.text("idType");
    kind.is_some_and(|kind| kind.to_ascii_lowercase().ends_with(end))
}

impl Lookup for OrgLookup {
    const FINDS: &'static [ScopeKind] = &[ScopeKind::Org, ScopeKind::Inside];
    const ID_TYPES: &'static [&'static str] = &["orgId", "orgUid", "orgGuid"];

    fn named(parameter: &str, id: &str, params: &Params) -> Named<Self> {
        if parameter == "orgGuid" {
            return parsed::<OrgGuid, _>(id, Self::Guid);
        }
        if id == "my" {
            return Named::Own;
        }
        let kind = params.text("idType").unwrap_or("orgId");
        match kind.to_ascii_lowercase().as_str() {
            "orguid" | "uid" => parsed(id, Self::Uid),
            "orgguid" | "guid" => parsed(id, Self::Guid),
            _ => parsed(id, Self::Id),
        }
    }

    fn unknown() -> TenantRefusal {
        TenantRefusal::OrgNotFound
    }

    fn scope(&self, over: ScopeKind) -> Scope {
        match over {
            ScopeKind::Inside => Scope::Inside(self.clone()),
            _ => Scope::Org(self.clone()),
        }
    }

    fn own(tenant: &Service<'_>, caller: &Caller) -> Result<Self, TenantRefusal> {
        Ok(Self::Id(tenant.user_of(caller)?.org.id))
    }
}

impl Lookup for UserLookup {
    const FINDS: &'static [ScopeKind] = &[ScopeKind::User];
    const ID_TYPES: &'static [&'static str] = &["id", "uid"];

    fn named(parameter: &str, id: &str, params: &Params) -> Named<Self> {
        match parameter == "userUid" || id_type_ends(params, "uid") {
            true => Named::Key(Self::Uid(id.to_owned())),
            false => parsed(id, Self::Id),
        }
    }

    fn unknown() -> TenantRefusal {
        TenantRefusal::UserNotFound
    }

    fn scope(&self, _: ScopeKind) -> Scope {
        Scope::User(self.clone())
    }

    fn own(_: &Service<'_>, _: &Caller) -> Result<Self, TenantRefusal> {
        Err(Self::unknown())
    }
}

impl Lookup for DeviceLookup {
    const FINDS: &'static [ScopeKind] = &[ScopeKind::Device];
    const ID_TYPES: &'static [&'static str] = &["id", "guid"];

    fn named(_: &str, id: &str, params: &Params) -> Named<Self> {
        match id_type_ends(params, "guid") {
            true => Named::Key(Self::Guid(id.to_owned())),
            false => parsed(id, Self::Id),
        }
    }

    fn unknown() -> TenantRefusal {
        TenantRefusal::DeviceNotFound
    }

    fn scope(&self, _: ScopeKind) -> Scope {
        Scope::Device(self.clone())
    }

    fn own(_: &Service<'_>, _: &Caller) -> Result<Self, TenantRefusal> {
        Err(Self::unknown())
    }
}
