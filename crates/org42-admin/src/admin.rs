//! One tenant, as its administrator sees it: finds organizations, and remembers the listing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use org42::{Answered, Client, Endpoint, Flavor, GetAll, Org, Verdict, endpoints};
use tokio::sync::Mutex;

use crate::error::{Error, Result};
use crate::target::Target;
use crate::tree::Tree;

/// One tenant, as its administrator sees it.
///
/// Cheap to clone; clones share the client and the listing, which is read once, when something needs it first, and again
/// after a change that went through them and after [`refresh`](Self::refresh).
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42_admin::Error> {
/// use org42_admin::Admin;
///
/// let admin = Admin::new(client);
/// let paris = admin.find(&"/Europe/Paris".parse()?).await?;
/// let tree = admin.tree().await?;
/// println!("{} has {} below it", tree.path_of(&paris), tree.subtree(&paris).len() - 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Admin(Arc<Shared>);

struct Shared {
    client: Client,
    is_partial_allowed: bool,
    /// Held while it is read, so that it is read once for all who wait.
    listing: Mutex<Option<Listing>>,
    /// How often the listing was forgotten.
    forgotten: AtomicU64,
}

impl Shared {
    fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }

    /// Returns what is known, unless it was forgotten since it began to be read.
    fn known(&self, listing: &Option<Listing>) -> Option<Arc<Tree>> {
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let known = listing
            .as_ref()
            .filter(|known| known.read_at == forgotten)?;
        Some(Arc::clone(&known.tree))
    }
}

struct Listing {
    tree: Arc<Tree>,
    /// What [`Shared::forgotten`] was when it began to be read.
    read_at: u64,
}

/// Forgets the listing before a change and after it, also when the change is dropped half-way.
pub(crate) struct Changing<'a>(&'a Shared);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

impl Admin {
    /// Wraps a client. Nothing is sent yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::of(client, false)
    }

    /// Returns the same tenant, whose listing may be short of what the server counts: what came is used then, and
    /// [`Tree::missing`] says how much did not. Otherwise a short listing is an error, since an organization that is
    /// looked for might be the one that is missing.
    #[must_use]
    pub fn allow_partial(self, allow: bool) -> Self {
        Self::of(self.client().clone(), allow)
    }

    fn of(client: Client, is_partial_allowed: bool) -> Self {
        Self(Arc::new(Shared {
            client,
            is_partial_allowed,
            listing: Mutex::new(None),
            forgotten: AtomicU64::new(0),
        }))
    }

    /// Returns the client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// Returns the listing of the whole tenant as a tree; reads it if that was not done yet. The client learns the ids
    /// from it too.
    ///
    /// `GET /api/v1/Org`, one request a page.
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// for visit in admin.tree().await?.walk() {
    ///     println!("{}{}", "  ".repeat(visit.depth), visit.org.org_name);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the listing cannot be read to its end.
    pub async fn tree(&self) -> Result<Arc<Tree>> {
        let mut listing = self.0.listing.lock().await;
        if let Some(tree) = self.0.known(&listing) {
            return Ok(tree);
        }
        let read_at = self.0.forgotten.load(Ordering::SeqCst);
        let orgs = self.client().orgs();
        let how = GetAll::new().allow_partial(self.0.is_partial_allowed);
        let mut reading = orgs.get_all_with(how).orgs();
        let all = reading.try_collect().await?;
        orgs.set_org_id_map(all.iter().collect());
        let tree = Arc::new(Tree::new(all).missing_some(reading.missing()));
        *listing = Some(Listing {
            tree: Arc::clone(&tree),
            read_at,
        });
        Ok(tree)
    }

    /// Reads the listing anew, and returns it as a tree.
    ///
    /// # Errors
    ///
    /// When the listing cannot be read to its end; then the next call that needs it tries again.
    pub async fn refresh(&self) -> Result<Arc<Tree>> {
        self.0.forget();
        self.tree().await
    }

    /// Begins a change: the listing is forgotten now, and again when what is returned is dropped.
    pub(crate) fn changing(&self) -> Changing<'_> {
        self.0.forget();
        Changing(&self.0)
    }

    /// Finds the organization that a target names.
    ///
    /// The listing is looked at if it was read already. If not, a number, a uid, a guid and `my` are asked for by a route
    /// of their own, and everything else is looked for in the listing, which is read then; so is what the server refuses
    /// to show by itself.
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
        if matches!(target, Target::Guid(_))
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

    /// Returns the top organization: the one visible organization that has no visible one above it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when none is visible, [`Error::Ambiguous`] when several could be it.
    ///
    /// ```no_run
    /// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
    /// println!("{}", admin.top().await?.org_name);
    /// # Ok(()) }
    /// ```
    pub async fn top(&self) -> Result<Org> {
        let tree = self.tree().await?;
        Target::top_of(&tree).cloned()
    }

    /// Returns the organization of the signed-in person.
    ///
    /// `GET /api/v1/Org/my`.
    ///
    /// # Errors
    ///
    /// [`Error::NoPerson`] with an API client.
    pub async fn mine(&self) -> Result<Org> {
        match self.client().orgs().get_current().await {
            Ok(org) => Ok(org.into_value()),
            Err(error) if error.is_invalid_input() => Err(Error::NoPerson(error)),
            Err(error) => Err(error.into()),
        }
    }

    async fn has_tree(&self) -> bool {
        let listing = self.0.listing.lock().await;
        self.0.known(&listing).is_some()
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

    /// Asks for an organization by a route of its own; `None` where there is no such route, or where the server refuses:
    /// the listing may have it in other letters, or be all that the caller may see.
    async fn ask(&self, target: &Target, with_counts: bool) -> Result<Option<Org>> {
        self.check_numbers(target).await?;
        let asked = match target {
            Target::Guid(guid) => {
                let orgs = self.client().orgs();
                let orgs = match with_counts {
                    true => orgs.with_param("incCounts", true),
                    false => orgs,
                };
                orgs.get_by_guid(guid)
                    .await
                    .map(|org| Some(org.into_value()))
            }
            Target::Id(id) => self.ask_v1(&id.to_string(), &[]).await,
            Target::Uid(uid) => self.ask_v1(uid.as_str(), &[("idType", "orgUid")]).await,
            Target::My => return self.mine().await.map(Some),
            _ => return Ok(None),
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
}

/// Returns whether the server refused to show this one organization, rather than to be asked at all.
fn is_refusal(error: &org42::Error) -> bool {
    error.verdict() == Verdict::Answered(Answered::Permanent) && !error.is_unauthorized()
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("client", self.client())
            .finish_non_exhaustive()
    }
}
