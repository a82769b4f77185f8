//! `kill -9` at any point of a command that changes something, and the same command again: it is done once.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use org42::{Client, CreateOrg, Org, OrgService};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::machine::{Machine, Run, Served};

/// How often a command is killed in all.
const KILLS: usize = 104;
/// How many of them have to hit a command that is at work.
const HITS: usize = 40;

/// A command that changes one organization, called `NAME` below the top one.
struct Change {
    words: &'static [&'static str],
    /// What is done to the organization before.
    before: Before,
    /// Whether an organization is as it is to be afterwards.
    is_done: fn(&Org) -> bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    NotThere,
    There,
    Blocked,
    Deactivated,
    /// With settings of its own.
    Settled,
}

const CHANGES: [Change; 8] = [
    Change {
        words: &["create", "NAME", "--notes", "once"],
        before: Before::NotThere,
        is_done: |org| org.notes.as_deref() == Some("once"),
    },
    Change {
        words: &["update", "NAME", "--notes", "changed"],
        before: Before::There,
        is_done: |org| org.notes.as_deref() == Some("changed"),
    },
    Change {
        words: &["block", "NAME", "--yes"],
        before: Before::There,
        is_done: |org| org.blocked == Some(true),
    },
    Change {
        words: &["unblock", "NAME", "--yes"],
        before: Before::Blocked,
        is_done: |org| org.blocked == Some(false),
    },
    Change {
        words: &["deactivate", "NAME", "--yes"],
        before: Before::There,
        is_done: |org| org.active == Some(false),
    },
    Change {
        words: &["reactivate", "NAME", "--yes"],
        before: Before::Deactivated,
        is_done: |org| org.active == Some(true),
    },
    Change {
        words: &["settings", "set", "NAME", "archive_hold_days=17", "--yes"],
        before: Before::There,
        is_done: |_| true,
    },
    Change {
        words: &["settings", "inherit", "NAME", "quota", "--yes"],
        before: Before::Settled,
        is_done: |_| true,
    },
];

/// A served tenant, and a program that may change it.
struct Tenant {
    machine: Machine,
    served: Served,
    id: String,
    secret: String,
}

impl Tenant {
    fn serve() -> Self {
        let machine = Machine::new();
        drop(machine.serving("none"));
        let data = machine.data();
        let made = ["authority", "api-client", "create", "--data", &data];
        let made = machine.json(&made);
        Self {
            served: machine.serve(&[]),
            machine,
            id: made["clientId"].as_str().unwrap().to_owned(),
            secret: made["secret"].as_str().unwrap().to_owned(),
        }
    }

    fn client(&self) -> Client {
        Client::builder(&self.served.url)
            .api_client(&self.id, self.secret.as_str())
            .build()
            .unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.machine.command(words);
        command
            .env("ORG42_URL", &self.served.url)
            .env("ORG42_API_CLIENT_ID", &self.id)
            .env("ORG42_API_CLIENT_SECRET", &self.secret);
        command
    }
}

/// Runs a command for so long, and kills it then.
fn killed(mut command: Command, after: Duration) -> ExitStatus {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    let _ = child.kill();
    child.wait().unwrap()
}

/// Prepares an organization, and returns the words that change it.
async fn prepared(orgs: &OrgService, change: &Change, name: &str) -> Vec<String> {
    let mut org = None;
    if change.before != Before::NotThere {
        let made = orgs.create_org(name, CreateOrg::new().notes("before"));
        org = Some(made.await.unwrap());
    }
    match (change.before, &org) {
        (Before::Blocked, Some(org)) => drop(orgs.block(org).await.unwrap()),
        (Before::Deactivated, Some(org)) => drop(orgs.deactivate(org).await.unwrap()),
        (Before::Settled, Some(org)) => {
            let mut settings = orgs.get_settings(org).await.unwrap();
            settings.set_archive_hold_days(99).unwrap();
            assert!(orgs.update_settings(&settings).await.unwrap().is_complete());
        }
        _ => {}
    }
    let key = org.map_or_else(|| name.to_owned(), |org| org.key().to_string());
    let words = change.words.iter();
    words.map(|word| word.replace("NAME", &key)).collect()
}

/// Finds what became of an organization: a deactivated one has another name, which begins with its own.
async fn found(orgs: &OrgService, name: &str) -> Vec<Org> {
    let all = orgs.get_all().orgs().try_collect().await.unwrap();
    let is_it = |org: &Org| org.org_name == name || org.org_name.starts_with(&format!("{name} ("));
    all.into_iter().filter(is_it).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_killed_and_run_again_changes_once() {
    let tenant = Tenant::serve();
    let client = tenant.client();
    let orgs = client.orgs();
    let seed = rand::random();
    println!("the seed is {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut hits = 0;
    let mut typical = [Duration::ZERO; CHANGES.len()];
    for kill in 0..KILLS {
        let which = kill % CHANGES.len();
        let change = &CHANGES[which];
        let name = format!("Kill {kill:03}");
        let words = prepared(&orgs, change, &name).await;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // The first of each kind is left alone, and tells how long it takes.
        if typical[which].is_zero() {
            let begun = Instant::now();
            let run = Run::of(tenant.command(&words).output().unwrap());
            assert_eq!(run.code, 0, "{words:?}: {}", run.err);
            typical[which] = begun.elapsed();
        } else {
            let after = typical[which].mul_f64(random.random_range(0.05..1.0));
            let ended = killed(tenant.command(&words), after);
            hits += usize::from(ended.code().is_none());
        }
        let again = Run::of(tenant.command(&words).output().unwrap());
        let all = found(&orgs, &name).await;
        let [org] = &all[..] else {
            panic!(
                "seed {seed}, {words:?}: there are {} of {name}: {}",
                all.len(),
                again.err
            );
        };
        assert!(
            (change.is_done)(org),
            "seed {seed}, {words:?}: {org:?}: {}",
            again.err
        );
        // One that was created already cannot be created again.
        let is_taken = change.before == Before::NotThere && again.err.contains("ORG_DUPLICATE");
        assert!(
            again.code == 0 || is_taken,
            "seed {seed}, {words:?}: {}",
            again.err
        );
        if change.words[0] == "settings" {
            let settings = orgs.get_settings(org).await.unwrap();
            let days = settings.archive_hold_days().unwrap();
            let is_inherited = settings.quota_settings_inherited().unwrap();
            match change.words[1] {
                "set" => assert_eq!((days, is_inherited), (Some(17), Some(false))),
                _ => assert_eq!(is_inherited, Some(true)),
            }
        }
    }
    assert!(
        hits >= HITS,
        "only {hits} of {KILLS} kills hit a command at work"
    );
}
