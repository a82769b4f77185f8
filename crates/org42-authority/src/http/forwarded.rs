//! The address that a request comes from, when a proxy passes it on.
//!
//! Every client can write `X-Forwarded-For` and `Forwarded`, so only what trusted proxies wrote counts: the list is
//! followed backwards from the peer, for as long as it leads through trusted proxies.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many proxies are followed at most.
const MAX_HOPS: usize = 32;

/// A network whose hosts are trusted proxies, such as `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => Some(IpNet::from(address.to_canonical())),
            Err(_) => text.parse::<IpNet>().ok(),
        };
        let wanted = || "an address or a network is wanted, such as 10.0.0.0/8 or ::1".to_owned();
        network
            .map(|network| Self(canonical(network.trunc())))
            .ok_or_else(wanted)
    }
}

/// Returns a network in the form in which addresses are compared: an IPv4 network written as IPv6 becomes one of
/// IPv4.
fn canonical(network: IpNet) -> IpNet {
    /// The length of the prefix of IPv4-mapped IPv6 addresses.
    const MAPPED: u8 = 96;
    let IpNet::V6(mapped) = network else {
        return network;
    };
    let address = mapped.network().to_ipv4_mapped();
    let length = mapped.prefix_len().checked_sub(MAPPED);
    address
        .zip(length)
        .and_then(|(address, length)| IpNet::new(address.into(), length).ok())
        .unwrap_or(network)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The trusted proxies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Vec<Network>);

impl From<Vec<Network>> for Proxies {
    fn from(networks: Vec<Network>) -> Self {
        Self(networks)
    }
}

impl Proxies {
    fn trust(&self, address: IpAddr) -> bool {
        let mut networks = self.0.iter();
        networks.any(|Network(network)| network.contains(&address))
    }

    /// Returns the address that a request from `peer` comes from.
    ///
    /// Where the two headers disagree, one of them passed through the proxy unchanged and may be forged. Then the
    /// request counts as the proxy's own.
    pub(crate) fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        let listed = lines(headers, &X_FORWARDED_FOR).map(|text| self.follow(peer, listed(&text)));
        let forwarded = lines(headers, &FORWARDED).map(|text| self.follow(peer, elements(&text)));
        match (listed, forwarded) {
            (Some(one), Some(other)) if one != other => peer,
            (Some(origin), _) | (None, Some(origin)) => origin,
            (None, None) => peer,
        }
    }

    /// Returns the first address on the way back that is not a trusted proxy's. Before one that cannot be read,
    /// returns the last that can.
    fn follow(&self, peer: IpAddr, hops: Vec<Option<IpAddr>>) -> IpAddr {
        let mut at = peer;
        for hop in hops.into_iter().rev().take(MAX_HOPS) {
            match hop {
                Some(before) if self.trust(at) => at = before,
                _ => break,
            }
        }
        at
    }
}

/// Returns the values of a header, which may come in several lines, as one list.
fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines = headers.get_all(name).iter();
    // A value that is not text is no address.
    let lines: Vec<_> = lines
        .map(|line| line.to_str().unwrap_or("unknown"))
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// Returns the addresses of `X-Forwarded-For`.
fn listed(text: &str) -> Vec<Option<IpAddr>> {
    text.split(',').map(|part| address(part.trim())).collect()
}

/// Returns the addresses of `Forwarded`, one for each element.
fn elements(text: &str) -> Vec<Option<IpAddr>> {
    split(text, ',')
        .into_iter()
        .map(|element| forwarded_for(&element))
        .collect()
}

/// Returns the address behind `for=` in an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split(element, ';') {
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for")
            && found.replace(value.trim().to_owned()).is_some()
        {
            // An element with two of them is invalid.
            return None;
        }
    }
    address(&found?)
}

/// Splits at a separator that is not within quotes.
fn split(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut is_quoted, mut is_escaped) = (false, false);
    for letter in text.chars() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if letter == separator && !is_quoted => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    parts
}

/// Reads an address, perhaps with a port, in brackets, or quoted. `unknown` and names that proxies invent are none.
fn address(text: &str) -> Option<IpAddr> {
    let text = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let plain = bare.unwrap_or(text).parse::<IpAddr>();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let address = plain.or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn proxies(networks: &[&str]) -> Proxies {
        let networks = networks.iter().map(|text| text.parse().unwrap());
        networks.collect::<Vec<Network>>().into()
    }

    /// Returns the address that a request from `peer` with these headers comes from, behind proxies at 10.0.0.0/8 and
    /// fd00::/8.
    fn origin(peer: &str, headers: &[(HeaderName, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let proxies = proxies(&["10.0.0.0/8", "fd00::/8"]);
        proxies.origin(peer.parse().unwrap(), &map).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for name in [X_FORWARDED_FOR, FORWARDED] {
            let value = if name == FORWARDED {
                "for=192.0.2.1"
            } else {
                "192.0.2.1"
            };
            for (peer, wanted) in [
                ("10.1.2.3", "192.0.2.1"),
                ("::ffff:10.1.2.3", "192.0.2.1"),
                ("fd00::5", "192.0.2.1"),
                ("11.0.0.1", "11.0.0.1"),
                ("fe00::5", "fe00::5"),
            ] {
                assert_eq!(
                    origin(peer, &[(name.clone(), value)]),
                    wanted,
                    "{name} {peer}"
                );
            }
        }
        assert_eq!(origin("10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn what_stands_before_the_last_untrusted_hop_counts_for_nothing() {
        let listed = |text| origin("10.1.2.3", &[(X_FORWARDED_FOR, text)]);
        assert_eq!(listed("198.51.100.7, 192.0.2.1"), "192.0.2.1");
        assert_eq!(
            listed("198.51.100.7, 192.0.2.1, 10.9.9.9, fd00::1"),
            "192.0.2.1"
        );
        assert_eq!(listed("10.4.4.4"), "10.4.4.4");
        let lines = [
            (X_FORWARDED_FOR, "198.51.100.7"),
            (X_FORWARDED_FOR, "192.0.2.1"),
        ];
        assert_eq!(origin("10.1.2.3", &lines), "192.0.2.1");
        let long = vec!["10.0.0.1"; 100].join(",");
        assert_eq!(listed(&format!("192.0.2.1,{long}")), "10.0.0.1");
    }

    #[test]
    fn addresses_come_in_many_forms() {
        let listed = |text| origin("10.1.2.3", &[(X_FORWARDED_FOR, text)]);
        let forwarded = |text| origin("10.1.2.3", &[(FORWARDED, text)]);
        for (text, wanted) in [
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("unknown", "10.1.2.3"),
            ("_hidden", "10.1.2.3"),
            ("", "10.1.2.3"),
            ("192.0.2.1 192.0.2.2", "10.1.2.3"),
            ("192.0.2.1,", "10.1.2.3"),
            ("192.0.2.1, unknown, 10.9.9.9", "10.9.9.9"),
        ] {
            assert_eq!(listed(text), wanted, "{text:?}");
        }
        for (text, wanted) in [
            ("for=192.0.2.1;proto=http;by=203.0.113.43", "192.0.2.1"),
            ("proto=https; For=\"192.0.2.1:4711\"", "192.0.2.1"),
            ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=198.51.100.7, FOR=192.0.2.1", "192.0.2.1"),
            ("for=unknown", "10.1.2.3"),
            ("for=_SEVKISEK", "10.1.2.3"),
            ("proto=http", "10.1.2.3"),
            ("by=192.0.2.1", "10.1.2.3"),
            ("for=192.0.2.1;for=192.0.2.2", "10.1.2.3"),
            ("host=\"a,for=198.51.100.7\";for=192.0.2.1", "192.0.2.1"),
            ("for=192.0.2.1;host=\"a\\\",for=198.51.100.7\"", "192.0.2.1"),
            ("for=\"192.0.2.1", "10.1.2.3"),
            ("nonsense", "10.1.2.3"),
        ] {
            assert_eq!(forwarded(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn headers_that_disagree_are_not_believed() {
        let both = |listed, forwarded| {
            origin(
                "10.1.2.3",
                &[(X_FORWARDED_FOR, listed), (FORWARDED, forwarded)],
            )
        };
        assert_eq!(both("192.0.2.1", "for=192.0.2.1"), "192.0.2.1");
        assert_eq!(both("192.0.2.1", "for=192.0.2.2"), "10.1.2.3");
    }

    #[test]
    fn a_network_is_an_address_or_has_a_length() {
        for (text, wanted) in [
            ("127.0.0.1", "127.0.0.1/32"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
            ("::ffff:127.0.0.0/104", "127.0.0.0/8"),
            ("::ffff:10.1.2.3/128", "10.1.2.3/32"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::ffff:0:0/95", "::fffe:0:0/95"),
        ] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), wanted);
        }
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "*"] {
            assert!(text.parse::<Network>().is_err(), "{text:?}");
        }
    }
}
