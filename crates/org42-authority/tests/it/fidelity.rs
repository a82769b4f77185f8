//! Every route is served, and every served route is accounted for.

use org42_types::endpoints::{ALL, authority};

use crate::testbench::served;

#[test]
fn every_route_of_the_wire_types_is_served() {
    let served = served();
    for endpoint in ALL.iter().chain(authority::ALL) {
        assert!(served.contains(endpoint), "{endpoint} is not served");
    }
}

#[test]
fn the_fidelity_table_has_the_served_routes_and_what_they_need_and_no_others() {
    let document = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/FIDELITY.md"
    ))
    .unwrap();
    let rows = document
        .lines()
        .skip_while(|line| !line.starts_with("| route | needs |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut written: Vec<_> = rows
        .map(|row| row.split(" | ").take(2).collect::<Vec<_>>().join(" | "))
        .collect();
    let mut wanted: Vec<_> = served()
        .iter()
        .map(|endpoint| format!("| `{endpoint}` | {}", endpoint.access))
        .collect();
    written.sort();
    wanted.sort();
    assert_eq!(written, wanted);
}
