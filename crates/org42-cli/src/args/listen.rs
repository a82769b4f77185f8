//! The arguments that say where `org42 authority serve` listens.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use org42_authority::Host;

const PORT: u16 = 4200;
const FORMS: &str = "wanted is HOST:PORT, HOST, :PORT or PORT, such as localhost:4200 or [::1]:4200; without a \
     host it is this machine alone";

#[derive(Args, Debug)]
pub(crate) struct ListenArgs {
    /// Where to listen: HOST:PORT, HOST, :PORT or PORT; without a host this machine alone, and port 0 is a free one.
    /// Where others can reach it, it needs --tls-cert or --insecure-http
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4200")]
    pub(crate) listen: Listen,
    /// Another name that requests may give for this server in their Host header, with or without a port; several times
    /// for several. Loopback names and the host of --listen are allowed anyway
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<Host>,
    /// Serve with encryption: a PEM file with the certificate, and those between it and its root
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// A PEM file with the key of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve without encryption also where others on the network can read along
    #[arg(long, conflicts_with = "tls_cert")]
    pub(crate) insecure_http: bool,
}

/// Where to listen, as `--listen` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    pub(crate) host: ListenHost,
    pub(crate) port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenHost {
    Address(IpAddr),
    /// A name, which is looked up when the server starts.
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
        let host = ListenHost::Name(name.to_owned());
        Ok(Self { host, port })
    }
}

fn read_port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

impl Listen {
    fn at(address: IpAddr, port: u16) -> Self {
        let host = ListenHost::Address(address);
        Self { host, port }
    }

    fn on_loopback(port: u16) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_all_their_forms() {
        let at = |address: &str, port| Some(Listen::at(address.parse().unwrap(), port));
        let named = |name: &str, port| {
            let host = ListenHost::Name(name.to_owned());
            Some(Listen { host, port })
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
}
