//! `org42 authority clock …`: shows, sets and moves the clock of a served tenant.

use org42::endpoints::authority as own;
use serde_json::json;

use super::test_bench::TestBench;
use crate::args::{ClockCommand, Global};
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    command: ClockCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let bench = TestBench::at_served(global, printer).await?;
    let turn = match command {
        ClockCommand::Show => None,
        ClockCommand::Set { time } => Some(json!({"set": time})),
        ClockCommand::Advance { by } => Some(json!({"advanceSeconds": by.0})),
        ClockCommand::Stop => Some(json!("stop")),
        ClockCommand::Run => Some(json!("run")),
        ClockCommand::Reset => {
            bench.send(own::CLOCK_LET_GO, &[], None).await?;
            None
        }
    };
    let reading = match turn {
        Some(turn) => bench.send(own::CLOCK_TURN, &[], Some(&turn)).await?,
        None => bench.get(own::CLOCK).await?,
    };
    bench.print_one(&reading)
}
