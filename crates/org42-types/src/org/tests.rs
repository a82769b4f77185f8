use super::*;
use proptest::prelude::*;

const RECORDED: &str = r#"{"orgId":9087,"orgUid":"1007759454961904673","orgGuid":"a9578c3d-736b-4d96-80e5-71edd8a11ea3",
    "orgName":"19may","orgExtRef":null,"notes":"","status":"Active","active":true,"blocked":false,"parentOrgId":2689,
    "parentOrgUid":"890854247383106706","parentOrgGuid":"8c97h74umc2s8mmm","type":"ENTERPRISE",
    "classification":"BASIC","externalId":"1007759454961904673","hierarchyCounts":{},"configInheritanceCounts":{},
    "creationDate":"2021-05-19T10:10:43.459Z","modificationDate":"2021-05-20T14:43:42.276Z",
    "deactivationDate":null,"settings":{"maxSeats":null,"maxBytes":null},
    "settingsInherited":{"maxSeats":"","maxBytes":""},"settingsSummary":{"maxSeats":"","maxBytes":""},
    "registrationKey":"72RU-8P9S-M7KK-RHCC","reporting":{"orgManagers":[]},"customConfig":false,
    "someday":18446744073709551615}"#;

#[test]
fn the_recorded_shape_reads_and_comes_back_equal() {
    let org: Org = serde_json::from_str(RECORDED).unwrap();
    assert_eq!(org.org_id, Some(OrgId::from(9087)));
    assert_eq!(org.org_ext_ref, Field::Null);
    assert_eq!(org.notes, Field::Value(String::new()));
    assert_eq!(
        org.parent_org_guid.as_ref().unwrap().as_str(),
        "8c97h74umc2s8mmm"
    );
    assert_eq!(
        org.creation_date.unwrap().to_string(),
        "2021-05-19T10:10:43.459Z"
    );
    assert_eq!(org.deactivation_date, None);
    let before: Value = serde_json::from_str(RECORDED).unwrap();
    assert_eq!(serde_json::to_value(&org).unwrap(), before);
}

#[test]
fn a_sparse_or_odd_document_still_reads() {
    let gateway: Org =
        serde_json::from_str(r#"{"orgGuid":"g","orgName":"x","userCount":"3","creationDate":7}"#)
            .unwrap();
    assert_eq!(
        (gateway.org_id, gateway.creation_date, gateway.active),
        (None, None, None)
    );
    assert_eq!(gateway.key(), "g");
    let text_id: Org = serde_json::from_str(r#"{"orgId":"12","orgName":"x"}"#).unwrap();
    assert_eq!(OrgId::try_from(&text_id).unwrap(), OrgId::from(12));
    let missing = OrgGuid::try_from(&text_id).unwrap_err().to_string();
    assert!(missing.contains("no orgGuid"), "{missing}");
}

#[test]
fn kept_as_it_came_it_is_the_same_as_read_from_fields() {
    let read: Org = serde_json::from_str(RECORDED).unwrap();
    let kept = Org::from_json(RECORDED).unwrap();
    assert_eq!(kept.as_json(), RECORDED);
    assert_eq!(kept.document(), read.document());
    assert_eq!(
        serde_json::to_value(&kept).unwrap(),
        serde_json::to_value(&read).unwrap()
    );
    assert!(!format!("{kept:?}").contains("72RU"));
    assert_eq!(kept, read);
    assert!(Org::from_json(r#"{"orgName":"x"}"#).is_err());
}

#[test]
fn what_has_no_id_is_no_organization() {
    assert!(serde_json::from_str::<Org>(r#"{"orgName":"x"}"#).is_err());
}

#[test]
fn debug_output_shows_no_registration_key() {
    let org: Org = serde_json::from_str(RECORDED).unwrap();
    assert!(!format!("{org:?}").contains("72RU"));
}

#[test]
fn bodies_leave_out_what_is_absent() {
    let body = UpdateOrgBody {
        notes: Field::Value(String::new()),
        ..UpdateOrgBody::default()
    };
    assert_eq!(serde_json::to_string(&body).unwrap(), r#"{"notes":""}"#);
    let read: UpdateOrgBody = serde_json::from_str(r#"{"orgName":"n","orgExtRef":null}"#).unwrap();
    assert_eq!((read.org_ext_ref, read.notes), (Field::Null, Field::Absent));
}

#[test]
fn a_document_is_a_slice_of_its_answer_until_it_is_detached() {
    let answer = ByteString::from(format!("[{RECORDED}]"));
    let org = Org::from_json(answer.slice_ref(&answer[1..answer.len() - 1])).unwrap();
    assert_eq!(org.as_json().as_ptr(), answer[1..].as_ptr());
    let detached = org.clone().detach();
    assert_ne!(detached.as_json().as_ptr(), answer[1..].as_ptr());
    assert_eq!(detached, org);
}

#[test]
fn whatever_kind_a_value_has_it_reads_or_is_not_there() {
    let kinds = [
        "null",
        "true",
        "-7",
        "7",
        "1.5",
        "\"x y\"",
        "\"7\"",
        "[{\"a\":[]}]",
        "{\"a\":{}}",
    ];
    for kind in kinds {
        let mut document = Map::new();
        for name in [
            "orgUid",
            "orgName",
            "orgExtRef",
            "notes",
            "status",
            "active",
            "blocked",
            "parentOrgId",
            "parentOrgUid",
            "parentOrgGuid",
            "creationDate",
            "registrationKey",
        ] {
            document.insert(name.to_owned(), serde_json::from_str(kind).unwrap());
        }
        document.insert("orgId".to_owned(), 1.into());
        let org = Org::from_document(&document).unwrap();
        let text: Option<String> = serde_json::from_str(kind).ok().flatten();
        assert_eq!(org.org_name, text.clone().unwrap_or_default(), "{kind}");
        assert_eq!(org.status, text, "{kind}");
        assert_eq!(
            org.active,
            serde_json::from_str(kind).ok().flatten(),
            "{kind}"
        );
        assert_eq!(org.parent_org_id, serde_json::from_str(kind).ok(), "{kind}");
        assert_eq!(
            org.parent_org_uid,
            serde_json::from_str(kind).ok(),
            "{kind}"
        );
        assert_eq!(
            org.parent_org_guid,
            serde_json::from_str(kind).ok(),
            "{kind}"
        );
        assert_eq!(org.creation_date, None, "{kind}");
        assert_eq!(
            org.registration_key,
            serde_json::from_str(kind).ok(),
            "{kind}"
        );
        let notes = match (kind, text) {
            ("null", _) => Field::Null,
            (_, Some(text)) => Field::Value(text),
            (_, None) => Field::Absent,
        };
        assert_eq!(org.notes, notes, "{kind}");
    }
}

#[test]
fn the_last_of_two_fields_of_a_name_counts() {
    let org = Org::from_json(
        r#"{"orgId":1,"orgId":2,"notes":"a","notes":null,"active":true,"active":"?","org\u004eame":"x"}"#,
    )
    .unwrap();
    assert_eq!((org.org_id, org.active), (Some(OrgId::from(2)), None));
    assert_eq!((org.notes, org.org_name.as_str()), (Field::Null, "x"));
}

#[test]
fn what_could_not_be_built_later_is_refused_at_once() {
    let deep = format!(
        r#"{{"orgId":1,"x":{}{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    for text in [
        deep.as_str(),
        r#"{"orgId":1,"x":1e999}"#,
        r#"{"orgId":1,"x":"\ud800"}"#,
        r#"{"orgId":1,"x":{"$serde_json::private::RawValue":"[]"}}"#,
        r#"{"orgId":1,"x":[{"\u0024serde_json::private::RawValue":"no"}]}"#,
        r#"{"orgId":1,"notes":{"$serde_json::private::RawValue":"[]"}}"#,
        r#"{"orgId":1}{}"#,
        r#"[{"orgId":1}]"#,
        r#"{"orgId":1"#,
    ] {
        assert!(Org::from_any_json(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn it_serializes_as_it_came_to_any_format() {
    let text = r#"{ "orgId":1, "z":[1.5,-2,"a\n"],"a":{"b":null,"c":{}} }"#;
    let org = Org::from_json(text).unwrap();
    assert_eq!(
        serde_json::to_string(&org).unwrap(),
        r#"{"orgId":1,"z":[1.5,-2,"a\n"],"a":{"b":null,"c":{}}}"#
    );
    let value = serde_json::to_value(&org).unwrap();
    assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
}

#[test]
fn equal_is_what_says_the_same() {
    let org = |text: &'static str| Org::from_json(text).unwrap();
    let one = org(r#"{"orgId":1,"x":[1,2]}"#);
    assert_eq!(one, org(r#"{ "x": [1, 2], "orgId": 1 }"#));
    assert_ne!(one, org(r#"{"orgId":1,"x":[2,1]}"#));
    let mut renamed = one.clone();
    renamed.org_name = "x".to_owned();
    assert_ne!(one, renamed);
}

proptest! {
    #[test]
    fn any_document_reads_as_its_fields_do(document in proptest::collection::vec((name(), value()), 0..6)) {
        let members: Vec<_> = document.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
        let text = format!("{{{}}}", members.join(", "));
        let org = Org::from_any_json(text).unwrap();
        let fields = org.document();
        let read = |name: &str| fields.get(name).cloned();
        prop_assert_eq!(org.org_id, read("orgId").and_then(|id| serde_json::from_value(id).ok()));
        prop_assert_eq!(&org.org_guid, &read("orgGuid").and_then(|id| serde_json::from_value(id).ok()));
        let notes = match read("notes") {
            Some(Value::String(text)) => Field::Value(text),
            Some(Value::Null) => Field::Null,
            _ => Field::Absent,
        };
        prop_assert_eq!(&org.notes, &notes);
        prop_assert_eq!(serde_json::to_value(&org).unwrap(), Value::Object(fields));
    }
}

fn name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["orgId", "orgGuid", "notes", "x"])
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(".{0,3}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}
