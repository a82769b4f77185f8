//! Proxies that work, and such that do not; and where servers point to.

use crate::machine::{Machine, Run};
use crate::scripted::server;
use org42_test::sockets::{Tenant, http_proxy, listen, nobody, saying, socks_proxy};

const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

fn bundle(machine: &Machine, tenant: &Tenant) -> String {
    let path = machine.home().join("bundle.pem");
    std::fs::write(&path, &tenant.pem).unwrap();
    path.display().to_string()
}

#[test]
fn a_tenant_is_reached_through_an_http_proxy() {
    let machine = Machine::new();
    let tenant = Tenant::of("tenant.example");
    let bundle = bundle(&machine, &tenant);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (port, asked) = http_proxy(tenant.port);
        let proxy = format!("http://joe:p%40ss@127.0.0.1:{port}");
        let words = ["--ca-bundle", &bundle];
        let run = machine.list_as_client("https://tenant.example", &words, &[(variable, &proxy)]);
        assert_eq!(run.code, 0, "{variable}: {}", run.err);
        let asked = asked.lock().unwrap();
        let first = asked[0].to_lowercase();
        assert!(
            first.starts_with("connect tenant.example:443 http/1.1"),
            "{first}"
        );
        assert!(
            first.contains("proxy-authorization: basic am9lonbac3m="),
            "{first}"
        );
        assert!(!first.contains("bearer"), "{first}");
    }
    let (port, asked) = http_proxy(tenant.port);
    let proxy = format!("127.0.0.1:{port}");
    let run = machine.list_as_client("http://tenant.example", &[], &[("http_proxy", &proxy)]);
    assert_eq!(run.code, 0, "{}", run.err);
    let asked = asked.lock().unwrap();
    assert!(
        asked[0].starts_with("POST http://tenant.example/"),
        "{asked:?}"
    );
}

#[test]
fn a_tenant_is_reached_through_socks() {
    let machine = Machine::new();
    let tenant = Tenant::of("localhost");
    let bundle = bundle(&machine, &tenant);
    let words = ["--ca-bundle", &*bundle];
    let login = Some(("joe", "p@ss"));
    for (scheme, login, who, place) in [
        ("socks5", None, "", "127.0.0.1:443"),
        ("socks5h", None, "", "localhost:443"),
        ("socks5", login, "joe:p%40ss@", "127.0.0.1:443"),
        ("socks5h", login, "joe:p%40ss@", "localhost:443"),
    ] {
        let (port, asked) = socks_proxy(tenant.port, login);
        let proxy = format!("{scheme}://{who}127.0.0.1:{port}");
        // Loopback goes through no proxy of the environment, but through that of a profile.
        if login.is_none() {
            let name = format!("p{port}");
            let created = [
                "profile",
                "create",
                &name,
                "--url",
                "https://localhost",
                "--flavor",
                "console",
                "--api-client-id",
                "key-42",
                "--no-password",
                "--no-test",
                "--proxy",
                &proxy,
                "--ca-bundle",
                &bundle,
            ];
            machine.ok(&created);
            let mut command = machine.command(&["list", "--profile", &name]);
            command.env("ORG42_API_CLIENT_SECRET", "tenant-s3cret");
            let run = Run::of(command.output().unwrap());
            assert_eq!(run.code, 0, "{scheme}: {}", run.err);
            assert_eq!(asked.lock().unwrap()[0], place, "{scheme}");
        }
    }
    let tenant = Tenant::of("tenant.example");
    std::fs::write(&bundle, &tenant.pem).unwrap();
    for (login, who) in [(None, ""), (login, "joe:p%40ss@")] {
        let (port, asked) = socks_proxy(tenant.port, login);
        let proxy = format!("socks5h://{who}127.0.0.1:{port}");
        let variables = [("ALL_PROXY", &*proxy)];
        let run = machine.list_as_client("https://tenant.example", &words, &variables);
        assert_eq!(run.code, 0, "{who}: {}", run.err);
        assert_eq!(asked.lock().unwrap()[0], "tenant.example:443");
    }
}

#[test]
fn a_proxy_that_refuses_is_named_with_its_answer_and_asked_once() {
    let machine = Machine::new();
    for (answer, told) in [
        (
            &b"HTTP/1.1 407 Nope\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"[..],
            "refused: 407 Proxy Authentication Required",
        ),
        (
            b"HTTP/1.1 403 Nope\r\nContent-Length: 0\r\n\r\n",
            "refused: 403 Forbidden",
        ),
        (
            b"HTTP/1.1 502 Nope\r\nContent-Length: 0\r\n\r\n",
            "refused: 502 Bad Gateway",
        ),
        (
            b"HTTP/1.0 503 Nope\r\n\r\n<html>",
            "refused: 503 Service Unavailable",
        ),
    ] {
        for (url, variable) in [
            ("https://tenant.example", "HTTPS_PROXY"),
            ("http://tenant.example", "HTTP_PROXY"),
        ] {
            let (port, asked) = saying(answer);
            let proxy = format!("http://joe:proxy-s3cret@127.0.0.1:{port}");
            let run = machine.list_as_client(url, &[], &[(variable, &proxy)]);
            assert_eq!(run.code, 7, "{}", run.err);
            assert!(
                run.err.contains(&format!("the proxy 127.0.0.1:{port}")),
                "{}",
                run.err
            );
            assert!(
                run.err.contains(told) && run.err.contains(variable),
                "{}",
                run.err
            );
            assert!(!run.err.contains("s3cret"), "{}", run.err);
            assert_eq!(asked.lock().unwrap().len(), 1, "{url} {told}");
        }
    }
}

#[test]
fn a_proxy_that_is_none_is_named_and_asked_once() {
    let machine = Machine::new();
    for (scheme, answer, told) in [
        (
            "http",
            &b"SSH-2.0-OpenSSH_9.9\r\n\r\n"[..],
            "not as an HTTP proxy",
        ),
        ("http", b"", "closed the connection"),
        (
            "http",
            b"HTTP/1.1 204 No Content\r\n\r\n",
            "answered 204 No Content",
        ),
        (
            "https",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "does not encrypt",
        ),
        (
            "socks5h",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "not as a SOCKS proxy",
        ),
        ("socks5h", b"", "closed the connection"),
        ("socks5h", b"\x05\xff", "another way to sign in"),
    ] {
        let (port, asked) = saying(answer);
        let proxy = format!("{scheme}://127.0.0.1:{port}");
        let run = machine.list_as_client("https://tenant.example", &[], &[("ALL_PROXY", &proxy)]);
        assert_eq!(run.code, 7, "{scheme}: {}", run.err);
        assert!(
            run.err.contains(&format!("the proxy 127.0.0.1:{port}")),
            "{}",
            run.err
        );
        assert!(run.err.contains(told), "{scheme} {told}: {}", run.err);
        assert_eq!(asked.lock().unwrap().len(), 1, "{scheme} {told}");
    }
    for answer in [&b"SSH-2.0-OpenSSH_9.9\r\n\r\n"[..], b""] {
        let (port, asked) = saying(answer);
        let proxy = format!("127.0.0.1:{port}");
        let run = machine.list_as_client("http://tenant.example", &[], &[("HTTP_PROXY", &proxy)]);
        assert_eq!(run.code, 7, "{}", run.err);
        let told = format!("the proxy 127.0.0.1:{port}, or a server behind it, broke off");
        assert!(run.err.contains(&told), "{}", run.err);
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
    for (proxy, told) in [
        (
            format!("127.0.0.1:{}", nobody()),
            "no connection to the proxy 127.0.0.1:",
        ),
        (
            "http://proxy.invalid:3128".to_owned(),
            "the proxy proxy.invalid:3128 is not known",
        ),
        (
            "socks5://proxy.invalid".to_owned(),
            "the proxy proxy.invalid:1080 is not known",
        ),
    ] {
        let run = machine.list_as_client("https://tenant.example", &[], &[("HTTPS_PROXY", &proxy)]);
        assert_eq!(run.code, 7, "{}", run.err);
        assert!(run.err.contains(told), "{}", run.err);
        assert!(!run.err.contains("tried 3"), "{}", run.err);
    }
}

#[test]
fn a_wrong_password_for_socks_is_told_and_not_printed() {
    let machine = Machine::new();
    let (port, _) = socks_proxy(1, Some(("joe", "right")));
    let proxy = format!("socks5h://joe:proxy-s3cret@127.0.0.1:{port}");
    let run = machine.list_as_client("https://tenant.example", &[], &[("ALL_PROXY", &proxy)]);
    assert_eq!(run.code, 7, "{}", run.err);
    assert!(
        run.err.contains("user name and password are not right"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("s3cret"), "{}", run.err);
}

#[test]
fn a_variable_that_names_no_proxy_ends_the_command_and_nothing_is_sent() {
    let machine = Machine::new();
    let (url, seen) = server(|_| (500, String::new()));
    for value in [
        "http://[::1",
        "htp://x:1",
        ":::",
        "http://",
        "http://joe:proxy-s3cret@h:99999",
        "http://h h:1",
        "http://*:3128",
        "http://.:1",
        "http://-x:1",
        "1",
        "http:///h",
        "http://joe:12/proxy-s3cret@h:1",
    ] {
        for variable in PROXIES {
            let run = machine.list_as_client(&url, &[], &[(variable, value)]);
            assert_eq!(run.code, 2, "{variable}={value}: {}", run.err);
            assert!(
                run.err.contains(variable),
                "{variable}={value}: {}",
                run.err
            );
            assert!(!run.err.contains("s3cret"), "{}", run.err);
        }
    }
    assert!(seen.lock().unwrap().is_empty());
    // What is embedded is reached by no way that a proxy could be on.
    let mut command = machine.command(&["list", "-o", "ids"]);
    let run = Run::of(command.env("HTTPS_PROXY", ":::").output().unwrap());
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn where_a_proxy_or_a_server_behind_it_points_to_is_told_as_that() {
    let machine = Machine::new();
    let (port, _) = saying(
        b"HTTP/1.1 302 Found\r\nLocation: http://portal.example:8080/login?s3cret\r\nContent-Length: 0\r\n\r\n",
    );
    let proxy = format!("http://127.0.0.1:{port}");
    let variables = [("HTTP_PROXY", &*proxy)];
    let run = machine.list_as_client("http://tenant.example", &[], &variables);
    assert_eq!(run.code, 7, "{}", run.err);
    for told in [
        &*format!("the proxy 127.0.0.1:{port}, or a server behind it,"),
        "pointed to http://portal.example:8080/login, which",
    ] {
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    assert!(!run.err.contains("s3cret"), "{}", run.err);
}

#[test]
fn a_profile_with_no_proxy_that_can_be_is_refused() {
    let machine = Machine::new();
    for proxy in ["htp://x", ":::", "http://h:99999", "socks://h"] {
        let created = [
            "profile",
            "create",
            "p",
            "--url",
            "https://tenant.example",
            "--api-client-id",
            "key-42",
            "--no-password",
            "--no-test",
            "--proxy",
            proxy,
        ];
        let run = machine.run(&created);
        assert!(
            run.code == 2 && run.err.contains("proxy"),
            "{proxy}: {}",
            run.err
        );
    }
}

#[test]
fn exceptions_are_reached_directly() {
    let machine = Machine::new();
    let proxy = format!("http://127.0.0.1:{}", nobody());
    for (exceptions, told) in [
        (
            "other.invalid,.invalid",
            "no host of the name tenant.invalid",
        ),
        ("*", "no host of the name tenant.invalid"),
        ("tenant.invalid:443", "no host of the name tenant.invalid"),
        ("tenant.invalid:8443", "no connection to the proxy"),
        ("", "no connection to the proxy"),
    ] {
        let variables = [("HTTPS_PROXY", &*proxy), ("NO_PROXY", exceptions)];
        let run = machine.list_as_client("https://tenant.invalid", &[], &variables);
        assert!(
            run.code == 7 && run.err.contains(told),
            "{exceptions}: {}",
            run.err
        );
    }
}

#[test]
fn where_a_server_points_to_is_told_with_its_port_and_no_secret() {
    let machine = Machine::new();
    let port = listen(|mut stream| {
        use std::io::Write as _;
        let _ = org42_test::sockets::head(&mut stream);
        let _ = stream.write_all(
            b"HTTP/1.1 302 Found\r\nLocation: https://joe:s3cret@[::1]:8443/login?token=s3cret\r\n\
              Connection: close\r\nContent-Length: 0\r\n\r\n",
        );
    });
    let url = format!("http://127.0.0.1:{port}");
    let run = machine.list_as_client(&url, &[], &[]);
    assert!(
        run.err
            .contains("pointed to https://[::1]:8443/login, which"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("s3cret"), "{}", run.err);
}
