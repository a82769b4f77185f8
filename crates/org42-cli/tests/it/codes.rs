//! One-time codes and their secrets, as applications show them and people copy them.

use crate::machine::{Machine, Run};
use org42_test::raw_server::{Raw, send, send_with};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A tenant with one organization.
fn tenant() -> Raw {
    Raw::start(|_, stream| {
        let one = br#"{"data":{"totalCount":1,"orgs":[{"orgId":1,"orgName":"Org 1"}]}}"#;
        send(stream, 200, one);
    })
}

/// The codes that a server was sent.
fn sent(server: &Raw) -> Vec<String> {
    let heads = server.heads();
    let lines = heads.iter().flat_map(|head| head.lines());
    lines
        .filter_map(|line| line.strip_prefix("totp-auth: "))
        .map(str::to_owned)
        .collect()
}

fn list(server: &Raw, code: &str, by_variable: bool) -> Run {
    let machine = Machine::new();
    let mut words = vec!["list", "--url", &server.url, "--username", "ann"];
    if !by_variable {
        words.extend(["--totp", code]);
    }
    let mut command = machine.command(&words);
    command.env("ORG42_PASSWORD", "hunter22");
    if by_variable {
        command.env("ORG42_TOTP", code);
    }
    Run::of(command.output().unwrap())
}

#[test]
fn a_code_is_sent_without_what_is_between_its_digits() {
    for (typed, code) in [
        ("123456", "123456"),
        ("123 456", "123456"),
        ("123-456", "123456"),
        ("123456\n", "123456"),
        (" 123\u{a0}456\r\n", "123456"),
        ("123\u{2009}456", "123456"),
        ("1234 5678", "12345678"),
        ("\"123\u{b7}456\"", "123456"),
        ("١٢٣٤٥٦", "123456"),
    ] {
        for by_variable in [false, true] {
            let server = tenant();
            let run = list(&server, typed, by_variable);
            assert_eq!(run.code, 0, "{typed:?}: {}", run.err);
            assert_eq!(sent(&server), [code], "{typed:?}");
        }
    }
}

#[test]
fn what_is_no_code_is_refused_before_anything_is_sent_and_not_shown() {
    for typed in ["12345", "hunter23", "12345a", SECRET] {
        let server = tenant();
        let run = list(&server, typed, false);
        assert_eq!(run.code, 2, "{typed}: {}", run.err);
        assert!(server.heads().is_empty(), "{typed}: {:?}", server.heads());
        assert!(!run.err.contains(typed), "{}", run.err);
        assert!(run.err.contains("6 to 8 digits"), "{}", run.err);
    }
}

#[test]
fn an_address_in_place_of_a_code_computes_it() {
    for by_variable in [false, true] {
        let server = tenant();
        let run = list(
            &server,
            "otpauth://totp/ann?secret=GEZDGNBVGY3TQOJQ&digits=8",
            by_variable,
        );
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(sent(&server).concat().len(), 8);
        let server = tenant();
        let short = "otpauth://totp/x?secret=GEZDGNBV";
        let run = list(&server, short, by_variable);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(
            server.heads().is_empty() && !run.err.contains("GEZDGNBV"),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_code_at_hand_is_used_where_the_kept_secret_is_not_there() {
    for place in ["keyring", "file"] {
        let (machine, server) = (Machine::new(), tenant());
        let config = machine.home().join(".config/org42");
        std::fs::create_dir_all(&config).unwrap();
        let text = format!(
            "[profiles.lab]\nurl = '{}'\nusername = 'ann'\ntotp = '{place}'\n",
            server.url
        );
        std::fs::write(config.join("config.toml"), text).unwrap();
        let mut command = machine.command(&["list", "--profile", "lab"]);
        command
            .env("ORG42_PASSWORD", "hunter22")
            .env("ORG42_TOTP", "123 456");
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.err.contains("ORG42_TOTP is used"), "{}", run.err);
        assert_eq!(sent(&server), ["123456"]);
    }
}

/// Makes a profile with a secret, which signs in with it.
fn create_with_secret(server: &Raw, secret: &str) -> Run {
    let machine = Machine::new();
    let file = |name: &str, text: &str| {
        let file = machine.home().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let (password, secret) = (file("password", "hunter22\n"), file("secret", secret));
    machine.run(&[
        "profile",
        "create",
        "p",
        "--url",
        &server.url,
        "--username",
        "ann",
        "--password-file",
        &password,
        "--totp-secret-file",
        &secret,
        "--flavor",
        "console",
    ])
}

#[test]
fn a_secret_is_taken_as_applications_show_it() {
    let lower = SECRET.to_lowercase();
    for (secret, digits) in [
        (SECRET.to_owned(), 6),
        (format!("{}\r\n", lower), 6),
        (SECRET[..16].to_owned(), 6),
        (format!("secret={SECRET}\n"), 6),
        (format!("{} {}\n", &lower[..16], &lower[16..]), 6),
        (format!("{}-{}==\n", &lower[..16], &lower[16..]), 6),
        (
            format!("otpauth://totp/ACME:ann?secret={SECRET}&issuer=ACME\n"),
            6,
        ),
        (
            format!("otpauth://totp/ann?secret={lower}&algorithm=SHA256&digits=8&period=60"),
            8,
        ),
    ] {
        let server = tenant();
        let run = create_with_secret(&server, &secret);
        assert_eq!(run.code, 0, "{secret}: {}", run.err);
        let lengths: Vec<usize> = sent(&server).iter().map(String::len).collect();
        assert_eq!(lengths, [digits], "{secret}");
    }
}

#[test]
fn a_secret_of_counted_codes_is_refused_with_words() {
    let server = tenant();
    let secret = format!("otpauth://hotp/ann?secret={SECRET}&counter=1");
    let run = create_with_secret(&server, &secret);
    let told = run.err;
    assert_eq!(run.code, 2, "{told}");
    assert!(told.contains("hotp") && !told.contains(SECRET), "{told}");
    assert!(sent(&server).is_empty());
}

#[test]
fn a_clock_that_is_off_is_told_by_the_server_s() {
    for (date, told) in [
        ("Fri, 01 Jan 2100 00:00:00 GMT", "days behind"),
        ("Thu, 01 Jan 2015 00:00:00 GMT", "days ahead"),
    ] {
        let header = format!("Date: {date}\r\n");
        let server =
            Raw::with_logins(
                move |head, stream| match head.contains("LoginConfiguration") {
                    true => send(stream, 200, br#"{"data":{"loginType":"LOCAL_2FA"}}"#),
                    false => send_with(stream, 401, &header, b"[]"),
                },
            );
        let run = create_with_secret(&server, SECRET);
        assert_eq!(run.code, 4, "{}", run.err);
        assert!(
            run.err.contains("your clock is") && run.err.contains(told),
            "{}",
            run.err
        );
        // A code that somebody typed was not computed by this clock.
        let run = list(&server, "123456", false);
        assert!(!run.err.contains("clock"), "{}", run.err);
    }
}
