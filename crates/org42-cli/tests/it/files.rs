//! Files as people have them: written by other systems, reached through links, in homes that are none.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::machine::{Machine, Run, Served};

const PASSWORD: &str = " pässwort 22 ";

/// A text in the encodings that people's programs write.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let marked = format!("\u{feff}{text}");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(bytes).collect();
    let crlf = marked.replace('\n', "\r\n");
    vec![
        text.as_bytes().to_vec(),
        marked.as_bytes().to_vec(),
        crlf.clone().into_bytes(),
        format!("{crlf}\u{1a}").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        crlf.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
}

fn served(machine: &Machine) -> Served {
    let file = machine.home().join("admin");
    std::fs::write(&file, format!("{PASSWORD}\r\n")).unwrap();
    let file = file.to_str().unwrap();
    machine.serve(&["--sample", "none", "--admin-password-file", file])
}

/// Where profiles are.
fn config(machine: &Machine) -> PathBuf {
    machine.home().join(".config/org42/config.toml")
}

fn write(path: &Path, contents: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, contents).unwrap();
}

#[test]
fn files_of_other_systems_are_read_wherever_a_file_is_read() {
    let machine = Machine::new();
    let served = served(&machine);
    let file = machine.home().join("file");
    let name = file.to_str().unwrap();
    let who = ["--url", &served.url, "--username", "admin@example.com"];
    let add = ["profile", "create", "lab", "--password-file", name];
    for bytes in encodings(&format!("{PASSWORD}\n")) {
        write(&file, &bytes);
        machine.ok(&[&add[..], &who].concat());
        machine.ok(&["profile", "delete", "lab", "--yes"]);
    }
    let text = format!(
        "# ünser\ndefault = \"lab\"\n[profiles.lab]\nurl = \"{}\"\nusername = \"admin@example.com\"\n",
        served.url
    );
    for bytes in encodings(&text) {
        write(&config(&machine), &bytes);
        let mut list = machine.command(&["list", "-o", "ids"]);
        let run = Run::of(list.env("ORG42_PASSWORD", PASSWORD).output().unwrap());
        assert_eq!((run.code, run.out.as_str()), (0, "2\n"), "{run:?}");
        machine.ok(&["profile", "update", "lab", "--read-only"]);
        let written = std::fs::read_to_string(config(&machine)).unwrap();
        assert!(written.contains("# ünser"), "{written}");
    }
    let check = |words: &str, input: Option<&[u8]>| {
        let words = ["settings", "check", "2", "--expect", words];
        let mut command = machine.command(&words);
        command.env("ORG42_PASSWORD", PASSWORD);
        match input {
            None => Run::of(command.output().unwrap()),
            Some(bytes) => fed(&mut command, bytes),
        }
    };
    for text in [
        "# ü\narchive_hold_days=123\n",
        "{\"archive_hold_days\": 123}\n",
    ] {
        for bytes in encodings(text) {
            write(&file, &bytes);
            let run = check(name, None);
            assert_eq!(run.code, 10, "{bytes:?}: {run:?}");
            let run = check("-", Some(&bytes));
            assert_eq!(run.code, 10, "{bytes:?}: {run:?}");
        }
    }
    let theirs = "[wörk]\nc42_authority_url = h\nc42_username = a\n";
    for bytes in encodings(theirs) {
        write(&machine.home().join(".code42cli/config.cfg"), &bytes);
        let run = machine.run(&["profile", "import", "--from", "code42cli"]);
        assert_eq!(run.code, 0, "{bytes:?}: {run:?}");
        machine.ok(&["profile", "delete", "w-rk", "--yes"]);
    }
    let theirs = "INCYDR_URL=h\nINCYDR_API_CLIENT_ID=key-42-ü\n";
    for bytes in encodings(theirs) {
        write(&machine.home().join(".config/incydr/.env"), &bytes);
        let run = machine.run(&["profile", "import", "--from", "incydr"]);
        assert_eq!(run.code, 0, "{bytes:?}: {run:?}");
        machine.ok(&["profile", "delete", "incydr", "--yes"]);
    }
}

fn fed(command: &mut Command, bytes: &[u8]) -> Run {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn a_secret_comes_through_a_pipe_and_is_bounded() {
    let machine = Machine::new();
    let add = ["profile", "create", "lab", "--url", "h", "--username", "u"];
    let kept = || {
        let secrets = machine.home().join(".local/share/org42/secrets.toml");
        std::fs::read_to_string(secrets).unwrap()
    };
    for file in ["-", "/dev/stdin"] {
        let words = [&add[..], &["--no-test", "--password-file", file]].concat();
        let run = fed(
            &mut machine.command(&words),
            format!("{PASSWORD}\r\n").as_bytes(),
        );
        assert_eq!(run.code, 0, "{run:?}");
        assert!(kept().contains(&format!("\"{PASSWORD}\"")), "{}", kept());
        machine.ok(&["profile", "delete", "lab", "--yes"]);
    }
    for file in ["/dev/zero", "/", "/nonexistent/x", "/dev/null"] {
        let run = machine.run(&[&add[..], &["--no-test", "--password-file", file]].concat());
        assert_eq!(run.code, 2, "{file}: {run:?}");
        assert!(run.err.contains(file), "{run:?}");
    }
}

/// A file of profiles as a person keeps it.
const OURS: &str = "\
# Ours. Ask Ann before you change it.
default = \"prod\" # the real one

# The one that counts.
[profiles.prod]
username = \"root@prod\" # not Ann
url = \"prod.example.com\"

[profiles.test]
url = 'test.example.com'
username = \"ann\"
";

#[test]
fn profiles_are_written_through_links_with_their_comments_and_mode() {
    let machine = Machine::new();
    let (dots, config) = (machine.home().join("dots"), config(&machine));
    let target = dots.join("profiles");
    write(&target, OURS);
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    // One link leads to another.
    symlink("profiles", dots.join("hop")).unwrap();
    symlink("../../dots/hop", &config).unwrap();
    let mode = |bits| std::fs::set_permissions(&target, PermissionsExt::from_mode(bits)).unwrap();
    mode(0o640);
    machine.ok(&["profile", "use", "test"]);
    let ours = OURS.replace("default = \"prod\"", "default = \"test\"");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), ours);
    machine.ok(&["profile", "rename", "test", "lab"]);
    machine.ok(&["profile", "update", "prod", "--read-only"]);
    let text = std::fs::read_to_string(&target).unwrap();
    for kept in [
        "# Ours. Ask Ann",
        "# the real one",
        "# The one that counts.",
        "# not Ann",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(
        text.contains("[profiles.lab]\nurl = 'test.example.com'"),
        "{text}"
    );
    assert_eq!(
        target.metadata().unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(config.is_symlink() && dots.join("hop").is_symlink());
    // A link to nothing makes the file, and one into nowhere is told.
    std::fs::remove_file(&target).unwrap();
    let add = [
        "profile",
        "create",
        "x",
        "--url",
        "h",
        "--username",
        "u",
        "--no-test",
    ];
    machine.ok(&[&add[..], &["--no-password"]].concat());
    assert!(target.exists() && config.is_symlink());
    std::fs::remove_file(&config).unwrap();
    symlink("/nonexistent/dots/profiles", &config).unwrap();
    let run = machine.run(&[&add[..], &["--no-password"]].concat());
    assert_eq!(run.code, 1, "{run:?}");
    for word in ["config.toml", "a link to /nonexistent/dots/profiles"] {
        assert!(run.err.contains(word), "{run:?}");
    }
}

#[test]
fn secrets_and_tokens_are_written_through_links() {
    let machine = Machine::new();
    let served = served(&machine);
    let kept = machine.home().join("kept");
    std::fs::create_dir(&kept).unwrap();
    let link = |path: &str, target: &str| {
        let path = machine.home().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(kept.join(target), &path).unwrap();
        path
    };
    let secrets = link(".local/share/org42/secrets.toml", "secrets");
    let token = link(".cache/org42/tokens/lab.json", "token");
    write(&kept.join("secrets"), "# Ours.\nother = \"x\"\n");
    write(&kept.join("token"), "");
    for file in ["secrets", "token"] {
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(kept.join(file), private).unwrap();
    }
    let words = [
        "profile",
        "create",
        "lab",
        "--url",
        &served.url,
        "--no-test",
    ];
    let file = machine.home().join("admin");
    let more = [
        "--username",
        "admin@example.com",
        "--password-file",
        file.to_str().unwrap(),
    ];
    machine.ok(&[&words[..], &more].concat());
    machine.ok(&["list"]);
    assert!(secrets.is_symlink() && token.is_symlink());
    let text = std::fs::read_to_string(kept.join("secrets")).unwrap();
    assert!(text.starts_with("# Ours.\nother = \"x\"\nlab = "), "{text}");
    assert!(kept.join("token").metadata().unwrap().len() > 0);
}

#[test]
fn an_update_changes_what_is_given_and_takes_no_secret_along() {
    let machine = Machine::new();
    let file = machine.home().join("password");
    write(&file, "hunter22\n");
    let file = file.to_str().unwrap();
    let add = [
        "profile",
        "create",
        "lab",
        "--url",
        "h",
        "--username",
        "u",
        "--no-test",
    ];
    machine.ok(&[
        &add[..],
        &["--password-file", file, "--proxy", "http://p:1"],
    ]
    .concat());
    let secrets = machine.home().join(".local/share/org42/secrets.toml");
    let kept = || std::fs::read_to_string(&secrets).unwrap_or_default();
    let shown = || machine.json(&["profile", "show", "lab"]);
    let update = |words: &[&str]| machine.run(&[&["profile", "update", "lab"], words].concat());
    assert_eq!(update(&[]).code, 2);
    assert_eq!(update(&["--proxy", "http://p:2", "--read-only"]).code, 0);
    assert_eq!(update(&["--username", "U"]).code, 0);
    let now = shown();
    assert_eq!(
        (&now["proxy"], &now["readOnly"]),
        (&"http://p:2".into(), &true.into())
    );
    assert_eq!(
        (&now["signsInAs"], &now["secret"]),
        (&"U".into(), &"file".into())
    );
    assert!(kept().contains("hunter22"));
    assert_eq!(update(&["--read-only=false", "--clear", "proxy"]).code, 0);
    let now = shown();
    assert_eq!(
        (&now["proxy"], &now["readOnly"]),
        (&().into(), &false.into())
    );
    for other in [
        &["--url", "i"][..],
        &["--username", "v"],
        &["--api-client-id", "key-42-a"],
    ] {
        machine.ok(&["profile", "set-secret", "lab", "--password-file", file]);
        assert!(kept().contains("hunter22"));
        let run = update(other);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.err.contains("kept no more"), "{run:?}");
        assert!(!kept().contains("hunter22"), "{other:?}: {}", kept());
        assert_eq!(shown()["secret"], "ask", "{other:?}");
    }
    let run = update(&["--url", "j", "--username", "w", "--password-file", file]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(kept().contains("hunter22"));
    assert_eq!(shown()["signsInAs"], "w");
    for refused in [
        &["--username", "a", "--api-client-id", "b"][..],
        &["--proxy", "p", "--clear", "proxy"],
        &["--url", "http://a:b@h"],
        &["--username", "a:b"],
    ] {
        assert_eq!(update(refused).code, 2, "{refused:?}");
    }
    assert_eq!(
        machine
            .run(&["profile", "update", "none", "--read-only"])
            .code,
        3
    );
    // A profile is not deleted unasked.
    let run = machine.run(&["profile", "delete", "lab"]);
    assert_eq!(run.code, 8, "{run:?}");
    assert!(kept().contains("hunter22"));
    machine.ok(&["profile", "delete", "lab", "--yes"]);
    assert!(!kept().contains("hunter22"));
}

#[test]
fn a_user_without_a_home_goes_on_with_the_environment() {
    let machine = Machine::new();
    let served = served(&machine);
    let file = machine.home().join("admin");
    let homes: [(&str, Option<&str>); 5] = [
        ("unset", None),
        ("empty", Some("")),
        ("relative", Some("x")),
        ("a file", file.to_str()),
        ("a file's child", Some("/etc/passwd/x")),
    ];
    for (what, home) in homes {
        let run = |words: &[&str], set: &[(&str, &str)]| {
            let mut command = machine.command(words);
            command.env_remove("HOME").current_dir(machine.home());
            command.envs(home.map(|home| ("HOME", home)));
            Run::of(command.envs(set.iter().copied()).output().unwrap())
        };
        let who = [
            ("ORG42_USERNAME", "admin@example.com"),
            ("ORG42_PASSWORD", PASSWORD),
        ];
        let list = run(&["list", "-o", "ids", "--url", &served.url], &who);
        assert_eq!(
            (list.code, list.out.as_str()),
            (0, "2\n"),
            "{what}: {list:?}"
        );
        let list = run(&["list"], &[who[0], who[1], ("ORG42_URL", &served.url)]);
        assert_eq!(list.code, 0, "{what}: {list:?}");
        let tree = run(&["tree"], &[]);
        assert_eq!((tree.code, tree.out.as_str()), (1, ""), "{what}: {tree:?}");
        for word in ["XDG_DATA_HOME", "--data"] {
            assert!(tree.err.contains(word), "{what}: {tree:?}");
        }
        let profiles = run(&["profile", "list", "-o", "json"], &[]);
        assert_eq!(
            (profiles.code, profiles.out.trim()),
            (0, "[]"),
            "{what}: {profiles:?}"
        );
        assert!(
            profiles.err.contains("no profiles: "),
            "{what}: {profiles:?}"
        );
        let named = run(&["list", "--profile", "lab"], &[]);
        assert_eq!(named.code, 3, "{what}: {named:?}");
        let add = [
            "profile",
            "create",
            "x",
            "--url",
            "h",
            "--username",
            "u",
            "--no-test",
        ];
        let add = run(&[&add[..], &["--no-password"]].concat(), &[]);
        assert_eq!(add.code, 1, "{what}: {add:?}");
    }
    assert!(!machine.home().join("x").exists());
    let mut tree = machine.command(&["tree"]);
    let data = machine.home().join("elsewhere");
    let run = Run::of(
        tree.env_remove("HOME")
            .env("XDG_DATA_HOME", &data)
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_broken_file_of_profiles_is_named_and_in_nobodys_way_who_says_a_url() {
    let machine = Machine::new();
    let served = served(&machine);
    let config = config(&machine);
    let run = |words: &[&str]| {
        let mut command = machine.command(words);
        command.env("ORG42_USERNAME", "admin@example.com");
        Run::of(command.env("ORG42_PASSWORD", PASSWORD).output().unwrap())
    };
    let broken = || {
        let refused = machine.run(&["list"]);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("config.toml"), "{refused:?}");
        let list = run(&["list", "--url", &served.url]);
        assert_eq!(list.code, 0, "{list:?}");
    };
    std::fs::create_dir_all(&config).unwrap();
    broken();
    std::fs::remove_dir(&config).unwrap();
    write(&config, "[profiles.\n");
    broken();
    write(&config, b"url = \"caf\xe9\"");
    broken();
    std::fs::remove_file(&config).unwrap();
    symlink("config.toml", &config).unwrap();
    broken();
}
