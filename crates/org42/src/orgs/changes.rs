//! The methods that change an organization: what is sent, and what is to come of it. Whether it came is found out by
//! `verified`.

use std::sync::Arc;

use org42_types::{Org, OrgGuid, endpoints};

use crate::answer::response::Response;
use crate::call::request::Call;
use crate::error::Result;
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::lifecycle::Lifecycle;
use crate::orgs::org_key::OrgKey;
use crate::orgs::requests::{CreateOrg, UpdateOrg, checked_name, shortened};
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;
use crate::orgs::service::{OrgService, about, named};
use crate::orgs::verified::{Aim, Wanted};

impl OrgService {
    /// Creates an organization: a child of the one that `options` names, or of the top organization, which is the one
    /// visible organization whose parent is not visible.
    ///
    /// Sends `POST /api/v3/orgs`, and reads the listing first if the parent's guid is not known yet.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](crate::Error::is_invalid_input) for an impossible name; [`is_not_found`](crate::Error::is_not_found) for
    /// an unknown parent; [`is_ambiguous`](crate::Error::is_ambiguous) when no parent is named and several organizations
    /// could be the top one; [`is_name_taken`](crate::Error::is_name_taken) when a sibling has the name;
    /// [`is_parent_blocked`](crate::Error::is_parent_blocked) and [`is_parent_inactive`](crate::Error::is_parent_inactive).
    pub async fn create_org(
        &self,
        org_name: impl Into<String>,
        options: CreateOrg,
    ) -> Result<Response<Org>> {
        let name = org_name.into();
        let operation = format!("create organization {:?}", shortened(&name));
        let name = checked_name(&operation, &name)?;
        let named = shortened(name);
        about(named, self.create_named(name, options, operation.clone())).await
    }

    async fn create_named(
        &self,
        name: &str,
        options: CreateOrg,
        operation: String,
    ) -> Result<Response<Org>> {
        self.client.may_send(endpoints::ORGS_CREATE, &operation)?;
        let parent = match options.parent_key(&operation)? {
            Some(OrgKey::Guid(guid)) => guid,
            Some(key) => self.look_up(&operation, &key).await?.guid,
            None => self.top(&operation).await?,
        };
        let body = options.into_body(name, parent.clone());
        let call = Call::new(endpoints::ORGS_CREATE, operation).json(&body)?;
        let _changing = self.client.changing();
        let created = self.create(&call, &body, &parent).await?;
        self.client
            .0
            .ids
            .update(|known| Arc::make_mut(&mut known.value).insert(&created));
        Ok(created)
    }

    /// Changes name, notes or external reference of an organization, and returns it as it is now. Fields that `change`
    /// does not set are not sent.
    ///
    /// Sends `PUT /api/v3/orgs/{orgGuid}`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](crate::Error::is_invalid_input) when there is nothing to change, or for an impossible name;
    /// [`is_not_found`](crate::Error::is_not_found); [`is_name_taken`](crate::Error::is_name_taken) when a sibling has the name.
    pub async fn update_org(
        &self,
        org_id: impl IntoOrgKey,
        change: UpdateOrg,
    ) -> Result<Response<Org>> {
        let key = named("update an organization", org_id.to_org_key())?;
        let operation = format!("update {key}");
        let body = change.into_body(&operation)?;
        self.client.may_send(endpoints::ORGS_UPDATE, &operation)?;
        let _changing = self.client.changing();
        let updating = async {
            let (guid, before) = self.before(&operation, &key).await?;
            let call = Call::new(endpoints::ORGS_UPDATE, &*operation)
                .path("orgGuid", &guid)
                .json(&body)?;
            let aim = Aim::Fields(Wanted::by_update(&body));
            self.change(&call, &guid, &before, &aim).await
        };
        about(key.id(), updating).await
    }

    /// Blocks an organization and its descendants: no user in them can sign in, open sessions end, new registrations
    /// are refused. Active devices go on with their backups.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/block`. If the organization is blocked already, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](crate::Error::is_not_found).
    pub async fn block(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        self.change_state(org_id, Lifecycle::Block).await
    }

    /// Unblocks an organization and its descendants. Their users stay blocked until each of them is unblocked.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/unblock`. If the organization is not blocked, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](crate::Error::is_not_found).
    pub async fn unblock(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        self.change_state(org_id, Lifecycle::Unblock).await
    }

    /// Deactivates an organization with its descendants, users, devices and plans: backups stop, and archives move to
    /// cold storage, from which they are purged after `archiveHoldDays` days. The server renames the organization.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/deactivate`.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](crate::Error::is_not_found).
    pub async fn deactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        self.change_state(org_id, Lifecycle::Deactivate).await
    }

    /// Reactivates a deactivated organization. Backups are not started again.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/activate`.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](crate::Error::is_not_found); [`is_parent_inactive`](crate::Error::is_parent_inactive) and
    /// [`is_parent_blocked`](crate::Error::is_parent_blocked) when an organization above is inactive or blocked.
    pub async fn reactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        self.change_state(org_id, Lifecycle::Reactivate).await
    }

    /// Changes the state of an organization: what [`block`](Self::block), [`unblock`](Self::unblock),
    /// [`deactivate`](Self::deactivate) and [`reactivate`](Self::reactivate) do.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// use org42::Lifecycle;
    ///
    /// let org = client.orgs().change_state(42, Lifecycle::Block).await?;
    /// assert_eq!(org.blocked, Some(true));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the four methods.
    pub async fn change_state(
        &self,
        org_id: impl IntoOrgKey,
        lifecycle: Lifecycle,
    ) -> Result<Response<Org>> {
        let unnamed = format!("{lifecycle} an organization");
        let key = named(&unnamed, org_id.to_org_key())?;
        let operation = format!("{lifecycle} {key}");
        self.client.may_send(lifecycle.endpoint(), &operation)?;
        let _changing = self.client.changing();
        let changing = async {
            let (guid, before) = self.before(&operation, &key).await?;
            let call = Call::new(lifecycle.endpoint(), &*operation).path("orgGuid", &guid);
            let aim = Aim::State(lifecycle);
            self.change(&call, &guid, &before, &aim).await
        };
        about(key.id(), changing).await
    }

    /// Reads an organization before it is changed.
    async fn before(&self, operation: &str, key: &OrgKey) -> Result<(OrgGuid, Org)> {
        let read = self.read_known(operation, key).await;
        let (guid, org) = read.map_err(|error| error.before_writing(operation))?;
        Ok((guid, org.into_value()))
    }
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn create_org(&self, org_name: impl Into<String>, options: CreateOrg) -> Result<Response<Org>>;
        pub fn update_org(&self, org_id: impl IntoOrgKey, change: UpdateOrg) -> Result<Response<Org>>;
        pub fn block(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn unblock(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn deactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn reactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn change_state(&self, org_id: impl IntoOrgKey, lifecycle: Lifecycle) -> Result<Response<Org>>;
    }
}
