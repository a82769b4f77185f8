//! Answers as servers send them: documents of a tenant, pages, tokens.

pub use crate::scripted::login;
use crate::scripted::{Reply, Seen};

/// Returns one of the plainest organizations as JSON.
#[must_use]
pub fn org(id: usize) -> String {
    let parent = if id == 1 {
        "null".to_owned()
    } else {
        "1".to_owned()
    };
    format!(
        r#"{{"orgId":{id},"orgUid":"{}","orgGuid":"guid-{id}","orgName":"Org {id}","orgExtRef":null,"notes":null,"active":true,"blocked":false,"parentOrgId":{parent},"creationDate":"2020-02-02T00:00:00.000Z","modificationDate":"2021-02-02T00:00:00.000Z"}}"#,
        890_000_000_000_000_000_usize + id
    )
}

/// Returns a page of a listing of organizations.
pub fn page(ids: impl IntoIterator<Item = usize>, total: usize) -> Reply {
    let orgs: Vec<String> = ids.into_iter().map(org).collect();
    Reply::json(format!(
        r#"{{"metadata":{{}},"data":{{"totalCount":{total},"orgs":[{}]}}}}"#,
        orgs.join(",")
    ))
}

/// Returns the page that a request asks for in a tenant of organizations 1 to `count`; `cap` is the server's largest
/// page.
#[must_use]
pub fn listed(seen: &Seen, count: usize, cap: usize) -> Reply {
    let size = seen.number("pgSize").min(cap);
    let start = (seen.number("pgNum") - 1) * size;
    let Some(searched) = seen.param("q") else {
        return page((start + 1)..=(start + size).min(count), count);
    };
    let searched = searched.replace("%20", " ").replace('+', " ");
    let is_found = |id: &usize| format!("Org {id}").starts_with(&searched);
    let found: Vec<usize> = (1..=count).filter(is_found).collect();
    let total = found.len();
    page(found.into_iter().skip(start).take(size), total)
}

/// Answers as [`tenant`] does, and shows organizations by number and by uid too.
#[must_use]
pub fn tenant_by_number(seen: &Seen, count: usize) -> Reply {
    let line = seen.line();
    let id = line.strip_prefix("GET /api/v1/Org/").map(|id| {
        let id: usize = id.parse().unwrap_or_default();
        match seen.param("idType") {
            Some("orgUid") => id - 890_000_000_000_000_000,
            _ => id,
        }
    });
    match id.filter(|id| (1..=count).contains(id)) {
        Some(id) => Reply::json(format!(r#"{{"metadata":{{}},"data":{}}}"#, org(id))),
        None => tenant(seen, count),
    }
}

/// Answers as a tenant of `count` organizations, on the routes that list, read and change them; those that read by number
/// or uid are missing.
#[must_use]
pub fn tenant(seen: &Seen, count: usize) -> Reply {
    match seen.line().as_str() {
        "GET /api/v1/Org" => listed(seen, count, 500),
        line => {
            let id = line
                .split("guid-")
                .nth(1)
                .and_then(|rest| rest.split('/').next()?.parse().ok());
            match id.filter(|id| (1..=count).contains(id)) {
                Some(id) => Reply::json(format!(
                    r#"{{"data":{},"error":null,"warnings":null}}"#,
                    org(id)
                )),
                None => Reply::status(404, r#"[{"name":"ORG_NOT_FOUND","description":"no"}]"#),
            }
        }
    }
}
