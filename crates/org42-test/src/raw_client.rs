//! A client that sends the bytes of a test as they are, and reads what comes back.

use std::time::Duration;

use org42_authority::Running;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// The time after which a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to an authority.
#[derive(Debug)]
pub struct Raw {
    /// The connection itself, for tests that read or close it on their own.
    pub tcp: TcpStream,
}

/// What a server sent, and whether it closed the connection properly.
#[derive(Debug)]
pub struct Came {
    /// Everything that came, as text.
    pub text: String,
    /// Whether the connection ended with a reset.
    pub is_reset: bool,
}

impl Came {
    /// Returns the status of the first answer; 0 if there is none.
    #[must_use]
    pub fn status(&self) -> u16 {
        let digits = self.text.get(9..12).unwrap_or("0");
        digits.parse().unwrap_or(0)
    }

    /// Returns the value of a header of the first answer; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_ascii_lowercase())
        })
    }

    /// Returns everything after the first head.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
    }

    /// Asserts that this is a refusal in the form that all refusals have.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn assert_refusal(&self, status: u16) {
        assert_eq!(self.status(), status, "{self:?}");
        let is = |name, value: &str| {
            assert_eq!(self.header(name).as_deref(), Some(value), "{self:?}");
        };
        is("content-type", "application/json");
        is("x-content-type-options", "nosniff");
        let document: serde_json::Value = serde_json::from_str(self.body()).unwrap();
        assert!(document[0]["description"].is_string(), "{self:?}");
    }
}

impl Raw {
    /// Connects from 127.0.0.1.
    pub async fn to(running: &Running) -> Self {
        Self::from([127, 0, 0, 1], running).await
    }

    /// Connects from another loopback address.
    pub async fn from(address: [u8; 4], running: &Running) -> Self {
        let to = running.url().strip_prefix("http://").unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((address, 0).into()).unwrap();
        let tcp = timeout(PATIENCE, socket.connect(to.parse().unwrap()));
        Self {
            tcp: tcp.await.unwrap().unwrap(),
        }
    }

    /// Sends bytes; returns whether the connection took them.
    pub async fn send(&mut self, bytes: &str) -> bool {
        self.tcp.write_all(bytes.as_bytes()).await.is_ok()
    }

    /// Reads everything until the connection ends.
    pub async fn rest(&mut self) -> Came {
        let mut bytes = Vec::new();
        let end = timeout(PATIENCE, self.tcp.read_to_end(&mut bytes)).await;
        Came {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            is_reset: end.unwrap().is_err(),
        }
    }

    /// Reads one answer with its body, on a connection that stays open.
    pub async fn answer(&mut self) -> Came {
        let mut bytes = Vec::new();
        let reading = async {
            loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let came = Came {
                    text,
                    is_reset: false,
                };
                let length = came.header("content-length");
                if let Some((_, body)) = came.text.split_once("\r\n\r\n")
                    && length.is_none_or(|length| body.len() >= length.parse().unwrap())
                {
                    return came;
                }
                let mut piece = [0; 1];
                assert_eq!(self.tcp.read(&mut piece).await.unwrap(), 1, "{came:?}");
                bytes.extend(piece);
            }
        };
        timeout(PATIENCE, reading).await.unwrap()
    }

    /// Waits until the other end has thrown the connection away.
    pub async fn until_reset(&mut self) {
        let trying = async {
            while self.tcp.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, trying).await.unwrap();
    }
}

/// Returns the head of a request to `localhost`, with more header lines.
#[must_use]
pub fn head(line: &str, more: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n")
}
