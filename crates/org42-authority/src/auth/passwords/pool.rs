//! Threads that work on passwords, with a queue of bounded length before them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::Block;
use tokio::sync::oneshot;

use crate::store::StoreError;
use crate::tree::Refusal;

/// After this long without work a thread gives its memory back.
const IDLE: Duration = Duration::from_secs(5);
/// A thread keeps no more than this: what a password of ordinary cost takes.
const KEPT_BLOCKS: usize = 19 * 1024;
/// When those who found the queue full may find it shorter.
const RETRY_AFTER_SECONDS: u64 = 2;

/// What argon2 works in. Each thread has its own and uses it again and again: a new one for each password, from any
/// thread, leaves the allocator with hundreds of them.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Lends so many blocks.
    pub(super) fn with<T>(&mut self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        if blocks > KEPT_BLOCKS {
            return work(&mut vec![Block::new(); blocks]);
        }
        if self.0.len() < blocks {
            self.0 = Vec::new();
            self.0 = vec![Block::new(); blocks];
        }
        let lent = self.0.get_mut(..blocks).unwrap_or_default();
        work(lent)
    }
}

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The threads end when this is dropped and the queue is empty.
pub(super) struct Pool {
    jobs: SyncSender<Job>,
}

impl Pool {
    /// So many threads, before which so many jobs may wait.
    pub(super) fn new(threads: usize, waiting: usize) -> Self {
        let (jobs, queue) = sync_channel(waiting);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name("passwords".to_owned());
            // Where there is no thread at all, sending fails.
            let _ = thread.spawn(move || serve(&queue));
        }
        Self { jobs }
    }

    /// Does it on one of the threads; not at all when the caller has gone before its turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (tell, told) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            if !tell.is_closed() {
                // Whoever went away meanwhile does not need to know.
                let _ = tell.send(work(memory));
            }
        };
        match self.jobs.try_send(Box::new(job)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Refusal::Busy(RETRY_AFTER_SECONDS)),
            Err(TrySendError::Disconnected(_)) => {
                return Err(StoreError::failed("there is no thread to work on passwords").into());
            }
        }
        Ok(told.await.map_err(StoreError::failed)?)
    }
}

fn serve(queue: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::default();
    loop {
        let job = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(IDLE);
        match job {
            // The next job has nothing to do with what went wrong in this one.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(|| job(&mut memory)))),
            Err(RecvTimeoutError::Timeout) => memory = Memory::default(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    /// A pool of one thread that works on something until the sender is used.
    async fn occupied(waiting: usize) -> (Arc<Pool>, std::sync::mpsc::Sender<()>) {
        let pool = Arc::new(Pool::new(1, waiting));
        let (finish, may_finish) = channel::<()>();
        let (started, has_started) = oneshot::channel();
        let first = Arc::clone(&pool);
        tokio::spawn(async move {
            let work = move |_: &mut Memory| {
                let _ = started.send(());
                let _ = may_finish.recv();
            };
            first.run(work).await
        });
        has_started.await.unwrap();
        (pool, finish)
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_so_at_once() {
        let (pool, finish) = occupied(2).await;
        let waiting: Vec<_> = (0..2)
            .map(|n| {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move { pool.run(move |_| n).await.unwrap() })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(matches!(pool.run(|_| 3).await, Err(Refusal::Busy(1..))));
        finish.send(()).unwrap();
        for (n, job) in waiting.into_iter().enumerate() {
            assert_eq!(job.await.unwrap(), n);
        }
        assert_eq!(pool.run(|_| 4).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn nothing_is_done_for_those_who_went_away() {
        let (pool, finish) = occupied(5).await;
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..4 {
            let (pool, done) = (Arc::clone(&pool), Arc::clone(&done));
            let caller = tokio::spawn(async move {
                pool.run(move |_| done.fetch_add(1, Ordering::SeqCst)).await
            });
            tokio::task::yield_now().await;
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }
        finish.send(()).unwrap();
        assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
        assert_eq!(done.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_job_that_panics_takes_only_itself_along() {
        let pool = Pool::new(1, 1);
        let work = |memory: &mut Memory| memory.with(0, |blocks| blocks[0]);
        assert!(pool.run(work).await.is_err());
        assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
    }

    #[test]
    fn memory_is_used_again_unless_it_is_uncommonly_large() {
        let mut memory = Memory::default();
        for (blocks, kept) in [(8, 8), (4, 8), (16, 16), (KEPT_BLOCKS + 1, 16)] {
            assert_eq!(memory.with(blocks, |lent| lent.len()), blocks);
            assert_eq!(memory.0.len(), kept);
        }
    }
}
