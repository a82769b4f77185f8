//! A server that writes the bytes of a test as they are, each connection in a thread of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;

/// A running server, and the heads of the requests that it has received.
#[derive(Debug)]
pub struct Raw {
    /// The server's address.
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    /// Starts a server that passes each request's head, and the connection to answer on, to `answer`; it answers
    /// logins itself.
    pub fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::with_logins(move |head, stream| match head.contains("/auth/jwt?") {
            true => send(
                stream,
                200,
                br#"{"data":{"v3_user_token":"aaaa.bbbb.cccc"}}"#,
            ),
            false => answer(head, stream),
        })
    }

    /// Starts a server whose `answer` also gets the logins.
    pub fn with_logins(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (answer, remembered) = (Arc::new(answer), heads.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, remembered) = (answer.clone(), remembered.clone());
                let mut stream = stream.unwrap();
                std::thread::spawn(move || {
                    let mut head = String::new();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
                    remembered.lock().unwrap().push(head.clone());
                    answer(&head, &mut stream);
                });
            }
        });
        Self { url, heads }
    }

    /// Returns the heads of the requests so far.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Sends an answer; a client may hang up early.
pub fn send(stream: &mut TcpStream, status: u16, body: &[u8]) {
    send_with(stream, status, "", body);
}

/// Sends an answer with more header lines.
pub fn send_with(stream: &mut TcpStream, status: u16, headers: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}

/// Packs the parts of a body with gzip.
#[must_use]
pub fn gzip(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for part in parts {
        encoder.write_all(part).unwrap();
    }
    encoder.finish().unwrap()
}

/// Returns the number of the page that a request asks for.
#[must_use]
pub fn page_of(head: &str) -> Option<u64> {
    let digits = head.split("pgNum=").nth(1)?;
    digits.split(['&', ' ']).next()?.parse().ok()
}
