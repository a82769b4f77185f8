//! The organizations of a tenant: every method of py42's `OrgService`, under the same name.

use std::fmt;
use std::sync::Arc;

use org42_types::{AgentState, Endpoint, Org, OrgGuid, OrgId, OrgPage, OrgUid, endpoints};

use crate::answer::response::Response;
use crate::call::client::Client;
use crate::call::exchange::Call;
use crate::error::{Error, Result};
use crate::list::pages::Pages;
use crate::orgs::look_up::guid_in;
use crate::orgs::org_key::OrgKey;
use crate::orgs::requests::{CreateOrg, GetPage, UpdateOrg, checked_name, shortened};

/// The organizations of a tenant.
///
/// Made by [`Client::orgs`]; cheap to clone. Where an id is asked for, a number, a text, an id and an [`Org`] all do.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// use org42::CreateOrg;
///
/// let orgs = client.orgs();
/// let paris = orgs.create_org("Paris", CreateOrg::new().notes("opened in May")).await?;
/// orgs.block(&*paris).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct OrgService {
    pub(crate) client: Client,
    params: Vec<(String, String)>,
}

pub(crate) fn id_of<T, I: TryInto<T, Error: fmt::Display>>(operation: &str, id: I) -> Result<T> {
    id.try_into()
        .map_err(|error| Error::input(operation, error.to_string()))
}

impl OrgService {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            params: Vec::new(),
        }
    }

    /// The same service, whose reading calls (`get_by_id`, `get_by_uid`, `get_page`, `get_all`, `get_current`) send one
    /// more query parameter.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// let org = client.orgs().with_param("incCounts", true).get_by_id(42).await?;
    /// println!("{}", org.document()["userCount"]);
    /// # Ok(()) }
    /// ```
    pub fn with_param(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.params.push((name.into(), value.to_string()));
        self
    }

    /// Creates an organization: a child of the one that `options` names, or of the top organization, which is the one
    /// visible organization whose parent is not visible.
    ///
    /// `POST /api/v3/orgs`, and the listing where a parent's guid is not known yet.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for a name that cannot be; [`is_not_found`](Error::is_not_found)
    /// for an unknown parent; [`is_ambiguous`](Error::is_ambiguous) when no parent is given and several organizations
    /// could be the top one; [`is_conflict`](Error::is_conflict) when a sibling has the name.
    pub async fn create_org(
        &self,
        org_name: impl Into<String>,
        options: CreateOrg,
    ) -> Result<Response<Org>> {
        let name = org_name.into();
        let operation = format!("create organization {:?}", shortened(&name));
        let name = checked_name(&operation, &name)?;
        self.client.may_send(endpoints::ORGS_CREATE, &operation)?;
        let parent = match options.parent(&operation)? {
            Some(OrgKey::Guid(guid)) => guid,
            Some(key) => self.look_up(&operation, &key).await?.guid,
            None => self.top(&operation).await?,
        };
        let body = options.into_body(name, parent);
        let call = Call::new(endpoints::ORGS_CREATE, operation).json(&body)?;
        let created = self.client.call(call).await?.read_changed_org()?;
        self.client
            .0
            .ids
            .update(|known| Arc::make_mut(&mut known.value).insert(&created));
        Ok(created)
    }

    /// The organization with this number.
    ///
    /// `GET /api/v3/orgs/{orgGuid}`, and the listing once, to learn the guid.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the whole listing has none with this number.
    pub async fn get_by_id<I: TryInto<OrgId, Error: fmt::Display>>(
        &self,
        org_id: I,
    ) -> Result<Response<Org>> {
        let key = OrgKey::Id(id_of("read an organization by id", org_id)?);
        self.get(&key).await
    }

    /// The organization with this uid.
    ///
    /// `GET /api/v3/orgs/{orgGuid}`, and the listing once, to learn the guid.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the whole listing has none with this uid.
    pub async fn get_by_uid<I: TryInto<OrgUid, Error: fmt::Display>>(
        &self,
        org_uid: I,
    ) -> Result<Response<Org>> {
        let key = OrgKey::Uid(id_of("read an organization by uid", org_uid)?);
        self.get(&key).await
    }

    /// The organization with this guid.
    ///
    /// `GET /api/v3/orgs/{orgGuid}`, and no listing.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the server knows none.
    pub async fn get_by_guid<I: TryInto<OrgGuid, Error: fmt::Display>>(
        &self,
        org_guid: I,
    ) -> Result<Response<Org>> {
        let key = OrgKey::Guid(id_of("read an organization by guid", org_guid)?);
        self.get(&key).await
    }

    async fn get(&self, key: &OrgKey) -> Result<Response<Org>> {
        let operation = format!("read {key}");
        let known = self.look_up(&operation, key).await?;
        let seen = known.generation;
        match self.read_org(&operation, &known.guid).await {
            // The guid may be of another time, when the tenant was restored or the organization moved between tenants.
            Err(error) if error.is_not_found() && !known.just_read => {
                let map = self
                    .newer_map(seen)
                    .await
                    .map_err(|error| error.during_look_up(&operation))?;
                match guid_in(&map, key, &operation, &self.client.0.transport.secrets)? {
                    same if same == known.guid => Err(error),
                    other => self.read_org(&operation, &other).await,
                }
            }
            result => result,
        }
    }

    async fn read_org(&self, operation: &str, guid: &OrgGuid) -> Result<Response<Org>> {
        let call = Call::new(endpoints::ORGS_GET, operation).path("orgGuid", guid);
        self.client.call(self.with_params(call)).await?.read()
    }

    fn with_params(&self, call: Call) -> Call {
        self.params
            .iter()
            .fold(call, |call, (name, value)| call.query(name, value))
    }

    /// One page of organizations, of every state unless a parameter narrows it.
    ///
    /// `GET /api/v1/Org`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for page 0 and size 0, before anything is sent.
    pub async fn get_page(&self, page: GetPage) -> Result<Response<OrgPage>> {
        let operation = format!("read page {} of the organizations", page.num);
        let size = page.size.unwrap_or(self.client.items_per_page());
        self.fetch_page(&operation, page.num, size).await
    }

    pub(crate) async fn fetch_page(
        &self,
        operation: &str,
        num: u32,
        size: u32,
    ) -> Result<Response<OrgPage>> {
        if num == 0 || size == 0 {
            return Err(Error::input(
                operation,
                "pages and their sizes count from 1",
            ));
        }
        let is_place = |name: &str| ["pgnum", "pgsize"].contains(&&*name.to_ascii_lowercase());
        if let Some((name, _)) = self.params.iter().find(|(name, _)| is_place(name)) {
            let message = format!("the parameter {name} is set already");
            return Err(Error::input(operation, message)
                .with_hint("say which page, and of what size, by page_num and page_size"));
        }
        let call = Call::new(endpoints::ORG_LIST, operation);
        let call = match self.client.flavor().has_numbers() {
            true => call.query("pgNum", num).query("pgSize", size),
            false if num == 1 => call,
            false => {
                let message = "the gateway has no pages: the first one holds everything";
                return Err(Error::input(operation, message));
            }
        };
        self.client.call(self.with_params(call)).await?.read_page()
    }

    /// All organizations, page by page; [`Pages::orgs`] gives them one by one. Nothing is sent yet.
    ///
    /// `GET /api/v1/Org`, one request a page.
    pub fn get_all(&self) -> Pages {
        Pages::new(self.clone(), self.client.items_per_page())
    }

    /// The organization of the signed-in person.
    ///
    /// `GET /api/v1/Org/my`.
    ///
    /// # Errors
    ///
    /// With an API client, [`is_invalid_input`](Error::is_invalid_input), before anything is sent: this call needs a
    /// user.
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
            .map_err(|error| match error.status() {
                Some(404 | 500) => error.with_hint(
                    "this call needs a user: with an API client's token it always fails",
                ),
                _ => error,
            });
        answer?.read()
    }

    /// Changes name, notes or external reference, and gives the organization as it is now. What `change` does not
    /// mention is not sent.
    ///
    /// `PUT /api/v3/orgs/{orgGuid}`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when nothing is to be changed or the name cannot be;
    /// [`is_not_found`](Error::is_not_found); [`is_conflict`](Error::is_conflict) when a sibling has the name.
    pub async fn update_org<I: TryInto<OrgKey, Error: fmt::Display>>(
        &self,
        org_id: I,
        change: UpdateOrg,
    ) -> Result<Response<Org>> {
        let key: OrgKey = id_of("update an organization", org_id)?;
        let operation = format!("update {key}");
        let body = change.into_body(&operation)?;
        self.client.may_send(endpoints::ORGS_UPDATE, &operation)?;
        let guid = self.look_up(&operation, &key).await?.guid;
        let call = Call::new(endpoints::ORGS_UPDATE, operation)
            .path("orgGuid", guid)
            .json(&body)?;
        self.client.call(call).await?.read_changed_org()
    }

    /// Blocks an organization and its descendants: nobody in them can log in, open sessions end, new registrations are
    /// refused. Backups of devices that are active go on.
    ///
    /// `POST /api/v3/orgs/{orgGuid}/block`. Blocking what is blocked changes nothing.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found).
    pub async fn block<I: TryInto<OrgKey, Error: fmt::Display>>(
        &self,
        org_id: I,
    ) -> Result<Response<()>> {
        self.act("block", endpoints::ORGS_BLOCK, org_id).await
    }

    /// Removes the block, if there is one, from an organization and its descendants. Their users stay blocked until each
    /// is unblocked.
    ///
    /// `POST /api/v3/orgs/{orgGuid}/unblock`.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found).
    pub async fn unblock<I: TryInto<OrgKey, Error: fmt::Display>>(
        &self,
        org_id: I,
    ) -> Result<Response<()>> {
        self.act("unblock", endpoints::ORGS_UNBLOCK, org_id).await
    }

    /// Deactivates an organization with its descendants, users, devices and plans: backups stop and archives move to cold
    /// storage, from where they are purged after `archiveHoldDays` days. The server renames the organization.
    ///
    /// `POST /api/v3/orgs/{orgGuid}/deactivate`.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found).
    pub async fn deactivate<I: TryInto<OrgKey, Error: fmt::Display>>(
        &self,
        org_id: I,
    ) -> Result<Response<()>> {
        self.act("deactivate", endpoints::ORGS_DEACTIVATE, org_id)
            .await
    }

    /// Makes a deactivated organization active again. Backups are not started again.
    ///
    /// `POST /api/v3/orgs/{orgGuid}/activate`.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found); [`is_conflict`](Error::is_conflict) when an organization above is inactive
    /// or blocked.
    pub async fn reactivate<I: TryInto<OrgKey, Error: fmt::Display>>(
        &self,
        org_id: I,
    ) -> Result<Response<()>> {
        self.act("reactivate", endpoints::ORGS_ACTIVATE, org_id)
            .await
    }

    async fn act<I: TryInto<OrgKey, Error: fmt::Display>>(
        &self,
        verb: &str,
        endpoint: Endpoint,
        org_id: I,
    ) -> Result<Response<()>> {
        let key: OrgKey = id_of(&format!("{verb} an organization"), org_id)?;
        let operation = format!("{verb} {key}");
        self.client.may_send(endpoint, &operation)?;
        let guid = self.look_up(&operation, &key).await?.guid;
        let call = Call::new(endpoint, operation).path("orgGuid", guid);
        self.client.call(call).await?.read_nothing()
    }

    /// What the agents of an organization's devices last reported about a property, such as `fullDiskAccess`.
    ///
    /// `GET /api/v14/agent-state/view-by-organization-id`, or `v38` on CrashPlan.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) when the server does not know the organization.
    pub async fn get_agent_state<I: TryInto<OrgId, Error: fmt::Display>>(
        &self,
        org_id: I,
        property_name: impl Into<String>,
    ) -> Result<Response<Vec<AgentState>>> {
        let operation = "read the states of agents";
        self.client
            .may_send(endpoints::AGENT_STATE_BY_ORG_V14, operation)?;
        let id: OrgId = id_of(operation, org_id)?;
        let property = property_name.into();
        let operation = format!("read the agents' {property:?} in organization {id}");
        if property.trim().is_empty() {
            return Err(Error::input(operation, "a property has a name"));
        }
        let call = Call::new(endpoints::AGENT_STATE_BY_ORG_V14, operation);
        self.client
            .call(call.query("orgId", id).query("propertyName", property))
            .await?
            .read()
    }

    /// Whether the agents of an organization's devices have full disk access; only Macs report it.
    ///
    /// # Errors
    ///
    /// See [`get_agent_state`](Self::get_agent_state).
    pub async fn get_agent_full_disk_access_states<I: TryInto<OrgId, Error: fmt::Display>>(
        &self,
        org_id: I,
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
