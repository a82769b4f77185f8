//! Which certificates the command trusts: by option, by profile, by variable.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa};

use crate::machine::{Machine, Run};
use org42_test::sockets::Tenant;

fn file(machine: &Machine, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = machine.home().join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[test]
fn the_certificate_of_the_server_is_trusted_when_it_is_given() {
    let machine = Machine::new();
    let mut authority = CertificateParams::new(["localhost".to_owned()]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (kind, tenant) in [
        ("plain", Tenant::of("localhost")),
        ("an authority's", Tenant::with(authority)),
        ("common name", Tenant::called("localhost")),
    ] {
        let url = format!("https://localhost:{}", tenant.port);
        let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (form, content) in [
            ("PEM", tenant.pem.clone().into_bytes()),
            ("DER", tenant.der.clone()),
            ("mark", format!("\u{feff}{}", tenant.pem).into()),
            ("CRLF", tenant.pem.replace('\n', "\r\n").into()),
            ("UTF-16", units(&format!("\u{feff}{}", tenant.pem))),
        ] {
            let bundle = file(&machine, "bundle", content);
            let run = machine.list_as_client(&url, &["--ca-bundle", &bundle], &[]);
            assert_eq!(run.code, 0, "{kind}, {form}: {}", run.err);
        }
    }
}

#[test]
fn another_certificate_and_another_name_are_refused_in_words() {
    let machine = Machine::new();
    let (tenant, twin) = (Tenant::of("localhost"), Tenant::of("localhost"));
    let bundle = file(&machine, "bundle", &twin.pem);
    let url = format!("https://localhost:{}", tenant.port);
    let run = machine.list_as_client(&url, &["--ca-bundle", &bundle], &[]);
    let told =
        "the certificate of localhost is not trusted: nobody who is trusted here has issued it";
    assert!(run.code == 7 && run.err.contains(told), "{}", run.err);
    assert!(run.err.contains("--ca-bundle FILE"), "{}", run.err);
    let bundle = file(&machine, "bundle", &tenant.pem);
    let url = format!("https://127.0.0.1:{}", tenant.port);
    let run = machine.list_as_client(&url, &["--ca-bundle", &bundle], &[]);
    let told =
        "the certificate of 127.0.0.1 is not trusted: it is for localhost, not for this name";
    assert!(run.code == 7 && run.err.contains(told), "{}", run.err);
}

#[test]
fn the_option_beats_the_profile_and_the_profile_the_variables() {
    let machine = Machine::new();
    let (tenant, other) = (Tenant::of("localhost"), Tenant::of("localhost"));
    let own = file(&machine, "own.pem", &tenant.pem);
    let other = file(&machine, "other.pem", &other.pem);
    let url = format!("https://localhost:{}", tenant.port);
    let variables = [
        ("SSL_CERT_FILE", &*own),
        ("REQUESTS_CA_BUNDLE", &own),
        ("CURL_CA_BUNDLE", &own),
    ];
    for (words, variables, code) in [
        (&[][..], &variables[..], 0),
        (&["--ca-bundle", &other], &variables, 7),
        (&["--ca-bundle", &own], &[("SSL_CERT_FILE", &*other)], 0),
        (
            &[],
            &[("SSL_CERT_FILE", &*own), ("CURL_CA_BUNDLE", &other)],
            0,
        ),
        (
            &[],
            &[("SSL_CERT_FILE", &*other), ("CURL_CA_BUNDLE", &own)],
            7,
        ),
        (
            &[],
            &[("SSL_CERT_FILE", ""), ("REQUESTS_CA_BUNDLE", &*own)],
            0,
        ),
        (
            &[],
            &[("REQUESTS_CA_BUNDLE", &*own), ("CURL_CA_BUNDLE", &other)],
            0,
        ),
        (
            &[],
            &[("REQUESTS_CA_BUNDLE", &*other), ("CURL_CA_BUNDLE", &own)],
            7,
        ),
        (
            &[],
            &[("REQUESTS_CA_BUNDLE", ""), ("CURL_CA_BUNDLE", &*own)],
            0,
        ),
    ] {
        let run = machine.list_as_client(&url, words, variables);
        assert_eq!(run.code, code, "{words:?} {variables:?}: {}", run.err);
    }
    let created = [
        "profile",
        "create",
        "p",
        "--url",
        &url,
        "--flavor",
        "console",
        "--api-client-id",
        "key-42",
        "--no-password",
        "--no-test",
        "--ca-bundle",
        &own,
    ];
    machine.ok(&created);
    for (words, code) in [(&[][..], 0), (&["--ca-bundle", &other], 7)] {
        let words = [&["list", "--profile", "p"], words].concat();
        let mut command = machine.command(&words);
        command
            .env("ORG42_API_CLIENT_SECRET", "s3cret")
            .env("SSL_CERT_FILE", &other);
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, code, "{words:?}: {}", run.err);
    }
}

#[test]
fn a_file_that_is_gone_or_of_no_use_is_named_with_the_variable_before_anything_is_sent() {
    let machine = Machine::new();
    let gone = machine.home().join("gone.pem").display().to_string();
    let empty = file(&machine, "empty.pem", "");
    let none = file(&machine, "none.pem", "no certificate");
    let url = format!("https://localhost:{}", Tenant::of("localhost").port);
    for path in [&gone, &empty, &none] {
        for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            let run = machine.list_as_client(&url, &[], &[(variable, path)]);
            assert_eq!(run.code, 2, "{}", run.err);
            assert!(run.err.contains(variable), "{}", run.err);
            assert!(run.err.contains(path.as_str()), "{}", run.err);
        }
        if path == &gone {
            let run = machine.list_as_client(&url, &[], &[("SSL_CERT_DIR", path)]);
            assert_eq!(run.code, 2, "{}", run.err);
            let told = format!("SSL_CERT_DIR names \"{path}\", which is not there");
            assert!(run.err.contains(&told), "{}", run.err);
            assert!(!run.err.contains("from the system"), "{}", run.err);
        }
        let run = machine.list_as_client(&url, &["--ca-bundle", path], &[]);
        assert!(
            run.code == 2 && run.err.contains(path.as_str()),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_variable_that_is_empty_is_as_if_it_were_not_there() {
    // The machine's own authorities count then, and have not issued this; without any, there would be an error of use.
    let machine = Machine::new();
    if !Path::new("/etc/ssl/certs/ca-certificates.crt").exists() {
        return;
    }
    let url = format!("https://localhost:{}", Tenant::of("localhost").port);
    for variable in [
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ] {
        for value in ["", "  "] {
            let run = machine.list_as_client(&url, &[], &[(variable, value)]);
            assert!(
                run.code == 7 && run.err.contains("has issued it"),
                "{variable}={value:?}: {}",
                run.err
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_nobody_writes_to_is_refused_and_one_of_a_shell_is_read() {
    let machine = Machine::new();
    let tenant = Tenant::of("localhost");
    let own = file(&machine, "own.pem", &tenant.pem);
    let url = format!("https://localhost:{}", tenant.port);
    let pipe = machine.home().join("pipe").display().to_string();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let run = machine.list_as_client(&url, &["--ca-bundle", &pipe], &[]);
    assert!(
        run.code == 2 && run.err.contains("named pipe"),
        "{}",
        run.err
    );
    let inner = machine.command(&["list", "--url", &url]);
    let mut command = std::process::Command::new("/bin/bash");
    command
        .args(["-c", "exec \"$0\" \"$@\" --ca-bundle <(cat \"$OWN\")"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env("HOME", machine.home())
        .env("OWN", own)
        .env("ORG42_API_CLIENT_ID", "key-42")
        .env("ORG42_API_CLIENT_SECRET", "s3cret");
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn the_embedded_tenant_has_no_certificate() {
    let machine = Machine::new();
    let run = machine.run(&["list", "--ca-bundle", "/dev/null"]);
    assert!(
        run.code == 2 && run.err.contains("--ca-bundle"),
        "{}",
        run.err
    );
    assert!(!machine.home().join(".local").exists());
}
