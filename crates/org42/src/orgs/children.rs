//! The children of an organization. The API has no call for them, so they are found in the listing.

use org42_types::{Org, OrgGuid, OrgId, OrgUid};

use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::org_key::OrgKey;
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;
use crate::orgs::service::{OrgService, about, named};

impl OrgService {
    /// Reads the organizations directly below another, of every state, in the order of the listing.
    ///
    /// Sends `GET /api/v1/Org` for each page.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// for child in client.orgs().children(42).await? {
    ///     println!("{}", child.org_name);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the listing has no such organization.
    pub async fn children(&self, parent: impl IntoOrgKey) -> Result<Vec<Org>> {
        let key = named("list the children of an organization", parent.to_org_key())?;
        let operation = format!("list the children of {key}");
        about(key.id(), self.below(&key, &operation, |_| true)).await
    }

    /// Reads the organization of this name directly below another. Siblings have different names.
    ///
    /// Sends `GET /api/v1/Org` for each page.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::CreateOrg;
    ///
    /// let orgs = client.orgs();
    /// let paris = match orgs.child(42, "Paris").await {
    ///     Err(error) if error.is_not_found() => {
    ///         orgs.create_org("Paris", CreateOrg::new().parent(42)).await?.into_value()
    ///     }
    ///     found => found?,
    /// };
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the listing has no such parent, or no child of the name below it;
    /// [`is_ambiguous`](Error::is_ambiguous) when several children have the name.
    pub async fn child(&self, parent: impl IntoOrgKey, name: &str) -> Result<Org> {
        let key = named("read a child of an organization", parent.to_org_key())?;
        let name = name.trim();
        let operation = format!("read the child {name:?} of {key}");
        let mut found = self
            .below(&key, &operation, |org| org.org_name == name)
            .await?;
        match (found.pop(), found.len()) {
            (Some(org), 0) => Ok(org),
            (None, _) => {
                let message = format!("no organization below {key} is called {name:?}");
                Err(Error::new(operation, Fault::NotFound(message)))
            }
            (Some(last), _) => {
                found.push(last);
                let message = format!("{} organizations below {key} are called so", found.len());
                let candidates = found.iter().map(Org::key).collect();
                let fault = Fault::Ambiguous {
                    message,
                    candidates,
                };
                Err(Error::new(operation, fault))
            }
        }
    }

    async fn below(
        &self,
        parent: &OrgKey,
        operation: &str,
        mut is_wanted: impl FnMut(&Org) -> bool,
    ) -> Result<Vec<Org>> {
        if !matches!(parent, OrgKey::Guid(_)) {
            self.client.needs_numbers(operation)?;
        }
        let mut ids = Ids::of(parent);
        // Whether the parent was seen; a listing that parameters narrow may leave it out.
        let mut is_there = self.is_narrowed();
        let keep = |org: Org| {
            is_there |= ids.learn(&org);
            let may_be_child = ids.is_parent_of(&org).unwrap_or(true);
            (may_be_child && is_wanted(&org)).then(|| org.detach())
        };
        let mut found = self.get_all().orgs().collect_some(keep).await?;
        found.retain(|org| ids.is_parent_of(org) == Some(true));
        match is_there || !found.is_empty() {
            true => Ok(found),
            false => {
                let message = format!("none of the visible organizations is {parent}");
                Err(Error::new(operation, Fault::NotFound(message)))
            }
        }
    }
}

/// The known ids of one organization.
struct Ids {
    id: Option<OrgId>,
    uid: Option<OrgUid>,
    guid: Option<OrgGuid>,
}

impl Ids {
    fn of(key: &OrgKey) -> Self {
        let mut ids = Self {
            id: None,
            uid: None,
            guid: None,
        };
        match key {
            OrgKey::Id(id) => ids.id = Some(*id),
            OrgKey::Uid(uid) => ids.uid = Some(uid.clone()),
            OrgKey::Guid(guid) => ids.guid = Some(guid.clone()),
        }
        ids
    }

    /// Takes over the other ids if these are the organization's, and returns whether they are.
    fn learn(&mut self, org: &Org) -> bool {
        let is_it = same(&self.id, &org.org_id)
            .or(same(&self.uid, &org.org_uid))
            .or(same(&self.guid, &org.org_guid))
            == Some(true);
        if is_it {
            self.id = org.org_id;
            self.uid.clone_from(&org.org_uid);
            self.guid.clone_from(&org.org_guid);
        }
        is_it
    }

    /// Returns whether the organization is directly below this one; `None` if its parent is named by an id that is not
    /// known of this one.
    fn is_parent_of(&self, org: &Org) -> Option<bool> {
        same(&self.id, &org.parent_org_id)
            .or(same(&self.uid, &org.parent_org_uid))
            .or(same(&self.guid, &org.parent_org_guid))
    }
}

/// Compares two ids of a kind; `None` unless both are known.
fn same<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> Option<bool> {
    Some(one.as_ref()? == other.as_ref()?)
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn children(&self, parent: impl IntoOrgKey) -> Result<Vec<Org>>;
        pub fn child(&self, parent: impl IntoOrgKey, name: &str) -> Result<Org>;
    }
}
