//! The names that a certificate is for.

use std::net::IpAddr;

use rustls::pki_types::ServerName;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

/// The names in a certificate. Its common name counts only if there are no others, as in old certificates.
pub(crate) struct Names {
    hosts: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Names {
    pub(crate) fn of(certificate: &X509Certificate<'_>) -> Self {
        let mut names = Self {
            hosts: Vec::new(),
            addresses: Vec::new(),
        };
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        for name in alternatives.map_or(&[][..], |found| &found.value.general_names) {
            match name {
                GeneralName::DNSName(host) => names.hosts.push((*host).to_owned()),
                GeneralName::IPAddress(bytes) => names.addresses.extend(address(bytes)),
                _ => {}
            }
        }
        if names.hosts.is_empty() && names.addresses.is_empty() {
            // The last common name is the most specific one.
            let common = certificate.subject().iter_common_name().last();
            let common = common.and_then(|name| name.as_str().ok());
            match common.map(|name| (name, name.parse())) {
                Some((_, Ok(address))) => names.addresses.push(address),
                Some((host, Err(_))) => names.hosts.push(host.to_owned()),
                None => {}
            }
        }
        names
    }

    pub(crate) fn include(&self, wanted: &ServerName<'_>) -> bool {
        match wanted {
            ServerName::DnsName(host) => {
                let host = host.as_ref();
                self.hosts.iter().any(|pattern| matches(pattern, host))
            }
            ServerName::IpAddress(address) => self.addresses.contains(&IpAddr::from(*address)),
            _ => false,
        }
    }

    pub(crate) fn all(self) -> Vec<String> {
        let addresses = self.addresses.iter().map(ToString::to_string);
        addresses.chain(self.hosts).collect()
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

/// Returns whether a certificate's name covers a host. A star stands for one whole label, the first, below a domain of
/// at least two labels.
fn matches(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    if let Some(domain) = pattern.strip_prefix("*.") {
        let below = host.split_once('.').map(|(_, below)| below);
        return domain.contains('.')
            && below.is_some_and(|below| below.eq_ignore_ascii_case(domain));
    }
    pattern.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_one_label() {
        for (pattern, host, same) in [
            ("a.example.com", "A.example.com", true),
            ("a.example.com.", "a.example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.com", "example.com", false),
            ("*", "example", false),
            ("a*.example.com", "ab.example.com", false),
            ("example.com", "a.example.com", false),
            ("example.com\0.evil.org", "example.com", false),
        ] {
            assert_eq!(matches(pattern, host), same, "{pattern} {host}");
        }
    }
}
