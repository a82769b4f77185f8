//! A tenant of 1,501 organizations.

use crate::machine::Machine;

#[test]
fn the_last_of_1501_organizations_is_found_updated_blocked_and_built_upon() {
    let machine = Machine::new();
    let served = machine.serving("1501");
    let run = |words: &[&str]| machine.run_at(&served, words);
    let all = run(&["list", "-o", "json"]).json();
    assert_eq!(all.as_array().unwrap().len(), 1501);
    let last = all.as_array().unwrap().last().unwrap();
    let (id, name) = (last["orgId"].to_string(), last["orgName"].as_str().unwrap());
    assert_eq!(
        run(&["show", name, "-o", "json"]).json()["orgId"],
        last["orgId"]
    );
    assert_eq!(
        run(&["show", last["orgUid"].as_str().unwrap(), "-o", "json"]).json()["orgId"],
        last["orgId"]
    );
    assert_eq!(
        run(&["update", &id, "--notes", "last", "-o", "json"]).json()["notes"],
        "last"
    );
    assert_eq!(
        run(&["create", "Below", "--parent", &id, "-o", "json"]).json()["parentOrgId"],
        last["orgId"]
    );
    assert_eq!(
        run(&["block", &id, "--yes", "-o", "json"]).json()["status"],
        "Active, Blocked"
    );
    assert_eq!(run(&["tree", &id]).out.lines().count(), 2);
}
