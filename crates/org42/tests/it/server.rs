//! A server on a real socket that answers as a test says and remembers every request that reached it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use org42::{Client, LocalAccount, Retry};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Seen {
    /// `GET /api/v1/Org`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    pub(crate) fn number(&self, name: &str) -> usize {
        self.param(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(0)
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Status, more header lines, body.
    Http(u16, String, Vec<u8>),
    /// Closes the connection without a word.
    Hangup,
    /// Reads the request and never answers.
    Silence,
    /// Promises more than it sends, then closes.
    Cut(u16, Vec<u8>),
}

impl Reply {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self::Http(
            200,
            "Content-Type: application/json\r\n".to_owned(),
            body.into().into_bytes(),
        )
    }

    pub(crate) fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Http(status, String::new(), body.into().into_bytes())
    }

    pub(crate) fn with_header(self, line: &str) -> Self {
        match self {
            Self::Http(status, headers, body) => {
                Self::Http(status, format!("{headers}{line}\r\n"), body)
            }
            other => other,
        }
    }
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// A running server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server. The script gets each request and how many of the same method and path came before it.
    ///
    /// Logins are answered here, with a new token each, unless the script is asked for them by `own_login`.
    pub(crate) async fn start(
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(false, script).await
    }

    pub(crate) async fn with_logins(
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(true, script).await
    }

    async fn start_with(
        own_login: bool,
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self {
            url,
            seen: Arc::default(),
        };
        let (this, script) = (server.clone(), Arc::new(script) as Arc<Script>);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (this, script) = (this.clone(), Arc::clone(&script));
                tokio::spawn(async move { this.serve(stream, &*script, own_login).await });
            }
        });
        server
    }

    async fn serve(&self, mut stream: TcpStream, script: &Script, own_login: bool) {
        let mut buffer = Vec::new();
        while let Some(seen) = read_request(&mut stream, &mut buffer).await {
            let before = {
                let mut all = self.seen.lock().unwrap();
                let before = all
                    .iter()
                    .filter(|other| other.line() == seen.line())
                    .count();
                all.push(seen.clone());
                before
            };
            let is_login = seen.path.ends_with("/auth/jwt") || seen.path.ends_with("/oauth/token");
            let reply = if is_login && !own_login {
                login(&seen, before)
            } else {
                script(&seen, before)
            };
            if !write_reply(&mut stream, reply).await {
                return;
            }
        }
    }

    /// Every request but logins.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.all()
            .into_iter()
            .filter(|seen| !seen.path.ends_with("/jwt") && !seen.path.ends_with("/token"))
            .collect()
    }

    /// Every request.
    pub(crate) fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests of this method and path came in.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.all().iter().filter(|seen| seen.line() == line).count()
    }

    /// A client for this server that pauses as little as possible.
    pub(crate) fn client(&self) -> Client {
        let account = LocalAccount::new("admin@example.com", "hunter22");
        Client::builder(&self.url)
            .local_account(account)
            .retry(quick())
            .build()
            .unwrap()
    }
}

/// Retries almost without pauses.
pub(crate) fn quick() -> Retry {
    Retry::default().first_pause(Duration::from_millis(1))
}

pub(crate) fn login(seen: &Seen, before: usize) -> Reply {
    if seen.path.ends_with("/token") {
        return Reply::json(format!(
            r#"{{"access_token":"api.{before}.x","token_type":"bearer","expires_in":900}}"#
        ));
    }
    Reply::json(format!(
        r#"{{"data":{{"v3_user_token":"user.{before}.x"}},"error":null,"warnings":null}}"#
    ))
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(0);
    while buffer.len() < head_end + 4 + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&buffer[head_end + 4..head_end + 4 + length]).into_owned();
    buffer.drain(..head_end + 4 + length);
    let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Seen {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.to_owned(),
        body,
    })
}

async fn write_reply(stream: &mut TcpStream, reply: Reply) -> bool {
    let (status, headers, body, promised) = match reply {
        Reply::Hangup => return false,
        Reply::Silence => return std::future::pending().await,
        Reply::Http(status, headers, body) => {
            let length = body.len();
            (status, headers, body, length)
        }
        Reply::Cut(status, body) => {
            let length = body.len() + 100;
            (status, String::new(), body, length)
        }
    };
    let is_whole = promised == body.len();
    let mut bytes =
        format!("HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {promised}\r\n\r\n")
            .into_bytes();
    bytes.extend(body);
    stream.write_all(&bytes).await.is_ok() && is_whole
}

/// An organization as the wire has it, one of the plainest.
pub(crate) fn org(id: usize) -> String {
    let parent = if id == 1 {
        "null".to_owned()
    } else {
        "1".to_owned()
    };
    format!(
        r#"{{"orgId":{id},"orgUid":"{}","orgGuid":"guid-{id}","orgName":"Org {id}","orgExtRef":null,"notes":null,"active":true,"blocked":false,"parentOrgId":{parent}}}"#,
        890_000_000_000_000_000_usize + id
    )
}

/// A page of a listing of organizations.
pub(crate) fn page(ids: impl IntoIterator<Item = usize>, total: usize) -> Reply {
    let orgs: Vec<String> = ids.into_iter().map(org).collect();
    Reply::json(format!(
        r#"{{"metadata":{{}},"data":{{"totalCount":{total},"orgs":[{}]}}}}"#,
        orgs.join(",")
    ))
}

/// The page of a tenant of organizations 1 to `count` that a request asks for; `cap` is the server's largest page.
pub(crate) fn listed(seen: &Seen, count: usize, cap: usize) -> Reply {
    let size = seen.number("pgSize").min(cap);
    let start = (seen.number("pgNum") - 1) * size;
    page((start + 1)..=(start + size).min(count), count)
}

/// A tenant of `count` organizations with the routes that read and change them.
pub(crate) fn tenant(seen: &Seen, count: usize) -> Reply {
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
