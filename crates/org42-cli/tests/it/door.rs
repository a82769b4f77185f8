//! Where `authority serve` listens, under which names, and with which encryption.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::machine::{Machine, Run, Served};

const ORGS: [&str; 3] = ["list", "-o", "ids"];

fn serve(machine: &Machine, words: &[&str]) -> Command {
    let start = ["authority", "serve", "--sample", "none"];
    machine.command(&[&start[..], words].concat())
}

/// What a server says that does not start.
fn refused(machine: &Machine, words: &[&str]) -> Run {
    let run = Run::of(serve(machine, words).output().unwrap());
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{words:?}: {run:?}");
    let left = std::fs::read_dir(machine.home()).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left
        .filter(|name| !name.to_string_lossy().ends_with(".pem"))
        .collect();
    assert!(left.is_empty(), "{words:?} left {left:?}");
    run
}

/// Two free ports; others may take them later.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn answer(address: &str, request: &str) -> String {
    let mut tcp = TcpStream::connect(address).unwrap();
    tcp.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    tcp.read_to_string(&mut text).unwrap();
    text
}

/// What the server answers to a request for this host.
pub(crate) fn status_for(address: &str, host: &str) -> String {
    let request = format!(
        "GET /api/v3/LoginConfiguration HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    );
    let text = answer(address, &request);
    text.get(9..12).unwrap_or_default().to_owned()
}

#[test]
fn every_form_of_an_address_is_listened_at() {
    for form in [
        "localhost:PORT",
        ":PORT",
        "PORT",
        "127.0.0.1:PORT",
        "a.localhost:PORT",
    ] {
        let machine = Machine::new();
        let port = free_port().to_string();
        let place = form.replace("PORT", &port);
        let served = Served::start(serve(&machine, &["--listen", &place]));
        assert_eq!(served.url, format!("http://127.0.0.1:{port}"), "{form}");
        assert_eq!(status_for(&format!("127.0.0.1:{port}"), "localhost"), "200");
    }
    for form in ["localhost:0", ":0", "0"] {
        let machine = Machine::new();
        let served = Served::start(serve(&machine, &["--listen", form]));
        let port = served.url.strip_prefix("http://127.0.0.1:").unwrap();
        assert!(port.parse::<u16>().unwrap() > 0, "{form}");
    }
}

#[test]
fn what_is_no_address_leaves_nothing_behind() {
    let machine = Machine::new();
    for place in [
        "",
        ":",
        "localhost:",
        "65536",
        "http://localhost:4273",
        "*:4273",
        "localhost:4273:4273",
    ] {
        let run = refused(&machine, &["--listen", place]);
        assert!(run.err.contains("HOST:PORT"), "{place}: {}", run.err);
    }
    let run = refused(&machine, &["--listen", "no-such-name.invalid:0"]);
    assert!(run.err.contains("no-such-name.invalid"), "{}", run.err);
    for name in [
        "",
        "a b",
        "http://a.example",
        "*.example",
        "a.example:99999",
    ] {
        refused(&machine, &["--listen", "0", "--allow-host", name]);
    }
}

#[test]
fn beyond_loopback_nothing_is_served_without_a_word_on_encryption() {
    let machine = Machine::new();
    for place in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "0.0.0.0"] {
        let run = refused(&machine, &["--listen", place]);
        for word in [
            "--tls-cert",
            "--tls-key",
            "--insecure-http",
            "nothing was started",
        ] {
            assert!(run.err.contains(word), "{place}: {}", run.err);
        }
    }
    let words = ["--listen", "0.0.0.0:0", "--insecure-http"];
    let served = Served::start(serve(&machine, &words));
    let port = served.url.rsplit(':').next().unwrap();
    let line = served.lines.last().unwrap();
    assert!(line.contains(&format!("http://127.0.0.1:{port}")), "{line}");
    let address = format!("127.0.0.1:{port}");
    for (host, status) in [
        ("127.0.0.1", "200"),
        ("localhost", "200"),
        ("evil.example", "421"),
        ("192.0.2.1", "421"),
    ] {
        assert_eq!(status_for(&address, host), status, "{host}");
    }
}

#[test]
fn names_are_allowed_one_by_one() {
    let machine = Machine::new();
    let allow = ["--listen", "0", "--allow-host", "Org42.example.com"];
    let more = ["--allow-host", "other.example.com:8443"];
    let served = Served::start(serve(&machine, &[&allow[..], &more].concat()));
    let address = served.url.strip_prefix("http://").unwrap();
    for (host, status) in [
        ("org42.example.com:4200", "200"),
        ("other.example.com:8443", "200"),
        ("other.example.com", "421"),
        ("evil.example.com", "421"),
        ("localhost", "200"),
    ] {
        assert_eq!(status_for(address, host), status, "{host}");
    }
}

/// A certificate of localhost with its key, as PEM files of these names.
fn certificate(machine: &Machine, name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])
        .unwrap();
    let file = |end: &str, text: String| {
        let path = machine.home().join(format!("{name}.{end}.pem"));
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&path, mode).unwrap();
        }
        path.display().to_string()
    };
    let certificate = file("cert", made.cert.pem());
    (certificate, file("key", made.signing_key.serialize_pem()))
}

fn encrypted(machine: &Machine, place: &str) -> (Served, String) {
    let (cert, key) = certificate(machine, "own");
    let words = ["--listen", place, "--tls-cert", &cert, "--tls-key", &key];
    let password = ["--admin-password", "hunter22"];
    let served = Served::start(serve(machine, &[&words[..], &password].concat()));
    (served, cert)
}

#[test]
fn with_a_certificate_the_server_speaks_https_everywhere() {
    for place in ["localhost:0", "127.0.0.1:0", "0.0.0.0:0"] {
        let machine = Machine::new();
        let (served, cert) = encrypted(&machine, place);
        let port = served.url.rsplit(':').next().unwrap();
        let host = place.split(':').next().unwrap();
        assert_eq!(served.url, format!("https://{host}:{port}"));
        let here = match host {
            "0.0.0.0" => "127.0.0.1",
            host => host,
        };
        let url = format!("https://{here}:{port}");
        let line = served.lines.last().unwrap();
        assert!(line.contains(&format!("ORG42_URL={url} ")), "{line}");
        let all = served.lines.join("\n");
        assert!(
            all.contains("REQUESTS_CA_BUNDLE=") && all.contains(&cert),
            "{all}"
        );
        let list = |trusted: bool| {
            let mut command = machine.command(&ORGS);
            command.env("ORG42_URL", &url);
            command.env("ORG42_USERNAME", "admin@example.com");
            command.env("ORG42_PASSWORD", "hunter22");
            if trusted {
                command.env("SSL_CERT_FILE", &cert);
            }
            Run::of(command.output().unwrap())
        };
        let run = list(true);
        assert_eq!((run.code, run.out.lines().count()), (0, 1), "{run:?}");
        assert_eq!(list(false).code, 7);
        // Without encryption there is one answer, and it says what is wanted.
        let plain = answer(&format!("127.0.0.1:{port}"), "GET / HTTP/1.1\r\n\r\n");
        assert!(
            plain.starts_with("HTTP/1.1 400 ") && plain.contains("https://"),
            "{plain}"
        );
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_before_anything_is_made() {
    let machine = Machine::new();
    let (cert, key) = certificate(&machine, "own");
    let (_, other) = certificate(&machine, "other");
    let write = |name: &str, text: &str| {
        let path = machine.home().join(format!("{name}.pem"));
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let empty = write("empty", "");
    let broken = write(
        "broken",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    );
    let nonsense = write(
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let locked = write(
        "locked",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let missing = format!("{cert}.missing");
    for (certificate, key, file, word) in [
        (&missing, &key, &missing, "No such file"),
        (&cert, &missing, &missing, "No such file"),
        (&empty, &key, &empty, "BEGIN CERTIFICATE"),
        (&key, &key, &key, "BEGIN CERTIFICATE"),
        (&broken, &key, &broken, "PEM"),
        (&nonsense, &key, &nonsense, "cannot be used"),
        (&cert, &empty, &empty, "BEGIN PRIVATE KEY"),
        (&cert, &cert, &cert, "BEGIN PRIVATE KEY"),
        (&cert, &locked, &locked, "password"),
        (&cert, &other, &other, "another certificate"),
    ] {
        let words = ["--listen", "0", "--tls-cert", certificate, "--tls-key", key];
        let run = refused(&machine, &words);
        assert!(
            run.err.contains(file.as_str()) && run.err.contains(word),
            "{file} {word}: {}",
            run.err
        );
    }
    refused(&machine, &["--listen", "0", "--tls-cert", &cert]);
    refused(&machine, &["--listen", "0", "--tls-key", &key]);
    let both = ["--tls-cert", &cert, "--tls-key", &key, "--insecure-http"];
    refused(&machine, &[&["--listen", "0"][..], &both].concat());
}

#[test]
fn certificates_are_read_as_editors_save_them() {
    let machine = Machine::new();
    let (cert, key) = certificate(&machine, "own");
    let text = std::fs::read_to_string(&cert).unwrap();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let windows = text.replace('\n', "\r\n").into_bytes();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [utf16[2..].to_vec(), utf16, windows, marked] {
        std::fs::write(&cert, bytes).unwrap();
        let words = ["--listen", "0", "--tls-cert", &cert, "--tls-key", &key];
        let served = Served::start(serve(&machine, &words));
        assert!(
            served.url.starts_with("https://127.0.0.1:"),
            "{}",
            served.url
        );
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::new();
    let (cert, key) = certificate(&machine, "own");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    for (mode, warns) in [(0o600, false), (0o644, true)] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let words = ["--listen", &place, "--tls-cert", &cert, "--tls-key", &key];
        // It gets as far as the port, which is taken.
        let run = Run::of(serve(&machine, &words).output().unwrap());
        assert_eq!(run.code, 1, "{run:?}");
        assert_eq!(run.err.contains("chmod 600"), warns, "{run:?}");
    }
}
