//! The table of what is right, for people: `docs/FAULTS.md`.

use std::fmt::Write as _;
use std::path::Path;

use super::expected::{Expected, Times, of_change, of_read};
use super::faults::{FAULTS, Fault};
use super::methods::{Class, METHODS, Said};
use super::settings;
use super::{count, each_fault};

const HEAD: &str = "\
# Faults

What the SDK and the command say, and what they send, when something goes wrong between them and a server. For those who
write programs on them, and for those who have to trust what they say.

Every method of the SDK is called with every fault of this table, at every place of a call where it can come: at the request
itself, at a later page of a listing, at the sign-in, at its renewal, at the reading before a change and at the one after
it; once and for good; before and after the server has carried the change out; on a server that takes idempotency keys and
on one that does not. The server counts what it carries out, and that count is the judge. What is right is written by hand,
in `crates/org42/tests/it/fault_matrix/`; a test fails when this file is not what stands there
(`ORG42_WRITE_FAULTS=1 cargo test -p org42 fault_matrix` writes it anew).

- *done*: the call returns what it was to do, after a look at the tenant. *not done*: it fails, and nothing has happened.
  *unknown*: it fails, and says that nobody knows; the next step is to look.
- A fault that comes once is shown; *× 2* is a request that was sent twice. One that comes for good ends a call after three
  requests, or two if the server is silent.
- *Block* stands for block, unblock, deactivate and reactivate; an update, which has no key, is treated as a block without
  one. A block is sent again without a key only if the organization was seen to be as it was before, its last modification
  included, and the server was not silent. A create is sent again with a key only.
- Where there is no connection (refused, an unknown host, a certificate that is not trusted, a handshake that is cut off or has
  no end), nothing is sent, and the call says that nothing has happened.
";

/// What is shown of a cell.
fn words(right: Expected) -> String {
    let said = match right.said {
        Said::Done => "done",
        Said::NO => "not done",
        _ => "unknown",
    };
    match right.sent {
        1 => said.to_owned(),
        more => format!("{said}, × {more}"),
    }
}

/// Returns a column of a change: before and after it was carried out.
fn both(fault: &Fault, right: impl Fn(bool) -> Expected) -> String {
    let cases = [true, false]
        .into_iter()
        .filter(|carried_out| fault.change.may_be(*carried_out));
    let cases: Vec<String> = cases.map(|carried_out| words(right(carried_out))).collect();
    match &cases[..] {
        [one, other] if one == other => one.clone(),
        _ => cases.join(" / "),
    }
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    let _ = writeln!(
        text,
        "\nThe matrix has {} cells. Of a change the first verdict is that after it was carried out, the second that if it was not.\n",
        count()
    );
    text += "| fault | a read | a block | a block with a key | a create | a create with a key | settings |\n";
    text += "|---|---|---|---|---|---|---|\n";
    for fault in FAULTS {
        let change = |class, key| {
            both(fault, |carried_out| {
                of_change(class, fault, carried_out, Times::Once, key)
            })
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            fault.name,
            words(of_read(fault, Times::Once)),
            change(Class::Change, false),
            change(Class::Change, true),
            change(Class::Create, false),
            change(Class::Create, true),
            both(fault, |carried_out| settings::right(
                fault,
                carried_out,
                Times::Once
            )),
        );
    }
    text
}

#[test]
fn the_document_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/FAULTS.md");
    if std::env::var_os("ORG42_WRITE_FAULTS").is_some() {
        std::fs::write(&file, document()).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == document(),
        "docs/FAULTS.md is not what the tests hold; see there how to write it anew"
    );
}

#[test]
fn the_matrix_has_as_many_faults_and_methods_as_it_says() {
    let mut faults = 0;
    each_fault(|_, _| faults += 1);
    assert_eq!((faults / 2, METHODS.len()), (FAULTS.len(), 18));
    assert!(FAULTS.len() >= 35);
}
