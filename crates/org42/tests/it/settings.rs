//! The settings of a client, as the server or the proxy at the other end sees them.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use org42::{Client, GetPage, Happened, LocalAccount};

use org42_test::fixtures::tenant;
use org42_test::{Reply, Seen, Server, quick};

const LIST: &str = "GET /api/v1/Org";

fn account() -> LocalAccount {
    LocalAccount::new("admin@example.com", "hunter22")
}

async fn one_page(client: &Client) -> Result<usize, org42::Error> {
    let page = client.orgs().get_page(GetPage::default()).await?;
    Ok(page.orgs.len())
}

#[tokio::test]
async fn requests_carry_what_the_settings_say() {
    let server = Server::start(|seen: &Seen, _| match seen.path.strip_prefix("/tenant") {
        Some(_) => tenant(
            &Seen {
                path: seen.path.replace("/tenant", ""),
                ..seen.clone()
            },
            3,
        ),
        None => Reply::status(404, ""),
    })
    .await;
    let client = Client::builder(format!("{}/tenant/", server.url))
        .local_account(account())
        .user_agent_prefix("report/2")
        .user_agent_suffix("(nightly)")
        .items_per_page(7)
        .build()
        .unwrap();
    assert!(server.all().is_empty(), "building sends nothing");
    assert_eq!(one_page(&client).await.unwrap(), 3);
    let asked = server.requests().remove(0);
    assert_eq!(asked.line(), "GET /tenant/api/v1/Org");
    assert_eq!(asked.param("pgSize"), Some("7"));
    let headers = asked.headers.to_lowercase();
    let agent = concat!(
        "user-agent: report/2 org42/",
        env!("CARGO_PKG_VERSION"),
        " (nightly)"
    );
    for header in [
        agent,
        "accept: application/json",
        "accept-encoding: gzip",
        "authorization: bearer user.0.x",
    ] {
        assert!(headers.contains(header), "{header} in {headers}");
    }
}

#[tokio::test]
async fn a_proxy_gets_every_request_and_the_host_none() {
    let proxy = Server::start(|seen: &Seen, _| {
        let path = seen.path.replace("http://tenant.example", "");
        let seen = Seen {
            path,
            ..seen.clone()
        };
        tenant(&seen, 3)
    })
    .await;
    let client = Client::builder("http://tenant.example")
        .local_account(account())
        .proxy(&proxy.url)
        .build()
        .unwrap();
    assert_eq!(one_page(&client).await.unwrap(), 3);
    assert_eq!(proxy.count("GET http://tenant.example/api/v1/Org"), 1);
}

#[tokio::test]
async fn after_silence_a_read_is_tried_once_more_and_a_change_is_not() {
    for (line, times) in [
        ("GET /api/v3/orgs/guid-2", 2),
        ("POST /api/v3/orgs/guid-2/block", 1),
    ] {
        let server = Server::start(move |seen: &Seen, _| match seen.line() == line {
            true => Reply::Silence,
            false => tenant(seen, 3),
        })
        .await;
        let client = Client::builder(&server.url)
            .local_account(account())
            .silence(Duration::from_secs(1))
            .retry(quick())
            .build()
            .unwrap();
        let orgs = client.orgs();
        let error = match times {
            1 => orgs.block(2).await.unwrap_err(),
            _ => orgs.get_by_id(2).await.unwrap_err(),
        };
        assert!(error.is_timeout(), "{error}");
        let is_read = times > 1;
        assert_eq!(error.is_transient(), is_read, "{error}");
        assert_eq!(server.count(line), times);
        assert_eq!(error.happened() == Happened::Unknown, !is_read);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_anything_is_sent_is_tried_again_for_a_change_too() {
    // TLS is not answered, so nothing of the request leaves.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut greeting = [0; 64];
            let _ = stream.unwrap().read(&mut greeting);
        }
    });
    let client = Client::builder(format!("https://{address}"))
        .token_provider(|| async { Ok::<_, std::io::Error>("a.b.c") })
        .danger_accept_invalid_certificates(true)
        .retry(quick())
        .build()
        .unwrap();
    let below = org42::CreateOrg::new().parent("guid-1");
    let error = client.orgs().create_org("Paris", below).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert_eq!(
        (connections.load(Ordering::SeqCst), error.happened()),
        (3, Happened::No)
    );
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let server = Server::start(|seen: &Seen, _| match tenant(seen, 3) {
        Reply::Http(status, headers, body) => {
            Reply::Http(status, headers, gzip_stored(&body)).with_header("Content-Encoding: gzip")
        }
        other => other,
    })
    .await;
    let org = server.client().orgs().get_by_id(3).await.unwrap();
    assert_eq!(org.org_name, "Org 3");
    assert!(org.text().starts_with('{'));
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked_to_its_end() {
    let bomb = gzip_zeros(200 * 1024 * 1024);
    assert!(bomb.len() < 2 * 1024 * 1024);
    let server = Server::start(move |_: &Seen, _| {
        Reply::Http(200, "Content-Encoding: gzip\r\n".to_owned(), bomb.clone())
    })
    .await;
    let client = Client::builder(&server.url)
        .local_account(account())
        .answer_limit(1024 * 1024)
        .build()
        .unwrap();
    let error = one_page(&client).await.unwrap_err();
    assert!(error.to_string().contains("1048576"), "{error}");
    assert_eq!(server.count(LIST), 1);
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_and_show_no_secret() {
    let built = |change: fn(org42::ClientBuilder) -> org42::ClientBuilder| {
        change(Client::builder("http://127.0.0.1:1").local_account(account())).build()
    };
    for result in [
        built(|builder| builder.ca_bundle_pem("no certificate")),
        built(|builder| builder.ca_bundle("/does/not/exist.pem")),
        built(|builder| builder.proxy("::s3cret::")),
        built(|builder| builder.user_agent_suffix("two\nlines")),
        Client::builder("http://127.0.0.1:1").build(),
        Client::builder("ftp://s3cret")
            .api_client("id", "s3cret")
            .build(),
    ] {
        let error = result.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}

/// Runs one test of this binary again, in a process of its own with other environment variables.
fn in_child(test: &str, variables: &[(&str, &str)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("ORG42_TEST_CHILD", "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_child() -> bool {
    std::env::var_os("ORG42_TEST_CHILD").is_some()
}

#[tokio::test]
async fn without_certificates_on_the_machine_http_works() {
    if !is_child() {
        let empty = tempfile::tempdir().unwrap();
        let variables = [
            ("SSL_CERT_FILE", "/dev/null"),
            ("SSL_CERT_DIR", empty.path().to_str().unwrap()),
        ];
        return in_child(
            "settings::without_certificates_on_the_machine_http_works",
            &variables,
        );
    }
    if cfg!(target_os = "linux") {
        let https = Client::builder("tenant.example").local_account(account());
        assert!(https.build().is_err(), "this machine has certificates");
    }
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    assert_eq!(one_page(&server.client()).await.unwrap(), 3);
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_used_unless_the_host_is_loopback() {
    if !is_child() {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", proxy.local_addr().unwrap());
        // Nothing listens there: a request through the proxy fails.
        drop(proxy);
        let variables = [
            ("HTTP_PROXY", &*url),
            ("http_proxy", &*url),
            ("NO_PROXY", ""),
        ];
        return in_child(
            "settings::a_proxy_of_the_environment_is_used_unless_the_host_is_loopback",
            &variables,
        );
    }
    let server = Server::start(|seen, _| tenant(seen, 3)).await;
    assert_eq!(one_page(&server.client()).await.unwrap(), 3);
    let elsewhere = |honoured| {
        Client::builder("http://tenant.invalid")
            .local_account(account())
            .proxy_from_environment(honoured)
            .retry(quick().attempts(1))
            .build()
            .unwrap()
    };
    let direct = one_page(&elsewhere(false)).await.unwrap_err();
    assert!(
        direct.to_string().contains("no host of the name"),
        "{direct}"
    );
    let proxied = one_page(&elsewhere(true)).await.unwrap_err();
    assert!(
        proxied.is_connect() && !proxied.to_string().contains("no host of the name"),
        "{proxied}"
    );
}

/// Returns a gzip file whose content is stored uncompressed.
fn gzip_stored(data: &[u8]) -> Vec<u8> {
    let mut file = GZIP_HEAD.to_vec();
    let length = u16::try_from(data.len()).unwrap();
    file.push(1);
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(data);
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 * (crc & 1));
        }
    }
    file.extend((!crc).to_le_bytes());
    file.extend(u32::from(length).to_le_bytes());
    file
}

const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Returns a gzip file of about `length` zero bytes in the shortest codes that there are; it has no end.
fn gzip_zeros(length: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, with fixed codes; then one zero byte, and over and over "the same for 258 bytes".
    bits.push(0b011, 3);
    bits.push(0b0000_1100, 8);
    for _ in 0..length / 258 {
        bits.push(0b1010_0011, 8);
        bits.push(0, 5);
    }
    [GZIP_HEAD.to_vec(), bits.bytes].concat()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    /// Adds bits, the lowest first.
    fn push(&mut self, bits: u32, count: u32) {
        self.held |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count -= 8;
        }
    }
}
