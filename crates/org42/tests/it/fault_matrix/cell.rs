//! One cell: a method is called once, on a tenant whose server has one fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use org42::{Client, Happened, LocalAccount};
use tokio::sync::Semaphore;

use org42_test::{Model, Reply, Seen, Server, fixtures, quick};

use super::expected::{Expected, Times};
use super::faults::{Fault, OfRead};
use super::methods::{Class, Method, Said};

/// Where the fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the request that the method is about.
    Itself,
    /// At the second page of a listing.
    SecondPage,
    /// At the first sign-in.
    SignIn,
    /// At the sign-in after the session has ended.
    Renewal,
    /// At the look-up in the listing before.
    LookUp,
    /// At the reading before a change.
    Before,
    /// At the reading after a change.
    After,
}

pub(crate) struct Cell {
    pub(crate) method: &'static Method,
    pub(crate) fault: &'static Fault,
    pub(crate) place: Place,
    pub(crate) times: Times,
    /// Whether a change is carried out before its fault comes.
    pub(crate) carried_out: bool,
    pub(crate) has_keys: bool,
}

/// The cells that run at the same time, of all tests together: more would take a busy machine for a silent server.
pub(super) static TURNS: Semaphore = Semaphore::const_new(64);

/// How long a call may take, whatever happens: three tries of a silent server and some pauses take less.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long silence on a connection may last where the server is silent.
const SILENCE: Duration = Duration::from_secs(2);
/// How long where it is not, so that a machine that stands still is not taken for it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most requests that any cell may take.
pub(crate) const MOST_REQUESTS: usize = 16;

/// What came of a cell.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) what: Expected,
    pub(crate) requests: Vec<String>,
    pub(crate) error: Option<String>,
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {:?} at {:?} {:?}, carried out: {}, keys: {}",
            self.method.name,
            self.fault.name,
            self.place,
            self.times,
            self.carried_out,
            self.has_keys
        )
    }
}

/// What the server of a cell has seen.
#[derive(Default)]
struct Counts {
    sign_ins: AtomicUsize,
    /// How often the request itself came.
    itself: AtomicUsize,
    faults: AtomicUsize,
}

impl Place {
    /// Returns whether a request is at this place.
    fn is_at(self, seen: &Seen, method: &Method, counts: &Counts) -> bool {
        let is_sign_in = seen.path.ends_with("/auth/jwt");
        let is_itself = seen.line() == method.line;
        let is_read = !is_sign_in && !is_itself && seen.method == "GET";
        let has_begun = counts.itself.load(Ordering::SeqCst) > 0;
        match self {
            Self::Itself => is_itself,
            Self::SecondPage => is_itself && seen.number("pgNum") == 2,
            Self::SignIn => is_sign_in,
            Self::Renewal => is_sign_in && has_begun,
            Self::LookUp => is_read && seen.path == "/api/v1/Org",
            Self::Before => is_read && !has_begun,
            Self::After => is_read && has_begun,
        }
    }
}

/// Answers a request of a cell.
fn answer(cell: &Cell, model: &Model, counts: &Counts, seen: &Seen) -> Reply {
    let is_here = cell.place.is_at(seen, cell.method, counts);
    let is_sign_in = seen.path.ends_with("/auth/jwt");
    if seen.line() == cell.method.line {
        let before = counts.itself.fetch_add(1, Ordering::SeqCst);
        if cell.place == Place::Renewal && before == 0 {
            return Reply::status(401, "");
        }
    }
    let right = || match is_sign_in {
        true => fixtures::login(seen, counts.sign_ins.fetch_add(1, Ordering::SeqCst)),
        false => model.answer(seen),
    };
    let most = match cell.times {
        Times::Once => 1,
        Times::Always => usize::MAX,
    };
    if !is_here || counts.faults.fetch_add(1, Ordering::SeqCst) >= most {
        return right();
    }
    let is_change = cell.place == Place::Itself && seen.method != "GET";
    let right = match is_change && !cell.carried_out {
        true => Reply::Hangup,
        false => right(),
    };
    (cell.fault.reply)(right)
}

impl Cell {
    /// Calls the method, and returns what it said and what the server has seen of it.
    pub(crate) async fn run(self: &Arc<Self>) -> Came {
        let _turn = TURNS.acquire().await;
        let model = match self.has_keys {
            true => Model::new(7).with_keys(),
            false => Model::new(7),
        };
        model.touch("guid-2", (self.method.before)());
        let (counts, cell, tenant) = (Arc::new(Counts::default()), self.clone(), model.clone());
        let at_work = counts.clone();
        let server = Server::with_logins(move |seen, _| answer(&cell, &tenant, &at_work, seen));
        let server = server.await;
        let client = Client::builder(&server.url)
            .local_account(LocalAccount::new("admin@example.com", "hunter22"))
            .retry(quick())
            .silence(match self.fault.read {
                OfRead::Silent => SILENCE,
                _ => PATIENCE,
            })
            .answer_limit(1_000_000)
            .items_per_page(3)
            .pages_at_once(1)
            .build()
            .unwrap();
        let called = tokio::time::timeout(DEADLINE, (self.method.call)(client)).await;
        let result = called.unwrap_or_else(|_| unreachable!("{self} hangs"));
        if let (Err(error), Class::Change | Class::Create) = (&result, self.method.class) {
            let named = error.organization();
            assert!(
                matches!(named, Some("guid-2" | "Paris")),
                "{self}: {named:?}"
            );
            let has_advice = error.happened() != Happened::Unknown || error.hint().is_some();
            assert!(has_advice, "{self}: {error}");
            let was_sent = counts.itself.load(Ordering::SeqCst) > 0;
            let counts_them = error.attempts() > 0 || !was_sent || error.is_sign_in();
            assert!(counts_them, "{self}: {error:?}");
        }
        let requests = server.all();
        Came {
            what: Expected {
                said: Said::of(&result),
                sent: counts.itself.load(Ordering::SeqCst),
                effects: model.effects().len(),
            },
            requests: requests.iter().map(Seen::line).collect(),
            error: result.err().map(|error| error.to_string()),
        }
    }
}
