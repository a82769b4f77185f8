//! `org42 authority reset`: makes the tenant what a new one is.

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
    sample: Option<Sample>,
    place: Place,
) -> Result<(), Failure> {
    let bench = TestBench::at(global, printer, place).await?;
    bench
        .ask(
            "delete every organization, user, device and archive of",
            own::RESET,
        )
        .await?;
    let body = json!({"sample": sample.map(|sample| sample.to_string())});
    bench.send(own::RESET, &[], Some(&body)).await?;
    printer.note(format_args!(
        "{} is as new; administrators and API clients go on, every other session is over",
        bench.tenant.name
    ));
    Ok(())
}
