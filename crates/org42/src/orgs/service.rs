//! The organizations of a tenant: every method of py42's `OrgService`, under the same name.

use std::fmt;
use std::sync::Arc;

use org42_types::{AgentState, IdError, Org, OrgGuid, endpoints};

use crate::answer::response::Response;
use crate::call::client::Client;
use crate::call::request::Call;
use crate::error::{Error, Result};
use crate::orgs::found::guid_in;
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::lifecycle::Lifecycle;
use crate::orgs::org_key::OrgKey;
use crate::orgs::requests::{CreateOrg, UpdateOrg, checked_name, shortened};
use crate::orgs::verified::{Aim, Wanted};

/// The organizations of a tenant.
///
/// Returned by [`Client::orgs`]; cheap to clone. Every method takes an organization as any type that implements
/// [`IntoOrgKey`]: a number, a text, an id, an [`Org`], or the [`Response`] that contains one.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// use org42::CreateOrg;
///
/// let orgs = client.orgs();
/// let paris = orgs.create_org("Paris", CreateOrg::new().notes("opened in May")).await?;
/// orgs.block(&paris).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct OrgService {
    pub(crate) client: Client,
    pub(crate) params: Vec<(String, String)>,
}

/// Reads an argument that names an organization; the error names the operation.
pub(crate) fn named<T>(operation: &str, id: Result<T, IdError>) -> Result<T> {
    id.map_err(|error| Error::input(operation, error.to_string()))
}

/// Returns the key of an organization for a route that takes its number.
pub(crate) fn by_number(org: &impl IntoOrgKey) -> Result<OrgKey, IdError> {
    org.to_org_id()
        .map(OrgKey::Id)
        .or_else(|_| org.to_org_key())
}

impl Client {
    /// Returns the service for the tenant's organizations; sends nothing.
    pub fn orgs(&self) -> OrgService {
        OrgService::new(self.clone())
    }
}

impl OrgService {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            params: Vec::new(),
        }
    }

    /// Returns the same service, whose reading calls (`get`, `get_by_id`, `get_by_uid`, `get_by_guid`, `get_page`,
    /// `get_all`, `children`, `child`, `get_current`) send one more query parameter.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// let org = client.orgs().with_param("incCounts", true).get(42).await?;
    /// if let Some(users) = org.get("userCount") {
    ///     println!("{users} users, those of all descendants included");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn with_param(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.params.push((name.into(), value.to_string()));
        self
    }

    /// Creates an organization: a child of the one that `options` names, or of the top organization, which is the one
    /// visible organization whose parent is not visible.
    ///
    /// Sends `POST /api/v3/orgs`, and reads the listing first if the parent's guid is not known yet.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for an impossible name; [`is_not_found`](Error::is_not_found) for
    /// an unknown parent; [`is_ambiguous`](Error::is_ambiguous) when no parent is named and several organizations
    /// could be the top one; [`is_name_taken`](Error::is_name_taken) when a sibling has the name;
    /// [`is_parent_blocked`](Error::is_parent_blocked) and [`is_parent_inactive`](Error::is_parent_inactive).
    pub async fn create_org(
        &self,
        org_name: impl Into<String>,
        options: CreateOrg,
    ) -> Result<Response<Org>> {
        let name = org_name.into();
        let operation = format!("create organization {:?}", shortened(&name));
        let name = checked_name(&operation, &name)?;
        self.client.may_send(endpoints::ORGS_CREATE, &operation)?;
        let parent = match options.parent_key(&operation)? {
            Some(OrgKey::Guid(guid)) => guid,
            Some(key) => self.look_up(&operation, &key).await?.guid,
            None => self.top(&operation).await?,
        };
        let body = options.into_body(name, parent.clone());
        let call = Call::new(endpoints::ORGS_CREATE, operation).json(&body)?;
        let created = self.create(&call, &body, &parent).await?;
        self.client
            .0
            .ids
            .update(|known| Arc::make_mut(&mut known.value).insert(&created));
        Ok(created)
    }

    /// Reads an organization.
    ///
    /// Sends `GET /api/v3/orgs/{orgGuid}`. Unless the organization is named by its guid, the client first reads the
    /// listing, once for all of its calls, to find it.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// let by_number = client.orgs().get(42).await?;
    /// let by_guid = client.orgs().get("8c97h74umc2s8mmm").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for a value that cannot be an id;
    /// [`is_not_found`](Error::is_not_found) when the server has no such organization.
    pub async fn get(&self, org: impl IntoOrgKey) -> Result<Response<Org>> {
        let key = named("read an organization", org.to_org_key())?;
        self.read(&key).await
    }

    /// Reads the organization with this number: [`get`](Self::get) under py42's name.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub async fn get_by_id(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        let id = named("read an organization by id", org_id.to_org_id())?;
        self.read(&OrgKey::Id(id)).await
    }

    /// Reads the organization with this uid: [`get`](Self::get) under py42's name.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub async fn get_by_uid(&self, org_uid: impl IntoOrgKey) -> Result<Response<Org>> {
        let uid = named("read an organization by uid", org_uid.to_org_uid())?;
        self.read(&OrgKey::Uid(uid)).await
    }

    /// Reads the organization with this guid by `GET /api/v3/orgs/{orgGuid}`; a text of digits alone is a guid here
    /// too.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub async fn get_by_guid(&self, org_guid: impl IntoOrgKey) -> Result<Response<Org>> {
        let guid = named("read an organization by guid", org_guid.to_org_guid())?;
        self.read(&OrgKey::Guid(guid)).await
    }

    async fn read(&self, key: &OrgKey) -> Result<Response<Org>> {
        Ok(self.read_known(&format!("read {key}"), key).await?.1)
    }

    /// Reads an organization, and returns it with the guid that it was found by.
    async fn read_known(&self, operation: &str, key: &OrgKey) -> Result<(OrgGuid, Response<Org>)> {
        let known = self.look_up(operation, key).await?;
        let seen = known.generation;
        let guid = match self.read_org(operation, &known.guid).await {
            // The guid may be outdated: the tenant was restored, or the organization has moved between tenants.
            Err(error) if error.is_not_found() && !known.just_read => {
                let map = self
                    .newer_map(seen)
                    .await
                    .map_err(|error| error.during_look_up(operation))?;
                match guid_in(&map, key, operation, self.client.secrets())? {
                    same if same == known.guid => return Err(error),
                    other => other,
                }
            }
            read => return Ok((known.guid, read?)),
        };
        let read = self.read_org(operation, &guid).await?;
        Ok((guid, read))
    }

    pub(crate) async fn read_org(&self, operation: &str, guid: &OrgGuid) -> Result<Response<Org>> {
        let call = Call::new(endpoints::ORGS_GET, operation).path("orgGuid", guid);
        self.client.call(self.with_params(call)).await?.read_org()
    }

    /// Returns whether a parameter may leave organizations out of the listing.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.params.is_empty()
    }

    pub(crate) fn with_params(&self, call: Call) -> Call {
        self.params
            .iter()
            .fold(call, |call, (name, value)| call.query(name, value))
    }

    /// Reads the organization of the signed-in person.
    ///
    /// Sends `GET /api/v1/Org/my`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) with an API client, before anything is sent: this call needs a
    /// person.
    pub async fn get_current(&self) -> Result<Response<Org>> {
        const OPERATION: &str = "read the signed-in user's organization";
        const HINT: &str = "an API client belongs to no organization; sign in as a person, or name the organization";
        if self.client.0.session.is_api_client() {
            return Err(Error::input(OPERATION, "this call needs a user").with_hint(HINT));
        }
        let call = self.with_params(Call::new(endpoints::ORG_MY, OPERATION));
        let answer = self
            .client
            .call(call)
            .await
            .map_err(|error| match error.http_status() {
                Some(404 | 500) => error.with_hint(
                    "this call needs a user: with an API client's token it always fails",
                ),
                _ => error,
            });
        answer?.read_org()
    }

    /// Changes name, notes or external reference of an organization, and returns it as it is now. Fields that `change`
    /// does not set are not sent.
    ///
    /// Sends `PUT /api/v3/orgs/{orgGuid}`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when there is nothing to change, or for an impossible name;
    /// [`is_not_found`](Error::is_not_found); [`is_name_taken`](Error::is_name_taken) when a sibling has the name.
    pub async fn update_org(
        &self,
        org_id: impl IntoOrgKey,
        change: UpdateOrg,
    ) -> Result<Response<Org>> {
        let key = named("update an organization", org_id.to_org_key())?;
        let operation = format!("update {key}");
        let body = change.into_body(&operation)?;
        self.client.may_send(endpoints::ORGS_UPDATE, &operation)?;
        let (guid, before) = self.before(&operation, &key).await?;
        let call = Call::new(endpoints::ORGS_UPDATE, operation)
            .path("orgGuid", &guid)
            .json(&body)?;
        let aim = Aim::Fields(Wanted::by_update(&body));
        self.change(&call, &guid, &before, &aim).await
    }

    /// Blocks an organization and its descendants: no user in them can sign in, open sessions end, new registrations
    /// are refused. Active devices go on with their backups.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/block`. If the organization is blocked already, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found).
    pub async fn block(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        self.change_state(org_id, Lifecycle::Block).await
    }

    /// Unblocks an organization and its descendants. Their users stay blocked until each of them is unblocked.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/unblock`. If the organization is not blocked, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found).
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
    /// [`is_not_found`](Error::is_not_found).
    pub async fn deactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>> {
        self.change_state(org_id, Lifecycle::Deactivate).await
    }

    /// Reactivates a deactivated organization. Backups are not started again.
    ///
    /// Sends `POST /api/v3/orgs/{orgGuid}/activate`.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found); [`is_parent_inactive`](Error::is_parent_inactive) and
    /// [`is_parent_blocked`](Error::is_parent_blocked) when an organization above is inactive or blocked.
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
        let (guid, before) = self.before(&operation, &key).await?;
        let call = Call::new(lifecycle.endpoint(), operation).path("orgGuid", &guid);
        self.change(&call, &guid, &before, &Aim::State(lifecycle))
            .await
    }

    /// Reads an organization before it is changed.
    async fn before(&self, operation: &str, key: &OrgKey) -> Result<(OrgGuid, Org)> {
        let read = self.read_known(operation, key).await;
        let (guid, org) = read.map_err(|error| error.before_writing(operation))?;
        Ok((guid, org.into_value()))
    }

    /// Reads what the agents of an organization's devices last reported about a property, such as `fullDiskAccess`.
    ///
    /// Sends `GET /api/v14/agent-state/view-by-organization-id`, or `v38` on CrashPlan. The route takes the number, so
    /// an organization named by another id is looked up in the listing first.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the server does not have the organization.
    pub async fn get_agent_state(
        &self,
        org_id: impl IntoOrgKey,
        property_name: impl Into<String>,
    ) -> Result<Response<Vec<AgentState>>> {
        let operation = "read the states of agents";
        self.client
            .may_send(endpoints::AGENT_STATE_BY_ORG_V14, operation)?;
        let property = property_name.into();
        if property.trim().is_empty() {
            return Err(Error::input(operation, "a property has a name"));
        }
        let key = named(operation, by_number(&org_id))?;
        let id = self.number_of(operation, &key).await?;
        let operation = format!("read the agents' {property:?} in organization {id}");
        let call = Call::new(endpoints::AGENT_STATE_BY_ORG_V14, operation);
        self.client
            .call(call.query("orgId", id).query("propertyName", property))
            .await?
            .read()
    }

    /// Reads whether the agents of an organization's devices have full disk access; only Macs report it.
    ///
    /// # Errors
    ///
    /// See [`get_agent_state`](Self::get_agent_state).
    pub async fn get_agent_full_disk_access_states(
        &self,
        org_id: impl IntoOrgKey,
    ) -> Result<Response<Vec<AgentState>>> {
        self.get_agent_state(org_id, "fullDiskAccess").await
    }
}

impl fmt::Debug for OrgService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgService")
            .field("client", &self.client)
            .field("params", &self.params)
            .finish()
    }
}

/// The same without async; each file that has methods of the service ends with their blocking forms.
#[cfg(feature = "blocking")]
pub(crate) mod blocking {
    use std::fmt;

    use crate::blocking::runtime::Runtime;

    /// The organizations of a tenant; see [`org42::OrgService`](crate::OrgService).
    #[derive(Clone)]
    #[must_use]
    pub struct OrgService {
        pub(crate) inner: super::OrgService,
        pub(crate) runtime: Runtime,
    }

    impl fmt::Debug for OrgService {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.inner.fmt(f)
        }
    }
}

#[cfg(feature = "blocking")]
impl blocking::OrgService {
    /// Adds a parameter to the requests of this service, as
    /// [`org42::OrgService::with_param`](crate::OrgService::with_param) does.
    pub fn with_param(self, name: impl Into<String>, value: impl ToString) -> Self {
        Self {
            inner: self.inner.with_param(name, value),
            ..self
        }
    }
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn create_org(&self, org_name: impl Into<String>, options: CreateOrg) -> Result<Response<Org>>;
        pub fn get(&self, org: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_by_id(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_by_uid(&self, org_uid: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_by_guid(&self, org_guid: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_current(&self) -> Result<Response<Org>>;
        pub fn update_org(&self, org_id: impl IntoOrgKey, change: UpdateOrg) -> Result<Response<Org>>;
        pub fn block(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn unblock(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn deactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn reactivate(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn change_state(&self, org_id: impl IntoOrgKey, lifecycle: Lifecycle) -> Result<Response<Org>>;
        pub fn get_agent_state(&self, org_id: impl IntoOrgKey, property_name: impl Into<String>) -> Result<Response<Vec<AgentState>>>;
        pub fn get_agent_full_disk_access_states(&self, org_id: impl IntoOrgKey) -> Result<Response<Vec<AgentState>>>;
    }
}
