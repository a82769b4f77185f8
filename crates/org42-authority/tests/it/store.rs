//! SQLite as a store: the conformance suite on each kind of it, and what only a file can do.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, JoinHandle};

use org42_authority::domain::{ApiClient, Revision, RowChange, Tenant};
use org42_authority::store::conformance::Backend;
use org42_authority::store::{Draft, Extent, ReadView, Sqlite, Store, StoreError, Write};
use org42_types::Timestamp;
use tempfile::TempDir;

/// A file, and the folder that keeps it for as long as the test runs.
struct TenantFile {
    path: PathBuf,
    _folder: TempDir,
}

impl TenantFile {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            path: folder.path().join("tenant.db"),
            _folder: folder,
        }
    }

    fn open(&self) -> Result<Sqlite, StoreError> {
        Sqlite::open(&self.path)
    }
}

struct InMemory;

impl Backend for InMemory {
    fn fresh(&self) -> Box<dyn Store> {
        Box::new(Sqlite::in_memory().unwrap())
    }

    fn commits_beside_reads(&self) -> bool {
        false
    }

    fn nearly_full(&self, fill: &dyn Fn(&dyn Store), bytes: u64) -> Option<Box<dyn Store>> {
        let store = Sqlite::in_memory().unwrap();
        fill(&store);
        store.limit(bytes).unwrap();
        Some(Box::new(store))
    }
}

struct InFile;

/// One handle on a file for everything. Exports are made as any backend makes them.
struct Kept {
    store: Sqlite,
    _file: Arc<TenantFile>,
}

impl Kept {
    fn of(file: &Arc<TenantFile>) -> Self {
        Self {
            store: file.open().unwrap(),
            _file: file.clone(),
        }
    }
}

impl Backend for InFile {
    fn fresh(&self) -> Box<dyn Store> {
        Box::new(Kept::of(&Arc::new(TenantFile::new())))
    }

    fn fresh_pair(&self) -> Option<[Box<dyn Store>; 2]> {
        let file = Arc::new(TenantFile::new());
        Some([(); 2].map(|()| Box::new(Kept::of(&file)) as Box<dyn Store>))
    }

    fn nearly_full(&self, fill: &dyn Fn(&dyn Store), bytes: u64) -> Option<Box<dyn Store>> {
        let kept = Kept::of(&Arc::new(TenantFile::new()));
        fill(&kept);
        kept.store.limit(bytes).unwrap();
        Some(Box::new(kept))
    }
}

impl Store for Kept {
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store.read(look)
    }

    fn submit(&self, write: Box<dyn Write>) {
        self.store.submit(write);
    }
}

struct Reopened;

/// A file that is opened anew for every read and every write, so that nothing but the file can remember.
struct Reopening {
    file: Arc<TenantFile>,
    /// Does the write that was submitted last, after the one before it.
    last: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Reopening {
    fn drop(&mut self) {
        self.last.lock().unwrap().take().map(JoinHandle::join);
    }
}

impl Backend for Reopened {
    fn fresh(&self) -> Box<dyn Store> {
        Box::new(Reopening {
            file: Arc::new(TenantFile::new()),
            last: Mutex::default(),
        })
    }
}

impl Store for Reopening {
    fn read(
        &self,
        look: &mut dyn FnMut(&dyn ReadView) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.file.open()?.read(look)
    }

    fn submit(&self, write: Box<dyn Write>) {
        let mut last = self.last.lock().unwrap();
        let (before, file) = (last.take(), self.file.clone());
        *last = Some(thread::spawn(move || {
            before.map(JoinHandle::join);
            // What was submitted is done when the store is dropped.
            file.open().unwrap().submit(write);
        }));
    }

    fn export(&self, file: &Path) -> Result<(), StoreError> {
        self.file.open()?.export(file)
    }
}

org42_authority::store_conformance!(in_memory, super::InMemory);
org42_authority::store_conformance!(in_a_file, super::InFile);
org42_authority::store_conformance!(reopened, super::Reopened);

fn tenant() -> Tenant {
    Tenant {
        revision: Revision(1),
        uid: "4b2b9a3e-0000-4000-8000-0123456789ab".to_owned(),
        next_id: 0,
        destinations: Vec::new(),
        signing_key: vec![1, 2, 3],
    }
}

fn seen(store: &dyn Store) -> Tenant {
    store.look(|snapshot| snapshot.tenant()).unwrap().unwrap()
}

/// Counts the tenant's number up and leaves a row that names who did it, whatever the others do meanwhile.
fn count_up(store: &dyn Store, who: &'static str) {
    let counting = move |draft: &dyn Draft| {
        let next_id = draft.view().tenant()?.unwrap().next_id + 1;
        let trace = ApiClient {
            client_id: format!("{next_id:04}"),
            secret_hash: who.as_bytes().to_owned(),
            created_at: Timestamp::EPOCH,
            revoked: false,
        };
        draft.apply(&[RowChange::NextId(next_id), RowChange::ApiClient(trace)])
    };
    store.write(Extent::Rows, counting).unwrap();
}

fn found(store: &dyn Store) -> Result<Revision, StoreError> {
    store.write(Extent::Rows, |draft| match draft.view().tenant()? {
        None => draft.apply(&[RowChange::Tenant(tenant())]),
        Some(_) => Err(StoreError::failed("there is a tenant already")),
    })
}

/// Two handles on one file share nothing but the file, like two processes.
#[test]
fn two_handles_on_one_file_lose_no_update() {
    const EACH: usize = 200;
    let file = TenantFile::new();
    found(&file.open().unwrap()).unwrap();
    let handles = ["one", "two"].map(|who| (who, file.open().unwrap()));
    let start = Barrier::new(handles.len());
    thread::scope(|scope| {
        for (who, handle) in &handles {
            scope.spawn(|| {
                start.wait();
                (0..EACH).for_each(|_| count_up(handle, who));
            });
        }
    });
    let afterwards: &dyn Store = &file.open().unwrap();
    let found = seen(afterwards);
    assert_eq!(
        (found.next_id, found.revision),
        (2 * EACH as u32, Revision(1 + 2 * EACH as u64))
    );
    let traces = afterwards.look(|snapshot| snapshot.api_clients()).unwrap();
    let ids: Vec<_> = traces.iter().map(|trace| trace.client_id.clone()).collect();
    assert_eq!(
        ids,
        (1..=2 * EACH)
            .map(|id| format!("{id:04}"))
            .collect::<Vec<_>>()
    );
    let by_one = traces
        .iter()
        .filter(|trace| trace.secret_hash == b"one")
        .count();
    assert_eq!(by_one, EACH, "each has written its own share");
}

#[test]
fn many_can_open_a_fresh_file_at_once() {
    for _ in 0..10 {
        let file = TenantFile::new();
        let start = Barrier::new(8);
        let created = thread::scope(|scope| {
            let openers: [_; 8] = std::array::from_fn(|_| {
                scope.spawn(|| {
                    start.wait();
                    found(&file.open().unwrap())
                })
            });
            openers.map(|opener| opener.join().unwrap())
        });
        let (winners, others): (Vec<_>, Vec<_>) = created.into_iter().partition(Result::is_ok);
        assert_eq!(winners.len(), 1);
        assert!(
            others
                .iter()
                .all(|end| matches!(end, Err(StoreError::Failed(_)))),
            "{others:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let file = TenantFile::new();
    let store = file.open().unwrap();
    found(&store).unwrap();
    let entries = std::fs::read_dir(file.path.parent().unwrap())
        .unwrap()
        .map(Result::unwrap);
    let mut modes: Vec<_> = entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                entry.metadata().unwrap().permissions().mode() & 0o777,
            )
        })
        .collect();
    modes.sort();
    let expected =
        ["tenant.db", "tenant.db-shm", "tenant.db-wal"].map(|name| (name.to_owned(), 0o600));
    assert_eq!(modes, expected);
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let file = TenantFile::new();
    found(&file.open().unwrap()).unwrap();
    let raw = rusqlite::Connection::open(&file.path).unwrap();
    raw.pragma_update(None, "user_version", 1000).unwrap();
    let error = file.open().unwrap_err().to_string();
    assert!(
        error.contains("newer org42") && error.contains("version 1000"),
        "{error}"
    );
    assert!(error.contains("tenant.db"), "{error}");
    let version: u32 = raw
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1000);
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let file = TenantFile::new();
    let text = "Dear diary, ".repeat(100);
    std::fs::write(&file.path, &text).unwrap();
    let error = file.open().unwrap_err().to_string();
    assert!(
        error.contains("not a database") && error.contains("tenant.db"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&file.path).unwrap(), text);
}

#[test]
fn a_file_that_cannot_be_made_is_named() {
    let file = TenantFile::new();
    let missing = file.path.join("nowhere/tenant.db");
    let error = Sqlite::open(&missing).unwrap_err().to_string();
    assert!(error.contains(&missing.display().to_string()), "{error}");
}

#[test]
fn a_cell_that_cannot_be_is_an_error_that_names_it() {
    let spoiled = [
        (
            "UPDATE org SET org_uid = ''",
            "row 7 of table org holds no proper org_uid",
        ),
        (
            "UPDATE org SET org_id = -1",
            "row -1 of table org holds no proper org_id",
        ),
        (
            "UPDATE org SET blocked_revision = -1",
            "row 7 of table org holds no proper blocked_revision",
        ),
        (
            "UPDATE org SET created_at = 9223372036854775807",
            "row 7 of table org holds no proper created_at",
        ),
        (
            "UPDATE org SET deactivated_at = 1",
            "row 7 of table org holds no proper deactivated_revision",
        ),
        (
            "UPDATE org SET left_inactive = '[[1]]'",
            "row 7 of table org holds no proper left_inactive",
        ),
    ];
    for (damage, complaint) in spoiled {
        let file = TenantFile::new();
        let store: &dyn Store = &file.open().unwrap();
        let raw = rusqlite::Connection::open(&file.path).unwrap();
        raw.execute_batch(
            "INSERT INTO org (org_id, org_uid, org_guid, path, name, registration_key, created_at, modified_at, \
             blocked_revision, unblocked_revision, last_deactivation, left_inactive, activated_revision, \
             revived_revision) VALUES (7, 'u', 'g', '000007', 'Seven', 'k', 0, 0, 0, 0, 0, '[]', 0, 0)",
        )
        .unwrap();
        let top = || store.look(|snapshot| snapshot.org(&org42_authority::store::OrgLookup::Top));
        assert_eq!(top().unwrap().unwrap().name, "Seven");
        raw.execute_batch(damage).unwrap();
        let error = top().unwrap_err().to_string();
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
fn a_file_of_the_first_schema_is_brought_to_this_one() {
    let file = TenantFile::new();
    let raw = rusqlite::Connection::open(&file.path).unwrap();
    raw.execute_batch(include_str!("../../src/store/sqlite/schema/0001.sql"))
        .unwrap();
    raw.execute_batch(
        "INSERT INTO org (org_id, org_uid, org_guid, path, name, registration_key, created_at, modified_at, \
         blocked_revision, unblocked_revision, last_deactivation, left_inactive, activated_revision, \
         revived_revision) VALUES (2, 'u', 'g', '000002', 'Top', 'k', 0, 0, 0, 0, 0, '[]', 0, 0); \
         INSERT INTO org_user (user_id, user_uid, username, username_key, org_id, is_admin, created_at, modified_at, \
         blocked, deactivated, unblocked_revision, activated_revision, sessions_end) \
         VALUES (3, '3', 'admin', 'admin', 2, 1, 0, 0, 0, 0, 0, 0, 0), (4, '4', 'ann', 'ann', 2, 0, 0, 0, 0, 0, 0, 0, 0); \
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(raw);
    let store: &dyn Store = &file.open().unwrap();
    let all = &org42_authority::domain::Path::default();
    let users = store.look(|snapshot| snapshot.users(all, None)).unwrap();
    let roles: Vec<_> = users.into_iter().map(|user| user.roles).collect();
    assert_eq!(roles, [["customer-cloud-admin"], ["desktop-user"]]);
}
