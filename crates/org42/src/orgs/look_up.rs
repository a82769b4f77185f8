//! Finds the guid or the number that a route needs, in a map of the whole tenant that clones of a client share and
//! that is read again when an id is missing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use org42_types::{Org, OrgGuid, OrgId, endpoints};

use crate::answer::response::Response;
use crate::call::request::Call;
use crate::call::single_flight::{Fetch, Versioned};
use crate::error::fault::Fault;
use crate::error::{Answered, Error, Result, Verdict};
use crate::orgs::found::{FoundOrg, LONGEST_CANDIDATE, guid_in, ids_in, lacks};
use crate::orgs::id_map::{Ids, OrgIdMap};
use crate::orgs::org_key::OrgKey;
use crate::orgs::service::OrgService;
#[cfg(feature = "blocking")]
use crate::orgs::service::blocking;

/// How many organizations an error names.
const MOST_CANDIDATES: usize = 100;

impl OrgService {
    /// Returns the ids of the whole tenant, as last read by this client or a clone of it; reads the listing if neither
    /// has done so yet.
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

    /// Replaces the id map with one built from a complete listing, so that no listing is read for it until an id is
    /// missing.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// let all = client.orgs().get_all().orgs().try_collect().await?;
    /// client.orgs().set_org_id_map(all.iter().collect());
    /// # Ok(()) }
    /// ```
    pub fn set_org_id_map(&self, ids: OrgIdMap) {
        self.client.0.ids.set(Arc::new(ids));
        *lock(&self.client.0.learned) = OrgIdMap::default();
    }

    /// Returns the map of ids, and whether it was read just now.
    async fn map(&self) -> Result<(Versioned<Arc<OrgIdMap>>, bool)> {
        match self.client.0.ids.current() {
            Some(known) => Ok((known, false)),
            None => Ok((self.newer_map(0).await?, true)),
        }
    }

    pub(crate) async fn newer_map(&self, seen: u64) -> Result<Versioned<Arc<OrgIdMap>>> {
        let plain = Self::new(self.client.clone());
        let fetch = move || -> Fetch<Arc<OrgIdMap>> {
            let pages = plain.get_all();
            async move { Ok(Arc::new(pages.orgs().try_collect().await?.iter().collect())) }.boxed()
        };
        let map = self.client.0.ids.newer_than(seen, fetch).await?;
        *lock(&self.client.0.learned) = OrgIdMap::default();
        Ok(map)
    }

    /// Finds the guid that belongs to an id; reads the listing again if an older map does not have it.
    pub(crate) async fn look_up(&self, operation: &str, key: &OrgKey) -> Result<FoundOrg> {
        if let OrgKey::Guid(guid) = key {
            return Ok(FoundOrg {
                guid: guid.clone(),
                generation: 0,
                just_read: true,
            });
        }
        if let Some((ids, just_read)) = self.ids_of(operation, key).await?
            && let Some(guid) = ids.guid
        {
            let generation = self.client.0.ids.current().map_or(0, |map| map.generation);
            return Ok(FoundOrg {
                guid,
                generation,
                just_read,
            });
        }
        self.look_up_in_listing(operation, key).await
    }

    /// Finds the guid that belongs to an id in the listing, as [`look_up`](Self::look_up) does where the server does not
    /// show an organization by itself.
    pub(crate) async fn look_up_in_listing(
        &self,
        operation: &str,
        key: &OrgKey,
    ) -> Result<FoundOrg> {
        let (map, just_read) = self.map_for(operation, key).await?;
        Ok(FoundOrg {
            guid: guid_in(&map, key, operation, self.client.secrets())?,
            generation: map.generation,
            just_read,
        })
    }

    /// Returns the ids of an organization without reading the listing, and whether they were read just now: from the map,
    /// if there is one that has it, from what was read before, or by a request for this one; `None` if the server refuses
    /// that.
    async fn ids_of(&self, operation: &str, key: &OrgKey) -> Result<Option<(Ids, bool)>> {
        let map = self.client.0.ids.current();
        if map.is_some_and(|map| map.value.find(key).is_some()) {
            return Ok(None);
        }
        if let Some(ids) = lock(&self.client.0.learned).find(key) {
            return Ok(Some((ids.clone(), false)));
        }
        let plain = Self::new(self.client.clone());
        let asked = plain.ask(operation, key).await;
        let asked = asked.map_err(|error| error.during_look_up(operation))?;
        Ok(asked.and_then(|_| {
            let learned = lock(&self.client.0.learned);
            learned.find(key).map(|ids| (ids.clone(), true))
        }))
    }

    /// Asks for an organization by its number or its uid alone; `None` if the server refuses, or shows another one: the
    /// listing may have it.
    pub(crate) async fn ask(&self, operation: &str, key: &OrgKey) -> Result<Option<Response<Org>>> {
        let call = Call::new(endpoints::ORG_GET, operation);
        let call = match key {
            OrgKey::Id(id) => call.path("orgId", id),
            OrgKey::Uid(uid) => call.path("orgId", uid).query("idType", "orgUid"),
            OrgKey::Guid(_) => return Ok(None),
        };
        self.client.needs_numbers(operation)?;
        let asked = match self.client.call(self.with_params(call)).await {
            Ok(answer) => answer.read_org(),
            Err(error) => Err(error),
        };
        match asked {
            Ok(org) => {
                let is_it = match key {
                    OrgKey::Id(id) => org.org_id == Some(*id),
                    OrgKey::Uid(uid) => org.org_uid.as_ref() == Some(uid),
                    OrgKey::Guid(_) => false,
                };
                if is_it {
                    lock(&self.client.0.learned).insert(&org);
                }
                Ok(Some(org).filter(|_| is_it))
            }
            Err(error) if is_refusal(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Finds the number that belongs to an id, as [`look_up`](Self::look_up) finds the guid.
    pub(crate) async fn number_of(&self, operation: &str, key: &OrgKey) -> Result<OrgId> {
        if let OrgKey::Id(id) = key {
            return Ok(*id);
        }
        if let Some((ids, _)) = self.ids_of(operation, key).await?
            && let Some(id) = ids.id
        {
            return Ok(id);
        }
        let (map, _) = self.map_for(operation, key).await?;
        let ids = ids_in(&map, key, operation)?;
        ids.id
            .ok_or_else(|| lacks("orgId", operation, ids, self.client.secrets()))
    }

    /// Returns a map that has the id, if the server has it, and whether the map was read just now.
    async fn map_for(
        &self,
        operation: &str,
        key: &OrgKey,
    ) -> Result<(Versioned<Arc<OrgIdMap>>, bool)> {
        self.client.needs_numbers(operation)?;
        let context = |error: Error| error.during_look_up(operation);
        let (map, just_read) = self.map().await.map_err(context)?;
        if just_read || map.value.find(key).is_some() {
            return Ok((map, just_read));
        }
        let newer = self.newer_map(map.generation).await.map_err(context)?;
        Ok((newer, true))
    }

    /// Looks for the top organization in the listing, and ends with the page that has one without any parent: there is no
    /// other. Returns nothing if none is like that; then the whole listing was read, and is the new map.
    async fn top_in_listing(&self) -> Result<Option<OrgGuid>> {
        let mut orgs = Self::new(self.client.clone()).get_all().orgs();
        let is_top = |org: &Org| {
            org.parent_org_id.is_none()
                && org.parent_org_uid.is_none()
                && org.parent_org_guid.is_none()
        };
        let mut top = None;
        let all = orgs.collect_until(|org| {
            if top.is_none() && is_top(org) {
                top.clone_from(&org.org_guid);
            }
            top.is_some()
        });
        let all = all.await?;
        if top.is_none() {
            self.set_org_id_map(all.iter().collect());
        }
        Ok(top)
    }

    pub(crate) async fn top(&self, operation: &str) -> Result<OrgGuid> {
        let context = |error: Error| error.during_look_up(operation);
        if self.client.0.ids.current().is_none()
            && let Some(top) = self.top_in_listing().await.map_err(context)?
        {
            return Ok(top);
        }
        let (mut map, just_read) = self.map().await.map_err(context)?;
        if map.value.tops().len() != 1 && !just_read {
            map = self.newer_map(map.generation).await.map_err(context)?;
        }
        let tops: Vec<_> = map.value.tops().collect();
        match tops[..] {
            [top] => top
                .guid
                .clone()
                .ok_or_else(|| lacks("orgGuid", operation, top, self.client.secrets())),
            [] => {
                let message = "no organization is visible, so there is none to create it under";
                Err(Error::new(operation, Fault::NotFound(message.to_owned())))
            }
            _ => {
                let message =
                    "no parent is given, and several organizations could be the top one".to_owned();
                let secrets = self.client.secrets();
                let candidates = tops
                    .iter()
                    .take(MOST_CANDIDATES)
                    .map(|top| secrets.start_of(&top.to_string(), LONGEST_CANDIDATE))
                    .collect();
                Err(Error::new(
                    operation,
                    Fault::Ambiguous {
                        message,
                        candidates,
                    },
                )
                .with_hint("say which with CreateOrg::parent"))
            }
        }
    }
}

/// Returns whether the server refused to show this one organization, rather than to be asked at all.
fn is_refusal(error: &Error) -> bool {
    error.verdict() == Verdict::Answered(Answered::Permanent) && !error.is_unauthorized()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(feature = "blocking")]
impl blocking::OrgService {
    /// Replaces the id map, as [`org42::OrgService::set_org_id_map`](crate::OrgService::set_org_id_map) does; sends
    /// nothing.
    pub fn set_org_id_map(&self, ids: OrgIdMap) {
        self.inner.set_org_id_map(ids);
    }
}

#[cfg(feature = "blocking")]
crate::blocking::forms::forms! {
    impl blocking::OrgService {
        pub fn org_id_map(&self) -> Result<Arc<OrgIdMap>>;
        pub fn refresh_org_id_map(&self) -> Result<Arc<OrgIdMap>>;
    }
}
