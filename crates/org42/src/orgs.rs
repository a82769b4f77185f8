//! The organizations of a tenant: every method of py42's `OrgService`, under the same name.

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use org42_types::{
    AgentState, CreateOrgBody, Endpoint, Field, Org, OrgGuid, OrgId, OrgPage, OrgUid,
    UpdateOrgBody, endpoints,
};

use crate::cell::{Fetch, Versioned};
use crate::client::Client;
use crate::error::{Error, Fault, Result};
use crate::id_map::{Key, OrgIdMap};
use crate::pages::Pages;
use crate::response::Response;
use crate::transport::Call;

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
    client: Client,
    params: Vec<(String, String)>,
}

/// What a new organization may have beside its name.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CreateOrg {
    ext_ref: Option<String>,
    notes: Option<String>,
    parent: Option<Result<Key, String>>,
}

impl CreateOrg {
    /// Nothing but the name; the organization becomes a child of the top organization.
    pub fn new() -> Self {
        Self::default()
    }

    /// External reference, such as a serial number, asset tag, employee id or help desk issue.
    pub fn ext_ref(mut self, ext_ref: impl Into<String>) -> Self {
        self.ext_ref = Some(ext_ref.into());
        self
    }

    /// Free text.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// The organization below which the new one is created, by uid.
    pub fn parent_org_uid<I: TryInto<OrgUid, Error: fmt::Display>>(mut self, uid: I) -> Self {
        self.parent = Some(
            uid.try_into()
                .map(Key::Uid)
                .map_err(|error| error.to_string()),
        );
        self
    }

    /// The organization below which the new one is created, by number.
    pub fn parent_org_id<I: TryInto<OrgId, Error: fmt::Display>>(mut self, id: I) -> Self {
        self.parent = Some(
            id.try_into()
                .map(Key::Id)
                .map_err(|error| error.to_string()),
        );
        self
    }

    /// The organization below which the new one is created, by guid: saves looking it up.
    pub fn parent_org_guid<I: TryInto<OrgGuid, Error: fmt::Display>>(mut self, guid: I) -> Self {
        self.parent = Some(
            guid.try_into()
                .map(Key::Guid)
                .map_err(|error| error.to_string()),
        );
        self
    }
}

/// What is to be changed about an organization. What is not mentioned is not sent, and stays.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateOrg(UpdateOrgBody);

impl UpdateOrg {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The new name: 3 to 220 characters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.org_name = Field::Value(name.into());
        self
    }

    /// The new notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.0.notes = Field::Value(notes.into());
        self
    }

    /// The new external reference.
    pub fn ext_ref(mut self, ext_ref: impl Into<String>) -> Self {
        self.0.org_ext_ref = Field::Value(ext_ref.into());
        self
    }

    /// Clears the notes. Sends an empty text: the vendor's clients send null for what they do not mention, so a server
    /// cannot take null for a wish.
    pub fn clear_notes(self) -> Self {
        self.notes("")
    }

    /// Clears the external reference, likewise.
    pub fn clear_ext_ref(self) -> Self {
        self.ext_ref("")
    }
}

/// Which page of a listing.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct GetPage {
    num: u32,
    size: Option<u32>,
}

impl Default for GetPage {
    /// The first page, of the client's items per page.
    fn default() -> Self {
        Self { num: 1, size: None }
    }
}

impl GetPage {
    /// The page to read; the first is 1.
    pub fn page_num(mut self, num: u32) -> Self {
        self.num = num;
        self
    }

    /// How many organizations it has; not 0.
    pub fn page_size(mut self, size: u32) -> Self {
        self.size = Some(size);
        self
    }
}

fn id_of<T, I: TryInto<T, Error: fmt::Display>>(operation: &str, id: I) -> Result<T> {
    id.try_into()
        .map_err(|error| Error::input(operation, error.to_string()))
}

fn checked_name<'a>(operation: &str, name: &'a str) -> Result<&'a str> {
    let name = name.trim();
    match name.chars().count() {
        3..=220 => Ok(name),
        length => {
            let message = format!("a name has 3 to 220 characters, {name:.40?} has {length}");
            Err(Error::input(operation, message))
        }
    }
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
        let operation = format!("create organization {name:.80?}");
        let name = checked_name(&operation, &name)?.to_owned();
        let parent = match options.parent {
            Some(Ok(Key::Guid(guid))) => guid,
            Some(Ok(key)) => self.look_up(&operation, &key).await?.guid,
            Some(Err(reason)) => return Err(Error::input(operation, reason)),
            None => self.top(&operation).await?,
        };
        let text = |text: Option<String>| text.map_or(Field::Absent, Field::Value);
        let body = CreateOrgBody {
            org_name: Field::Value(name),
            org_ext_ref: text(options.ext_ref),
            notes: text(options.notes),
            parent_org_guid: Field::Value(parent),
            ..CreateOrgBody::default()
        };
        let call = Call::new(endpoints::ORGS_CREATE, operation).json(&body)?;
        let created = self.client.call(call).await?.read_changed_org()?;
        self.client
            .0
            .ids
            .update(|known| Arc::make_mut(&mut known.value).insert(created.clone().into_value()));
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
        let key = Key::Id(id_of("read an organization by id", org_id)?);
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
        let key = Key::Uid(id_of("read an organization by uid", org_uid)?);
        self.get(&key).await
    }

    async fn get(&self, key: &Key) -> Result<Response<Org>> {
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
                match guid_in(&map, key, &operation)? {
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
        let call = Call::new(endpoints::ORG_LIST, operation)
            .query("pgNum", num)
            .query("pgSize", size);
        self.client.call(self.with_params(call)).await?.read()
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
    pub async fn update_org<I: TryInto<OrgId, Error: fmt::Display>>(
        &self,
        org_id: I,
        change: UpdateOrg,
    ) -> Result<Response<Org>> {
        let key = Key::Id(id_of("update an organization", org_id)?);
        let operation = format!("update {key}");
        let UpdateOrg(mut body) = change;
        if body == UpdateOrgBody::default() {
            return Err(Error::input(operation, "there is nothing to change"));
        }
        if let Field::Value(name) = &mut body.org_name {
            *name = checked_name(&operation, name)?.to_owned();
        }
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
    pub async fn block<I: TryInto<OrgId, Error: fmt::Display>>(
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
    pub async fn unblock<I: TryInto<OrgId, Error: fmt::Display>>(
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
    pub async fn deactivate<I: TryInto<OrgId, Error: fmt::Display>>(
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
    pub async fn reactivate<I: TryInto<OrgId, Error: fmt::Display>>(
        &self,
        org_id: I,
    ) -> Result<Response<()>> {
        self.act("reactivate", endpoints::ORGS_ACTIVATE, org_id)
            .await
    }

    async fn act<I: TryInto<OrgId, Error: fmt::Display>>(
        &self,
        verb: &str,
        endpoint: Endpoint,
        org_id: I,
    ) -> Result<Response<()>> {
        let key = Key::Id(id_of(&format!("{verb} an organization"), org_id)?);
        let operation = format!("{verb} {key}");
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
        let id: OrgId = id_of("read agent states", org_id)?;
        let property = property_name.into();
        let operation = format!("read the agents' {property:?} in organization {id}");
        if property.trim().is_empty() {
            return Err(Error::input(operation, "a property has a name"));
        }
        let call = Call::new(self.client.0.agent_state, operation);
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

    /// The ids of the whole tenant, as last read by this client or a clone of it; reads the listing if none has yet.
    ///
    /// # Errors
    ///
    /// When the listing cannot be read to its end.
    pub async fn org_id_map(&self) -> Result<Arc<OrgIdMap>> {
        Ok(self.map().await?.0.value)
    }

    /// Reads the ids of the whole tenant anew, for this client and its clones.
    ///
    /// # Errors
    ///
    /// When the listing cannot be read to its end; then the old map stays.
    pub async fn refresh_org_id_map(&self) -> Result<Arc<OrgIdMap>> {
        let seen = self
            .client
            .0
            .ids
            .current()
            .map_or(0, |known| known.generation);
        Ok(self.newer_map(seen).await?.value)
    }

    /// The map of ids, and whether it was read just now.
    async fn map(&self) -> Result<(Versioned<Arc<OrgIdMap>>, bool)> {
        match self.client.0.ids.current() {
            Some(known) => Ok((known, false)),
            None => Ok((self.newer_map(0).await?, true)),
        }
    }

    async fn newer_map(&self, seen: u64) -> Result<Versioned<Arc<OrgIdMap>>> {
        let plain = Self::new(self.client.clone());
        let fetch = move || -> Fetch<Arc<OrgIdMap>> {
            let pages = plain.get_all();
            async move { Ok(Arc::new(OrgIdMap::of(pages.orgs().collect().await?))) }.boxed()
        };
        self.client.0.ids.newer_than(seen, fetch).await
    }

    /// Finds the guid that belongs to an id, reading the listing again when a map of earlier does not have it.
    async fn look_up(&self, operation: &str, key: &Key) -> Result<Known> {
        let context = |error: Error| error.during_look_up(operation);
        let (mut map, mut just_read) = self.map().await.map_err(context)?;
        if map.value.find(key).is_none() && !just_read {
            map = self.newer_map(map.generation).await.map_err(context)?;
            just_read = true;
        }
        Ok(Known {
            guid: guid_in(&map, key, operation)?,
            generation: map.generation,
            just_read,
        })
    }

    async fn top(&self, operation: &str) -> Result<OrgGuid> {
        let context = |error: Error| error.during_look_up(operation);
        let (mut map, just_read) = self.map().await.map_err(context)?;
        if map.value.tops().len() != 1 && !just_read {
            map = self.newer_map(map.generation).await.map_err(context)?;
        }
        let tops: Vec<_> = map.value.tops().collect();
        match tops[..] {
            [top] => top.guid.clone().ok_or_else(|| no_guid(operation, top)),
            [] => {
                let message = "no organization is visible, so there is none to create it under";
                Err(Error::new(operation, Fault::NotFound(message.to_owned())))
            }
            _ => {
                let message =
                    "no parent is given, and several organizations could be the top one".to_owned();
                let candidates = tops.iter().map(ToString::to_string).collect();
                Err(Error::new(
                    operation,
                    Fault::Ambiguous {
                        message,
                        candidates,
                    },
                )
                .with_hint("say which with parent_org_uid"))
            }
        }
    }
}

/// What is known of an organization that was looked up.
struct Known {
    guid: OrgGuid,
    generation: u64,
    just_read: bool,
}

fn no_guid(operation: &str, org: &impl fmt::Display) -> Error {
    let message =
        format!("this server tells no orgGuid for {org}, and its newer routes take nothing else");
    Error::input(operation, message)
}

fn guid_in(map: &Versioned<Arc<OrgIdMap>>, key: &Key, operation: &str) -> Result<OrgGuid> {
    let ids = map.value.find(key).ok_or_else(|| {
        let message = format!(
            "none of the {} visible organizations is {key}",
            map.value.len()
        );
        Error::new(operation, Fault::NotFound(message))
    })?;
    ids.guid.clone().ok_or_else(|| no_guid(operation, ids))
}

impl fmt::Debug for OrgService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgService")
            .field("client", &self.client)
            .field("params", &self.params)
            .finish()
    }
}
