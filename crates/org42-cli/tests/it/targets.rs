//! Naming an organization.

use crate::machine::Machine;

#[test]
fn every_form_finds_the_same_organization() {
    let machine = Machine::new();
    let id = machine.ok(&[
        "create",
        "A/B",
        "--parent",
        "Nordics",
        "--ext-ref",
        "TICKET-7",
        "-o",
        "ids",
    ]);
    let org = machine.json(&["show", id.trim()]);
    let text = |key: &str| match &org[key] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (id, uid, guid) = (text("orgId"), text("orgUid"), text("orgGuid"));
    let forms = [
        id.clone(),
        uid.clone(),
        guid.clone(),
        format!("id:{id}"),
        format!("uid:{uid}"),
        format!("guid:{guid}"),
        "A/B".to_owned(),
        "name:A/B".to_owned(),
        "ext:TICKET-7".to_owned(),
        r"/Northwind Group/Europe/Nordics/A\/B".to_owned(),
        r"/Europe/Nordics/A\/B".to_owned(),
    ];
    for form in forms {
        assert_eq!(
            machine.json(&["show", &form])["orgGuid"],
            org["orgGuid"],
            "{form}"
        );
    }
    assert_eq!(machine.json(&["show", "/"])["orgName"], "Northwind Group");
}

#[test]
fn none_and_several_are_exit_3() {
    let machine = Machine::new();
    let nowhere = [
        "99999",
        "9999999999",
        "uid:123456789012345678",
        "Nowhere",
        "/Europe/Nowhere",
        "ext:none-such",
        "guid:none",
    ];
    for form in nowhere {
        let ran = machine.run(&["show", form]);
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{form}: {ran:?}");
    }
    let below = |parent: &str| {
        machine
            .ok(&["create", "Twin", "--parent", parent, "-o", "ids"])
            .trim()
            .to_owned()
    };
    let ids = [below("Europe"), below("Americas")];
    for verb in [
        &["show", "Twin"][..],
        &["block", "Twin", "--yes"],
        &["tree", "Twin"],
    ] {
        let ran = machine.run(verb);
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
        for (id, path) in ids.iter().zip([
            "/Northwind Group/Europe/Twin",
            "/Northwind Group/Americas/Twin",
        ]) {
            assert!(
                ran.err.contains(id) && ran.err.contains(path),
                "{}",
                ran.err
            );
        }
    }
    assert_eq!(
        machine.json(&["show", &ids[0]])["blocked"],
        false,
        "nothing was blocked"
    );
}

#[test]
fn a_form_that_cannot_be_is_exit_2() {
    let machine = Machine::new();
    for form in ["id:x", "", "name:"] {
        let ran = machine.run(&["show", form]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{form}: {ran:?}");
    }
}
