//! Where the façade may be called, and that it has every method.

use std::collections::BTreeSet;

use org42::blocking::Client;
use org42_authority::Sample;
use org42_test::Tenant;
use tokio::runtime::{Builder, Runtime};

fn client(tenant: &Tenant) -> Client {
    Client::builder("http://localhost")
        .transport(tenant.transport())
        .local_account(tenant.admin())
        .build()
        .unwrap()
}

fn asks(client: &Client) -> bool {
    let top = client.orgs().get_current().unwrap();
    let mut all = client.orgs().get_all().orgs();
    all.next().unwrap().unwrap().org_id == top.org_id && all.next().is_none()
}

#[test]
fn it_works_wherever_a_thread_may_block() {
    let tenant = Tenant::new(Sample::None);
    let client = client(&tenant);
    assert!(asks(&client), "in plain code");
    let runtime = Runtime::new().unwrap();
    {
        let _entered = runtime.enter();
        assert!(asks(&client), "in a thread that has entered a runtime");
    }
    let within = client.clone();
    let asked =
        runtime.block_on(async { tokio::task::spawn_blocking(move || asks(&within)).await });
    assert!(asked.unwrap(), "in spawn_blocking");
    let within = client.clone();
    let task = runtime.spawn(async move { tokio::task::block_in_place(|| asks(&within)) });
    assert!(runtime.block_on(task).unwrap(), "in block_in_place");
    assert!(runtime.block_on(async { tokio::task::block_in_place(|| asks(&client)) }));
}

#[test]
fn in_async_code_it_is_an_error_whatever_the_runtime() {
    let tenant = Tenant::new(Sample::None);
    let client = client(&tenant);
    assert!(asks(&client));
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let runtime = builder.enable_all().build().unwrap();
        let refused = || {
            let error = client.orgs().get_current().unwrap_err();
            assert!(error.is_invalid_input(), "{error}");
            error.to_string()
        };
        assert!(runtime.block_on(async { refused() }).contains("async code"));
        let set = tokio::task::LocalSet::new();
        assert!(
            set.block_on(&runtime, async { refused() })
                .contains("async code")
        );
        let within = client.clone();
        let task = runtime.spawn(async move { within.orgs().get_current().unwrap_err() });
        let error = runtime.block_on(task).unwrap();
        assert!(error.to_string().contains("spawn_blocking"), "{error}");
        let _entered = runtime.enter();
        assert!(asks(&client), "a refusal leaves nothing behind");
    }
}

#[test]
fn the_async_client_says_so_where_no_runtime_runs() {
    let tenant = Tenant::new(Sample::None);
    let client = tenant.client();
    let ask = || polled_once(client.orgs().get_current());
    let cold = ask();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(client.orgs().get_current()).unwrap();
    let warm = ask();
    assert!(cold.contains("no running tokio runtime"), "{cold}");
    assert_eq!(cold, warm);
}

/// Polls a future once, outside of any runtime.
fn polled_once<T: std::fmt::Debug>(future: impl Future<Output = org42::Result<T>>) -> String {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match Box::pin(future).as_mut().poll(&mut context) {
        std::task::Poll::Ready(result) => result.unwrap_err().to_string(),
        std::task::Poll::Pending => "it waits".to_owned(),
    }
}

/// Returns the names of the public methods within the blocks that implement a type.
fn methods(sources: &[String], of: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources {
        // Where the block ends that a line is in.
        let mut end = None;
        for line in source.lines() {
            let text = line.trim_start();
            let indent = &line[..line.len() - text.len()];
            if text.starts_with("impl") {
                let is_of = text.split(['{', ' ', '<']).any(|word| word == of);
                end = (is_of && !text.contains(" for ")).then(|| format!("{indent}}}"));
            } else if end.as_deref() == Some(line) {
                end = None;
            }
            let Some(rest) = text.strip_prefix("pub ").filter(|_| end.is_some()) else {
                continue;
            };
            let rest = rest
                .trim_start_matches("async ")
                .trim_start_matches("const ");
            if let Some(rest) = rest.strip_prefix("fn ") {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap();
                names.insert(rest[..end].to_owned());
            }
        }
    }
    names
}

#[test]
fn it_has_every_method_of_the_async_client() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let read = |folder: &str| {
        let mut all = Vec::new();
        let mut left = vec![std::path::Path::new(root).join(folder)];
        while let Some(place) = left.pop() {
            for entry in std::fs::read_dir(place).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => left.push(path),
                    false => all.push(std::fs::read_to_string(path).unwrap()),
                }
            }
        }
        all
    };
    let folders = ["call", "list", "orgs", "settings"];
    let rooms: Vec<String> = folders.into_iter().flat_map(read).collect();
    let facade = read("blocking");
    // Its client and iterators have a room of their own; the service's methods stand beside the async ones.
    let kinds = [
        ("Client", methods(&facade, "Client")),
        ("OrgService", methods(&rooms, "blocking::OrgService")),
        ("Pages", methods(&facade, "Pages")),
        ("RawPages", methods(&facade, "RawPages")),
        ("Orgs", methods(&facade, "Orgs")),
    ];
    for (of, there) in kinds {
        let wanted = methods(&rooms, of);
        assert!(!wanted.is_empty(), "{of}");
        // An iterator has `next` by itself.
        let missing: Vec<_> = wanted
            .difference(&there)
            .filter(|name| *name != "next")
            .collect();
        assert!(missing.is_empty(), "blocking::{of} lacks {missing:?}");
    }
    assert!(methods(&rooms, "OrgService").len() > 20);
}
