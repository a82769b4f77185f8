//! One tenant, as its administrator sees it: finds organizations, and remembers the listing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use org42::{Client, GetAll, Org};
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

    pub(crate) async fn has_tree(&self) -> bool {
        let listing = self.0.listing.lock().await;
        self.0.known(&listing).is_some()
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("client", self.client())
            .finish_non_exhaustive()
    }
}
