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
fn every_served_route_has_a_row_in_the_fidelity_table_that_says_what_it_needs() {
    let table = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/FIDELITY.md"
    ))
    .unwrap();
    for endpoint in served() {
        let row = format!("| `{endpoint}` | {} |", endpoint.access);
        assert!(
            table.lines().any(|line| line.starts_with(&row)),
            "there is no row that begins with {row}"
        );
    }
}
