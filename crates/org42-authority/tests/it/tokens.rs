//! Ended is ended: however a token is written, in whatever process, whatever else happens to the tenant.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, Sample};
use tempfile::TempDir;

use crate::testbench::{PASSWORD, TestBench, options};

/// The two halves of a token for the administrator.
async fn halves(bench: &TestBench) -> (String, String) {
    let url = format!("{}/api/AuthToken", bench.running.url());
    let request = bench
        .http
        .post(url)
        .basic_auth(DEFAULT_ADMIN, Some(PASSWORD));
    let text = request.send().await.unwrap().text().await.unwrap();
    let made: serde_json::Value = serde_json::from_str(&text).unwrap();
    let half = |at: usize| made["data"][at].as_str().unwrap().to_owned();
    (half(0), half(1))
}

fn signed(digits: &str) -> String {
    let pairs = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes = pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect();
    String::from_utf8(bytes).unwrap()
}

/// The same bits of a signature with others in the room that is left in its last letter.
fn respelled(token: &str) -> Vec<String> {
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet
        .iter()
        .position(|letter| *letter == last.as_bytes()[0])
        .unwrap();
    let near =
        (place & !3..=place | 3).map(|place| format!("{rest}{}", char::from(alphabet[place])));
    near.chain([format!("{token}="), format!("{token}==")])
        .collect()
}

/// Every way to show a token, as the value of the header `Authorization`.
fn forms(first: &str, second: &str) -> Vec<String> {
    let digits = format!("{first}{second}");
    let token = signed(&digits);
    let dashed: Vec<_> = digits
        .as_bytes()
        .chunks(7)
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    let mut forms = vec![
        format!("TOKEN {first}-{second}"),
        format!("token {digits}"),
        format!("TOKEN {}-{second}", first.to_uppercase()),
        format!("TOKEN {}-{}", first.to_uppercase(), second.to_uppercase()),
        format!("TOKEN -{}--", dashed.join("-")),
    ];
    for token in respelled(&token) {
        let respelled: String = token.bytes().map(|byte| format!("{byte:02X}")).collect();
        forms.extend([
            format!("Bearer {token}"),
            format!("v3_user_token {token}"),
            format!("TOKEN {respelled}"),
        ]);
    }
    forms
}

async fn alive(bench: &TestBench, forms: &[String]) -> Vec<String> {
    let mut alive = Vec::new();
    for form in forms {
        if bench.send("GET", "/api/v1/Org/my", form, "").await.status != 401 {
            alive.push(form.clone());
        }
    }
    alive
}

#[tokio::test]
async fn an_ended_token_is_over_in_every_form_in_every_process_and_after_restarts() {
    let folder = TempDir::new().unwrap();
    let open = async |seed| {
        let (options, clock) = options(Fidelity::default(), seed);
        let dir = folder.path().join("data");
        let authority = Authority::open(&dir, Sample::None, DEFAULT_ADMIN, options).unwrap();
        TestBench::over(authority, clock).await
    };
    // Each sets the administrator's password, which ends sessions; so both are there before there are any.
    let (one, other) = (open(1).await, open(2).await);
    let endings: [fn(&str, &str) -> String; 4] = [
        |first, second| format!("{first}-{second}"),
        |first, second| format!("{}{}", first.to_uppercase(), second),
        |first, second| format!("{}-{second}-", first.to_uppercase()),
        |first, second| signed(&format!("{first}{second}")),
    ];
    for ending in endings {
        let (first, second) = halves(&one).await;
        let (third, fourth) = halves(&one).await;
        assert_ne!((&first, &second), (&third, &fourth), "each is another one");
        let forms = forms(&first, &second);
        assert!(alive(&other, &forms).await.len() >= 8);
        let path = format!("/api/v1/AuthToken/{}", ending(&first, &second));
        assert_eq!(one.send("DELETE", &path, "", "").await.status, 204);
        for process in [&one, &other] {
            assert_eq!(alive(process, &forms).await, Vec::<String>::new());
            let path = format!("/api/v1/AuthToken/{}-{second}", first.to_uppercase());
            assert_eq!(
                process.send("GET", &path, "", "").await.data()["valid"],
                false
            );
        }
        let left = [format!("TOKEN {third}-{fourth}")];
        assert_eq!(alive(&other, &left).await, left, "the other one goes on");
    }
}

#[tokio::test]
async fn an_end_outlives_restorations_resets_and_turned_clocks() {
    let bench = TestBench::new().await;
    let ask = async |line: &str, body: &str| {
        let (method, path) = line.split_once(' ').unwrap();
        let basic = format!(
            "Basic {}",
            base64::prelude::BASE64_STANDARD.encode(format!("{DEFAULT_ADMIN}:{PASSWORD}"))
        );
        let got = bench.send(method, path, &basic, body).await;
        assert!(got.status < 300, "{line}: {}", got.text);
    };
    let (first, second) = halves(&bench).await;
    let forms = forms(&first, &second);
    ask("POST /_authority/snapshots", r#"{"name":"before"}"#).await;
    ask(&format!("DELETE /api/v1/AuthToken/{first}-{second}"), "").await;
    ask("POST /_authority/snapshots/before/restore", "").await;
    assert_eq!(
        alive(&bench, &forms).await,
        Vec::<String>::new(),
        "restored"
    );
    ask("POST /_authority/reset", "").await;
    assert_eq!(alive(&bench, &forms).await, Vec::<String>::new(), "reset");
    let (third, fourth) = halves(&bench).await;
    // Much later others are ended, and those whose time has come are forgotten; then the clock is set back.
    ask("POST /_authority/clock", r#"{"advanceSeconds":86400}"#).await;
    for _ in 0..3 {
        let (first, second) = halves(&bench).await;
        ask(&format!("DELETE /api/v1/AuthToken/{first}-{second}"), "").await;
    }
    // One whose time is over only by the clock that is ahead is ended all the same.
    ask(&format!("DELETE /api/v1/AuthToken/{third}-{fourth}"), "").await;
    ask("DELETE /_authority/clock", "").await;
    assert_eq!(
        alive(&bench, &self::forms(&third, &fourth)).await,
        Vec::<String>::new(),
        "ended while its time seemed over"
    );
    assert_eq!(
        alive(&bench, &forms).await,
        Vec::<String>::new(),
        "turned back"
    );
}

#[tokio::test]
async fn a_token_is_told_to_be_good_only_while_it_is() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    for (n, what) in ["PUT UserBlock", "PUT UserDeactivation", "PUT User"]
        .into_iter()
        .enumerate()
    {
        let name = format!("user{n}@example.com");
        let user = bench.create_user(&org, &name).await;
        let token = bench.login(&name, PASSWORD).await.unwrap();
        let digits: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        let valid = async || {
            let path = format!("/api/v1/AuthToken/{digits}");
            bench.send("GET", &path, "", "").await.data()["valid"].clone()
        };
        assert_eq!(valid().await, true);
        let (method, resource) = what.split_once(' ').unwrap();
        let line = format!("{method} /api/v1/{resource}/{}", user["userId"]);
        bench.ask(&line, r#"{"password":"correct horse 2"}"#).await;
        assert_eq!(valid().await, false, "after {what}");
        assert_eq!(
            alive(&bench, &[format!("TOKEN {digits}")]).await,
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn a_token_says_which_one_it_is() {
    let bench = TestBench::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let token = bench.login(DEFAULT_ADMIN, PASSWORD).await.unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1).unwrap())
            .unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        ids.push(claims["jti"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}
