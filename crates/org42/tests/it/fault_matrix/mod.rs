//! Every method of the SDK with every fault, at every place of a call. What is right is written by hand (`faults`,
//! `expected`); the server's own count of what it has carried out is the judge.

mod cell;
mod connections;
mod document;
mod expected;
mod faults;
mod methods;
mod settings;

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use cell::{Came, Cell, MOST_REQUESTS, Place};
use expected::{Expected, Times, of_change, of_read, of_sign_in};
use faults::{FAULTS, Fault};
use methods::{Class, METHODS, Method, Said};
use settings::{HALVES, Half};

/// How many cells are run at the same time.
const AT_ONCE: usize = 64;

/// Runs cells, each with what is right in it, and fails with all that are wrong.
async fn judge(cells: Vec<(Cell, Expected)>) {
    let all = cells.len();
    let running = cells.into_iter().map(|(cell, right)| async move {
        let cell = Arc::new(cell);
        let came = tokio::spawn({
            let cell = cell.clone();
            async move { cell.run().await }
        });
        let came = came.await.unwrap();
        (came.what != right || came.requests.len() > MOST_REQUESTS)
            .then(|| wrong(&cell, right, &came))
    });
    let wrong: Vec<String> = stream::iter(running)
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    none_is_wrong(all, &wrong);
}

fn none_is_wrong(all: usize, wrong: &[String]) {
    let shown = wrong.join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {all} cells are wrong:\n{shown}",
        wrong.len()
    );
}

fn wrong(cell: &Cell, right: Expected, came: &Came) -> String {
    format!(
        "{cell}\n  right: {right:?}\n  came:  {:?}\n  {:?}\n  {:?}",
        came.what, came.error, came.requests
    )
}

fn methods(classes: &[Class]) -> impl Iterator<Item = &'static Method> {
    METHODS
        .iter()
        .filter(move |method| classes.contains(&method.class))
}

fn method(name: &str) -> &'static Method {
    METHODS.iter().find(|method| method.name == name).unwrap()
}

/// Calls `add` with each fault, and how often it comes.
fn each_fault(mut add: impl FnMut(&'static Fault, Times)) {
    for fault in FAULTS {
        for times in [Times::Once, Times::Always] {
            add(fault, times);
        }
    }
}

fn at(place: Place, method: &'static Method, fault: &'static Fault, times: Times) -> Cell {
    Cell {
        method,
        fault,
        place,
        times,
        carried_out: true,
        has_keys: false,
    }
}

/// What is right where the request itself is sent so often if all goes well, and not at all, or once, if not.
fn right(said: Said, sent: (usize, usize), is_change: bool) -> Expected {
    let is_done = said == Said::Done;
    Expected {
        said,
        sent: if is_done { sent.0 } else { sent.1 },
        effects: usize::from(is_done && is_change),
    }
}

fn reads() -> Vec<(Cell, Expected)> {
    let mut cells = Vec::new();
    for method in methods(&[Class::Read]) {
        each_fault(|fault, times| {
            cells.push((
                at(Place::Itself, method, fault, times),
                of_read(fault, times),
            ));
        });
    }
    cells
}

fn listings() -> Vec<(Cell, Expected)> {
    let mut cells = Vec::new();
    for method in methods(&[Class::Listing]) {
        for (place, pages) in [(Place::Itself, 1), (Place::SecondPage, 2)] {
            each_fault(|fault, times| {
                let right = of_read(fault, times);
                // Three pages, and one that asks for inactive ones.
                let sent = match right.said {
                    Said::Done => 3 + right.sent,
                    Said::Failed(_) => pages - 1 + right.sent,
                };
                cells.push((at(place, method, fault, times), Expected { sent, ..right }));
            });
        }
    }
    cells
}

fn changes() -> Vec<(Cell, Expected)> {
    let mut cells = Vec::new();
    for method in methods(&[Class::Change, Class::Create]) {
        each_fault(|fault, times| {
            for (carried_out, has_keys) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                if fault.change.may_be(carried_out) {
                    let has_key = has_keys && method.line.starts_with("POST");
                    let right = of_change(method.class, fault, carried_out, times, has_key);
                    let cell = at(Place::Itself, method, fault, times);
                    cells.push((
                        Cell {
                            carried_out,
                            has_keys,
                            ..cell
                        },
                        right,
                    ));
                }
            }
        });
    }
    cells
}

fn sign_ins_and_renewals() -> Vec<(Cell, Expected)> {
    let mut cells = Vec::new();
    for (name, is_change) in [
        ("get_page", false),
        ("block", true),
        ("update_org", true),
        ("create_org", true),
    ] {
        each_fault(|fault, times| {
            let said = of_sign_in(fault, times);
            let cell = |place| at(place, method(name), fault, times);
            cells.push((cell(Place::SignIn), right(said, (1, 0), is_change)));
            cells.push((cell(Place::Renewal), right(said, (2, 1), is_change)));
        });
    }
    cells
}

fn look_ups_and_readings_before() -> Vec<(Cell, Expected)> {
    let mut cells = Vec::new();
    for (place, name, is_change) in [
        (Place::LookUp, "get_by_id", false),
        (Place::LookUp, "get_by_uid", false),
        (Place::Before, "block", true),
        (Place::Before, "reactivate", true),
        (Place::Before, "update_org", true),
    ] {
        each_fault(|fault, times| {
            let said = of_read(fault, times).said;
            cells.push((
                at(place, method(name), fault, times),
                right(said, (1, 0), is_change),
            ));
        });
    }
    cells
}

fn readings_after() -> Vec<(Cell, Expected)> {
    let mut cells = Vec::new();
    for method in methods(&[Class::Change, Class::Create]) {
        each_fault(|fault, times| {
            // What is not there is looked for where servers have what is inactive, or new.
            let is_elsewhere = ["deactivate", "create_org"].contains(&method.name)
                && fault.name == "404, an error of the API"
                && times == Times::Once;
            let said = match of_read(fault, times).said {
                Said::Done => Said::Done,
                Said::Failed(_) if is_elsewhere => Said::Done,
                // It was acknowledged, and cannot be looked at.
                Said::Failed(_) => Said::UNKNOWN,
            };
            let right = Expected {
                said,
                sent: 1,
                effects: 1,
            };
            cells.push((at(Place::After, method, fault, times), right));
        });
    }
    cells
}

/// Returns the cells of settings updates: half, fault, how often it comes, and whether the write is carried out before.
fn settings_updates() -> Vec<(&'static Half, &'static Fault, Times, bool)> {
    let mut cells = Vec::new();
    for half in &HALVES {
        each_fault(|fault, times| {
            let cases = [false, true].into_iter();
            let cases = cases.filter(|carried_out| fault.change.may_be(*carried_out));
            cells.extend(cases.map(|carried_out| (half, fault, times, carried_out)));
        });
    }
    cells
}

/// Declares a test of each group of cells, and how many there are.
macro_rules! judged {
    ($($test:ident: $cells:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                judge($cells()).await;
            }
        )*

        /// Returns how many cells there are where there is a connection.
        fn count() -> usize {
            settings_updates().len() $(+ $cells().len())*
        }
    };
}

judged! {
    every_fault_of_a_read: reads;
    every_fault_of_a_listing: listings;
    every_fault_of_a_change: changes;
    every_fault_of_a_sign_in: sign_ins_and_renewals;
    every_fault_before_a_call: look_ups_and_readings_before;
    every_fault_after_a_change: readings_after;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_settings_update() {
    let cells = settings_updates();
    let all = cells.len();
    let running = cells
        .into_iter()
        .map(|(half, fault, times, carried_out)| async move {
            let right = settings::right(fault, carried_out, times);
            let came = settings::run(half, fault, carried_out, times).await;
            let what = (half.line, fault.name, times, carried_out);
            (came != right).then(|| format!("{what:?}\n  right: {right:?}\n  came:  {came:?}"))
        });
    let wrong = stream::iter(running).buffer_unordered(AT_ONCE);
    let wrong: Vec<String> = wrong.filter_map(std::future::ready).collect().await;
    none_is_wrong(all, &wrong);
}
