//! A server on a real socket that answers as a test says, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Answers each request by its method and target; logins by itself.
pub(crate) fn server(
    answer: impl Fn(&str) -> (u16, String) + Send + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remembered = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let Some((request, _)) = head.first().and_then(|line| line.rsplit_once(' ')) else {
                continue;
            };
            let (status, body) = match request.contains("/api/v3/auth/jwt") {
                true => (
                    200,
                    r#"{"data":{"v3_user_token":"aaaa.bbbb.cccc"}}"#.to_owned(),
                ),
                false => {
                    remembered.lock().unwrap().push(request.to_owned());
                    answer(request)
                }
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (url, seen)
}

/// A page with all organizations, each `(orgId, parentOrgId, orgName)`.
pub(crate) fn page(orgs: impl Iterator<Item = (u32, u32, String)>) -> String {
    let org = |(id, parent, name): (u32, u32, String)| {
        format!(
            r#"{{"orgId":{id},"orgGuid":"guid-{id}","parentOrgId":{parent},"orgName":"{name}"}}"#
        )
    };
    let orgs: Vec<String> = orgs.map(org).collect();
    let (count, orgs) = (orgs.len(), orgs.join(","));
    format!(r#"{{"data":{{"totalCount":{count},"orgs":[{orgs}]}}}}"#)
}
