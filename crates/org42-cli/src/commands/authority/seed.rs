//! `org42 authority seed`: adds a sample.

use org42::endpoints::authority as own;
use org42_authority::Sample;
use serde_json::json;

use super::test_bench::TestBench;
use crate::args::{Global, Place};
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    global: &Global,
    printer: Printer,
    sample: Sample,
    place: Place,
) -> Result<(), Failure> {
    let bench = TestBench::at(global, printer, place).await?;
    let body = json!({"sample": sample.to_string()});
    let org = bench.send(own::SEED, &[], Some(&body)).await?;
    printer.note(format_args!(
        "added a sample to {}, below {} (id {})",
        bench.tenant.name, org["orgName"], org["orgId"]
    ));
    match printer.is_form_given() {
        true => bench.print_one(&org),
        false => Ok(()),
    }
}
