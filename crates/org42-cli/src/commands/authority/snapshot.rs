//! `org42 authority snapshot …`: keeps the tenant as it is, and brings it back.

use org42::endpoints::authority as own;
use serde_json::json;

use super::restoration;
use super::test_bench::{TestBench, names_what_is_missing};
use crate::args::{Global, SnapshotCommand};
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    command: SnapshotCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    match command {
        SnapshotCommand::Save {
            name,
            replace,
            place,
        } => {
            let bench = TestBench::at(global, printer, place).await?;
            let body = json!({"name": name, "replace": replace});
            bench.send(own::SNAPSHOTS_SAVE, &[], Some(&body)).await?;
            printer.note(format_args!("saved {} as {name}", bench.tenant.name));
            Ok(())
        }
        SnapshotCommand::Restore { name, place } => {
            let bench = TestBench::at(global, printer, place).await?;
            bench.tenant.client.check(own::SNAPSHOTS_RESTORE)?;
            let words = what_comes_back(&bench, &name).await?;
            if !bench.yes {
                printer.note(&words);
            }
            let what = format!("put the snapshot {name} in the place of all that is in");
            bench.ask(&what, own::SNAPSHOTS_RESTORE).await?;
            let path = [("name", name.as_str())];
            bench.send(own::SNAPSHOTS_RESTORE, &path, None).await?;
            printer.note(format_args!("{} is as it was in {name}", bench.tenant.name));
            if bench.yes {
                printer.note(&words);
            }
            printer.note("every session from before is over; whoever goes on signs in again");
            Ok(())
        }
        SnapshotCommand::List { place } => {
            let bench = TestBench::at(global, printer, place).await?;
            let all = bench.get(own::SNAPSHOTS).await?;
            bench.print_rows(&["name", "savedAt", "bytes"], &all["snapshots"])
        }
        SnapshotCommand::Delete { name, place } => {
            let bench = TestBench::at(global, printer, place).await?;
            let what = format!("delete the snapshot {name} of");
            bench.ask(&what, own::SNAPSHOTS_DELETE).await?;
            let path = [("name", name.as_str())];
            bench.send(own::SNAPSHOTS_DELETE, &path, None).await?;
            printer.note(format_args!("the snapshot {name} is gone"));
            Ok(())
        }
    }
}

/// Returns what a restoration would bring back and what not, as text.
async fn what_comes_back(bench: &TestBench, name: &str) -> Result<String, Failure> {
    let path = [("name", name)];
    let got = bench.tenant.client.get(own::SNAPSHOTS_PREVIEW, &path, &[]);
    match got.await {
        Ok(preview) => Ok(restoration::in_words(&preview.into_value())),
        // An older authority has no preview.
        Err(error)
            if matches!(error.http_status(), Some(404 | 405)) && !names_what_is_missing(&error) =>
        {
            Ok("this authority does not say what comes back".to_owned())
        }
        Err(error) => Err(bench.explained(error)),
    }
}
