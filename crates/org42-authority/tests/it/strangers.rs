//! What strangers cannot do: keep others out, guess quickly, or be taken for another address.

use std::net::{IpAddr, Ipv4Addr};

use futures_util::future::join_all;
use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, Sample};
use serde_json::{Value, json};

use crate::logins::code;
use crate::testbench::{Got, PASSWORD, TestBench, options};

/// One of this machine's addresses.
fn from(number: u8) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .local_address(IpAddr::from(Ipv4Addr::new(127, 0, 0, number)))
        .build()
        .unwrap()
}

struct Stranger<'a> {
    bench: &'a TestBench,
    http: reqwest::Client,
    forwarded: Option<(&'static str, String)>,
}

impl TestBench {
    fn stranger(&self, number: u8) -> Stranger<'_> {
        Stranger {
            bench: self,
            http: from(number),
            forwarded: None,
        }
    }

    async fn with_proxies(networks: &[&str]) -> Self {
        let (mut options, clock) = options(Fidelity::default(), 7);
        options.trusted_proxies = networks.iter().map(|text| text.parse().unwrap()).collect();
        let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
        Self::over(authority, clock).await
    }
}

impl Stranger<'_> {
    fn forwarding(mut self, name: &'static str, value: &str) -> Self {
        self.forwarded = Some((name, value.to_owned()));
        self
    }

    async fn ask(&self, line: &str, name: &str, secret: &str) -> Got {
        let (method, path) = line.split_once(' ').unwrap();
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.bench.running.url());
        let mut request = self
            .http
            .request(method, url)
            .basic_auth(name, Some(secret));
        if let Some((name, value)) = &self.forwarded {
            request = request.header(*name, value);
        }
        got(request).await
    }

    async fn sign_in(&self, name: &str, password: &str) -> u16 {
        self.ask("GET /api/v3/auth/jwt", name, password)
            .await
            .status
    }

    /// Guesses until the answer is to come back later, while the clock stands still; how many guesses were looked at.
    async fn exhaust(&self, name: &str) -> usize {
        let mut looked_at = 0;
        loop {
            let got = self.ask("GET /api/v3/auth/jwt", name, "wrong guess").await;
            if got.status == 429 {
                assert!(got.header("retry-after").parse::<u64>().unwrap() >= 1);
                return looked_at;
            }
            assert_eq!(got.status, 401);
            looked_at += 1;
            assert!(looked_at < 50, "nothing stops it");
            // The waits are those of the clock's, so they are over at once.
            self.bench
                .clock
                .advance_millis(i64::from(looked_at < 17) * 1_710);
        }
    }
}

async fn got(request: reqwest::RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Got {
        status,
        headers,
        text,
    }
}

#[tokio::test]
async fn wrong_passwords_from_one_address_keep_nobody_out_at_another() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    bench.create_user(&org, "ann@example.com").await;
    let robot = bench
        .running
        .authority()
        .tenant()
        .create_api_client()
        .unwrap();
    let (eve, other) = (bench.stranger(2), bench.stranger(3));
    for name in [DEFAULT_ADMIN, "ann@example.com"] {
        eve.exhaust(name).await;
        assert_eq!(eve.sign_in(name, PASSWORD).await, 429, "not even looked at");
        assert_eq!(other.sign_in(name, PASSWORD).await, 200, "{name}");
    }
    for line in [
        "POST /v1/oauth",
        "POST /api/v3/oauth/token",
        "GET /_authority/clock",
    ] {
        assert_eq!(
            eve.ask(line, &robot.client_id, "wrong guess").await.status,
            429
        );
        assert_eq!(
            other
                .ask(line, &robot.client_id, &robot.secret)
                .await
                .status,
            200
        );
    }
    // Who got in before the guesses is not kept out at the very address.
    let home = bench.stranger(1);
    home.exhaust("nobody@example.com").await;
    assert_eq!(
        home.sign_in("ann@example.com", PASSWORD).await,
        429,
        "first time there"
    );
    assert_eq!(home.sign_in(DEFAULT_ADMIN, PASSWORD).await, 200);
    bench.clock.advance_millis(30_000);
    assert_eq!(home.sign_in("ann@example.com", PASSWORD).await, 200);
}

#[tokio::test]
async fn a_success_does_not_forgive_guesses_at_other_accounts() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    bench.create_user(&org, "eve@example.com").await;
    let eve = bench.stranger(2);
    let mut looked_at = 0;
    for number in 0..108 {
        assert_eq!(eve.sign_in("eve@example.com", PASSWORD).await, 200);
        let guess = eve
            .sign_in(&format!("user{number}@example.com"), PASSWORD)
            .await;
        looked_at += usize::from(guess == 401);
        if number < 16 {
            bench.clock.advance_millis(1_710);
        }
    }
    assert!((10..=20).contains(&looked_at), "{looked_at}");
}

#[tokio::test]
async fn every_way_to_show_a_password_or_secret_is_braked() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let device = bench.register(&org, "ann@example.com").await.json();
    let ways = |n: usize| -> (&'static str, Option<Value>) {
        let pass =
            json!({"guid": device["guid"], "secret": "x", "bytes": 1, "name": "x", "value": "x"});
        let registration = json!({"registrationKey": org["registrationKey"], "username": " ann@example.com",
            "password": "wrong guess", "deviceName": "d", "osName": "o"});
        match n {
            0 => ("GET /api/v3/auth/jwt", None),
            1 => ("POST /api/v1/AuthToken", None),
            2 => ("GET /api/v1/User/my", None),
            3 => ("GET /_authority/clock", None),
            4 => ("POST /_authority/agent/register", Some(registration)),
            5 => ("POST /_authority/agent/login", Some(pass)),
            6 => ("POST /_authority/agent/backup", Some(pass)),
            7 => ("POST /_authority/agent/start-backup", Some(pass)),
            _ => ("POST /_authority/agent/state", Some(pass)),
        }
    };
    for n in 0..9 {
        let eve = bench.stranger(u8::try_from(20 + n).unwrap());
        let mut refused = 0;
        bench.clock.advance_millis(600_000);
        for _ in 0..30 {
            let (line, body) = ways(n);
            let (method, path) = line.split_once(' ').unwrap();
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = eve
                .http
                .request(method, format!("{}{path}", bench.running.url()));
            let request = match &body {
                Some(body) => request.body(body.to_string()),
                None => request.basic_auth("ANN@example.com", Some("wrong guess")),
            };
            let got = got(request).await;
            match got.status {
                429 => refused += 1,
                401 | 403 => bench.clock.advance_millis(1_710),
                other => panic!("{line}: {other} {}", got.text),
            }
        }
        assert!(refused >= 10, "{}: {refused}", ways(n).0);
    }
    assert_eq!(bench.agent(&device, "login").await.status, 200);
    assert_eq!(
        bench.stranger(9).sign_in("ann@example.com", PASSWORD).await,
        200
    );
}

#[tokio::test]
async fn wrong_codes_are_braked_wherever_they_come_from() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let home = bench.stranger(1);
    assert_eq!(home.sign_in("ann@example.com", PASSWORD).await, 200);
    let line = format!("POST /_authority/totp/{}", ann["userUid"].as_str().unwrap());
    let secret = bench.ask(&line, "").await.json();
    let secret = secret["secret"].as_str().unwrap();
    let with_code = async |stranger: &Stranger<'_>, code: &str| {
        let url = format!("{}/api/v3/auth/jwt", bench.running.url());
        let request = stranger
            .http
            .get(url)
            .basic_auth("ann@example.com", Some(PASSWORD));
        got(request.header("totp-auth", code)).await.status
    };
    let mut looked_at = 0;
    for number in 2..60 {
        let eve = bench.stranger(number);
        looked_at += usize::from(with_code(&eve, "000000").await == 401);
        bench.clock.advance_millis(500);
    }
    assert!(looked_at <= 15, "{looked_at}");
    let now = 1_795_435_200 + 29;
    assert_eq!(
        with_code(&home, &code(secret, now)).await,
        200,
        "at home she still gets in"
    );
    let guesses = join_all((0..40).map(|_| with_code(&home, "000000"))).await;
    let looked_at = guesses.iter().filter(|status| **status == 401).count();
    assert!(looked_at <= 17, "{guesses:?}");
}

#[tokio::test]
async fn forwarded_addresses_count_when_a_trusted_proxy_tells_them() {
    let bench = TestBench::with_proxies(&["127.0.0.9", "127.0.0.16/28"]).await;
    let by = |number, name, value: &str| bench.stranger(number).forwarding(name, value);
    let listed = "X-Forwarded-For";
    by(9, listed, "198.51.100.1")
        .exhaust("nobody@example.com")
        .await;
    let ask = async |stranger: Stranger<'_>| stranger.sign_in(DEFAULT_ADMIN, PASSWORD).await;
    // The same address, by way of another proxy and in another header.
    assert_eq!(ask(by(9, listed, "203.0.113.5, 198.51.100.1")).await, 429);
    assert_eq!(ask(by(17, listed, "198.51.100.1, 127.0.0.9")).await, 429);
    assert_eq!(
        ask(by(9, "Forwarded", "for=\"198.51.100.1:47\";proto=http")).await,
        429
    );
    // Another one, and the proxy itself.
    assert_eq!(ask(by(9, listed, "198.51.100.2")).await, 200);
    assert_eq!(ask(bench.stranger(9)).await, 200);
    // Whoever is no proxy is where they are, whatever they say.
    let eve = by(8, listed, "198.51.100.3");
    eve.exhaust("nobody@example.com").await;
    for name in [listed, "Forwarded", "X-Real-IP"] {
        assert_eq!(ask(by(8, name, "for=203.0.113.9")).await, 429, "{name}");
    }
    assert_eq!(ask(by(9, listed, "198.51.100.3")).await, 200);
}

/// A farm of clients behind one address: they wait, or are asked to come back, and are not taken for guesses.
#[tokio::test]
async fn a_crowd_of_right_sign_ins_is_not_braked() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    for number in 0..5 {
        bench
            .create_user(&org, &format!("user{number}@example.com"))
            .await;
    }
    let farm = bench.stranger(2);
    let names: Vec<_> = (0..300)
        .map(|number| format!("user{}@example.com", number % 5))
        .collect();
    let sign_ins = names
        .iter()
        .map(|name| farm.ask("GET /api/v3/auth/jwt", name, PASSWORD));
    let answers = join_all(sign_ins).await;
    let count = |status| answers.iter().filter(|got| got.status == status).count();
    assert!(count(200) >= 256, "{}", count(200));
    assert_eq!(count(200) + count(503), 300);
    for busy in answers.iter().filter(|got| got.status == 503) {
        assert!(busy.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
}
