//! Profiles that are taken over from other tools.

use crate::machine::{Machine, Run};

#[test]
fn profiles_of_other_tools_are_taken_over_without_their_secrets() {
    let machine = Machine::new();
    let served = machine.serving("none");
    let theirs = machine.home().join(".code42cli");
    std::fs::create_dir(&theirs).unwrap();
    let text = format!(
        "[Internal]\ndefault_profile = work\n\n[work]\nc42_authority_url = {}\nc42_username = admin@example.com\n\
         ignore-ssl-errors = False\napi-client-auth = False\n",
        served.url
    );
    std::fs::write(theirs.join("config.cfg"), text).unwrap();
    let imported = machine.run(&["profile", "import", "--from", "code42cli"]);
    assert_eq!(imported.code, 0, "{imported:?}");
    let mut tree = machine.command(&["tree"]);
    let run = Run::of(tree.env("ORG42_PASSWORD", "hunter22").output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
    let again = machine.run(&["profile", "import", "--from", "code42cli"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert_eq!(
        machine
            .run(&["profile", "import", "--from", "crashplancli"])
            .code,
        3
    );
}

#[test]
fn an_import_makes_nothing_the_default_that_nobody_chose() {
    let machine = Machine::new();
    let theirs = machine.home().join(".code42cli");
    std::fs::create_dir(&theirs).unwrap();
    let section = |name: &str| {
        format!(
            "[{name}]\nc42_authority_url = console.us.code42.com\nc42_username = a@example.com\n"
        )
    };
    let text = format!(
        "{}{}[Internal]\ndefault_profile = My Prod\n",
        section("My Prod"),
        section("lab")
    );
    std::fs::write(theirs.join("config.cfg"), text).unwrap();
    let run = machine.run(&["profile", "import", "--from", "code42cli"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.err.contains("\"My Prod\" is called My-Prod here"),
        "{}",
        run.err
    );
    assert!(run.err.contains("My-Prod is the default"), "{}", run.err);
    machine.ok(&["profile", "use", "embedded"]);
    std::fs::create_dir(machine.home().join(".crashplancli")).unwrap();
    let other = section("other").replace("c42_", "cpg_") + "[Internal]\ndefault_profile = other\n";
    std::fs::write(machine.home().join(".crashplancli/config.cfg"), other).unwrap();
    let run = machine.run(&["profile", "import", "--from", "crashplancli"]);
    assert!(run.err.contains("no profile is the default"), "{}", run.err);
    assert!(machine.run(&["whoami"]).err.contains("embedded authority"));
}
