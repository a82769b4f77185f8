//! Servers that may have few files, and no large ones.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use crate::directory::{create, names};
use crate::door::status_for;
use crate::machine::{Machine, Run, Served, limited};

/// A server that may make no file larger than some kibibytes, by a limit that can be raised.
fn no_larger(machine: &Machine, kibibytes: u32) -> Served {
    let command = machine.serve_command(&machine.data(), &[]);
    Served::start(limited(&command, &format!("-S -f {kibibytes}")))
}

#[test]
fn a_file_that_may_not_grow_refuses_changes_and_service_comes_back() {
    let machine = Machine::new();
    drop(machine.serving("none"));
    let served = no_larger(&machine, 100);
    let mut made = 0;
    // What is in the log is moved into the file, so room is found more than once.
    let refused = loop {
        let run = create(&machine, &served, &format!("Organization {made}"));
        match run.code {
            0 => made += 1,
            _ => break run,
        }
        assert!(made < 2000, "no limit was met");
    };
    for told in ["503", "nothing was changed", "asks to wait"] {
        assert!(refused.err.contains(told), "{told}: {refused:?}");
    }
    assert!(!refused.err.contains("ORG_"), "{refused:?}");
    assert_eq!(
        names(&machine, &served).lines().count(),
        made + 2,
        "reads go on, nothing is half done"
    );
    let raised = Command::new("prlimit")
        .args(["--pid", &served.id().to_string(), "--fsize=unlimited"])
        .status();
    assert!(raised.unwrap().success());
    assert_eq!(create(&machine, &served, "Paris").code, 0);
    assert_eq!(names(&machine, &served).lines().count(), made + 3);
}

#[test]
fn a_tenant_that_does_not_fit_is_not_founded() {
    let machine = Machine::new();
    let data = machine.data();
    let command = machine.serve_command(&data, &["--sample", "2000"]);
    let run = limited(&command, "-f 200").output();
    let run = Run::of(run.unwrap());
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!Path::new(&data).exists(), "{run:?}");
}

#[test]
fn a_server_with_few_open_files_goes_on_answering() {
    let machine = Machine::new();
    let data = machine.data();
    let command = machine.serve_command(&data, &["--sample", "none"]);
    let served = Served::start(limited(&command, "-n 64"));
    let address = served.url.strip_prefix("http://").unwrap();
    let mut held = Vec::new();
    for number in 0..300 {
        let mut tcp = TcpStream::connect(address).unwrap();
        if number % 2 == 0 {
            tcp.write_all(b"GET / HTTP/1.1\r\n").unwrap();
        }
        held.push(tcp);
        if number % 50 == 49 {
            assert_eq!(status_for(address, "localhost"), "200", "{number}");
        }
    }
}
