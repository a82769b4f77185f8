//! The host names under which an authority answers. A web page whose own name was pointed at this machine is refused,
//! because requests from it name another host.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A host as a `Host` header or `--allow-host` names it, perhaps with a port.
///
/// ```
/// use org42_authority::Host;
///
/// assert!("org42.example.com".parse::<Host>().is_ok());
/// assert!("Org42.Example.Com.:8443".parse::<Host>().is_ok());
/// assert!("https://org42.example.com".parse::<Host>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    name: Name,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Address(IpAddr),
    /// A name in lower case, without the dot at the end.
    Word(String),
}

/// The error of a text that names no host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoHost;

impl fmt::Display for NoHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a host is wanted, such as org42.example.com, 192.0.2.1 or org42.example.com:8443",
        )
    }
}

impl std::error::Error for NoHost {}

impl FromStr for Host {
    type Err = NoHost;

    /// Reads a host; also an IPv6 address without brackets, which a header cannot have.
    fn from_str(text: &str) -> Result<Self, NoHost> {
        match text.parse::<Ipv6Addr>() {
            Ok(address) => Ok(Self::from(IpAddr::V6(address))),
            Err(_) => Self::in_header(text).ok_or(NoHost),
        }
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        Self {
            name: Name::Address(address.to_canonical()),
            port: None,
        }
    }
}

impl Host {
    /// Reads a host as it stands in a header: nothing but a name or an address, and perhaps a port.
    pub(super) fn in_header(text: &str) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                let address = IpAddr::V6(address.parse().ok()?);
                (Name::Address(address.to_canonical()), port)
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                (Name::read(&text[..end])?, &text[end..])
            }
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return None,
            Some(digits) => Some(read_port(digits)?),
        };
        Some(Self { name, port })
    }

    /// Returns whether the host is this machine by definition, whatever a name server says.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match &self.name {
            Name::Address(address) => address.is_loopback(),
            Name::Word(word) => word == "localhost" || word.ends_with(".localhost"),
        }
    }

    /// Returns whether both are the same host, where a missing port stands for the default one.
    pub(super) fn is(&self, other: &Self, default_port: u16) -> bool {
        let port = |host: &Self| host.port.unwrap_or(default_port);
        self.name == other.name && port(self) == port(other)
    }
}

fn read_port(digits: &str) -> Option<u16> {
    let is_number = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

impl Name {
    fn read(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::Address(IpAddr::V4(address)));
        }
        let word = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let is_label = |label: &str| {
            let is_known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=63).contains(&label.len()) && label.bytes().all(is_known)
        };
        let is_name = word.len() <= 253 && word.split('.').all(is_label);
        is_name.then_some(Self::Word(word))
    }
}

/// The hosts under which an authority answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts(Vec<Host>);

impl Hosts {
    /// Allows requests to name this host too.
    pub(crate) fn allow(&mut self, host: Host) {
        self.0.push(host);
    }

    /// Returns whether a request that came in at the address `local` may name this host.
    ///
    /// A page elsewhere can point any name here, but not an address: so the address that the connection has anyway is
    /// as safe as a loopback name.
    pub(super) fn allow_for(&self, host: &Host, local: IpAddr, default_port: u16) -> bool {
        let is_allowed = |allowed: &Host| match allowed.port {
            None => allowed.name == host.name,
            Some(_) => allowed.is(host, default_port),
        };
        host.is_loopback()
            || host.name == Name::Address(local.to_canonical())
            || self.0.iter().any(is_allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_strictly() {
        for text in [
            "localhost",
            "LOCALHOST:4200",
            "localhost.",
            "a.localhost:1",
            "127.0.0.1:65535",
            "127.9.8.7",
            "[::1]:4200",
            "[::ffff:127.0.0.1]",
        ] {
            let host = Host::in_header(text);
            assert!(host.is_some_and(|host| host.is_loopback()), "{text}");
        }
        for text in [
            "127.0.0.1.evil.com",
            "localhost.evil.com",
            "evil-localhost",
            "2130706433",
            "127.1",
            "0x7f.0.0.1",
            "[::2]",
            "0.0.0.0",
        ] {
            let host = Host::in_header(text);
            assert!(host.is_some_and(|host| !host.is_loopback()), "{text}");
        }
        for text in [
            "",
            ":4200",
            ".",
            "..",
            ".localhost",
            "localhost..",
            "localhost:",
            "localhost:x",
            "localhost:65536",
            "localhost:+80",
            "localhost:80:80",
            "localhost@evil.com",
            "evil.com@localhost",
            "localhost evil.com",
            "localhost,evil.com",
            "localhost/",
            "http://localhost",
            "[::1]evil.com",
            "[::1",
            "::1",
            "[fe80::1%25lo]",
            "[127.0.0.1]",
            "loc\u{e4}lhost",
        ] {
            assert_eq!(Host::in_header(text), None, "{text}");
        }
    }

    #[test]
    fn an_allowed_host_with_a_port_is_allowed_at_that_port() {
        let mut hosts = Hosts::default();
        for host in ["Org42.Example.com.", "other.example.com:8443", "fd00::1"] {
            hosts.allow(host.parse().unwrap());
        }
        let local = IpAddr::from([192, 0, 2, 1]);
        let allowed = |text| hosts.allow_for(&Host::in_header(text).unwrap(), local, 80);
        for text in [
            "org42.example.com",
            "org42.example.com:1",
            "other.example.com:8443",
            "[fd00::1]:9",
            "192.0.2.1",
        ] {
            assert!(allowed(text), "{text}");
        }
        for text in [
            "other.example.com",
            "other.example.com:80",
            "192.0.2.2",
            "x.org42.example.com",
        ] {
            assert!(!allowed(text), "{text}");
        }
    }
}
