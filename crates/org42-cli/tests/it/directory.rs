//! The directory of a tenant: what is in it that should not be, what is missing, and no room.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::machine::{Machine, Run, Served};

const NONE: [&str; 4] = ["--sample", "none", "--admin-password", "hunter22"];

fn file(machine: &Machine, name: &str) -> PathBuf {
    machine.home().join("data").join(name)
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A start that is to fail.
fn refused(machine: &Machine, words: &[&str]) -> Run {
    let data = machine.data();
    // One that goes on is ended by the signal, with another code.
    let mut command = Command::new("timeout");
    let inner = machine.serve_command(&data, words);
    command
        .arg("20")
        .arg(inner.get_program())
        .args(inner.get_args());
    command
        .env_clear()
        .env("HOME", machine.home())
        .env("PATH", "/usr/bin:/bin");
    let run = Run::of(command.stdin(Stdio::null()).output().unwrap());
    assert!(![0, 124].contains(&run.code), "{run:?}");
    run
}

pub(crate) fn create(machine: &Machine, served: &Served, name: &str) -> Run {
    machine.run_at(served, &["create", name])
}

pub(crate) fn names(machine: &Machine, served: &Served) -> String {
    let run = machine.run_at(served, &["list", "-o", "csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    run.out
}

#[test]
fn what_is_no_ordinary_file_is_refused_by_name_and_left_alone() {
    for name in [
        "founding.lock",
        "tenant.open",
        "unfinished.db",
        "tenant.db",
        "tenant.db-wal",
        "tenant.db-shm",
    ] {
        let machine = Machine::new();
        let precious = machine.home().join("precious");
        fs::write(&precious, "mine").unwrap();
        fs::create_dir(machine.home().join("data")).unwrap();
        symlink(&precious, file(&machine, name)).unwrap();
        let run = refused(&machine, &NONE);
        assert!(
            run.err.contains(name) && run.err.contains("link"),
            "{name}: {}",
            run.err
        );
        assert_eq!(fs::read_to_string(&precious).unwrap(), "mine", "{name}");
        // A link to nothing makes nothing.
        fs::remove_file(&precious).unwrap();
        assert!(refused(&machine, &NONE).err.contains(name));
        assert!(!precious.exists(), "{name}");
        fs::remove_file(file(&machine, name)).unwrap();
        let made = Command::new("mkfifo")
            .arg(file(&machine, name))
            .status()
            .unwrap();
        assert!(made.success());
        let run = refused(&machine, &NONE);
        assert!(
            run.err.contains(name) && run.err.contains("pipe"),
            "{name}: {}",
            run.err
        );
    }
}

#[test]
fn a_directory_may_be_reached_by_a_link_but_snapshots_may_not_be_elsewhere() {
    let machine = Machine::new();
    let elsewhere = machine.home().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, machine.home().join("data")).unwrap();
    let served = machine.serving("none");
    assert_eq!(create(&machine, &served, "Paris").code, 0);
    let run =
        |words: &[&str]| machine.run_at(&served, &[&["authority", "snapshot"], words].concat());
    assert_eq!(run(&["save", "kept"]).code, 0);
    let kept = elsewhere.join("snapshots/kept.db");
    symlink(&kept, elsewhere.join("snapshots/link.db")).unwrap();
    let linked = run(&["restore", "link", "--yes"]);
    assert_eq!(linked.code, 2, "{linked:?}");
    assert!(linked.err.contains("link.db is a link"), "{linked:?}");
    chmod(&kept, 0o666);
    let open = run(&["restore", "kept", "--yes"]);
    assert!(open.code == 2 && open.err.contains("chmod 600"), "{open:?}");
    chmod(&kept, 0o644);
    assert_eq!(run(&["restore", "kept", "--yes"]).code, 0);
    assert_eq!(mode(&kept), 0o600);
    drop(served);
    fs::rename(elsewhere.join("snapshots"), machine.home().join("moved")).unwrap();
    symlink(machine.home().join("moved"), elsewhere.join("snapshots")).unwrap();
    assert!(
        refused(&machine, &[])
            .err
            .contains("snapshots is not a directory")
    );
}

#[test]
fn a_directory_that_others_may_change_is_not_used_and_files_are_closed_to_them() {
    let machine = Machine::new();
    let data = PathBuf::from(machine.data());
    for open in [0o777, 0o1777, 0o703] {
        fs::create_dir_all(&data).unwrap();
        chmod(&data, open);
        let run = refused(&machine, &NONE);
        assert!(run.err.contains("chmod 700"), "{open:o}: {}", run.err);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 0, "{open:o}");
    }
    chmod(&data, 0o755);
    drop(machine.serving("none"));
    let database = file(&machine, "tenant.db");
    chmod(&database, 0o644);
    chmod(&file(&machine, "founding.lock"), 0o644);
    drop(machine.serve(&[]));
    assert_eq!(mode(&database), 0o600);
    assert_eq!(mode(&file(&machine, "founding.lock")), 0o600);
    chmod(&database, 0o666);
    assert!(refused(&machine, &[]).err.contains("chmod 600"));
    chmod(&database, 0o600);
    chmod(&data, 0o775);
    let told = machine.run(&["authority", "user", "list", "--data", &machine.data()]);
    assert!(told.code == 0 && told.err.contains("group"), "{told:?}");
}

#[test]
fn a_failing_start_leaves_no_tenant_and_no_directory() {
    let machine = Machine::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let deep = machine.home().join("a/b/c");
    let deep = deep.display().to_string();
    for words in [
        &["--listen", &address][..],
        &["--admin-password", "short"],
        &["--admin-password-file", "/nonexistent"],
        &["--fidelity", "nonsense=1"],
        &["--admin-username", ""],
        &["--admin-username", "x", "--listen", "192.0.2.1:1"],
    ] {
        let mut all = vec!["authority", "serve", "--data", &deep];
        if !words.contains(&"--listen") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        all.extend(words);
        let run = machine.run(&all);
        assert!(run.code != 0 && run.out.is_empty(), "{words:?}: {run:?}");
        assert!(!machine.home().join("a").exists(), "{words:?}: {run:?}");
    }
}

#[test]
fn a_copy_that_fails_leaves_nothing() {
    let machine = Machine::new();
    let into = machine.home().join("x/y");
    let run = machine
        .command(&[
            "pull",
            "--into",
            &into.display().to_string(),
            "--url",
            "http://127.0.0.1:1",
        ])
        .env("ORG42_USERNAME", "a")
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    assert!(!run.status.success());
    assert!(!machine.home().join("x").exists());
}

#[test]
fn a_password_that_could_not_be_told_is_made_anew() {
    let machine = Machine::new();
    let data = machine.data();
    let words = [
        "authority",
        "serve",
        "--sample",
        "none",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
    ];
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut untold = machine
        .command(&words)
        .stdout(full)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(untold.wait().unwrap().code(), Some(1));
    let served = Served::start(machine.command(&words));
    assert!(
        served
            .lines
            .iter()
            .any(|line| line.starts_with("export ORG42_PASSWORD="))
    );
}

#[test]
fn what_a_killed_process_left_goes_at_the_next_start_and_the_next_use() {
    let machine = Machine::new();
    let served = machine.serving("none");
    assert_eq!(
        machine
            .run_at(&served, &["authority", "snapshot", "save", "a"])
            .code,
        0
    );
    let left = |name: &str| {
        let dir = file(&machine, "snapshots").join(name);
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("1.db"), "a whole tenant").unwrap();
        dir
    };
    let (first, living) = (left(".aside-dead"), left(".aside-living"));
    let held = fs::File::open(&living).unwrap();
    held.lock().unwrap();
    assert_eq!(
        machine
            .run_at(&served, &["authority", "snapshot", "save", "b"])
            .code,
        0
    );
    assert!(!first.exists() && living.exists());
    drop(served);
    let second = left(".asideOfBefore");
    fs::write(file(&machine, "unfinished.db"), "half a tenant").unwrap();
    fs::write(file(&machine, "unfinished.db-wal"), "and its log").unwrap();
    let served = machine.serve(&[]);
    assert!(!second.exists() && living.exists());
    assert!(
        !file(&machine, "unfinished.db").exists() && !file(&machine, "unfinished.db-wal").exists()
    );
    drop((served, held));
    drop(machine.serve(&[]));
    assert!(!living.exists());
}

#[test]
fn a_killed_seed_leaves_no_copy_behind() {
    let machine = Machine::new();
    let mut served = machine.serving("none");
    let data = machine.data();
    let words = ["authority", "seed", "30000", "--data", &data];
    let mut seeding = machine
        .command(&words)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let asides = || {
        let all = fs::read_dir(file(&machine, "snapshots"))
            .into_iter()
            .flatten()
            .flatten();
        all.filter(|entry| entry.file_name().to_string_lossy().starts_with(".aside"))
            .count()
    };
    while asides() == 0 && seeding.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    seeding.kill().unwrap();
    seeding.wait().unwrap();
    served.kill();
    drop(machine.serve(&[]));
    assert_eq!(asides(), 0);
}

/// What a tenant's directory looks like after a log has vanished under load.
fn with_changes(machine: &Machine) -> Served {
    let served = machine.serving("none");
    for name in ["Paris", "Lyon", "Nice"] {
        assert_eq!(create(machine, &served, name).code, 0);
    }
    served
}

#[test]
fn a_log_that_vanished_before_a_kill_is_missed_by_name() {
    let machine = Machine::new();
    let mut served = with_changes(&machine);
    fs::rename(file(&machine, "tenant.db-wal"), machine.home().join("log")).unwrap();
    served.kill();
    for _ in 0..2 {
        let run = refused(&machine, &[]);
        for word in ["tenant.db-wal", "tenant.open", "missing"] {
            assert!(run.err.contains(word), "{word}: {}", run.err);
        }
    }
    // So it is with a command, and with an empty file or one of another database in its place.
    let seeding = machine.run(&["authority", "user", "list", "--data", &machine.data()]);
    assert!(
        seeding.code != 0 && seeding.err.contains("tenant.open"),
        "{seeding:?}"
    );
    fs::write(file(&machine, "tenant.db-wal"), "").unwrap();
    assert!(refused(&machine, &[]).err.contains("missing"));
    let log = fs::read(machine.home().join("log")).unwrap();
    fs::write(file(&machine, "tenant.db-wal"), &log[..log.len() - 2000]).unwrap();
    assert!(refused(&machine, &[]).err.contains("missing"));
    let other = Machine::new();
    let mut foreign = with_changes(&other);
    foreign.kill();
    fs::copy(
        file(&other, "tenant.db-wal"),
        file(&machine, "tenant.db-wal"),
    )
    .unwrap();
    let run = refused(&machine, &[]);
    assert!(run.err.contains("another database"), "{}", run.err);
    // With the right one everything is there again.
    fs::remove_file(file(&machine, "tenant.db-wal")).unwrap();
    let _ = fs::remove_file(file(&machine, "tenant.db-shm"));
    fs::write(file(&machine, "tenant.db-wal"), &log).unwrap();
    let served = machine.serve(&[]);
    let names = names(&machine, &served);
    assert!(
        ["Paris", "Lyon", "Nice"]
            .iter()
            .all(|name| names.contains(name)),
        "{names}"
    );
}

#[test]
fn whoever_accepts_the_loss_goes_on_without_the_marker() {
    let machine = Machine::new();
    let mut served = with_changes(&machine);
    fs::remove_file(file(&machine, "tenant.db-wal")).unwrap();
    served.kill();
    refused(&machine, &[]);
    fs::remove_file(file(&machine, "tenant.open")).unwrap();
    let served = machine.serve(&NONE[2..]);
    assert_eq!(create(&machine, &served, "Paris").code, 0);
}

#[test]
fn a_log_that_vanished_while_it_was_served_loses_nothing_that_was_acknowledged() {
    for gone in [
        &["tenant.db-wal"][..],
        &["tenant.db-shm"],
        &["tenant.db-wal", "tenant.db-shm"],
    ] {
        let machine = Machine::new();
        let mut served = with_changes(&machine);
        for name in gone {
            fs::remove_file(file(&machine, name)).unwrap();
        }
        // Another process does not build on what is left.
        let beside = machine.run(&["authority", "user", "list", "--data", &machine.data()]);
        assert!(
            beside.code != 0 && beside.err.contains("another org42"),
            "{gone:?}: {beside:?}"
        );
        let refused = create(&machine, &served, "Nantes");
        assert_ne!(refused.code, 0, "{gone:?}");
        assert!(
            names(&machine, &served).contains("Nice"),
            "{gone:?}: reads go on"
        );
        assert_ne!(create(&machine, &served, "Nantes").code, 0, "{gone:?}");
        served.kill();
        let served = machine.serve(&[]);
        let names = names(&machine, &served);
        assert!(
            ["Paris", "Lyon", "Nice"]
                .iter()
                .all(|name| names.contains(name)),
            "{gone:?}: {names}"
        );
        assert!(!names.contains("Nantes"), "{gone:?}");
        assert_eq!(create(&machine, &served, "Nantes").code, 0, "{gone:?}");
    }
}

#[test]
fn a_log_that_vanished_is_saved_at_the_end_too() {
    let machine = Machine::new();
    let mut served = with_changes(&machine);
    fs::write(machine.home().join("junk"), "junk").unwrap();
    fs::rename(machine.home().join("junk"), file(&machine, "tenant.db-wal")).unwrap();
    assert_eq!(served.end("-TERM"), Some(0));
    let served = machine.serve(&[]);
    assert!(names(&machine, &served).contains("Nice"));
}

#[test]
fn a_tenant_that_was_taken_away_while_it_was_served_is_saved_beside() {
    let machine = Machine::new();
    let mut served = with_changes(&machine);
    for name in ["tenant.db", "tenant.db-wal", "tenant.db-shm"] {
        fs::remove_file(file(&machine, name)).unwrap();
    }
    assert_ne!(create(&machine, &served, "Nantes").code, 0);
    served.kill();
    let run = refused(&machine, &[]);
    assert!(run.err.contains("tenant.db is missing"), "{}", run.err);
    fs::rename(file(&machine, "rescued-1.db"), file(&machine, "tenant.db")).unwrap();
    let served = machine.serve(&[]);
    assert!(names(&machine, &served).contains("Nice"));
}

#[test]
fn a_tenant_that_was_closed_well_leaves_one_file_that_can_be_copied() {
    let machine = Machine::new();
    let mut served = with_changes(&machine);
    assert_eq!(served.end("-TERM"), Some(0));
    machine.ok(&["authority", "seed", "3", "--data", &machine.data()]);
    for name in ["tenant.open", "tenant.db-wal"] {
        let left = fs::metadata(file(&machine, name)).map_or(0, |about| about.len());
        assert_eq!(left, 0, "{name}");
    }
    let copy = Machine::new();
    fs::create_dir(copy.data()).unwrap();
    fs::copy(file(&machine, "tenant.db"), file(&copy, "tenant.db")).unwrap();
    let served = copy.serve(&[]);
    assert!(names(&copy, &served).contains("Sample Tenant"));
}

/// Its messages reach nobody, and requests are answered all the same.
#[test]
fn a_server_whose_messages_nobody_takes_goes_on() {
    let machine = Machine::new();
    drop(machine.serving("none"));
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = machine.serve_command(&machine.data(), &[]);
    command.stderr(full);
    let served = Served::start_as_it_is(command);
    fs::remove_file(file(&machine, "tenant.db-wal")).unwrap();
    let refused = create(&machine, &served, "Nantes");
    assert!(refused.err.contains("503"), "{refused:?}");
    assert_eq!(machine.run_at(&served, &["list"]).code, 0);
}
