//! The target of a redirect. Redirects are not followed; an error names the target.

use http::header::{HeaderMap, LOCATION};
use url::Url;

use crate::redact::{REDACTED, Secrets};

/// How many bytes of a path are shown.
const LONGEST_PATH: usize = 200;

/// Returns the place that an answer redirects to, as an error may show it.
pub(crate) fn place(headers: &HeaderMap, asked: &Url, secrets: &Secrets) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    // Secrets are looked for in the whole text, because taking the address apart may leave half of one.
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let is_safe = secrets.redact(path) == path;
    Some(match asked.join(location) {
        Ok(place) => told(&place, asked, is_safe),
        Err(_) => "an address that cannot be read".to_owned(),
    })
}

/// Renders a place without its secrets: login pages put them into the query and behind a semicolon of the path, and
/// old proxies into the user part.
fn told(place: &Url, asked: &Url, is_safe: bool) -> String {
    let scheme = place.scheme();
    let Some(host) = place.host_str().filter(|host| !host.is_empty()) else {
        return format!("an address of the kind {scheme}:");
    };
    let port = place.port().map(|port| format!(":{port}"));
    let path = place.path().split(';').next().unwrap_or_default();
    let path = match is_safe {
        true => path[..path.floor_char_boundary(LONGEST_PATH)].to_owned(),
        false => format!("/{REDACTED}"),
    };
    let warning = match (asked.scheme(), scheme) {
        ("https", "http") => ", without encryption",
        _ => "",
    };
    format!(
        "{scheme}://{host}{}{path}{warning}",
        port.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_its_port_and_no_secret() {
        for (location, shown) in [
            (
                "https://sso.example.com/login",
                "https://sso.example.com/login",
            ),
            (
                "https://sso.example.com:8443/login?token=s3cret#s3cret",
                "https://sso.example.com:8443/login",
            ),
            (
                "https://joe:s3cret@h:1/x;jsessionid=s3cret",
                "https://h:1/x",
            ),
            (
                "http://[::1]:8080",
                "http://[::1]:8080/, without encryption",
            ),
            ("http://h", "http://h/, without encryption"),
            ("//joe:s3cret@h:1/x?s3cret", "https://h:1/x"),
            ("/login?s3cret", "https://tenant.example:4285/login"),
            ("login", "https://tenant.example:4285/api/login"),
            ("", "https://tenant.example:4285/api/v1"),
            ("data:text/plain,s3cret", "an address of the kind data:"),
            ("https://[s3cret", "an address that cannot be read"),
        ] {
            let asked = Url::parse("https://tenant.example:4285/api/v1?q=s3cret").unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, location.parse().unwrap());
            assert_eq!(
                place(&headers, &asked, &Secrets::default()).as_deref(),
                Some(shown),
                "{location}"
            );
        }
    }

    #[test]
    fn no_half_of_a_secret_is_left_of_a_path() {
        let secrets = Secrets::default();
        secrets.learn([&"hunter\\2;back".into()]);
        let asked = Url::parse("https://tenant.example:4285/api/v1").unwrap();
        let padding = "x".repeat(LONGEST_PATH - 6);
        for form in [
            "hunter\\2;back",
            "hunter&bsol;2&semi;back",
            "hunter%255C2%3Bback",
        ] {
            let mut headers = HeaderMap::new();
            let location = format!("https://h/{padding}{form}");
            headers.insert(LOCATION, location.parse().unwrap());
            let shown = place(&headers, &asked, &secrets);
            assert_eq!(shown.as_deref(), Some("https://h/[redacted]"), "{form}");
        }
    }
}
