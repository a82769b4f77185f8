//! Finds the organization that a target names, in as few requests as the server's routes allow.

use futures_util::future::try_join_all;
use org42::{Answered, Endpoint, Flavor, Org, Verdict, endpoints};

use crate::admin::Admin;
use crate::error::{Error, Result};
use crate::target::Target;

impl Admin {
    /// Finds the organization that a target names.
    ///
    /// The listing is looked at if it was read already. If not, a number, a uid, a guid and `my` are asked for by a route
    /// of their own, in one request; a name is searched for, and a path name by name. Where the server does not find it
    /// that way, or has no such route, the listing is read; so it is for an external reference.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Ambiguous`]; [`Error::NoPerson`] for `my` with an API client.
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// for named in ["42", "/Europe/Paris", "ext:T-7", "my"] {
    ///     let org = admin.find(&named.parse()?).await?;
    ///     println!("{named} is {} (id {})", org.org_name, org.key());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn find(&self, target: &Target) -> Result<Org> {
        if !self.has_tree().await
            && let Some(org) = self.ask(target, false).await?
        {
            return Ok(org);
        }
        let tree = self.tree().await?;
        if *target != Target::My {
            // Where organizations have no numbers, that is said rather than that there is none.
            self.check_numbers(target).await?;
            return target.find_in(&tree).cloned();
        }
        let mine = self.mine().await?;
        tree.same(&mine).cloned().ok_or_else(|| {
            let missing = "the listing does not have your organization";
            Error::NotFound(missing.to_owned())
        })
    }

    /// Finds the organization that a target names and reads it by its own route, which knows more of it than the listing:
    /// also what is in it, such as `userCount`, which counts the users of organizations below too.
    ///
    /// # Errors
    ///
    /// Those of [`find`](Self::find).
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// let paris = admin.read(&"/Europe/Paris".parse()?).await?;
    /// if let Some(users) = paris.get("userCount") {
    ///     println!("{users} users in it and below it");
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn read(&self, target: &Target) -> Result<Org> {
        let has_route = matches!(target, Target::Guid(_) | Target::Id(_) | Target::Uid(_));
        if has_route
            && !self.has_tree().await
            && let Some(org) = self.ask(target, true).await?
        {
            return Ok(org);
        }
        self.details(&self.find(target).await?).await
    }

    /// Reads an organization by its own route, which knows more of it than the listing; see [`read`](Self::read).
    ///
    /// `GET /api/v3/orgs/{orgGuid}`.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub async fn details(&self, org: &Org) -> Result<Org> {
        let orgs = self.client().orgs().with_param("incCounts", true);
        Ok(orgs.get(org).await?.into_value())
    }

    /// Refuses numbers where the flavour has none, rather than finding nothing.
    async fn check_numbers(&self, target: &Target) -> Result<()> {
        if self.client().flavor() != Flavor::Gateway {
            return Ok(());
        }
        let orgs = self.client().orgs();
        match target {
            Target::Id(id) => drop(orgs.get_by_id(id).await?),
            Target::Uid(uid) => drop(orgs.get_by_uid(uid).await?),
            _ => {}
        }
        Ok(())
    }

    /// Asks for an organization by a route of its own, or searches for it; `None` where there is no such route, or where
    /// the server refuses or finds nothing: the listing may have it in other letters, or be all that the caller may see.
    async fn ask(&self, target: &Target, with_counts: bool) -> Result<Option<Org>> {
        self.check_numbers(target).await?;
        let counts: &[(&str, &str)] = match with_counts {
            true => &[("incCounts", "true")],
            false => &[],
        };
        let asked = match target {
            Target::Guid(guid) => {
                let orgs = self.client().orgs();
                let orgs = counts
                    .iter()
                    .fold(orgs, |orgs, (name, value)| orgs.with_param(*name, value));
                let org = orgs.get_by_guid(guid).await;
                org.map(|org| Some(org.into_value()))
            }
            Target::Id(id) => self.ask_v1(&id.to_string(), counts).await,
            Target::Uid(uid) => {
                let query = [&[("idType", "orgUid")], counts].concat();
                self.ask_v1(uid.as_str(), &query).await
            }
            Target::My => return self.mine().await.map(Some),
            Target::Name(name) => self.search(name).await.map(only),
            Target::Path(path) => return self.walk(path).await,
            Target::ExtRef(_) => return Ok(None),
        };
        match asked {
            Err(error) if is_refusal(&error) => Ok(None),
            asked => Ok(asked?),
        }
    }

    async fn ask_v1(&self, id: &str, query: &[(&str, &str)]) -> org42::Result<Option<Org>> {
        const ONE: Endpoint = endpoints::ORG_GET;
        let answer = self.client().get(ONE, &[("orgId", id)], query).await?;
        Ok(serde_json::from_value(answer.into_value()).ok())
    }

    /// Searches for the organizations of exactly this name; none where the server cannot search. It finds those whose names
    /// begin with it, in any letter case.
    async fn search(&self, name: &str) -> org42::Result<Vec<Org>> {
        if self.client().flavor() == Flavor::Gateway || name.trim() != name {
            return Ok(Vec::new());
        }
        let orgs = self.client().orgs().with_param("q", name);
        let mut pages = orgs.get_all();
        let mut found = Vec::new();
        let searched = name.to_lowercase();
        while let Some(page) = pages.next().await {
            for org in page?.into_value().orgs {
                if org.org_name == name {
                    found.push(org.detach());
                } else if !org.org_name.to_lowercase().starts_with(&searched) {
                    // The server does not search: what came is a part of the listing.
                    return Ok(Vec::new());
                }
            }
        }
        Ok(found)
    }

    /// Finds the one organization at a path by a search for each of its names, and by reading what is above the first;
    /// `None` if that finds none or several.
    async fn walk(&self, path: &[String]) -> Result<Option<Org>> {
        let searches = path.iter().map(|name| self.search(name));
        let levels = match try_join_all(searches).await {
            Err(error) if is_refusal(&error) => return Ok(None),
            levels => levels?,
        };
        let mut levels = levels.into_iter();
        let Some(mut first) = levels.next() else {
            return Ok(None);
        };
        // Those that lead nowhere are not looked at more closely.
        let levels: Vec<Vec<Org>> = levels.collect();
        if let Some(second) = levels.first() {
            first.retain(|org| second.iter().any(|below| is_parent(org, below)));
        }
        let (mut tops, mut below_tops) = (Vec::new(), Vec::new());
        for org in first {
            match self.depth(&org).await? {
                Some(0) => tops.push(org),
                Some(1) => below_tops.push(org),
                _ => {}
            }
        }
        let end = |start: Vec<Org>| {
            levels.iter().fold(start, |here, level| {
                let is_below = |org: &&Org| here.iter().any(|above| is_parent(above, org));
                level.iter().filter(is_below).cloned().collect()
            })
        };
        let found = match end(tops) {
            none if none.is_empty() => end(below_tops),
            found => found,
        };
        Ok(only(found))
    }

    /// Returns how many visible organizations are above one, if there are no more than one.
    async fn depth(&self, org: &Org) -> Result<Option<u8>> {
        let Some(parent) = self.parent_of(org).await? else {
            return Ok(Some(0));
        };
        Ok(match self.parent_of(&parent).await? {
            None => Some(1),
            Some(_) => None,
        })
    }

    /// Reads what is above an organization; `None` if that is nothing, or not to be seen.
    async fn parent_of(&self, org: &Org) -> Result<Option<Org>> {
        let Some(parent) = org.parent_org_id else {
            return Ok(None);
        };
        match self.ask_v1(&parent.to_string(), &[]).await {
            Err(error) if is_refusal(&error) => Ok(None),
            parent => Ok(parent?),
        }
    }
}

/// Returns the one that was found.
fn only(mut found: Vec<Org>) -> Option<Org> {
    match found.len() {
        1 => found.pop(),
        _ => None,
    }
}

/// Returns whether an organization is right above another.
fn is_parent(org: &Org, below: &Org) -> bool {
    org.org_id.is_some() && org.org_id == below.parent_org_id
}

/// Returns whether the server refused to show this one organization, rather than to be asked at all.
fn is_refusal(error: &org42::Error) -> bool {
    error.verdict() == Verdict::Answered(Answered::Permanent) && !error.is_unauthorized()
}
