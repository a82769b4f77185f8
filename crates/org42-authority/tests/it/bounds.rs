//! What strangers may take: of the log, of memory, and of the time of others.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use org42_authority::{Authority, DEFAULT_ADMIN, Sample};
use serde_json::{Value, json};

use crate::testbench::{PASSWORD, TestBench, options};

const LONG: &str = "PUT /api/v1/Org/2";

impl TestBench {
    async fn log(&self) -> (usize, Vec<Value>) {
        let got = self.get("/_authority/requests").await;
        assert_eq!(got.status, 200);
        let rows = got.json()["requests"].as_array().unwrap().clone();
        (got.text.len(), rows)
    }

    fn connect(&self) -> TcpStream {
        let address = self.running.url().strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        stream
    }
}

/// A small text that is large as a document.
fn hostile(length: usize) -> String {
    format!("[{}0]", r#"{"":0},"#.repeat(length / 7))
}

#[tokio::test]
async fn the_log_is_bounded_whoever_asks() {
    let bench = TestBench::new().await;
    let body = hostile(16_000);
    for _ in 0..80 {
        let got = bench.send("POST", "/api/v1/Org", "", &body).await;
        assert_eq!(got.status, 401);
    }
    let (length, rows) = bench.log().await;
    assert!(length < 2 * 1024 * 1024, "{length}");
    assert!(rows.last().unwrap()["body"].is_array());
    // Longer ones are measured only, and so are their queries.
    let query = format!("/api/v1/Org?{}", "a=1&".repeat(15_000));
    for _ in 0..1_010 {
        let got = bench
            .send("POST", "/api/v1/Org", "", &hostile(20_000))
            .await;
        assert_eq!(got.status, 401);
    }
    assert_eq!(bench.send("GET", &query, "", "").await.status, 414);
    let (length, rows) = bench.log().await;
    assert!(length < 1024 * 1024, "{length}");
    assert_eq!(rows.len(), 1_000);
    let last = rows.last().unwrap();
    assert_eq!(last["query"], json!({"[60000 bytes]": ""}));
    assert_eq!(
        rows[0]["body"],
        format!("[{} bytes]", hostile(20_000).len())
    );
}

#[tokio::test]
async fn the_log_tells_no_secret_however_it_is_written() {
    let bench = TestBench::new().await;
    for name in [
        "pass",
        "pin",
        "passwort",
        "smtp.pass",
        "dbPass",
        r"pass\u0077ord",
        "kennwort",
        "pwd",
        "mot_de_passe",
        "contraseña",
        "otp",
        "code",
        "userPin",
        "PINCode",
        "pass%77ord",
    ] {
        let bodies = [
            format!(r#"{{"{name}":"hunter2"}}"#),
            format!(r#"[{{"deep":[{{"{name}":{{"x":["hunter2"]}}}}]}}]"#),
            format!(r#"{{"key":"{name}","value":"hunter2"}}"#),
            json!({"text": format!(r#"{{"{name}":"hunter2"}}"#)}).to_string(),
        ];
        for body in bodies {
            bench.send("POST", "/api/v1/Org", "", &body).await;
        }
        let query = name.replace(r"\u0077", "w");
        let path = format!("/api/v1/Org?a=1&{query}=hunter2");
        bench.send("GET", &path, "", "").await;
    }
    bench
        .send("GET", "/api/v1/Org?smtp.p%61ss=hunter2", "", "")
        .await;
    let kept = r#"{"mapping":"visible","shipping":"visible","bypass":"visible"}"#;
    bench.send("POST", "/api/v1/Org", "", kept).await;
    let (_, rows) = bench.log().await;
    let text = Value::from(rows.clone()).to_string();
    assert!(!text.contains("hunter"), "{text}");
    assert!(text.contains("[removed]"));
    let body = &rows.last().unwrap()["body"];
    assert_eq!(body, &serde_json::from_str::<Value>(kept).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_is_refused_before_it_is_kept() {
    let bench = TestBench::new().await;
    let long = " ".repeat(300 * 1024);
    for path in ["/api/v1/Org", "/_authority/agent/login", "/nowhere"] {
        assert_eq!(bench.send("POST", path, "", &long).await.status, 413);
    }
    // Nobody sends it who asks first.
    let mut asking = bench.connect();
    let head = "POST /api/v1/Org HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n\
                Content-Length: 300000\r\n\r\n";
    asking.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    asking.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    let many = format!(r#"{{"settings":{{}},"x":{}}}"#, hostile(200_000));
    assert_eq!(bench.ask(LONG, &many).await.status, 413);
    let path = format!("/api/v1/Org?{}", "a=1&".repeat(201));
    assert_eq!(bench.get(&path).await.status, 400);
    assert_eq!(bench.ask(LONG, "{}").await.status, 200);
}

#[tokio::test]
async fn names_show_as_what_they_are() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let long = format!("{}@example.com", "a".repeat(309));
    for name in [
        "ann\u{1b}[2J@example.com",
        "ann\u{202e}moc.elpmaxe@x",
        "ann\u{2066}@example.com",
        "ann\nbob@example.com",
        long.as_str(),
    ] {
        let put = format!("PUT /api/v1/User/{}", ann["userId"]);
        for line in ["POST /api/v1/User", &put] {
            let body = json!({"orgUid": org["orgUid"], "username": name, "password": PASSWORD});
            let got = bench.ask(line, &body.to_string()).await;
            assert!(got.status >= 400, "{line} {name:?}");
            assert!(got.text.contains("A username has"), "{}", got.text);
        }
    }
    bench.create_user(&org, &long[1..]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_bodies_share_one_budget_and_short_ones_are_always_taken() {
    let bench = TestBench::new().await;
    let long = format!("{{}}{}", " ".repeat(250 * 1024));
    let head = format!(
        "POST /api/v1/Org HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n",
        long.len()
    );
    let mut half_sent = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(60);
    // A body that was cut off gives back what it held, so both are asked for until there is no room for either.
    let (refused, wrong) = loop {
        for _ in 0..10 {
            let mut stream = bench.connect();
            // One that is not taken any more may be closed already.
            let sent = stream.write_all(head.as_bytes());
            let _ = sent.and_then(|()| stream.write_all(&long.as_bytes()[..long.len() - 1]));
            half_sent.push(stream);
        }
        let got = bench.send("POST", "/api/v1/Org", "", &long).await;
        let wrong = bench
            .send("POST", "/api/v1/Org", "Bearer x.y.z", &long)
            .await;
        if got.status != 401 && wrong.status != 401 {
            break (got, wrong);
        }
        assert!(half_sent.len() < 300 && Instant::now() < deadline);
    };
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(wrong.status, 503, "a token that is none opens nothing");
    assert_eq!(
        bench.ask(LONG, &long).await.status,
        200,
        "who is known has a reserve"
    );
    assert_eq!(bench.ask(LONG, "{}").await.status, 200);
    assert_eq!(bench.get("/api/v1/Org").await.status, 200);
    // Whoever was taken is answered, and gives back what they held.
    for stream in &mut half_sent {
        let _ = stream.write_all(b" ");
    }
    let mut answer = [0; 12];
    half_sent[0].read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    drop(half_sent);
    while bench.send("POST", "/api/v1/Org", "", &long).await.status != 401 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Changes wait for a program that holds the tenant's file; there are more of them than threads.
#[test]
fn who_reads_is_answered_while_changes_wait() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let dir = tempfile::TempDir::new().unwrap();
        let (options, clock) = options(Default::default(), 7);
        let authority = Authority::open(dir.path(), Sample::None, DEFAULT_ADMIN, options).unwrap();
        let bench = std::sync::Arc::new(TestBench::over(authority, clock).await);
        let other = rusqlite::Connection::open(dir.path().join("tenant.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let changes: Vec<_> = (0..100)
            .map(|number| {
                let bench = bench.clone();
                let body = format!(r#"{{"orgName":"Org {number}"}}"#);
                tokio::spawn(async move { bench.ask("POST /api/v3/orgs", &body).await.status })
            })
            .collect();
        // All of them have been received.
        let received = async || {
            let (_, rows) = bench.log().await;
            let posted = rows.iter().filter(|row| row["method"] == "POST");
            posted.count()
        };
        let waiting = async {
            while received().await < changes.len() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            for path in [
                "/api/v1/Org",
                "/api/v1/User?q=a",
                "/api/v1/Org/2?incCounts=true",
            ] {
                assert_eq!(bench.get(path).await.status, 200);
            }
            bench.login(DEFAULT_ADMIN, PASSWORD).await.unwrap();
        };
        let patience = Duration::from_secs(25);
        tokio::time::timeout(patience, waiting).await.unwrap();
        assert!(changes.iter().all(|change| !change.is_finished()));
        other.execute_batch("COMMIT").unwrap();
        for change in changes {
            assert_eq!(change.await.unwrap(), 200);
        }
    });
}

#[tokio::test]
async fn a_list_that_is_too_long_for_memory_comes_whole() {
    let (options, clock) = options(Default::default(), 7);
    let tenant = Authority::in_memory(Sample::Orgs(1500), DEFAULT_ADMIN, options).unwrap();
    let bench = TestBench::over(tenant, clock).await;
    let got = bench.get("/v1/orgs").await;
    assert_eq!(got.header("content-length"), got.text.len().to_string());
    assert!(got.text.len() > 500_000);
    let orgs = got.json()["orgs"].as_array().unwrap().clone();
    assert_eq!(
        (orgs.len(), &got.json()["totalCount"]),
        (1500, &json!(1500))
    );
    assert_eq!(orgs[0]["orgCount"], 1499);
    let page = bench.get("/api/v1/Org?pgSize=1000&pgNum=2").await;
    assert_eq!(page.header("content-length"), page.text.len().to_string());
    assert_eq!(page.data()["orgs"].as_array().unwrap().len(), 500);
    let (_, rows) = bench.log().await;
    let measured = format!("[{} bytes]", got.text.len());
    assert!(rows.iter().any(|row| row["answer"] == measured));
}
