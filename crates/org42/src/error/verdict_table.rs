//! The whole table of verdicts: every fault, and every status with every kind of body, of a read and of a change.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use org42_types::problems_in;

use super::Stage;
use super::fault::Fault;
use super::refusal::Refusal;
use super::verdict::{Answered, Effect, Verdict, verdict};
use crate::list::page_cursor::Shortfall;

const NOT_SENT: Verdict = Verdict::NotSent;
const PERMANENT: Verdict = Verdict::Answered(Answered::Permanent);
const THROTTLED: Verdict = Verdict::Answered(Answered::Throttled);
const TRANSIENT: Verdict = Verdict::Answered(Answered::Transient);
const UNKNOWN: Verdict = Verdict::Unknown;

/// The bodies that a failure status may have, by what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// Nothing, or something that is no error of the API.
    Nothing,
    /// That the server is in trouble, or a name that nobody has recorded.
    Trouble,
    /// That a rule of the tenant is broken.
    Rule,
    /// That the first request with the key is being carried out.
    Running,
}

const BODIES: &[(&str, Says)] = &[
    ("", Says::Nothing),
    ("null", Says::Nothing),
    ("{}", Says::Nothing),
    ("<html><h1>Bad Gateway</h1></html>", Says::Nothing),
    (r#"{"message":"busy"}"#, Says::Nothing),
    (r#"[{"description":"no name"}]"#, Says::Nothing),
    (r#"[{"name":"SYSTEM","description":"d"}]"#, Says::Trouble),
    (
        r#"[{"name":"NEVER_HEARD_OF","description":"d"}]"#,
        Says::Trouble,
    ),
    (
        r#"{"data":null,"error":[{"name":"SYSTEM"}]}"#,
        Says::Trouble,
    ),
    (
        r#"[{"name":"ORG_DUPLICATE","description":"d"}]"#,
        Says::Rule,
    ),
    (
        r#"[{"name":"SYSTEM"},{"name":"PARENT_ORG_BLOCKED"}]"#,
        Says::Rule,
    ),
    (
        r#"{"data":null,"error":[{"name":"ORG_NOT_FOUND"}]}"#,
        Says::Rule,
    ),
    (
        r#"[{"name":"IDEMPOTENCY_KEY_RUNNING","description":"d"}]"#,
        Says::Running,
    ),
];

const ANY: &[Says] = &[Says::Nothing, Says::Trouble, Says::Rule, Says::Running];
const NO_RULE: &[Says] = &[Says::Nothing, Says::Trouble, Says::Running];
const RULE: &[Says] = &[Says::Rule];
const NAMED: &[Says] = &[Says::Trouble, Says::Rule, Says::Running];
const NOTHING: &[Says] = &[Says::Nothing];
const RUNNING: &[Says] = &[Says::Running];
const NOT_RUNNING: &[Says] = &[Says::Nothing, Says::Trouble, Says::Rule];

type Statuses = RangeInclusive<u16>;

/// Statuses, what the body says, the verdict of a read, that of a change.
const ANSWERS: &[(Statuses, &[Says], Verdict, Verdict)] = &[
    // Answers that end no request, and successes that contradict themselves.
    (100..=299, NO_RULE, PERMANENT, UNKNOWN),
    (100..=299, RULE, PERMANENT, PERMANENT),
    // Redirects are not followed, and may come after the work.
    (300..=399, ANY, PERMANENT, UNKNOWN),
    (400..=403, ANY, PERMANENT, PERMANENT),
    // A proxy's page, or the API's word.
    (404..=404, NOTHING, PERMANENT, UNKNOWN),
    (404..=404, NAMED, PERMANENT, PERMANENT),
    (405..=407, ANY, PERMANENT, PERMANENT),
    (408..=408, ANY, TRANSIENT, UNKNOWN),
    (409..=409, NOT_RUNNING, PERMANENT, PERMANENT),
    (409..=409, RUNNING, TRANSIENT, UNKNOWN),
    (410..=424, ANY, PERMANENT, PERMANENT),
    (425..=425, ANY, TRANSIENT, UNKNOWN),
    (426..=428, ANY, PERMANENT, PERMANENT),
    (429..=429, ANY, THROTTLED, THROTTLED),
    (430..=499, ANY, PERMANENT, PERMANENT),
    // Only this status stands for a refusal by a rule.
    (500..=500, RULE, PERMANENT, PERMANENT),
    (500..=500, NO_RULE, TRANSIENT, UNKNOWN),
    (501..=599, ANY, TRANSIENT, UNKNOWN),
];

fn refused(status: u16, body: &str) -> Fault {
    Fault::Refused(Refusal {
        status,
        problems: problems_in(body),
        text: body.to_owned(),
        retry_after: None,
        location: None,
        clock_ahead: None,
    })
}

fn both(fault: &Fault) -> (Verdict, Verdict) {
    let of = |effect| verdict(fault, Stage::Itself, effect);
    (of(Effect::Read), of(Effect::Change))
}

#[test]
fn every_status_with_every_body_has_one_verdict() {
    for status in 100..=599 {
        for (body, says) in BODIES {
            let applies =
                |row: &&(Statuses, &[Says], _, _)| row.0.contains(&status) && row.1.contains(says);
            let rows: Vec<_> = ANSWERS.iter().filter(applies).collect();
            let [(_, _, read, change)] = rows[..] else {
                unreachable!("{status} with {says:?} is in {} rows", rows.len());
            };
            assert_eq!(
                both(&refused(status, body)),
                (*read, *change),
                "{status} {body}"
            );
        }
    }
}

/// Returns each fault but answers with a failure status, with the verdict of a read and that of a change.
fn faults() -> Vec<(Fault, Verdict, Verdict)> {
    let text = || "d".to_owned();
    let proxy = |perhaps_done| Fault::Proxy {
        message: text(),
        perhaps_done,
    };
    let connect = |lasting| Fault::Connect {
        message: text(),
        lasting,
    };
    let malformed = Fault::Malformed {
        status: 200,
        message: text(),
        text: text(),
    };
    let ambiguous = Fault::Ambiguous {
        message: text(),
        candidates: Vec::new(),
    };
    let short = Fault::Short(Shortfall {
        came: 1,
        counted: 2,
        readings: 3,
    });
    vec![
        (Fault::Input(text()), NOT_SENT, NOT_SENT),
        (Fault::ReadOnly("d"), NOT_SENT, NOT_SENT),
        (Fault::Lacking(text()), NOT_SENT, NOT_SENT),
        (Fault::NotFound(text()), NOT_SENT, NOT_SENT),
        (ambiguous, NOT_SENT, NOT_SENT),
        (Fault::Conflict(Vec::new()), NOT_SENT, NOT_SENT),
        (Fault::Credentials(text()), NOT_SENT, NOT_SENT),
        (Fault::TokenProvider, NOT_SENT, NOT_SENT),
        (connect(false), NOT_SENT, NOT_SENT),
        (connect(true), NOT_SENT, NOT_SENT),
        (Fault::Paused(Duration::from_secs(1)), NOT_SENT, NOT_SENT),
        (Fault::Late, NOT_SENT, NOT_SENT),
        (Fault::Stopped { sent: false }, NOT_SENT, NOT_SENT),
        (proxy(false), NOT_SENT, NOT_SENT),
        (proxy(true), UNKNOWN, UNKNOWN),
        (Fault::Timeout, UNKNOWN, UNKNOWN),
        (Fault::Stopped { sent: true }, UNKNOWN, UNKNOWN),
        (Fault::Interrupted { status: None }, UNKNOWN, UNKNOWN),
        (Fault::Interrupted { status: Some(200) }, UNKNOWN, UNKNOWN),
        (Fault::NotCarriedOut(text()), PERMANENT, PERMANENT),
        (Fault::PartlyCarriedOut(text()), PERMANENT, PERMANENT),
        (Fault::Unverified(text()), UNKNOWN, UNKNOWN),
        (malformed, PERMANENT, UNKNOWN),
        (Fault::Listing(text()), PERMANENT, UNKNOWN),
        (short, PERMANENT, UNKNOWN),
    ]
}

/// Returns the number of a fault among all; one that is added here has to be added to the table.
fn number(fault: &Fault) -> usize {
    match fault {
        Fault::Input(_) => 0,
        Fault::ReadOnly(_) => 1,
        Fault::Lacking(_) => 2,
        Fault::NotFound(_) => 3,
        Fault::Ambiguous { .. } => 4,
        Fault::Conflict(_) => 5,
        Fault::Credentials(_) => 6,
        Fault::TokenProvider => 7,
        Fault::Connect { .. } => 8,
        Fault::Proxy { .. } => 9,
        Fault::Timeout => 10,
        Fault::Paused(_) => 11,
        Fault::Late => 12,
        Fault::Stopped { .. } => 13,
        Fault::Interrupted { .. } => 14,
        Fault::Malformed { .. } => 15,
        Fault::NotCarriedOut(_) => 16,
        Fault::PartlyCarriedOut(_) => 17,
        Fault::Unverified(_) => 18,
        Fault::Short(_) => 19,
        Fault::Listing(_) => 20,
        // In the table above.
        Fault::Refused(_) => 21,
    }
}

#[test]
fn every_fault_has_one_verdict() {
    let faults = faults();
    for (fault, read, change) in &faults {
        assert_eq!(both(fault), (*read, *change), "{fault:?}");
    }
    let seen: BTreeSet<_> = faults.iter().map(|(fault, ..)| number(fault)).collect();
    assert_eq!(seen, (0..21).collect());
}

#[test]
fn what_goes_wrong_before_the_request_itself_means_that_it_was_not_sent() {
    let refusals = [404, 500, 503].map(|status| refused(status, ""));
    let faults = faults().into_iter().map(|(fault, ..)| fault);
    for fault in faults.chain(refusals) {
        for stage in [Stage::SigningIn, Stage::LookingUp, Stage::ReadingFirst] {
            for effect in [Effect::Read, Effect::Change] {
                assert_eq!(verdict(&fault, stage, effect), NOT_SENT, "{fault:?}");
            }
        }
    }
}
