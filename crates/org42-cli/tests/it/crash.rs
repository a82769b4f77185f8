//! `kill -9` in a stream of changes: what was acknowledged is there afterwards.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use org42::{Client, CreateOrg, Org, OrgUid};

use crate::machine::{Machine, Served};

const KILLS: usize = 50;
const WRITERS: usize = 4;

struct Access {
    id: String,
    secret: String,
}

impl Access {
    fn client(&self, served: &Served) -> Client {
        Client::builder(&served.url)
            .api_client(&self.id, self.secret.as_str())
            .build()
            .unwrap()
    }
}

/// What the server has said yes to.
#[derive(Default)]
struct Acknowledged {
    /// Name and whether it was blocked as well.
    orgs: HashMap<u32, (String, bool)>,
}

/// Creates organizations, and blocks every other one with its child, until the server is gone.
async fn write(
    client: Client,
    top: OrgUid,
    label: String,
    count: Arc<AtomicUsize>,
    done: Arc<Mutex<Acknowledged>>,
) {
    for n in 0.. {
        let name = format!("{label} {n}");
        let Ok(made) = client
            .orgs()
            .create_org(&name, CreateOrg::new().parent_org_uid(&top))
            .await
        else {
            return;
        };
        let id = made.org_id.unwrap();
        done.lock().unwrap().orgs.insert(id.get(), (name, false));
        count.fetch_add(1, Ordering::SeqCst);
        if n % 2 == 0 {
            if client.orgs().block(id).await.is_err() {
                return;
            }
            done.lock().unwrap().orgs.get_mut(&id.get()).unwrap().1 = true;
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn all(client: &Client) -> HashMap<u32, Org> {
    let orgs = client.orgs().get_all().orgs().try_collect().await.unwrap();
    orgs.into_iter()
        .map(|org| (org.org_id.unwrap().get(), org))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_no_acknowledged_change() {
    let machine = Machine::new();
    drop(machine.serving("none"));
    let data = machine.data();
    let key = machine
        .run(&[
            "authority",
            "api-client",
            "create",
            "--data",
            &data,
            "-o",
            "json",
        ])
        .json();
    let access = Access {
        id: key["clientId"].as_str().unwrap().to_owned(),
        secret: key["secret"].as_str().unwrap().to_owned(),
    };
    let done = Arc::new(Mutex::new(Acknowledged::default()));
    for round in 0..KILLS {
        let mut served = machine.serve(&[]);
        let client = access.client(&served);
        let before = all(&client).await;
        let top = OrgUid::try_from(
            before
                .values()
                .find(|org| org.parent_org_id.is_none())
                .unwrap(),
        )
        .unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let label = format!("Round {round} writer {writer} organization");
                tokio::spawn(write(
                    access.client(&served),
                    top.clone(),
                    label,
                    Arc::clone(&count),
                    Arc::clone(&done),
                ))
            })
            .collect();
        // After a different number of acknowledged changes each time, in the midst of others under way.
        while count.load(Ordering::SeqCst) <= round % 23 {
            tokio::task::yield_now().await;
        }
        served.kill();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let served = machine.serve(&[]);
    let now = all(&access.client(&served)).await;
    let done = done.lock().unwrap();
    assert!(done.orgs.len() > KILLS, "{}", done.orgs.len());
    for (id, (name, blocked)) in &done.orgs {
        let org = now
            .get(id)
            .unwrap_or_else(|| panic!("{name} ({id}) was acknowledged and is gone"));
        assert_eq!(&org.org_name, name);
        assert!(
            !blocked || org.blocked == Some(true),
            "the block of {name} was acknowledged and is gone"
        );
    }
}
