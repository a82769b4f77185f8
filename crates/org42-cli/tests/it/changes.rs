//! Creating, changing and the four verbs: what is asked, what is sent, what is printed.

use crate::machine::Machine;

#[test]
fn an_organization_is_created_changed_and_cleared() {
    let machine = Machine::new();
    let made = machine.json(&["create", "Lab One", "--notes", "first", "--ext-ref", "L-1"]);
    assert_eq!(
        (&made["orgName"], &made["notes"], &made["orgExtRef"]),
        (&"Lab One".into(), &"first".into(), &"L-1".into())
    );
    let top = machine.json(&["show", "/"]);
    assert_eq!(
        made["parentOrgGuid"], top["orgGuid"],
        "the top one is the parent unless given"
    );
    let named = machine.json(&["update", "Lab One", "--name", "Lab Two"]);
    assert_eq!(named["orgName"], "Lab Two");
    let now = machine.json(&["show", "Lab Two"]);
    assert_eq!(
        (&now["notes"], &now["orgExtRef"]),
        (&"first".into(), &"L-1".into()),
        "what was not mentioned stays"
    );
    machine.ok(&[
        "update", "Lab Two", "--clear", "notes", "--clear", "ext-ref",
    ]);
    let now = machine.json(&["show", "Lab Two"]);
    for key in ["notes", "orgExtRef"] {
        assert!(now[key].is_null() || now[key] == "", "{key}: {now}");
    }
    let nothing = machine.run(&["update", "Lab Two"]);
    assert_eq!(nothing.code, 2, "{nothing:?}");
    let both = machine.run(&["update", "Lab Two", "--notes", "x", "--clear", "notes"]);
    assert_eq!(both.code, 2, "{both:?}");
}

#[test]
fn what_collides_is_exit_5_and_leaves_nothing() {
    let machine = Machine::new();
    let before = machine.json(&["list"]);
    let duplicate = machine.run(&["create", "Paris", "--parent", "France"]);
    assert_eq!(duplicate.code, 5, "{duplicate:?}");
    let below_blocked = machine.run(&["create", "New here", "--parent", "Osaka"]);
    assert_eq!(below_blocked.code, 5, "{below_blocked:?}");
    let too_short = machine.run(&["create", "ab"]);
    assert_eq!(too_short.code, 2, "{too_short:?}");
    assert_eq!(machine.json(&["list"]), before);
}

#[test]
fn without_a_terminal_the_verbs_need_yes() {
    let machine = Machine::new();
    let before = machine.json(&["list"]);
    for (verb, org) in [
        ("block", "France"),
        ("unblock", "Osaka"),
        ("deactivate", "France"),
    ] {
        let ran = machine.run(&[verb, org]);
        assert_eq!((ran.code, ran.out.as_str()), (8, ""), "{ran:?}");
        assert!(ran.err.contains("--yes"), "{}", ran.err);
    }
    assert_eq!(machine.json(&["list"]), before);
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let machine = Machine::new();
    let before = machine.json(&["list"]);
    let cases: [(&[&str], &[&str]); 6] = [
        (
            &["block", "France"],
            &["France", "2 organizations", "users", "devices"],
        ),
        (&["unblock", "Osaka"], &["Osaka"]),
        (
            &["deactivate", "Japan"],
            &["Japan", "2 organizations", "users", "devices"],
        ),
        (&["reactivate", "Japan"], &["Japan"]),
        (
            &["create", "Not made", "--parent", "Japan"],
            &["Not made", "Japan"],
        ),
        (
            &["update", "Japan", "--name", "Nippon"],
            &["Japan", "Nippon"],
        ),
    ];
    for (words, expected) in cases {
        let words = [words, &["--dry-run"]].concat();
        let target = machine.run(&words);
        let name = target.err.clone();
        assert_eq!(target.code, 0, "{target:?}");
        for word in expected {
            assert!(name.contains(word), "{words:?}: {word} in {name}");
        }
    }
    let refused: [&[&str]; 2] = [&["create", "ab"], &["update", "Japan", "--name", "ab"]];
    for words in refused {
        let ran = machine.run(&[words, &["--dry-run"]].concat());
        assert_eq!(ran.code, 2, "what would be refused is: {ran:?}");
    }
    assert_eq!(machine.json(&["list"]), before);
    let refused: [&[&str]; 3] = [
        &["create", "Paris", "--parent", "France"],
        &["create", "New here", "--parent", "Osaka"],
        &["reactivate", "Kyoto"],
    ];
    machine.ok(&["create", "Kyoto", "--parent", "Japan"]);
    machine.ok(&["deactivate", "Japan", "--yes"]);
    for words in refused {
        let ran = machine.run(&[words, &["--dry-run"]].concat());
        assert_eq!(ran.code, 5, "{words:?}: {ran:?}");
    }
}

#[test]
fn the_four_verbs_do_what_they_say() {
    let machine = Machine::new();
    let state = |org: &str| {
        let org = machine.json(&["show", org]);
        (
            org["active"].as_bool().unwrap(),
            org["blocked"].as_bool().unwrap(),
        )
    };
    let id = |name: &str| machine.ok(&["show", name, "-o", "ids"]).trim().to_owned();
    let (france, paris) = (id("France"), id("Paris"));
    machine.ok(&["block", &france, "-y"]);
    assert_eq!(
        (state(&france), state(&paris)),
        ((true, true), (true, true))
    );
    machine.ok(&["block", &france, "--yes"]);
    machine.ok(&["unblock", &france, "--yes"]);
    assert_eq!(
        (state(&france), state(&paris)),
        ((true, false), (true, false))
    );
    let ran = machine.run(&["deactivate", &france, "--yes"]);
    assert!(
        ran.err.contains("/Northwind Group/Europe/France"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("2 organizations"), "{}", ran.err);
    assert_eq!(ran.code, 0);
    assert_eq!(
        (state(&france), state(&paris)),
        ((false, false), (false, false))
    );
    machine.ok(&["reactivate", &france]);
    assert_eq!(
        (state(&france), state(&paris)),
        ((true, false), (true, false))
    );
    machine.ok(&["deactivate", &france, "--yes"]);
    machine.ok(&["activate", &france]);
    assert_eq!(machine.json(&["show", &france])["orgName"], "France");
}
