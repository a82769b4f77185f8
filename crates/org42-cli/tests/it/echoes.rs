//! A server, or something before it, that repeats what it was sent: none of it reaches the screen.

use crate::machine::{Machine, Run};
use org42_test::raw_server::{Raw, send, send_with};

const PASSWORD: &str = r#"pä"s\wörd/€ 7"#;

/// The password in the forms in which machines repeat it.
fn forms() -> Vec<String> {
    let json = |text: &str| {
        serde_json::to_string(text)
            .unwrap()
            .trim_matches('"')
            .to_owned()
    };
    let units = |upper: bool| -> String {
        let units = PASSWORD.encode_utf16();
        units
            .map(|unit| match upper {
                true => format!("\\u{unit:04X}"),
                false => format!("\\u{unit:04x}"),
            })
            .collect()
    };
    let latin: String = PASSWORD.bytes().map(char::from).collect();
    vec![
        PASSWORD.to_owned(),
        json(PASSWORD),
        json(&json(PASSWORD)),
        json(PASSWORD).replace('/', "\\/"),
        units(true),
        units(false),
        PASSWORD
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect(),
        PASSWORD
            .bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect(),
        r#"p%C3%A4%22s%5Cw%C3%B6rd%2F%E2%82%AC+7"#.to_owned(),
        r#"p&auml;&quot;s\w&#246;rd/&#x20AC; 7"#.to_owned(),
        json(&latin),
        r#"p&auml;\&quot;s\\w&ouml;rd/&euro; 7"#.to_owned(),
        "pa\u{308}\"\"s\\wo\u{308}rd/€ 7".to_owned(),
        // {"password":"pä\"s\\wörd/€ 7"}
        "eyJwYXNzd29yZCI6InDDpFwic1xcd8O2cmQv4oKsIDcifQ==".to_owned(),
        PASSWORD
            .bytes()
            .map(|byte| format!("0x{byte:02X}, "))
            .collect(),
        "p\u{fffd}\\\"s\\\\w\u{fffd}rd/\u{fffd} 7".to_owned(),
    ]
}

fn run(url: &str, words: &[&str], password: &str) -> Run {
    let machine = Machine::new();
    let mut command = machine.command(&[words, &["--url", url, "--username", "ann"]].concat());
    Run::of(command.env("ORG42_PASSWORD", password).output().unwrap())
}

fn assert_hidden(run: &Run, form: &str) {
    let shown = format!("{}{}", run.out, run.err);
    assert_ne!(run.code, 0, "{shown}");
    // Whatever is left of it would have one of these.
    for part in [
        "wörd", "w\\u", "w%", "w&", "rd/", "rd%2", "rd\\/", "0072\\", form,
    ] {
        assert!(!shown.contains(part), "{part} of {form}: {shown}");
    }
}

#[test]
fn a_password_is_shown_in_no_form_and_by_no_answer() {
    for form in forms() {
        let bodies = [
            (
                500,
                format!(r#"[{{"name":"SYSTEM","description":"not {form}"}}]"#),
            ),
            (
                400,
                format!(r#"{{"error":{{"name":"{form}","description":"x"}}}}"#),
            ),
            (403, format!("<html>you sent {form}</html>")),
            (200, format!(r#"<html>"{form}""#)),
            (
                200,
                format!(r#"{{"data":{{"totalCount":"{form}","orgs":[]}}}}"#),
            ),
        ];
        for (status, body) in bodies {
            let server = Raw::start(move |_, stream| send(stream, status, body.as_bytes()));
            assert_hidden(&run(&server.url, &["list"], PASSWORD), &form);
        }
    }
}

#[test]
fn what_the_login_was_sent_is_not_shown_by_the_login_or_a_redirect() {
    for form in forms() {
        let body = format!(r#"[{{"name":"SYSTEM","description":"{form}"}}]"#);
        let server = Raw::with_logins(move |_, stream| send(stream, 401, body.as_bytes()));
        assert_hidden(&run(&server.url, &["list"], PASSWORD), &form);
    }
    let location = "Location: http://elsewhere.example/p%c3%a4%22s%5cw%c3%b6rd%2f%e2%82%ac%207\r\n";
    let server = Raw::start(move |_, stream| send_with(stream, 302, location, b""));
    assert_hidden(
        &run(&server.url, &["list"], PASSWORD),
        "elsewhere.example/p%",
    );
}

#[test]
fn no_header_s_own_words_are_shown() {
    for header in [
        "Content-Encoding: hunter22\r\n",
        "Content-Encoding: gzip, hunter22\r\n",
    ] {
        let server = Raw::start(move |_, stream| send_with(stream, 200, header, b"x"));
        let run = run(&server.url, &["list"], "hunter22");
        assert!(run.code != 0 && !run.err.contains("hunter"), "{}", run.err);
        assert!(run.err.contains("an unknown packing"), "{}", run.err);
    }
}

#[test]
fn a_page_in_utf_16_shows_no_password() {
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let units = format!("you sent {PASSWORD}");
        let body: Vec<u8> = units.encode_utf16().flat_map(to_bytes).collect();
        let server = Raw::start(move |_, stream| send(stream, 400, &body));
        let run = run(&server.url, &["list"], PASSWORD);
        assert!(run.err.contains("you sent [redacted]"), "{}", run.err);
    }
}

#[test]
fn whoever_repeats_all_headers_shows_nothing_either() {
    let server = Raw::with_logins(|head, stream| send(stream, 400, head.as_bytes()));
    let run = run(&server.url, &["list", "--totp", "314 159"], "hunter22");
    assert_eq!(run.code, 4, "{}", run.err);
    // ann:hunter22
    for secret in ["314159", "YW5uOmh1bnRlcjIy"] {
        assert!(!run.err.contains(secret), "{}", run.err);
    }
}

#[test]
fn a_short_password_leaves_the_rest_to_be_read() {
    let body = r#"[{"name":"ORG_BLOCKED","description":"blocked by b, not by bob"}]"#;
    let server = Raw::start(|_, stream| send(stream, 500, body.as_bytes()));
    let run = run(&server.url, &["list"], "b");
    let shown = "ORG_BLOCKED: blocked by [redacted], not by bob";
    assert!(run.err.contains(shown), "{}", run.err);
}

#[test]
fn a_registration_key_in_an_answer_that_cannot_be_used_is_not_shown() {
    let body = r#"{"data":{"orgs":7,"registrationKey":"72RU-8P9S-M7KK-RHCC"}}"#;
    let server = Raw::start(|_, stream| send(stream, 200, body.as_bytes()));
    let run = run(&server.url, &["list"], "hunter22");
    assert!(run.code != 0 && !run.err.contains("72RU"), "{}", run.err);
}
