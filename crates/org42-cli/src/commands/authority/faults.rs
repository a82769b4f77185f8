//! `org42 authority faults …`: lets something go wrong in a served tenant.

use org42::endpoints::authority as own;
use serde_json::{Value, json};

use super::test_bench::TestBench;
use crate::args::{Fault, FaultsCommand, Global, Trouble};
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    command: FaultsCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    const COLUMNS: &[&str] = &[
        "number",
        "hits",
        "method",
        "path",
        "count",
        "probability",
        "seed",
        "applied",
        "fault",
    ];
    let bench = TestBench::at_served(global, printer).await?;
    match command {
        FaultsCommand::List => {
            let all = bench.get(own::FAULTS).await?;
            bench.print_rows(COLUMNS, &all["faults"])
        }
        FaultsCommand::Add(fault) => {
            let body = document(&fault);
            let added = bench.send(own::FAULTS_ADD, &[], Some(&body)).await?;
            bench.print_rows(COLUMNS, &json!([added]))
        }
        FaultsCommand::Clear => {
            bench.send(own::FAULTS_CLEAR, &[], None).await?;
            printer.note("no faults are in force");
            Ok(())
        }
    }
}

/// Returns the fault as the authority's route takes it.
fn document(fault: &Fault) -> Value {
    let mut document = json!({
        "path": fault.path,
        "probability": fault.probability,
        "seed": fault.seed,
        "applied": fault.applied,
        "fault": trouble(&fault.trouble),
    });
    if let Some(method) = &fault.method {
        document["method"] = json!(method);
    }
    if let Some(count) = fault.count {
        document["count"] = json!(count);
    }
    document
}

fn trouble(trouble: &Trouble) -> Value {
    match trouble {
        Trouble::Status {
            status,
            body,
            content_type,
        } => json!({"status": {"status": status, "body": body, "contentType": content_type}}),
        Trouble::TooManyRequests {
            retry_after,
            as_date,
        } => json!({
            "tooManyRequests": {"retryAfterSeconds": retry_after, "asDate": as_date}
        }),
        Trouble::Delay { millis } => json!({"delay": {"millis": millis}}),
        Trouble::SlowBody {
            pieces,
            pause_millis,
        } => json!({"slowBody": {"pieces": pieces, "pauseMillis": pause_millis}}),
        Trouble::TruncatedBody => json!("truncatedBody"),
        Trouble::Reset => json!("reset"),
        Trouble::ExpiredToken => json!("expiredToken"),
        Trouble::InvalidJson => json!("invalidJson"),
        Trouble::HtmlPage => json!("htmlPage"),
    }
}
