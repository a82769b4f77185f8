//! The cells of settings updates: two requests, each with its own verdict. A PUT has no idempotency key, and is not
//! sent again: what is written is compared with what is read back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use org42::{Client, Happened, LocalAccount, OrgSettings, SettingResult};
use org42_test::{Reply, quick};

use super::cell::TURNS;
use super::expected::{Expected, Times};
use super::faults::{Fault, OfChange};
use super::methods::Said;
use crate::settings_tenant::{Tenant, WRITE, WRITE_BY_KEY};

/// One of the two requests, and a change that is sent by it alone.
pub(crate) struct Half {
    pub(crate) line: &'static str,
    change: fn(&mut OrgSettings),
}

pub(crate) const HALVES: [Half; 2] = [
    Half {
        line: WRITE,
        change: |settings| settings.set_notes("new").unwrap(),
    },
    Half {
        line: WRITE_BY_KEY,
        change: |settings| settings.set_web_restore_enabled(true).unwrap(),
    },
];

pub(crate) fn right(fault: &Fault, carried_out: bool, times: Times) -> Expected {
    use OfChange as F;
    let (said, sent, effects) = match (fault.change, carried_out, times) {
        (F::Harmless, ..) => (Said::Done, 1, 1),
        (F::Refused, ..) => (Said::NO, 1, 0),
        (F::Throttled | F::Renewed, _, Times::Once) => (Said::Done, 2, 1),
        (F::Throttled, _, Times::Always) => (Said::NO, 3, 0),
        (F::Renewed, _, Times::Always) => (Said::NO, 2, 0),
        (_, true, _) => (Said::Done, 1, 1),
        (F::Open | F::Silent | F::OpenForGood | F::Accepted, false, _) => (Said::UNKNOWN, 1, 0),
        (F::Acknowledged, false, _) => (Said::NO, 1, 0),
    };
    Expected {
        said,
        sent,
        effects,
    }
}

/// Writes one half of the settings, whose request meets a fault.
pub(crate) async fn run(
    half: &Half,
    fault: &'static Fault,
    carried_out: bool,
    times: Times,
) -> Expected {
    let _turn = TURNS.acquire().await;
    let (faults, effects) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (line, carried) = (half.line, effects.clone());
    let tenant = Tenant::with(move |seen, _, state| {
        if seen.line() != line {
            return None;
        }
        let is_fault = times == Times::Always || faults.fetch_add(1, Ordering::SeqCst) == 0;
        if is_fault && !carried_out {
            return Some((fault.reply)(Reply::Hangup));
        }
        carried.fetch_add(1, Ordering::SeqCst);
        let right = state.answer(seen);
        is_fault
            .then(|| (fault.reply)(right.clone()))
            .or(Some(right))
    });
    let tenant = tenant.await;
    let mut settings = tenant.read().await;
    (half.change)(&mut settings);
    let client = Client::builder(&tenant.server.url)
        .local_account(LocalAccount::new("admin@example.com", "hunter22"))
        .retry(quick())
        .silence(Duration::from_secs(2))
        .answer_limit(1_000_000)
        .build()
        .unwrap();
    let update = client.orgs().update_settings(&settings).await.unwrap();
    assert_eq!(update.outcomes.len(), 1);
    Expected {
        said: match &update.outcomes[0].result {
            SettingResult::Written => Said::Done,
            SettingResult::NotWritten(_) => Said::NO,
            _ => Said::Failed(Happened::Unknown),
        },
        sent: tenant.server.count(line),
        effects: effects.load(Ordering::SeqCst),
    }
}
