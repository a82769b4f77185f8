//! Threads that work on passwords, with two waiting lines of bounded length: proven callers neither wait behind
//! strangers nor are refused because of them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::Block;
use tokio::sync::oneshot;

use crate::domain::TenantRefusal;
use crate::store::StoreError;

/// The time without work after which a thread returns its memory.
const IDLE: Duration = Duration::from_secs(5);
/// The most memory that a thread keeps: as much as a password of ordinary cost takes.
const KEPT_BLOCKS: usize = 19 * 1024;
/// The seconds after which a full line may be shorter.
const RETRY_AFTER_SECONDS: u64 = 2;

/// The memory that argon2 works in. Each thread has its own and reuses it: with a new one for each password, from any
/// thread, the allocator would keep hundreds of them.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Calls `work` with `blocks` blocks of memory.
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

/// The line in which a job waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The line of callers who have signed in before: strangers cannot fill it, and it is served first.
    Known,
    /// The line of all others.
    Anybody,
}

/// How many jobs of known callers are served for each job of the other line, while both wait.
const KNOWN_BEFORE_ANYBODY: u32 = 7;

/// A pool of threads, which end when this is dropped and the lines are empty.
pub(super) struct Pool {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    lines: Mutex<Lines>,
    has_work: Condvar,
}

#[derive(Default)]
struct Lines {
    known: VecDeque<Job>,
    anybody: VecDeque<Job>,
    /// How many jobs of known callers were served since the last one of the other line.
    in_a_row: u32,
    /// How many jobs may wait in each line.
    places: usize,
    threads: usize,
    is_over: bool,
}

impl Lines {
    fn next(&mut self) -> Option<Job> {
        let is_anybodys_turn = self.in_a_row >= KNOWN_BEFORE_ANYBODY || self.known.is_empty();
        if is_anybodys_turn && let Some(job) = self.anybody.pop_front() {
            self.in_a_row = 0;
            return Some(job);
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.known.pop_front()
    }
}

impl Queue {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: Line, job: Job) -> Result<(), TenantRefusal> {
        let mut lines = self.lines();
        if lines.threads == 0 {
            return Err(StoreError::failed("there is no thread to work on passwords").into());
        }
        let places = lines.places;
        let line = match line {
            Line::Known => &mut lines.known,
            Line::Anybody => &mut lines.anybody,
        };
        if line.len() >= places {
            return Err(TenantRefusal::Busy(RETRY_AFTER_SECONDS));
        }
        line.push_back(job);
        drop(lines);
        self.has_work.notify_one();
        Ok(())
    }

    fn serve(&self) {
        let mut memory = Memory::default();
        let mut lines = self.lines();
        loop {
            if let Some(job) = lines.next() {
                drop(lines);
                // A job that panics must not end the thread.
                drop(catch_unwind(AssertUnwindSafe(|| job(&mut memory))));
                lines = self.lines();
                continue;
            }
            if lines.is_over {
                return;
            }
            let waited = self.has_work.wait_timeout(lines, IDLE);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            lines = again;
            if timeout.timed_out() {
                memory = Memory::default();
            }
        }
    }
}

impl Pool {
    /// Starts `threads` threads; `places` jobs may wait in each line.
    pub(super) fn new(threads: usize, places: usize) -> Self {
        let queue = Arc::new(Queue::default());
        let mut started = 0;
        for _ in 0..threads {
            let serving = Arc::clone(&queue);
            let thread = thread::Builder::new().name("passwords".to_owned());
            started += usize::from(thread.spawn(move || serving.serve()).is_ok());
        }
        let mut lines = queue.lines();
        (lines.places, lines.threads) = (places, started);
        drop(lines);
        Self { queue }
    }

    /// Runs `work` on one of the threads; not at all if the caller has gone before its turn.
    ///
    /// # Errors
    ///
    /// [`TenantRefusal::Busy`] when the line is full; or when no thread could be started, or `work` panics.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        line: Line,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let (send, sent) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            if !send.is_closed() {
                // A caller that went away meanwhile needs no answer.
                let _ = send.send(work(memory));
            }
        };
        self.queue.add(line, Box::new(job))?;
        Ok(sent.await.map_err(StoreError::failed)?)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.lines().is_over = true;
        self.queue.has_work.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    /// Returns a pool of one thread that is busy until the sender is used.
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
            first.run(Line::Anybody, work).await
        });
        has_started.await.unwrap();
        (pool, finish)
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let (pool, finish) = occupied(2).await;
        let waiting: Vec<_> = (0..2)
            .map(|n| {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move { pool.run(Line::Anybody, move |_| n).await.unwrap() })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(matches!(
            pool.run(Line::Anybody, |_| 3).await,
            Err(TenantRefusal::Busy(1..))
        ));
        finish.send(()).unwrap();
        for (n, job) in waiting.into_iter().enumerate() {
            assert_eq!(job.await.unwrap(), n);
        }
        assert_eq!(pool.run(Line::Anybody, |_| 4).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn who_is_known_has_places_of_their_own_and_comes_first() {
        let (pool, finish) = occupied(20).await;
        let order = Arc::new(Mutex::new(String::new()));
        let mut all = Vec::new();
        for (letter, line) in [('a', Line::Anybody), ('k', Line::Known)] {
            for _ in 0..20 {
                let (pool, order) = (Arc::clone(&pool), Arc::clone(&order));
                let work = move |_: &mut Memory| order.lock().unwrap().push(letter);
                all.push(tokio::spawn(async move { pool.run(line, work).await }));
                tokio::task::yield_now().await;
            }
        }
        for line in [Line::Anybody, Line::Known] {
            assert!(matches!(
                pool.run(line, |_| 3).await,
                Err(TenantRefusal::Busy(1..))
            ));
        }
        finish.send(()).unwrap();
        for job in all {
            job.await.unwrap().unwrap();
        }
        let order = order.lock().unwrap().clone();
        let known = "k".repeat(7);
        assert!(order.contains(&format!("{known}a{known}akkkkk")), "{order}");
        assert!(order[..8].contains("kkkkkk"), "{order}");
    }

    #[tokio::test]
    async fn nothing_is_done_for_those_who_went_away() {
        let (pool, finish) = occupied(5).await;
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..4 {
            let (pool, done) = (Arc::clone(&pool), Arc::clone(&done));
            let caller = tokio::spawn(async move {
                pool.run(Line::Anybody, move |_| done.fetch_add(1, Ordering::SeqCst))
                    .await
            });
            tokio::task::yield_now().await;
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }
        finish.send(()).unwrap();
        assert_eq!(pool.run(Line::Anybody, |_| 7).await.unwrap(), 7);
        assert_eq!(done.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_job_that_panics_takes_only_itself_along() {
        let pool = Pool::new(1, 1);
        let work = |memory: &mut Memory| memory.with(0, |blocks| blocks[0]);
        assert!(pool.run(Line::Anybody, work).await.is_err());
        assert_eq!(pool.run(Line::Anybody, |_| 7).await.unwrap(), 7);
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
