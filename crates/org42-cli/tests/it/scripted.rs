//! Listings from a server that answers as a test says, so that every request can be counted.

use std::sync::{Arc, Mutex};

use org42_test::{Reply, Server};

use crate::machine::Machine;

/// Answers each request by its target, and remembers the targets.
pub(crate) fn server(
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remembered = seen.clone();
    let url = whole_server(move |_, target, _| {
        remembered.lock().unwrap().push(target.to_owned());
        answer(target)
    });
    (url, seen)
}

/// Answers each request by its method, target and body.
pub(crate) fn whole_server(
    answer: impl Fn(&str, &str, &str) -> (u16, String) + Send + Sync + 'static,
) -> String {
    let server = Server::in_a_thread(move |seen, _| {
        let (status, body) = answer(&seen.method, &seen.target(), &seen.body);
        Reply::status(status, body).with_header("Content-Type: application/json")
    });
    server.url
}

pub(crate) fn page(target: &str, pages: u32) -> Option<(u16, String)> {
    if target.starts_with("/api/v3/auth/jwt") {
        let token = r#"{"data":{"v3_user_token":"aaaa.bbbb.cccc"}}"#;
        return Some((200, token.to_owned()));
    }
    let number: u32 = target
        .split("pgNum=")
        .nth(1)?
        .split('&')
        .next()?
        .parse()
        .ok()?;
    let org = |id: u32| {
        format!(
            r#"{{"orgId":{id},"orgGuid":"guid-{id}","orgName":"Org {id}","active":true,"creationDate":"2020-02-02T00:00:00.000Z","surprise":[{id}]}}"#
        )
    };
    let orgs: Vec<String> = (1..=500).map(|i| org((number - 1) * 500 + i)).collect();
    let total = pages * 500;
    Some((
        200,
        format!(
            r#"{{"data":{{"totalCount":{total},"orgs":[{}]}}}}"#,
            orgs.join(",")
        ),
    ))
}

#[test]
fn a_listing_is_the_login_and_the_pages() {
    let (url, seen) = server(|target| page(target, 3).unwrap_or((404, String::new())));
    let list = Machine::new()
        .command(&[
            "list",
            "--active",
            "-o",
            "json",
            "--url",
            &url,
            "--username",
            "a",
        ])
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    let orgs: Vec<serde_json::Value> = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(orgs.len(), 1500);
    assert_eq!(orgs[1499]["surprise"][0], 1500, "unknown fields are kept");
    let seen = seen.lock().unwrap();
    assert!(seen[0].starts_with("/api/v3/auth/jwt"), "{seen:?}");
    let pages: Vec<&str> = seen[1..].iter().map(String::as_str).collect();
    let page = |num| format!("/api/v1/Org?pgNum={num}&pgSize=500");
    let inactive = format!("{}&active=false", page(1));
    assert_eq!(pages, [page(1), page(2), page(3), inactive]);
}

#[test]
fn a_verb_reads_the_listing_once() {
    let (url, seen) = server(|target| {
        if target.starts_with("/api/v3/orgs/guid-7") {
            return (200, r#"{"data":{"orgId":7,"orgGuid":"guid-7"}}"#.to_owned());
        }
        page(target, 2).unwrap_or((404, String::new()))
    });
    let block = Machine::new()
        .command(&["block", "Org 7", "--yes", "--url", &url, "--username", "a"])
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    assert!(block.status.success(), "{block:?}");
    let seen = seen.lock().unwrap();
    let wanted = [
        "/api/v1/Org?pgNum=1&pgSize=500",
        "/api/v1/Org?pgNum=2&pgSize=500",
        "/api/v1/Org?pgNum=1&pgSize=500&active=false",
        "/api/v3/orgs/guid-7?incCounts=true",
        "/api/v3/orgs/guid-7",
        "/api/v3/orgs/guid-7/block",
        "/api/v3/orgs/guid-7",
    ];
    assert_eq!(seen[1..], wanted);
}

/// The requests of a run, by what they are.
#[derive(Default)]
struct Counted {
    days: std::collections::BTreeMap<u32, u64>,
    logins: u32,
    pages: u32,
    reads: u32,
    writes: u32,
}

fn settings_of(org: u32, days: u64) -> String {
    format!(
        r#"{{"data":{{"orgId":{org},"orgGuid":"guid-{org}","orgName":"Org {org}","settings":{{"archiveHoldDays":{days},
        "isUsingQuotaDefaults":false,"isUsingReportingDefaults":false}},"settingsInherited":{{"archiveHoldDays":14}},
        "settingsSummary":{{"archiveHoldDays":{days}}}}}}}"#
    )
}

#[test]
fn setting_a_thousand_organizations_wastes_no_request() {
    const ALL: u32 = 1000;
    const WRONG: u32 = 90;
    let days = (1..=ALL).map(|org| (org, if org > ALL - WRONG { 90 } else { 30 }));
    let counted = Arc::new(Mutex::new(Counted {
        days: days.collect(),
        ..Counted::default()
    }));
    let tenant = counted.clone();
    let url = whole_server(move |method, target, body| {
        let mut tenant = tenant.lock().unwrap();
        let org = |target: &str| -> u32 {
            let id = target.trim_start_matches("/api/v1/Org/");
            id.split('?').next().unwrap().parse().unwrap()
        };
        match (method, target) {
            (_, login) if login.starts_with("/api/v3/auth/jwt") => {
                tenant.logins += 1;
                page(login, 2).unwrap()
            }
            ("GET", list) if list.starts_with("/api/v1/Org?") => {
                tenant.pages += 1;
                let (status, orgs) = page(list, 2).unwrap();
                // The first is everybody's parent.
                (
                    status,
                    orgs.replace(r#""active":true"#, r#""parentOrgId":1,"active":true"#),
                )
            }
            ("GET", one) => {
                tenant.reads += 1;
                (200, settings_of(org(one), tenant.days[&org(one)]))
            }
            (_, one) => {
                tenant.writes += 1;
                let sent: serde_json::Value = serde_json::from_str(body).unwrap();
                let days = sent["settings"]["archiveHoldDays"].as_u64().unwrap();
                tenant.days.insert(org(one), days);
                (200, settings_of(org(one), days))
            }
        }
    });
    let words = [
        "settings",
        "set",
        "1",
        "archive_hold_days=30",
        "--recursive",
        "--yes",
    ];
    let set = Machine::new()
        .command(&[&words[..], &["-o", "ids", "--url", &url, "--username", "a"]].concat())
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    assert!(
        set.status.success(),
        "{}",
        String::from_utf8_lossy(&set.stderr)
    );
    let counted = counted.lock().unwrap();
    assert!(counted.days.values().all(|days| *days == 30));
    // One page more asks for those that are not active. Each is read once; what is written is read again before, for conflicts, and after.
    assert_eq!(
        (counted.logins, counted.pages, counted.writes, counted.reads),
        (1, 2 + 1, WRONG, ALL + 2 * WRONG)
    );
}
