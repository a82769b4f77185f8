//! Finds the guid or the number that a route needs, in a map of the whole tenant that clones of a client share and
//! that is read again when an id is missing.

use std::sync::Arc;

use futures_util::FutureExt;
use org42_types::{OrgGuid, OrgId};

use crate::call::single_flight::{Fetch, Versioned};
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::orgs::found::{LONGEST_CANDIDATE, guid_in, ids_in, lacks};
use crate::orgs::id_map::OrgIdMap;
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
        self.client.0.ids.newer_than(seen, fetch).await
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
        let (map, just_read) = self.map_for(operation, key).await?;
        Ok(FoundOrg {
            guid: guid_in(&map, key, operation, self.client.secrets())?,
            generation: map.generation,
            just_read,
        })
    }

    /// Finds the number that belongs to an id, as [`look_up`](Self::look_up) finds the guid.
    pub(crate) async fn number_of(&self, operation: &str, key: &OrgKey) -> Result<OrgId> {
        if let OrgKey::Id(id) = key {
            return Ok(*id);
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

    pub(crate) async fn top(&self, operation: &str) -> Result<OrgGuid> {
        let context = |error: Error| error.during_look_up(operation);
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

/// An organization that was looked up.
pub(crate) struct FoundOrg {
    pub(crate) guid: OrgGuid,
    pub(crate) generation: u64,
    pub(crate) just_read: bool,
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
