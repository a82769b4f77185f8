//! `org42 authority seed`: adds a sample.

use org42::endpoints::authority as own;
use org42_authority::Sample;
use serde_json::json;

use super::test_bench::TestBench;
use crate::args::{Global, Place};
use crate::exit::Failure;
use crate::printer::say;

pub(super) async fn run(global: &Global, sample: Sample, place: Place) -> Result<(), Failure> {
    let bench = TestBench::at(global, place).await?;
    let body = json!({"sample": sample.to_string()});
    let org = bench.send(own::SEED, &[], Some(&body)).await?;
    say(&format!(
        "added a sample to {}, below {} (id {})",
        bench.tenant.name, org["orgName"], org["orgId"]
    ));
    match global.output {
        Some(_) => bench.print_one(&org),
        None => Ok(()),
    }
}
