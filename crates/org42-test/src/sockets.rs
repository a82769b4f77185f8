//! Servers, with TLS and without, and proxies, on real sockets, each connection in a thread of its own.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Listens on a port, and returns it.
pub fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream.unwrap()));
        }
    });
    port
}

/// Returns a port at which nothing listens.
#[must_use]
pub fn nobody() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Reads a request's head; empty if none came.
pub fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return String::new(),
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Answers one request as a tenant without organizations does.
pub fn answer_as_tenant(stream: &mut (impl Read + Write), head: &str) {
    let is_login = head.starts_with("POST");
    if is_login {
        let length = head.lines().find_map(|line| {
            let line = line.to_ascii_lowercase();
            line.strip_prefix("content-length: ")?.parse().ok()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        let _ = stream.read_exact(&mut body);
    }
    let body = match is_login {
        true => r#"{"access_token":"a.b.c","token_type":"bearer","expires_in":900}"#,
        false => r#"{"metadata":{},"data":{"totalCount":0,"orgs":[]}}"#,
    };
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let _ = stream.flush();
}

/// A tenant with TLS, whose certificate is self-signed.
#[derive(Debug)]
pub struct Tenant {
    /// The port on loopback.
    pub port: u16,
    /// The certificate in PEM.
    pub pem: String,
    /// The certificate in DER.
    pub der: Vec<u8>,
}

impl Tenant {
    /// Creates a server with a certificate for a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self::with(CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// Creates a server with a certificate that has nothing but a common name.
    #[must_use]
    pub fn called(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        Self::with(params)
    }

    /// Creates a server with a certificate of these parameters.
    #[must_use]
    pub fn with(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], secret)
            .unwrap();
        let config = Arc::new(config);
        let port = listen(move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let head = head(&mut stream);
            if !head.is_empty() {
                answer_as_tenant(&mut stream, &head);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Self {
            port,
            pem: own.pem(),
            der: own.der().to_vec(),
        }
    }
}

/// The targets that a proxy was asked for.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// Starts an HTTP proxy that connects to one port, whatever target it is asked for.
#[must_use]
pub fn http_proxy(to: u16) -> (u16, Asked) {
    let asked = Asked::default();
    let heads = Arc::clone(&asked);
    let port = listen(move |mut stream| {
        let head = head(&mut stream);
        let is_connect = head.starts_with("CONNECT ");
        heads.lock().unwrap().push(head.clone());
        if is_connect {
            let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
            join(stream, TcpStream::connect(("127.0.0.1", to)).unwrap());
        } else {
            answer_as_tenant(&mut stream, &head);
        }
    });
    (port, asked)
}

/// Starts a proxy that sends one answer, whatever it is asked for.
#[must_use]
pub fn saying(answer: &'static [u8]) -> (u16, Asked) {
    let asked = Asked::default();
    let heads = Arc::clone(&asked);
    let port = listen(move |mut stream| {
        let mut first = [0; 4096];
        let length = stream.read(&mut first).unwrap_or(0);
        let first = String::from_utf8_lossy(&first[..length]).into_owned();
        heads.lock().unwrap().push(first);
        let _ = stream.write_all(answer);
    });
    (port, asked)
}

/// Starts a SOCKS5 proxy that requires a user name and a password, and remembers the targets that it was asked for.
#[must_use]
pub fn socks_proxy(to: u16, login: Option<(&'static str, &'static str)>) -> (u16, Asked) {
    let asked = Asked::default();
    let places = Arc::clone(&asked);
    let port = listen(move |mut stream| {
        if let Some(place) = greeted(&mut stream, login) {
            places.lock().unwrap().push(place);
            let _ = stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
            join(stream, TcpStream::connect(("127.0.0.1", to)).unwrap());
        }
    });
    (port, asked)
}

fn greeted(stream: &mut TcpStream, login: Option<(&str, &str)>) -> Option<String> {
    let [version, count] = bytes(stream)?;
    assert_eq!(version, 5);
    let methods = text(stream, count)?;
    let method = if login.is_some() { 2 } else { 0 };
    if !methods.as_bytes().contains(&method) {
        stream.write_all(&[5, 0xff]).ok()?;
        return None;
    }
    stream.write_all(&[5, method]).ok()?;
    if let Some((name, password)) = login {
        let [_, length] = bytes(stream)?;
        let given = text(stream, length)?;
        let [length] = bytes(stream)?;
        let is_right = text(stream, length)? == password && given == name;
        stream.write_all(&[1, u8::from(!is_right)]).ok()?;
        is_right.then_some(())?;
    }
    let [_, _, _, kind] = bytes(stream)?;
    let host = match kind {
        1 => bytes::<4>(stream)?.map(|byte| byte.to_string()).join("."),
        3 => {
            let [length] = bytes(stream)?;
            text(stream, length)?
        }
        _ => return None,
    };
    Some(format!("{host}:{}", u16::from_be_bytes(bytes(stream)?)))
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn text(stream: &mut TcpStream, length: u8) -> Option<String> {
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Copies in both directions until both ends have closed.
fn join(one: TcpStream, other: TcpStream) {
    let (mut from, mut to) = (one.try_clone().unwrap(), other.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (other, one);
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
