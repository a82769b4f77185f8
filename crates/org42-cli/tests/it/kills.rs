//! `kill -9` of the command in the middle of a change, and the same command again: what was commanded is there, once. An
//! authority, which no kill reaches, is the judge.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use org42::{Client, CreateOrg, GetSettings, LocalAccount, OrgId, OrgUid, SettingKey};
use org42_test::{Reply, Seen, Server, Then};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::machine::{Machine, Run, Served};

/// `ORG42_KILLS` asks for more.
const KILLS: u64 = 100;

/// How many there are on one tenant: with its organizations on one page, every command takes the same requests.
const MOST: u64 = 300;

/// How many kills there are after some time, in place of a request.
const TIMED: u64 = 16;

const AT_ONCE: usize = 4;

/// The longest pause before a kill, in milliseconds.
const PAUSE: u64 = 20;

/// The time after which a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that changes something. `ORG` is the organization of the kill.
struct Change {
    words: &'static [&'static str],
    /// What makes the organization one in which it changes something.
    before: &'static [&'static str],
    /// What the tenant shows when it is done, by JSON pointers into what [`Tenant::look`] returns.
    shows: &'static [(&'static str, &'static str)],
    /// The exit code where it was done already.
    again: i32,
}

const CHANGES: [Change; 8] = [
    Change {
        words: &["create", "Child", "--parent", "ORG"],
        before: &[],
        shows: &[("/children", r#"["Child"]"#)],
        again: 5,
    },
    Change {
        words: &["update", "ORG", "--notes", "audited", "--ext-ref", "A-1"],
        before: &[],
        shows: &[
            ("/org/notes", r#""audited""#),
            ("/org/orgExtRef", r#""A-1""#),
        ],
        again: 0,
    },
    Change {
        words: &["block", "ORG", "--yes"],
        before: &[],
        shows: &[("/org/blocked", "true")],
        again: 0,
    },
    Change {
        words: &["unblock", "ORG", "--yes"],
        before: &["block", "ORG", "--yes"],
        shows: &[("/org/blocked", "false")],
        again: 0,
    },
    Change {
        words: &["deactivate", "ORG", "--yes"],
        before: &[],
        shows: &[("/org/active", "false")],
        again: 0,
    },
    Change {
        words: &["reactivate", "ORG"],
        before: &["deactivate", "ORG", "--yes"],
        shows: &[("/org/active", "true")],
        again: 0,
    },
    Change {
        words: &[
            "settings",
            "set",
            "ORG",
            "archive_hold_days=30",
            "web_restore_enabled=false",
            "--yes",
        ],
        before: &[],
        shows: &[
            ("/settings/archive_hold_days", r#""30""#),
            ("/settings/web_restore_enabled", r#""false""#),
        ],
        again: 0,
    },
    Change {
        words: &["settings", "inherit", "ORG", "quota", "--yes"],
        before: &["settings", "set", "ORG", "archive_hold_days=30", "--yes"],
        shows: &[("/settings/quota_settings_inherited", r#""true""#)],
        again: 0,
    },
];

/// When a request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// The authority does not get it.
    Before,
    /// The authority has answered, and nothing of that goes on.
    After,
    /// Half of the answer goes on.
    Midway,
}

const MOMENTS: [Moment; 3] = [Moment::Before, Moment::After, Moment::Midway];

/// When the command is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    Request(usize, Moment),
    Time(Duration),
}

/// The way to the authority, on which requests are counted, and one is held.
struct Way {
    server: Server,
    held: Receiver<()>,
}

impl Way {
    fn new(served: &Served, point: Option<Point>) -> Self {
        let to = served.url.strip_prefix("http://").unwrap().to_owned();
        let (hold, held) = channel();
        let came = AtomicUsize::new(0);
        let server = Server::in_a_thread(move |seen, _| {
            let number = came.fetch_add(1, Ordering::SeqCst);
            let moment = match point {
                Some(Point::Request(request, moment)) if request == number => moment,
                _ => return Reply::Bytes(forwarded(&to, seen), Then::Close),
            };
            let answer = match moment {
                Moment::Before => Vec::new(),
                Moment::After | Moment::Midway => forwarded(&to, seen),
            };
            hold.send(()).unwrap();
            match moment {
                Moment::Midway => Reply::Bytes(answer[..answer.len() / 2].to_vec(), Then::Silence),
                _ => Reply::Silence,
            }
        });
        Self { server, held }
    }
}

/// Sends a request to the authority; returns the bytes of its answer.
fn forwarded(to: &str, seen: &Seen) -> Vec<u8> {
    let own = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().to_lowercase();
        !["host", "connection"].contains(&name.as_str())
    };
    let headers: Vec<&str> = seen.headers.lines().filter(own).collect();
    let (method, target, body) = (&seen.method, seen.target(), &seen.body);
    let headers = headers.join("\r\n");
    // An answer in this version has no chunks, and ends with the connection.
    let request = format!("{method} {target} HTTP/1.0\r\nHost: {to}\r\n{headers}\r\n\r\n{body}");
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// The tenant, seen past the way.
struct Tenant {
    served: Served,
    runtime: Runtime,
    client: Client,
    top: OrgUid,
}

impl Tenant {
    fn new(machine: &Machine) -> Self {
        let served = machine.serving("none");
        let runtime = Runtime::new().unwrap();
        let account = LocalAccount::new("admin@example.com", "hunter22");
        let client = Client::builder(&served.url).local_account(account);
        let client = client.build().unwrap();
        let top = runtime.block_on(client.orgs().get_current()).unwrap();
        let top = OrgUid::try_from(&*top).unwrap();
        let tenant = Self {
            served,
            runtime,
            client,
            top,
        };
        // With one that is not active in it, every listing takes the same requests.
        let inactive = tenant.create("Inactive");
        let deactivated = tenant.client.orgs();
        tenant
            .runtime
            .block_on(deactivated.deactivate(inactive))
            .unwrap();
        tenant
    }

    fn create(&self, name: &str) -> OrgId {
        let below = CreateOrg::new().parent_org_uid(&self.top);
        let made = self.client.orgs();
        let made = self.runtime.block_on(made.create_org(name, below));
        made.unwrap().org_id.unwrap()
    }

    fn count(&self) -> usize {
        let mut all = self.client.orgs().get_all().orgs();
        self.runtime.block_on(all.try_collect()).unwrap().len()
    }

    /// Returns all that the commands change of an organization.
    fn look(&self, id: OrgId) -> Value {
        const KEYS: [&str; 3] = [
            "archive_hold_days",
            "quota_settings_inherited",
            "web_restore_enabled",
        ];
        let orgs = self.client.orgs();
        self.runtime.block_on(async {
            let all = orgs.get_all().orgs().try_collect().await.unwrap();
            let children = all.iter().filter(|org| org.parent_org_id == Some(id));
            let children: Vec<_> = children.map(|org| org.org_name.clone()).collect();
            let org = all.iter().find(|org| org.org_id == Some(id)).unwrap();
            let org: Value = serde_json::from_str(org.as_json()).unwrap();
            let read = orgs.get_settings_with(id, GetSettings::new()).await;
            let read = read.unwrap();
            let value = |name: &str| {
                let value = read.get(&SettingKey::of(name).unwrap()).unwrap().value;
                (name.to_owned(), json!(value.to_string()))
            };
            let settings: Map<String, Value> = KEYS.map(value).into_iter().collect();
            json!({"org": org, "children": children, "settings": settings})
        })
    }
}

impl Change {
    fn words(&self, id: OrgId) -> Vec<String> {
        filled(self.words, id)
    }

    fn is_shown(&self, seen: &Value) -> bool {
        self.shows.iter().all(|(place, value)| {
            let value: Value = serde_json::from_str(value).unwrap();
            seen.pointer(place) == Some(&value)
        })
    }
}

fn filled(words: &[&str], id: OrgId) -> Vec<String> {
    let id = id.to_string();
    let words = words.iter();
    words.map(|word| word.replace("ORG", &id)).collect()
}

fn run(machine: &Machine, words: &[String]) -> Run {
    Run::of(command(machine, words).output().unwrap())
}

fn command(machine: &Machine, words: &[String]) -> std::process::Command {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    machine.command(&[&words, &["--profile", "lab"][..]].concat())
}

/// A machine with a profile, where secrets and tokens are in files.
fn machine_at(url: &str) -> Machine {
    let machine = Machine::new();
    let words = "profile create lab --username admin@example.com --no-test --url";
    let mut words: Vec<&str> = words.split(' ').collect();
    words.extend([url, "--password-command", "echo hunter22"]);
    machine.ok(&words);
    machine
}

/// An organization in which the change changes something.
fn prepared(tenant: &Tenant, change: &Change, name: &str) -> OrgId {
    let id = tenant.create(name);
    if !change.before.is_empty() {
        let words = filled(change.before, id);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = Machine::new().run_at(&tenant.served, &words);
        assert_eq!(run.code, 0, "{}", run.err);
    }
    assert!(!change.is_shown(&tenant.look(id)), "{:?}", change.words);
    id
}

/// The requests of a command that runs to its end, and which of them change something.
#[derive(Debug)]
struct Rehearsal {
    requests: usize,
    changes: Vec<usize>,
}

impl Rehearsal {
    fn of(tenant: &Tenant, number: usize, change: &Change) -> Self {
        let id = prepared(tenant, change, &format!("Rehearsal {number}"));
        let way = Way::new(&tenant.served, None);
        let run = run(&machine_at(&way.server.url), &change.words(id));
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(change.is_shown(&tenant.look(id)));
        let all = way.server.all();
        let changes = all.iter().enumerate().filter(|(_, seen)| {
            let is_sign_in = seen.path.contains("/auth/");
            seen.method != "GET" && !is_sign_in
        });
        Self {
            requests: all.len(),
            changes: changes.map(|(number, _)| number).collect(),
        }
    }

    /// Each request that changes something, before it, after it and in the midst of its answer; then any.
    fn point(&self, turn: usize, rng: &mut StdRng) -> Point {
        match self.changes.get(turn / MOMENTS.len()) {
            Some(request) => Point::Request(*request, MOMENTS[turn % MOMENTS.len()]),
            None => Point::Request(
                rng.random_range(0..self.requests),
                MOMENTS[rng.random_range(0..MOMENTS.len())],
            ),
        }
    }

    /// Whether all is done when the command is killed there; none where only time says.
    fn is_done_at(&self, point: Point) -> Option<bool> {
        let Point::Request(request, moment) = point else {
            return None;
        };
        let mut changes = self.changes.iter();
        Some(
            changes
                .all(|change| *change < request || *change == request && moment != Moment::Before),
        )
    }
}

fn kill(tenant: &Tenant, number: u64, change: &Change, rehearsal: &Rehearsal, point: Point) {
    let of = format!(
        "kill {number}: {:?} at {point:?}, {rehearsal:?}",
        change.words
    );
    let mut rng = StdRng::seed_from_u64(number);
    let id = prepared(tenant, change, &format!("Kill {number}"));
    let way = Way::new(&tenant.served, Some(point));
    let machine = machine_at(&way.server.url);
    let words = change.words(id);
    let started = command(&machine, &words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = started.unwrap();
    let pause = match point {
        Point::Time(time) => time,
        Point::Request(..) => {
            let held = way.held.recv_timeout(PATIENCE);
            assert!(held.is_ok(), "{of}: it never came to that");
            Duration::from_millis(rng.random_range(0..PAUSE))
        }
    };
    std::thread::sleep(pause);
    child.kill().unwrap();
    let ended = child.wait_with_output().unwrap();
    let killed = ended.status.signal() == Some(9);
    assert!(killed || matches!(point, Point::Time(_)), "{of}: {ended:?}");

    let between = tenant.look(id);
    let was_done = change.is_shown(&between);
    if let Some(expected) = rehearsal.is_done_at(point) {
        assert_eq!(was_done, expected, "{of}: {between}");
    }
    let again = run(&machine, &words);
    let code = if was_done { change.again } else { 0 };
    assert_eq!(again.code, code, "{of}: {}", again.err);
    let after = tenant.look(id);
    assert!(change.is_shown(&after), "{of}: {after}");
    // The time of the last modification is in it: nothing was carried out twice.
    assert!(!was_done || after == between, "{of}: {between} {after}");
}

#[test]
fn a_command_that_was_killed_is_run_again_and_nothing_happens_twice() {
    let kills = std::env::var("ORG42_KILLS").ok();
    let kills = kills.and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    for first in (0..kills).step_by(of(MOST)) {
        kill_many(first, kills.min(first + MOST));
    }
}

fn of(total: u64) -> usize {
    usize::try_from(total).unwrap()
}

/// Kills from number `first` on, on a tenant of their own.
fn kill_many(first: u64, kills: u64) {
    let machine = Machine::new();
    let tenant = Tenant::new(&machine);
    let founded = tenant.count();
    let changes = CHANGES.iter().enumerate();
    let rehearsals: Vec<Rehearsal> = changes
        .map(|(number, change)| Rehearsal::of(&tenant, number, change))
        .collect();
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let at = of(number);
                    let (turn, which) = (at / CHANGES.len(), at % CHANGES.len());
                    let rehearsal = &rehearsals[which];
                    let mut rng = StdRng::seed_from_u64(number);
                    let point = match number {
                        _ if number < kills => rehearsal.point(turn, &mut rng),
                        _ if number < kills + TIMED => {
                            Point::Time(Duration::from_millis(rng.random_range(0..150)))
                        }
                        _ => break,
                    };
                    kill(&tenant, number, &CHANGES[which], rehearsal, point);
                }
            });
        }
    });
    let own = of(kills + TIMED - first) + CHANGES.len();
    let children = (of(first)..of(kills + TIMED)).filter(|at| at % CHANGES.len() == 0);
    let children = children.count() + 1;
    assert_eq!(tenant.count(), founded + own + children);
}

#[test]
fn a_profile_is_as_it_was_or_as_it_is_to_be_when_its_change_is_killed() {
    let machine = machine_at("http://localhost:9");
    let kept = |number: u64| format!("{}s", number + 1);
    let update = |number: u64| {
        let words = ["profile", "update", "lab", "--silence", &kept(number)];
        machine.command(&words)
    };
    assert!(update(0).status().unwrap().success());
    for number in 1..30 {
        let mut rng = StdRng::seed_from_u64(number);
        let mut child = update(number).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(rng.random_range(0..15_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let shown = machine.json(&["profile", "show", "lab"])["silence"].clone();
        let old_and_new = [number - 1, number].map(|number| json!(kept(number)));
        assert!(old_and_new.contains(&shown), "kill {number}: {shown}");
        assert!(update(number).status().unwrap().success(), "kill {number}");
        let shown = machine.json(&["profile", "show", "lab"]);
        assert_eq!(shown["silence"], kept(number), "kill {number}");
    }
}
