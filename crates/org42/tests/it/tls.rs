//! A server with TLS on a real socket, and the certificates that it shows.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair,
};
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

/// The certificate that a server shows, and its key.
pub(crate) struct Shown {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Vec<u8>,
    pub(crate) pem: String,
}

impl Shown {
    fn of(certificate: &Certificate, key: &KeyPair) -> Self {
        Self {
            chain: vec![certificate.der().clone()],
            key: key.serialize_der(),
            pem: certificate.pem(),
        }
    }

    /// Creates a self-signed certificate for `localhost` and 127.0.0.1, changed in some way.
    pub(crate) fn own(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::own_with(&key, change)
    }

    pub(crate) fn own_with(key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = params();
        change(&mut params);
        Self::of(&params.self_signed(key).unwrap(), key)
    }

    /// Creates a certificate for a server, and that of its issuer.
    pub(crate) fn issued(issuer_is: IsCa) -> (Self, String) {
        Self::issued_with(issuer_is, |_| ())
    }

    pub(crate) fn issued_with(
        issuer_is: IsCa,
        change: impl FnOnce(&mut CertificateParams),
    ) -> (Self, String) {
        let (key, issuer_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut above = params();
        above.is_ca = issuer_is;
        above.distinguished_name = called("The issuer");
        let issuer = above.self_signed(&issuer_key).unwrap();
        let pem = issuer.pem();
        let mut below = params();
        change(&mut below);
        let issued = below
            .signed_by(&key, &Issuer::new(above, issuer_key))
            .unwrap();
        let mut shown = Self::of(&issued, &key);
        shown.chain.push(issuer.der().clone());
        (shown, pem)
    }
}

fn params() -> CertificateParams {
    CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap()
}

pub(crate) fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

pub(crate) fn authority() -> IsCa {
    IsCa::Ca(BasicConstraints::Unconstrained)
}

/// A resolver that shows a certificate whether or not the key fits it.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Serves an empty listing, and returns the port.
pub(crate) fn serve(shown: &Shown, versions: &[&'static SupportedProtocolVersion]) -> u16 {
    let key = PrivateKeyDer::try_from(shown.key.clone()).unwrap();
    let key = any_supported_type(&key).unwrap();
    let shown = CertifiedKey::new(shown.chain.clone(), key);
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(Arc::new(shown))));
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || answer(stream.unwrap(), config));
        }
    });
    port
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) {
    const BODY: &str = r#"{"metadata":{},"data":{"totalCount":0,"orgs":[]}}"#;
    let connection = ServerConnection::new(config).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            // A client that does not trust this server closes the connection.
            _ => return,
        }
    }
    let length = BODY.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{BODY}"
    );
    stream.conn.send_close_notify();
    let _ = stream.flush();
}
