//! How a tenant is changed: a [`Write`] decides on the state that its [`Draft`] shows, and is then answered.

use std::sync::mpsc;

use tokio::sync::oneshot;

use super::{ReadView, Store, StoreError};
use crate::domain::{Revision, RowChange};

/// The state that a write decides on, with what it has applied so far.
pub trait Draft {
    /// Returns the state: everything that was committed, what the writes before this one in the same commit have
    /// decided, and what this one has applied.
    fn view(&self) -> &dyn ReadView;

    /// Applies all `changes` to this draft, as the revision after the one that it shows; returns that revision. The
    /// revision in [`RowChange::Tenant`] does not count.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooLarge`] when the write would come to more than [`MAX_CHANGES`](super::MAX_CHANGES) changes,
    /// unless its extent is [`Extent::Whole`]; a failure of the storage; or a change that breaks a constraint.
    /// Nothing that the write has decided can be kept then.
    fn apply(&self, changes: &[RowChange]) -> Result<Revision, StoreError>;

    /// Replaces the tenant in this draft by the one that `with` shows; returns the revision, which is new to both.
    ///
    /// The tenant's uid stays, except in an empty store. So do the records of ended tokens, and the key that its
    /// tokens are signed with, unless its [`Sessions`] are to end.
    ///
    /// # Errors
    ///
    /// When `with` shows no tenant, the extent of the write is not [`Extent::Whole`], or the storage fails. Nothing
    /// that the write has decided can be kept then.
    fn replace(&self, with: &dyn ReadView, sessions: Sessions) -> Result<Revision, StoreError>;
}

/// The fate of a tenant's sessions when it is replaced as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// The key that tokens are signed with stays, except in an empty store.
    GoOn,
    /// The key becomes that of the other tenant: tokens signed with the old one are not valid any more.
    End,
}

/// How much a write may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// At most [`MAX_CHANGES`](super::MAX_CHANGES) rows; shares a commit with others.
    Rows,
    /// Any number of rows, in a commit of its own; all other writes wait meanwhile.
    Whole,
}

/// Whether what a write has applied is to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that it has applied, which may be nothing, is committed.
    Keep,
    /// Nothing of it is committed.
    Undo,
}

/// A change of the tenant that waits for its turn.
pub trait Write: Send {
    /// Returns how much the write may change.
    fn extent(&self) -> Extent {
        Extent::Rows
    }

    /// Decides on the state that `draft` shows.
    ///
    /// It may be called again and must then decide anew, on another state: when another process was faster, or when
    /// the commit that it shared was full or failed. It must not use the store itself, which waits for it.
    fn decide(&mut self, draft: &dyn Draft) -> Verdict;

    /// Ends the write; called once. On success, its last decision is durable; where `end` is an error, nothing of it
    /// was committed.
    ///
    /// This runs on the thread that commits, so it should do no more than pass the answer on.
    fn done(self: Box<Self>, end: Result<(), StoreError>);
}

/// The receiver of the answer to a write.
pub trait Reply<R>: Send + 'static {
    /// Returns whether anyone still waits for the answer.
    fn is_wanted(&self) -> bool {
        true
    }

    /// Passes the answer on.
    fn answer(self, answer: R);
}

impl<R: Send + 'static> Reply<R> for oneshot::Sender<R> {
    fn is_wanted(&self) -> bool {
        !self.is_closed()
    }

    fn answer(self, answer: R) {
        // A client that has gone needs no answer.
        let _ = self.send(answer);
    }
}

impl<R: Send + 'static> Reply<R> for mpsc::Sender<R> {
    fn answer(self, answer: R) {
        let _ = self.send(answer);
    }
}

/// A write made of a closure.
struct Deciding<D, T, E, R> {
    extent: Extent,
    decide: D,
    decided: Option<Result<T, E>>,
    /// Whether the closure was called, and has returned each time.
    run: Run,
    reply: R,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    NotYet,
    Ended,
    Panicked,
}

impl<D, T, E, R> Write for Deciding<D, T, E, R>
where
    D: FnMut(&dyn Draft) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
    R: Reply<Result<T, E>>,
{
    fn extent(&self) -> Extent {
        self.extent
    }

    fn decide(&mut self, draft: &dyn Draft) -> Verdict {
        self.decided = None;
        match self.run {
            // A write that was not begun when its client went away is dropped.
            Run::NotYet if !self.reply.is_wanted() => return Verdict::Undo,
            // A closure that has panicked is not safe to call again.
            Run::Panicked => return Verdict::Undo,
            Run::NotYet | Run::Ended => {}
        }
        self.run = Run::Panicked;
        let decided = (self.decide)(draft);
        self.run = Run::Ended;
        let verdict = match decided {
            Ok(_) => Verdict::Keep,
            Err(_) => Verdict::Undo,
        };
        self.decided = Some(decided);
        verdict
    }

    fn done(self: Box<Self>, end: Result<(), StoreError>) {
        let Self { decided, reply, .. } = *self;
        let panicked = || StoreError::failed("a change was given up in the midst of its decision");
        reply.answer(match end {
            Ok(()) => decided.unwrap_or_else(|| Err(panicked().into())),
            Err(error) => Err(error.into()),
        });
    }
}

impl dyn Store {
    /// Calls `look` with one consistent state and returns its result.
    ///
    /// # Errors
    ///
    /// As for [`read`](Store::read).
    pub fn look<T, E: From<StoreError>>(
        &self,
        mut look: impl FnMut(&dyn ReadView) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut seen = None;
        self.read(&mut |view| {
            seen = Some(look(view));
            Ok(())
        })?;
        seen.unwrap_or_else(|| Err(StoreError::failed("the store showed no state").into()))
    }

    /// Submits a closure as a write, and sends its result to `reply`. What the closure has applied is kept if it
    /// returns `Ok`. If the reply is not wanted any more when its turn comes, the write is dropped and nothing is
    /// sent.
    pub fn queue<T, E>(
        &self,
        extent: Extent,
        decide: impl FnMut(&dyn Draft) -> Result<T, E> + Send + 'static,
        reply: impl Reply<Result<T, E>>,
    ) where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(Box::new(Deciding {
            extent,
            decide,
            decided: None,
            run: Run::NotYet,
            reply,
        }));
    }

    /// Submits a closure as a write, waits until its decision is durable, and returns its result. What the closure
    /// has applied is kept if it returns `Ok`.
    ///
    /// # Errors
    ///
    /// The closure's error, or a failure of the storage. Nothing was changed then.
    ///
    /// ```
    /// use org42_authority::domain::RowChange;
    /// use org42_authority::store::{Extent, Sqlite, Store, StoreError};
    ///
    /// # fn count(store: &dyn Store) -> Result<(), StoreError> {
    /// store.write(Extent::Rows, |draft| {
    ///     let tenant = draft.view().tenant()?.ok_or_else(|| StoreError::failed("there is no tenant"))?;
    ///     draft.apply(&[RowChange::NextId(tenant.next_id + 1)])
    /// })?;
    /// # Ok(()) }
    /// ```
    pub fn write<T, E>(
        &self,
        extent: Extent,
        decide: impl FnMut(&dyn Draft) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, answer) = mpsc::channel();
        self.queue(extent, decide, sender);
        answer
            .recv()
            .unwrap_or_else(|_| Err(StoreError::failed("the store is closed").into()))
    }
}
