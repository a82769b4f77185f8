//! A server on a real socket that answers by a script and records every request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use org42::{Client, ClientBuilder, LocalAccount, Retry};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method, such as `GET`.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query without its `?`; empty if there is none.
    pub query: String,
    /// The lines of the head after the first.
    pub headers: String,
    /// The body as text.
    pub body: String,
}

impl Seen {
    /// Returns method and path: `GET /api/v1/Org`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns path and query as they came: `/api/v1/Org?pgNum=1`.
    #[must_use]
    pub fn target(&self) -> String {
        match self.query.is_empty() {
            true => self.path.clone(),
            false => format!("{}?{}", self.path, self.query),
        }
    }

    /// Returns the value of a header; its name is given in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Returns a parameter of the query, as it came.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// Returns a parameter of the query as a number; 0 if it is missing or is not a number.
    #[must_use]
    pub fn number(&self, name: &str) -> usize {
        self.param(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(0)
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status, more header lines, body.
    Http(u16, String, Vec<u8>),
    /// Closes the connection without an answer.
    Hangup,
    /// Reads the request and never answers.
    Silence,
    /// Announces a longer body than it sends, then closes.
    Cut(u16, Vec<u8>),
    /// Sends these bytes as they are, and then does something.
    Bytes(Vec<u8>, Then),
    /// Sends the bytes of an answer one by one, with a pause after each.
    Trickle(Vec<u8>, Duration),
}

/// What the server does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Closes it.
    Close,
    /// Resets it.
    Reset,
    /// Keeps it open, and sends nothing more.
    Silence,
}

impl Reply {
    /// Creates a success with a JSON document.
    pub fn json(body: impl Into<String>) -> Self {
        Self::Http(
            200,
            "Content-Type: application/json\r\n".to_owned(),
            body.into().into_bytes(),
        )
    }

    /// Creates an answer with a status and a body.
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Http(status, String::new(), body.into().into_bytes())
    }

    /// Adds a header line to an HTTP reply.
    #[must_use]
    pub fn with_header(self, line: &str) -> Self {
        match self {
            Self::Http(status, headers, body) => {
                Self::Http(status, format!("{headers}{line}\r\n"), body)
            }
            other => other,
        }
    }
}

impl Server {
    /// Starts a server on a thread of its own, for tests without a runtime; its script answers the logins too.
    pub fn in_a_thread(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        let server = runtime.block_on(Self::with_logins(script));
        std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        server
    }
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// A running server.
#[derive(Clone, Debug)]
pub struct Server {
    /// The server's address.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server. The script gets each request and how many of the same method and path came before it.
    ///
    /// The server answers logins itself, each with a new token; see [`with_logins`](Self::with_logins).
    pub async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(false, script).await
    }

    /// Starts a server whose script answers logins too.
    pub async fn with_logins(
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

    /// Returns every request but logins.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.all()
            .into_iter()
            .filter(|seen| !seen.path.ends_with("/jwt") && !seen.path.ends_with("/token"))
            .collect()
    }

    /// Returns every request.
    #[must_use]
    pub fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Counts the requests of this method and path.
    #[must_use]
    pub fn count(&self, line: &str) -> usize {
        self.all().iter().filter(|seen| seen.line() == line).count()
    }

    /// Creates a client for this server that pauses as little as possible.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client_with(|builder| builder)
    }

    /// Creates such a client with other choices.
    #[must_use]
    pub fn client_with(&self, choose: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let account = LocalAccount::new("admin@example.com", "hunter22");
        let builder = Client::builder(&self.url).local_account(account);
        choose(builder.retry(quick())).build().unwrap()
    }
}

/// Returns retries almost without pauses.
pub fn quick() -> Retry {
    Retry::default().first_pause(Duration::from_millis(1))
}

/// Answers a login with a new token; `before` is how many logins came before it.
#[must_use]
pub fn login(seen: &Seen, before: usize) -> Reply {
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
        Reply::Bytes(bytes, then) => {
            let _ = stream.write_all(&bytes).await;
            match then {
                Then::Close => {}
                // What is still in the buffers is thrown away.
                Then::Reset => drop(stream.set_zero_linger()),
                Then::Silence => return std::future::pending().await,
            }
            return false;
        }
        Reply::Trickle(bytes, pause) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(pause).await;
            }
            return false;
        }
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
