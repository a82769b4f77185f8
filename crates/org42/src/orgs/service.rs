//! The organizations of a tenant: every method of py42's `OrgService`, under the same name.

use std::fmt;

use org42_types::{AgentState, IdError, Org, OrgGuid, endpoints};

use crate::answer::response::Response;
use crate::call::client::Client;
use crate::call::request::Call;
use crate::error::{Error, Result};
use crate::orgs::found::{FoundOrg, guid_in};
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::org_key::OrgKey;

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

/// Runs a call that is about an organization; its error says which, as the caller named it.
pub(crate) async fn about<T>(
    organization: impl fmt::Display,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    call.await.map_err(|error| error.about(organization))
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

    /// Reads an organization.
    ///
    /// Sends `GET /api/v3/orgs/{orgGuid}`, or `GET /api/v1/Org/{orgId}` for a number or a uid. Where the server does not
    /// answer the latter, the client reads the listing, once for all of its calls, to find the guid.
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
        let operation = format!("read {key}");
        let reading = async {
            match self.ask(&operation, key).await? {
                Some(org) => Ok(org),
                None => {
                    let known = self.known(&operation, key).await?;
                    Ok(self.read_found(&operation, key, known).await?.1)
                }
            }
        };
        about(key.id(), reading).await
    }

    /// Reads an organization, and returns it with the guid that it was found by.
    pub(crate) async fn read_known(
        &self,
        operation: &str,
        key: &OrgKey,
    ) -> Result<(OrgGuid, Response<Org>)> {
        let known = self.look_up(operation, key).await?;
        self.read_found(operation, key, known).await
    }

    /// Finds an organization that the server does not show by its number or uid.
    async fn known(&self, operation: &str, key: &OrgKey) -> Result<FoundOrg> {
        match key {
            OrgKey::Guid(_) => self.look_up(operation, key).await,
            OrgKey::Id(_) | OrgKey::Uid(_) => self.look_up_in_listing(operation, key).await,
        }
    }

    /// Reads an organization that was looked up, and looks it up again if it is not there any more.
    async fn read_found(
        &self,
        operation: &str,
        key: &OrgKey,
        known: FoundOrg,
    ) -> Result<(OrgGuid, Response<Org>)> {
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
        let reading = async {
            let id = self.number_of(operation, &key).await?;
            let operation = format!("read the agents' {property:?} in organization {id}");
            let call = Call::new(endpoints::AGENT_STATE_BY_ORG_V14, operation);
            let call = call.query("orgId", id).query("propertyName", property);
            self.client.call(call).await?.read()
        };
        about(key.id(), reading).await
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
        pub fn get(&self, org: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_by_id(&self, org_id: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_by_uid(&self, org_uid: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_by_guid(&self, org_guid: impl IntoOrgKey) -> Result<Response<Org>>;
        pub fn get_current(&self) -> Result<Response<Org>>;
        pub fn get_agent_state(&self, org_id: impl IntoOrgKey, property_name: impl Into<String>) -> Result<Response<Vec<AgentState>>>;
        pub fn get_agent_full_disk_access_states(&self, org_id: impl IntoOrgKey) -> Result<Response<Vec<AgentState>>>;
    }
}
