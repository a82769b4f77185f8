//! `org42 authority requests`: the last requests that a served tenant has received.

use org42::endpoints::authority as own;

use super::test_bench::TestBench;
use crate::args::{Global, Output};
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(global: &Global, printer: Printer, forget: bool) -> Result<(), Failure> {
    let bench = TestBench::at_served(global, printer).await?;
    if forget {
        bench.send(own::REQUESTS_FORGET, &[], None).await?;
        printer.note("the requests are forgotten");
        return Ok(());
    }
    let all = bench.get(own::REQUESTS).await?;
    const COLUMNS: &[&str] = &[
        "number", "time", "method", "path", "query", "status", "fault",
    ];
    const WIDE: &[&str] = &[
        "number", "time", "method", "path", "query", "status", "fault", "body", "answer",
    ];
    let columns = match printer.form(Output::Table) {
        Output::Table | Output::Tree => COLUMNS,
        _ => WIDE,
    };
    bench.print_rows(columns, &all["requests"])
}
