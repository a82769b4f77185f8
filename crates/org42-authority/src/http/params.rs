//! The query of a request.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use org42_types::OrgId;
use serde_json::{Map, Value};

use super::reply::ErrorReply;
use crate::domain::TenantRefusal;
use crate::service::{Caller, PageOf};
use crate::store::{DeviceLookup, OrgLookup, UserLookup};

/// The page of a listing where the client asks for no size.
const DEFAULT_PAGE: u32 = 100;

/// How many parameters a query may have: each is read, looked through and echoed.
const MOST: usize = 200;

/// Names and values in the order they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = ErrorReply;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorReply> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs: Vec<_> = pairs.take(MOST + 1).collect();
        if pairs.len() > MOST {
            let text = format!("A query has at most {MOST} parameters");
            return Err(TenantRefusal::Invalid(text).into());
        }
        let owned = pairs.into_iter();
        Ok(Self(
            owned
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        ))
    }
}

fn invalid(name: &str, value: &str, wanted: &str) -> TenantRefusal {
    TenantRefusal::Invalid(format!("{name}={value:?}: {wanted} is wanted"))
}

impl Params {
    /// The echo in `metadata.params`.
    pub(super) fn echo(&self) -> Map<String, Value> {
        let pairs = self.0.iter();
        pairs
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect()
    }

    /// A text; an empty one counts as not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// `true` or `false` in any case.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, TenantRefusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(invalid(name, text, "true or false")),
        }
    }

    fn number<T: FromStr>(&self, name: &str, wanted: &str) -> Result<Option<T>, TenantRefusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| invalid(name, text, wanted))
    }

    /// `pgNum` and `pgSize`, which is at most `max`.
    pub(super) fn page(&self, max: u32) -> Result<PageOf, TenantRefusal> {
        let wanted = "a whole number from 1";
        let num = self.number("pgNum", wanted)?.unwrap_or(1);
        let size: u32 = self.number("pgSize", wanted)?.unwrap_or(DEFAULT_PAGE);
        if num == 0 || size == 0 {
            let name = if num == 0 { "pgNum" } else { "pgSize" };
            return Err(invalid(name, "0", wanted));
        }
        Ok(PageOf {
            num,
            size: size.min(max),
        })
    }

    /// `srtDir=desc`.
    pub(super) fn descending(&self) -> bool {
        self.text("srtDir")
            .is_some_and(|dir| dir.eq_ignore_ascii_case("desc"))
    }

    /// The organization that a list is limited to: `orgUid`, `orgId` or `orgGuid`.
    pub(super) fn org(&self) -> Result<Option<OrgLookup>, TenantRefusal> {
        if let Some(text) = self.text("orgId") {
            let id: OrgId = text
                .parse()
                .map_err(|_| invalid("orgId", text, "a number"))?;
            return Ok(Some(OrgLookup::Id(id)));
        }
        if let Some(text) = self.text("orgUid") {
            return text
                .parse()
                .map(|uid| Some(OrgLookup::Uid(uid)))
                .map_err(|_| invalid("orgUid", text, "a uid"));
        }
        let Some(text) = self.text("orgGuid") else {
            return Ok(None);
        };
        text.parse()
            .map(|guid| Some(OrgLookup::Guid(guid)))
            .map_err(|_| invalid("orgGuid", text, "a guid"))
    }

    /// The organization that a path names by number or `my`, or by uid or guid where `idType` says so.
    pub(super) fn org_named(&self, id: &str, caller: &Caller) -> Result<NamedOrg, TenantRefusal> {
        if id == "my" {
            return Ok(match caller {
                Caller::User { id, .. } => NamedOrg::OfUser(*id),
                Caller::Program(_) | Caller::ApiClient => return Err(TenantRefusal::UserNotFound),
            });
        }
        let kind = self.text("idType").unwrap_or("orgId").to_ascii_lowercase();
        let key = match kind.as_str() {
            "orguid" | "uid" => id.parse().map(OrgLookup::Uid),
            "orgguid" | "guid" => id.parse().map(OrgLookup::Guid),
            _ => id.parse().map(OrgLookup::Id),
        };
        key.map(NamedOrg::Key)
            .map_err(|_| TenantRefusal::OrgNotFound)
    }

    /// The user that a path names, by number or, where `idType` says so, by uid.
    pub(super) fn user_named(&self, id: &str) -> Result<UserLookup, TenantRefusal> {
        match self.text("idType") {
            Some(kind) if kind.to_ascii_lowercase().ends_with("uid") => {
                Ok(UserLookup::Uid(id.to_owned()))
            }
            _ => id
                .parse()
                .map(UserLookup::Id)
                .map_err(|_| TenantRefusal::UserNotFound),
        }
    }

    /// The device that a path names, by number or, where `idType` says so, by guid.
    pub(super) fn device_named(&self, id: &str) -> Result<DeviceLookup, TenantRefusal> {
        match self.text("idType") {
            Some(kind) if kind.to_ascii_lowercase().ends_with("guid") => {
                Ok(DeviceLookup::Guid(id.to_owned()))
            }
            _ => id
                .parse()
                .map(DeviceLookup::Id)
                .map_err(|_| TenantRefusal::DeviceNotFound),
        }
    }
}

/// An organization named by a path.
#[derive(Clone, Debug)]
pub(super) enum NamedOrg {
    Key(OrgLookup),
    OfUser(u32),
}

impl NamedOrg {
    /// The key, looked up where the path says `my`.
    pub(super) fn key(
        &self,
        tenant: &crate::service::Service<'_>,
    ) -> Result<OrgLookup, TenantRefusal> {
        match self {
            Self::Key(key) => Ok(key.clone()),
            Self::OfUser(id) => Ok(OrgLookup::Id(tenant.user(&UserLookup::Id(*id))?.org.id)),
        }
    }
}
