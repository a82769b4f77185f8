//! Where `org42 authority serve` listens, and how: names become addresses, files a certificate.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use org42_authority::{Door, Host, Tls};

use crate::exit::Failure;
use crate::say;

const PORT: u16 = 4200;
const FORMS: &str = "wanted is HOST:PORT, HOST, :PORT or PORT, such as localhost:4200 or [::1]:4200; without a \
     host it is this machine alone";

#[derive(Args, Debug)]
pub(crate) struct Way {
    /// Where to listen: HOST:PORT, HOST, :PORT or PORT; without a host this machine alone, and port 0 is a free one.
    /// Where others can reach it, it needs --tls-cert or --insecure-http
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4200")]
    listen: Listen,
    /// Another name that requests may give for this server in their Host header, with or without a port; several times
    /// for several. Loopback names and the host of --listen are allowed anyway
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<Host>,
    /// Serve with encryption: a PEM file with the certificate, and those between it and its root
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// A PEM file with the key of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve without encryption also where others on the network can read along
    #[arg(long, conflicts_with = "tls_cert")]
    insecure_http: bool,
}

/// Where to listen, as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listen {
    place: Place,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Address(IpAddr),
    /// To be looked up.
    Name(String),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || FORMS.to_owned();
        if text.is_empty() || text.contains(['/', '@']) || text.contains(char::is_whitespace) {
            return Err(wrong());
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::on_loopback(read_port(text).ok_or_else(wrong)?));
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self::at(address.ip(), address.port()));
        }
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
            .unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self::at(address, PORT));
        }
        let (name, port) = match text.split_once(':') {
            None => (text, PORT),
            Some((name, port)) => (name, read_port(port).ok_or_else(wrong)?),
        };
        if name.is_empty() {
            return Ok(Self::on_loopback(port));
        }
        // A name as requests have it too.
        if name.contains(['[', ']', '*']) || name.starts_with('-') || name.parse::<Host>().is_err()
        {
            return Err(wrong());
        }
        let place = Place::Name(name.to_owned());
        Ok(Self { place, port })
    }
}

fn read_port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

impl Listen {
    fn at(address: IpAddr, port: u16) -> Self {
        let place = Place::Address(address);
        Self { place, port }
    }

    fn on_loopback(port: u16) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), port)
    }

    /// The address, looked up where a name was given.
    async fn address(&self) -> Result<SocketAddr, Failure> {
        let name = match &self.place {
            Place::Address(address) => return Ok((*address, self.port).into()),
            Place::Name(name) => name.as_str(),
        };
        // Whatever name servers and files say of it.
        if is_localhost(name) {
            return Ok((Ipv4Addr::LOCALHOST, self.port).into());
        }
        let unknown = |why: &str| {
            let message = format!("--listen {name}: cannot find an address of this name: {why}");
            Failure::new(Failure::USAGE, message)
        };
        let found = tokio::net::lookup_host((name, self.port)).await;
        let found = found.map_err(|error| unknown(&error.to_string()))?;
        // An address of the older kind is what clients of any age reach.
        found
            .min_by_key(SocketAddr::is_ipv6)
            .ok_or_else(|| unknown("there is none"))
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

impl Way {
    /// Where and how to listen, if that is safe or was asked for; nothing is opened yet.
    pub(super) async fn door(&self) -> Result<Door, Failure> {
        let mut door = Door::at(self.listen.address().await?);
        if let Place::Name(name) = &self.listen.place
            && let Ok(host) = name.parse()
        {
            door = door.allow_host(host);
        }
        door = self.allow_host.iter().cloned().fold(door, Door::allow_host);
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let tls = Tls::from_files(certificate, key);
            let tls = tls.map_err(|why| Failure::new(Failure::USAGE, why.to_string()))?;
            warn_of_readers(key);
            door = door.encrypted(tls);
        }
        if self.insecure_http && door.is_exposed() {
            say(
                "org42: warning: others on the network can reach this, and passwords travel without encryption",
            );
            return Ok(door.insecure_http());
        }
        door.check().map_err(|why| {
            let message = format!(
                "{why}; nothing was started. Give --tls-cert FILE and --tls-key FILE, or --insecure-http to go without \
                 encryption, or listen on 127.0.0.1"
            );
            Failure::new(Failure::USAGE, message)
        })?;
        Ok(door)
    }

    /// Where the server is, which listens at `url`: by name where it has a certificate, which is of a name.
    pub(super) fn url(&self, url: &str) -> String {
        match (&self.listen.place, &self.tls_cert, url.rsplit_once(':')) {
            (Place::Name(name), Some(_), Some((_, port))) => format!("https://{name}:{port}"),
            _ => url.to_owned(),
        }
    }

    /// The file with the certificate, where there is one.
    pub(super) fn certificate(&self) -> Option<&Path> {
        self.tls_cert.as_deref()
    }
}

#[cfg(unix)]
fn warn_of_readers(key: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    let mode = std::fs::metadata(key).map(|known| known.permissions().mode());
    if mode.is_ok_and(|mode| mode & OTHERS != 0) {
        say(&format!(
            "org42: warning: others than its owner can read the key {0}; chmod 600 {0} keeps it to them",
            key.display()
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}

/// Makes room for connections: the system's first limit on open files is meant for programs that have few.
pub(super) fn raise_open_files() {
    /// As many connections as the authority takes at most, and the tenant's own files.
    #[cfg(unix)]
    const WANTED: u64 = 1024 + 256;
    // Failing that there is room for fewer connections.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(WANTED);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_all_their_forms() {
        let at = |address: &str, port| Some(Listen::at(address.parse().unwrap(), port));
        let named = |name: &str, port| {
            let place = Place::Name(name.to_owned());
            Some(Listen { place, port })
        };
        for (text, wanted) in [
            ("4273", at("127.0.0.1", 4273)),
            ("0", at("127.0.0.1", 0)),
            (":4273", at("127.0.0.1", 4273)),
            ("127.0.0.1", at("127.0.0.1", 4200)),
            ("127.0.0.1:1", at("127.0.0.1", 1)),
            ("0.0.0.0:4273", at("0.0.0.0", 4273)),
            ("[::1]:4273", at("::1", 4273)),
            ("[::1]", at("::1", 4200)),
            ("::1", at("::1", 4200)),
            ("localhost", named("localhost", 4200)),
            ("localhost:4273", named("localhost", 4273)),
            ("Org42.example.com:0", named("Org42.example.com", 0)),
        ] {
            assert_eq!(text.parse::<Listen>().ok(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_told_how_one_looks() {
        for text in [
            "",
            ":",
            "localhost:",
            "65536",
            "99999999999",
            ":65536",
            "localhost:65536",
            "localhost:http",
            "localhost:+80",
            "+80",
            "-1",
            "http://localhost:4273",
            "localhost:4273/",
            "*:4273",
            "[::1",
            "[::1]4273",
            "[localhost]:4273",
            "localhost :4273",
            "a@b:1",
            "127.0.0.1:80:80",
        ] {
            let why = text.parse::<Listen>().unwrap_err();
            assert!(why.contains("HOST:PORT"), "{text}: {why}");
        }
    }

    #[tokio::test]
    async fn localhost_is_this_machine_whatever_files_say() {
        for name in ["localhost", "LOCALHOST.", "a.localhost"] {
            let listen: Listen = format!("{name}:7").parse().unwrap();
            let address = listen.address().await.unwrap();
            assert_eq!(address, ([127, 0, 0, 1], 7).into(), "{name}");
        }
    }
}
