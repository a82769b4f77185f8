//! The handlers that show and steer the test bench: requests, faults, switches and the clock.

use std::io;
use std::sync::Arc;

use axum::body::Body as AnswerBody;
use axum::extract::{Extension, State};
use futures_util::stream;

use super::TestBench;
use super::clock::{Reading, Turn};
use super::dto::{FaultsInForce, NotedRequests, SwitchesBody};
use super::faults::{InForce, Rule};
use super::requests::Requests;
use crate::domain::TenantRefusal;
use crate::fidelity::Fidelity;
use crate::http::answer::{Bare, NoContent, labelled};
use crate::http::body::Body;
use crate::http::error_reply::ErrorReply;
use crate::http::listing::Listing;
use crate::http::spelling::one_spelling;
use crate::http::{Admin, App};

/// The size of a piece of the log that is rendered at once, in bytes.
const PIECE: usize = 64 * 1024;

/// The test bench of the served tenant.
type Bench = Extension<Arc<TestBench>>;

/// Answers with the requests that were noted until now, rendered piece by piece: all at once may take far more memory
/// than the log.
pub(super) async fn requests(Extension(bench): Bench, _: Admin) -> Listing<Bare<NotedRequests>> {
    let last = bench.requests.last();
    let pieces = stream::unfold(Some(0), move |shown| {
        let bench = bench.clone();
        async move {
            let shown = shown?;
            let reading = move || piece(&bench.requests, shown, last);
            let read = tokio::task::spawn_blocking(reading).await;
            Some(match read {
                Ok((piece, shown)) => (Ok(piece), shown),
                Err(gone) => (Err(io::Error::other(gone)), None),
            })
        }
    });
    Listing::of(labelled(AnswerBody::from_stream(pieces)))
}

/// Returns the requests behind number `shown`, as many as fit into a piece, and the number of the last of them;
/// `None` when there are no more.
fn piece(requests: &Requests, mut shown: u64, last: u64) -> (Vec<u8>, Option<u64>) {
    let mut piece = Vec::new();
    let mut is_first = shown == 0;
    if is_first {
        piece.extend_from_slice(b"{\"requests\":[");
    }
    while piece.len() < PIECE {
        match requests.after(shown).filter(|(number, _)| *number <= last) {
            Some((number, row)) => {
                if !is_first {
                    piece.push(b',');
                }
                is_first = false;
                shown = number;
                piece.extend(row);
            }
            None => {
                piece.extend_from_slice(b"]}");
                return (piece, None);
            }
        }
    }
    (piece, Some(shown))
}

pub(super) async fn forget_requests(Extension(bench): Bench, _: Admin) -> NoContent {
    bench.requests.forget();
    NoContent
}

pub(super) async fn faults(Extension(bench): Bench, _: Admin) -> Bare<FaultsInForce> {
    let faults = bench.faults.all();
    Bare(FaultsInForce { faults })
}

pub(super) async fn add_fault(
    Extension(bench): Bench,
    admin: Admin,
    Body(rule): Body<Rule>,
) -> Result<Bare<InForce>, ErrorReply> {
    admin.still().await?;
    let added = bench.faults.add(rule.spelled(one_spelling));
    Ok(Bare(added.map_err(TenantRefusal::Invalid)?))
}

pub(super) async fn clear_faults(Extension(bench): Bench, _: Admin) -> NoContent {
    bench.faults.clear();
    NoContent
}

pub(super) async fn fidelity(State(app): State<App>, _: Admin) -> Bare<Fidelity> {
    Bare(app.fidelity())
}

pub(super) async fn set_fidelity(
    admin: Admin,
    Body(SwitchesBody(changes)): Body<SwitchesBody>,
) -> Result<Bare<Fidelity>, ErrorReply> {
    let tenant = admin.still().await?;
    let set = tenant.change_fidelity(|switches| switches.with(&changes));
    let set = set.map_err(|why| TenantRefusal::Invalid(why.to_string()))?;
    Ok(Bare(set))
}

pub(super) async fn reset_fidelity(admin: Admin) -> Result<NoContent, ErrorReply> {
    admin.still().await?.reset_fidelity();
    Ok(NoContent)
}

pub(super) async fn clock(Extension(bench): Bench, _: Admin) -> Bare<Reading> {
    Bare(bench.clock.reading())
}

pub(super) async fn turn_clock(
    Extension(bench): Bench,
    admin: Admin,
    Body(turn): Body<Turn>,
) -> Result<Bare<Reading>, ErrorReply> {
    admin.still().await?;
    let reading = bench.clock.turn(turn).map_err(TenantRefusal::Invalid)?;
    Ok(Bare(reading))
}

pub(super) async fn let_clock_go(Extension(bench): Bench, _: Admin) -> NoContent {
    bench.clock.let_go();
    NoContent
}
