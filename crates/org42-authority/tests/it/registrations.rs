//! Devices register for users who say so themselves, and for nobody else.

use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, PasswordCost, Sample};
use serde_json::{Value, json};

use crate::logins::code;
use crate::testbench::{Got, PASSWORD, TestBench, options};

/// When the bench's clock starts, 2026-11-23T12:00:00Z.
const START_SECONDS: u64 = 1_795_435_200;

impl TestBench {
    async fn register_as(&self, org: &Value, name: &str, password: &str, code: &str) -> Got {
        let body = json!({
            "registrationKey": org["registrationKey"],
            "username": name,
            "password": password,
            "deviceName": "d",
            "osName": "o",
        });
        let url = format!("{}/_authority/agent/register", self.running.url());
        let mut request = self.http.post(url).body(body.to_string());
        if !code.is_empty() {
            request = request.header("totp-auth", code);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Got {
            status,
            headers,
            text,
        }
    }

    async fn devices(&self) -> Value {
        self.get("/api/v1/Computer").await.data()["computers"].clone()
    }
}

#[tokio::test]
async fn no_spelling_of_a_name_gives_a_stranger_somebodys_device() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    bench.create_user(&org, "ann@example.com").await;
    for name in [
        "ann@example.com",
        " ann@example.com",
        "ann@example.com ",
        "\tANN@example.com\n",
        "\u{a0}ann@example.com\u{2003}",
    ] {
        let got = bench.register_as(&org, name, "a strangers", "").await;
        assert_eq!(
            got.refusal(),
            (403, "BAD_CREDENTIALS".to_owned()),
            "{name:?}"
        );
    }
    assert_eq!(bench.devices().await, json!([]));
    assert_eq!(
        bench
            .register_as(&org, " ANN@example.com ", PASSWORD, "")
            .await
            .status,
        200
    );
    assert_eq!(bench.devices().await.as_array().unwrap().len(), 1);
    assert_eq!(
        bench
            .register_as(&org, " bob@example.com ", PASSWORD, "")
            .await
            .status,
        200
    );
    assert!(bench.login("bob@example.com", PASSWORD).await.is_ok());
}

/// The password is looked at before the user is there, and takes long enough for the user to come into being.
#[tokio::test]
async fn a_user_who_is_created_meanwhile_has_no_device_of_a_stranger() {
    let (mut options, clock) = options(Fidelity::default(), 7);
    options.password_cost = PasswordCost::Default;
    let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
    let bench = TestBench::over(authority, clock).await;
    let org = bench.create_org(None, "Paris").await;
    for round in 0..6 {
        let name = format!("user{round}@example.com");
        let user = json!({"orgUid": org["orgUid"], "username": name, "email": name});
        let creating = async {
            tokio::task::yield_now().await;
            bench
                .ask("POST /api/v1/User", &user.to_string())
                .await
                .status
        };
        let (created, registered) =
            tokio::join!(creating, bench.register_as(&org, &name, "a strangers", ""));
        match (created, registered.status) {
            (200, 403) | (500, 200) => {}
            other => panic!("round {round}: {other:?} {}", registered.text),
        }
        bench.clock.advance_millis(60_000);
    }
}

#[tokio::test]
async fn who_signs_in_with_codes_registers_with_one_and_each_once() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let line = format!("POST /_authority/totp/{}", ann["userUid"].as_str().unwrap());
    let made = bench.ask(&line, "").await.json();
    let secret = made["secret"].as_str().unwrap();
    let register = async |password: &str, code: &str| {
        bench
            .register_as(&org, "ann@example.com", password, code)
            .await
            .refusal()
    };
    let wrong = (403, "BAD_CREDENTIALS".to_owned());
    let now = code(secret, START_SECONDS);
    assert_eq!(register(PASSWORD, "").await, wrong, "the password alone");
    assert_eq!(register(PASSWORD, "000000").await, wrong);
    assert_eq!(register("wrong guess", &now).await, wrong);
    assert_eq!(register(PASSWORD, &now).await.0, 200);
    assert_eq!(register(PASSWORD, &now).await, wrong, "the same code again");
    let url = format!("{}/api/v3/auth/jwt", bench.running.url());
    let sign_in = bench
        .http
        .get(url)
        .basic_auth("ann@example.com", Some(PASSWORD));
    let answer = sign_in.header("totp-auth", &now).send().await.unwrap();
    assert_eq!(answer.status(), 401, "nor does it sign in");
    bench.clock.advance_millis(30_000);
    assert_eq!(
        register(PASSWORD, &code(secret, START_SECONDS + 30))
            .await
            .0,
        200
    );
    assert_eq!(bench.devices().await.as_array().unwrap().len(), 2);
}

/// Neither does it matter how short the password is, nor who there is.
#[tokio::test]
async fn a_short_password_tells_nobody_who_is_there() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    bench.create_user(&org, "ann@example.com").await;
    let ask = async |name: &str| bench.register_as(&org, name, "short", "").await.refusal();
    assert_eq!(
        ask("ann@example.com").await,
        ask("nobody@example.com").await
    );
    let unknown = json!({"registrationKey": "ABCD-EFGH-IJKL-MNOP"});
    let got = bench
        .register_as(&unknown, "ann@example.com", PASSWORD, "")
        .await;
    assert_eq!(got.refusal(), (403, "BAD_CREDENTIALS".to_owned()));
}
