//! `org42 authority fidelity`: the switches for what is unknown about the real server.

use org42::endpoints::authority as own;
use serde_json::{Map, Value};

use super::test_bench::TestBench;
use crate::args::{Global, Switch};
use crate::exit::Failure;
use crate::printer::Printer;

/// Returns switches as a document.
pub(super) fn document(switches: &[Switch]) -> Map<String, Value> {
    let pairs = switches
        .iter()
        .map(|switch| (switch.name.clone(), switch.value.clone()));
    pairs.collect()
}

pub(super) async fn run(
    global: &Global,
    printer: Printer,
    switches: &[Switch],
    reset: bool,
) -> Result<(), Failure> {
    let bench = TestBench::at_served(global, printer).await?;
    if reset {
        bench.send(own::FIDELITY_RESET, &[], None).await?;
    }
    let all = match switches {
        [] => bench.get(own::FIDELITY).await?,
        some => {
            let body = Value::Object(document(some));
            bench.send(own::FIDELITY_SET, &[], Some(&body)).await?
        }
    };
    bench.print_one(&all)
}
