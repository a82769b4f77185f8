//! How a tenant is changed: the draft that a change decides on, and the service that submits changes to the store.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::grants::{Grant, Scope};
use super::{At, Caller, Service, Terms, tenant_of};
use crate::clock::Clock;
use crate::domain::roles::Right;
use crate::domain::rules::Decision;
use crate::domain::{Entropy, RowChange, Stamp, TenantRefusal};
use crate::fidelity::Fidelity;
use crate::store::{Draft, Extent, ReadView, Sessions, Store, StoreError};

/// A tenant that is being changed: its questions are answered from the very state that is decided on, with what was
/// changed already.
///
/// Everything that is changed in one draft is committed together, or nothing of it.
#[derive(Clone)]
pub struct TenantDraft<'t> {
    tenant: Service<'t>,
    draft: &'t dyn Draft,
}

impl<'t> Deref for TenantDraft<'t> {
    type Target = Service<'t>;

    fn deref(&self) -> &Service<'t> {
        &self.tenant
    }
}

impl fmt::Debug for TenantDraft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TenantDraft").field(&self.tenant).finish()
    }
}

impl<'t> TenantDraft<'t> {
    /// Returns this draft restricted to `right` over `over`, checked at every question and change. See
    /// [`Service::allowing`].
    #[must_use]
    pub fn allowing(&self, caller: &Caller, right: Right, over: impl Into<Scope>) -> Self {
        Self {
            tenant: self.tenant.allowing(caller, right, over),
            draft: self.draft,
        }
    }

    /// Decides on the state as it is now, and applies the decision.
    pub(super) fn change(
        &self,
        decide: impl FnOnce(&dyn ReadView, Stamp) -> Decision,
    ) -> Result<(), TenantRefusal> {
        self.change_and(|view, stamp| Ok((decide(view, stamp)?, ())))
    }

    /// Decides as [`change`](Self::change) does, and returns a value beside the decision.
    pub(super) fn change_and<T>(
        &self,
        decide: impl FnOnce(&dyn ReadView, Stamp) -> Result<(Vec<RowChange>, T), TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        let view = self.draft.view();
        self.admit(view)?;
        let stamp = Stamp {
            revision: tenant_of(view)?.revision.next(),
            now: self.clock().now(),
        };
        let (changes, value) = decide(view, stamp)?;
        if !changes.is_empty() {
            self.draft.apply(&changes)?;
        }
        Ok(value)
    }

    /// Applies rows that are already decided.
    pub(crate) fn apply(&self, changes: &[RowChange]) -> Result<(), TenantRefusal> {
        self.check()?;
        self.draft.apply(changes)?;
        Ok(())
    }

    /// Replaces this tenant by the one that `with` shows.
    pub(crate) fn replace(
        &self,
        with: &dyn ReadView,
        sessions: Sessions,
    ) -> Result<(), TenantRefusal> {
        self.check()?;
        self.draft.replace(with, sessions)?;
        Ok(())
    }

    /// Returns the state, with what this draft has changed.
    pub(super) fn view(&self) -> &dyn ReadView {
        self.draft.view()
    }

    /// Returns whether the store is still empty.
    pub(super) fn is_empty(&self) -> Result<bool, TenantRefusal> {
        Ok(self.draft.view().tenant()?.is_none())
    }
}

/// A tenant in a store, which can be asked and changed.
#[derive(Clone)]
pub struct TenantService {
    store: Arc<dyn Store>,
    terms: Terms,
    // The rights that callers must have.
    grants: Vec<Grant>,
}

impl Deref for TenantService {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        &self.terms
    }
}

impl fmt::Debug for TenantService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TenantService").field(&self.terms).finish()
    }
}

impl TenantService {
    /// Returns the service of the tenant in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
        fidelity: Fidelity,
    ) -> Self {
        Self {
            store,
            terms: Terms::new(clock, entropy, fidelity),
            grants: Vec::new(),
        }
    }

    /// Returns the questions that can be asked; each is answered from the tenant's state at that time.
    #[must_use]
    pub fn read(&self) -> Service<'_> {
        Service {
            at: At::Store(&*self.store),
            terms: self.terms.clone(),
            grants: self.grants.clone(),
        }
    }

    /// Asks questions that are all answered from one state, if that can be begun at once; otherwise returns what was to
    /// be asked.
    pub(crate) fn ask_at_once<T, F>(&self, ask: F) -> Result<Result<T, TenantRefusal>, F>
    where
        F: FnOnce(&Service<'_>) -> Result<T, TenantRefusal>,
    {
        let (mut ask, mut answer) = (Some(ask), None);
        let read = self.store.read_at_once(&mut |view| {
            let tenant = Service {
                at: At::View(view),
                terms: self.terms.clone(),
                grants: self.grants.clone(),
            };
            answer = ask.take().map(|ask| ask(&tenant));
            Ok(())
        });
        match (ask, answer, read) {
            (Some(ask), _, Ok(false)) => Err(ask),
            (_, Some(answer), Ok(_)) => Ok(answer),
            (_, _, Err(error)) => Ok(Err(error.into())),
            (_, None, Ok(_)) => Ok(Err(StoreError::failed("nothing was shown").into())),
        }
    }

    /// Returns this service restricted to `right` over `over`, checked at every question and change. See
    /// [`Service::allowing`].
    #[must_use]
    pub fn allowing(&self, caller: &Caller, right: Right, over: impl Into<Scope>) -> Self {
        Self {
            grants: self.read().allowing(caller, right, over).grants,
            ..self.clone()
        }
    }

    /// Returns another service of the same tenant, which keeps nothing of it yet.
    #[cfg(test)]
    pub(super) fn anew(&self) -> Self {
        let (clock, entropy) = (self.clock().clone(), self.entropy().clone());
        Self::new(self.store.clone(), clock, entropy, self.fidelity())
    }

    /// Returns the store that keeps the tenant.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Changes the tenant in its turn, and waits for that without blocking a thread.
    ///
    /// `change` may be called again and must then decide anew, on another state. Where it returns an error, nothing
    /// is changed. When the future is dropped, a change that was begun goes on, and one that was not is dropped.
    ///
    /// # Errors
    ///
    /// The error that `change` returns, or a failure of the storage.
    ///
    /// ```
    /// use org42_authority::service::{Caller, OrgCreation, OrgView, TenantService};
    /// use org42_authority::domain::TenantRefusal;
    /// use org42_authority::store::OrgLookup;
    ///
    /// /// Creates an organization that is blocked from its first moment on.
    /// async fn create_blocked(tenant: &TenantService, new: OrgCreation) -> Result<OrgView, TenantRefusal> {
    ///     let creating = tenant.change(move |tenant| {
    ///         let made = tenant.create_org(&new)?;
    ///         tenant.block_org(&Caller::ApiClient, &OrgLookup::Id(made.org.id))?;
    ///         Ok(made)
    ///     });
    ///     creating.await
    /// }
    /// ```
    pub async fn change<T: Send + 'static>(
        &self,
        change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let (sender, answer) = oneshot::channel();
        self.store
            .queue(Extent::Rows, self.deciding(change), sender);
        let closed = |_| Err(StoreError::failed("the store is closed").into());
        answer.await.unwrap_or_else(closed)
    }

    /// Changes the tenant as [`change`](Self::change) does, and blocks the thread until it is done: for programs that
    /// have nothing else to do meanwhile.
    ///
    /// # Errors
    ///
    /// The error that `change` returns, or a failure of the storage.
    pub fn change_blocking<T: Send + 'static>(
        &self,
        change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        self.store.write(Extent::Rows, self.deciding(change))
    }

    /// Changes any number of rows in one commit, and blocks the thread until it is done. Nothing else is changed
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// The error that `change` returns, or a failure of the storage.
    pub(crate) fn change_whole<T: Send + 'static>(
        &self,
        change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        self.store.write(Extent::Whole, self.deciding(change))
    }

    fn deciding<T, F>(
        &self,
        mut change: F,
    ) -> impl FnMut(&dyn Draft) -> Result<T, TenantRefusal> + Send + 'static + use<T, F>
    where
        F: FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    {
        // A copy without the store: the store owns the change until it is done, and must not own itself.
        let (terms, grants) = (self.terms.clone(), self.grants.clone());
        move |draft| {
            change(&TenantDraft {
                tenant: Service {
                    at: At::View(draft.view()),
                    terms: terms.clone(),
                    grants: grants.clone(),
                },
                draft,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::{Authority, DEFAULT_ADMIN, Options, Sample};

    #[tokio::test]
    async fn a_change_that_was_begun_goes_on_without_its_client_and_no_other_is_begun() {
        let options = Options::default();
        let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
        let tenant = authority.tenant();
        let (begin, begun) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let numbered = |number| RowChange::NextId(number);
        let mut first = Box::pin(tenant.change(move |tenant| {
            begin.send(()).unwrap();
            let _ = released.recv();
            tenant.apply(&[numbered(1_001)])
        }));
        assert!((&mut first).now_or_never().is_none());
        begun.recv().unwrap();
        let mut left = Box::pin(tenant.change(move |tenant| tenant.apply(&[numbered(1_002)])));
        assert!((&mut left).now_or_never().is_none());
        drop((first, left));
        drop(release);
        let seen = tenant.change(|tenant| Ok(tenant.tenant()?.next_id));
        assert_eq!(seen.await.unwrap(), 1_001);
    }

    #[tokio::test]
    async fn what_one_change_does_is_kept_together_or_not_at_all() {
        let options = Options::default();
        let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
        let tenant = authority.tenant();
        let before = tenant.read().tenant().unwrap();
        let refused = tenant.change(|tenant| {
            let made = tenant.create_api_client()?;
            assert!(
                tenant.api_client(&made.client_id).is_ok(),
                "it sees its own"
            );
            Err::<(), _>(TenantRefusal::Forbidden)
        });
        assert!(matches!(refused.await, Err(TenantRefusal::Forbidden)));
        assert_eq!(tenant.read().api_clients().unwrap(), []);
        let made = tenant.change(|tenant| {
            tenant.create_api_client()?;
            tenant.create_api_client()
        });
        assert!(made.await.is_ok());
        assert_eq!(tenant.read().api_clients().unwrap().len(), 2);
        let after = tenant.read().tenant().unwrap();
        assert_eq!(after.revision, before.revision.next().next());
    }
}
