//! Every combination of what is said, what is set and what a profile has that could send a secret elsewhere.

use super::super::address::{same_tenant, same_url};
use super::*;
use crate::profile::Profiles;

/// Profiles: people and API clients, with and without a kept secret.
const PROFILES: &str = "
[profiles.prod]
url = 'https://prod.example.com'
username = 'root@prod'

[profiles.test]
url = 'https://test.example.com'
username = 'audit@test'

[profiles.kept]
url = 'kept.example.com'
username = 'root@prod'
secret = 'file'
totp = 'file'

[profiles.robot]
url = 'robot.example.com'
api_client_id = 'key-42-a'

[profiles.robot-kept]
url = 'robot.example.com'
api_client_id = 'key-42-a'
secret = 'keyring'
";

fn source(source: &SecretSource) -> String {
    let at_hand = source.at_hand.as_ref().map(|Hidden(secret)| secret.clone());
    match (source.kept, at_hand) {
        (true, None) => "kept".to_owned(),
        (true, Some(other)) => format!("kept, else {other}"),
        (false, Some(other)) => other,
        (false, None) => "asked".to_owned(),
    }
}

fn words(who: &Credentials) -> String {
    match who {
        Credentials::Person {
            username,
            password,
            code,
        } => {
            let code = match code {
                CodeSource::None => String::new(),
                CodeSource::Once(Hidden(code)) => format!(" + {code}"),
                CodeSource::Secret(_) => " + secret".to_owned(),
                CodeSource::Kept { at_hand: None } => " + kept".to_owned(),
                CodeSource::Kept {
                    at_hand: Some(Hidden(code)),
                } => format!(" + kept, else {code}"),
            };
            format!("{username}: {}{code}", source(password))
        }
        Credentials::ApiClient { id, secret } => format!("client {id}: {}", source(secret)),
    }
}

/// Returns what is decided as a text; a refusal as its exit code.
fn decided(line: &str, default: Option<&str>) -> String {
    let (mut options, mut set) = (AccessOptions::default(), Vec::new());
    for word in line.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap();
        match name {
            "--url" => options.url = Some(value),
            "--profile" => options.profile = Some(value),
            "--username" => options.username = Some(value),
            "--totp" => options.totp = Some(value),
            "--flavor" => options.flavor = Some(value.parse().unwrap()),
            "URL" => set.push((URL.name, value)),
            "PROFILE" => set.push((PROFILE.name, value)),
            "USER" => set.push((USERNAME.name, value)),
            "PASS" => set.push((PASSWORD.name, value)),
            "TOTP" => set.push((TOTP.name, value)),
            "ID" => set.push((API_CLIENT_ID.name, value)),
            "SECRET" => set.push((API_CLIENT_SECRET.name, value)),
            other => panic!("{other}"),
        }
    }
    let default = default.map_or(String::new(), |name| format!("default = '{name}'\n"));
    let profiles = || Profiles::of(&format!("{default}{PROFILES}"));
    match resolve(
        &options,
        Surroundings {
            environment: &Environment::of(&set),
            profiles: &profiles,
        },
    ) {
        Ok(Access::Embedded { username: None }) => "embedded".to_owned(),
        Ok(Access::Embedded {
            username: Some(name),
        }) => format!("embedded as {name}"),
        Ok(Access::Url { url, who, .. }) => format!("{url} {}", words(&who)),
        Ok(Access::Profile { name, who, .. }) => format!("{name} {}", words(&who)),
        Err(failure) => {
            for secret in ["pw", "s3cret", "123456"] {
                assert!(!failure.text().contains(secret), "{}", failure.text());
            }
            failure.exit.code().to_string()
        }
    }
}

#[test]
fn credentials_belong_together() {
    for (line, expected) in [
        // By URL: the caller that is named, with the secret that is named beside.
        ("--url=h --username=a", "h a: asked"),
        ("--url=h --username=a PASS=pw", "h a: pw"),
        ("--url=h USER=a PASS=pw", "h a: pw"),
        ("URL=h USER=a PASS=pw TOTP=123456", "h a: pw + 123456"),
        ("URL=h USER=a PASS=pw TOTP=1 --totp=2", "h a: pw + 2"),
        (
            "URL=h ID=key-42-a SECRET=s3cret",
            "h client key-42-a: s3cret",
        ),
        ("URL=h ID=key-42-a", "h client key-42-a: asked"),
        (
            "URL=h USER= PASS= ID=key-42-a SECRET=s3cret",
            "h client key-42-a: s3cret",
        ),
        ("--url=h --username=a USER=A PASS=pw", "h a: pw"),
        ("--url=h --username=a USER=b", "h a: asked"),
        ("--url=h --username=a USER=b PASS=pw", "2"),
        ("--url=h --username=a USER=b TOTP=123456", "2"),
        (
            "--url=h --username=a ID=key-42-a SECRET=s3cret",
            "h a: asked",
        ),
        ("URL=h USER=a PASS=pw ID=key-42-a SECRET=s3cret", "2"),
        ("URL=h ID=key-42-a SECRET=s3cret TOTP=123456", "2"),
        ("--url=h --totp=1 ID=key-42-a SECRET=s3cret", "2"),
        ("--url=h", "4"),
        ("--url=h PASS=pw", "4"),
        ("--url=h SECRET=s3cret", "4"),
        ("--url=h --profile=prod", "2"),
        ("--url=h PROFILE=prod USER=a PASS=pw", "2"),
        // By a profile's name.
        ("--profile=prod", "prod root@prod: asked"),
        ("PROFILE=prod PASS=pw", "prod root@prod: pw"),
        (
            "--profile=prod USER=root@prod PASS=pw",
            "prod root@prod: pw",
        ),
        (
            "--profile=prod USER=ROOT@Prod PASS=pw",
            "prod root@prod: pw",
        ),
        (
            "--profile=prod --username=root@PROD",
            "prod root@prod: asked",
        ),
        ("--profile=prod USER=audit@test PASS=pw", "2"),
        ("--profile=prod USER=audit@test", "2"),
        ("--profile=prod --username=audit@test PASS=pw", "2"),
        (
            "--profile=prod --username=root@prod USER=audit@test PASS=pw",
            "2",
        ),
        ("--profile=prod ID=key-42-a SECRET=s3cret", "2"),
        ("--profile=prod ID=key-42-a", "2"),
        ("--profile=prod ID= PASS=pw", "prod root@prod: pw"),
        ("--profile=prod SECRET=s3cret", "prod root@prod: asked"),
        (
            "--profile=prod TOTP=123456 PASS=pw",
            "prod root@prod: pw + 123456",
        ),
        ("--profile=prod --flavor=console", "2"),
        ("--profile=prod URL=test USER=root@prod PASS=pw", "2"),
        ("--profile=prod URL=test PASS=pw", "2"),
        ("--profile=prod URL=test TOTP=123456", "2"),
        ("--profile=prod URL=test", "prod root@prod: asked"),
        (
            "--profile=prod URL=PROD.example.com/ PASS=pw",
            "prod root@prod: pw",
        ),
        ("--profile=kept", "kept root@prod: kept + kept"),
        (
            "--profile=kept PASS=pw",
            "kept root@prod: kept, else pw + kept",
        ),
        (
            "--profile=kept URL=test PASS=pw",
            "kept root@prod: kept + kept",
        ),
        (
            "--profile=kept TOTP=123456",
            "kept root@prod: kept + kept, else 123456",
        ),
        ("--profile=kept --totp=1", "kept root@prod: kept + 1"),
        ("--profile=kept USER=audit@test PASS=pw", "2"),
        (
            "--profile=robot SECRET=s3cret",
            "robot client key-42-a: s3cret",
        ),
        (
            "--profile=robot ID=key-42-a SECRET=s3cret",
            "robot client key-42-a: s3cret",
        ),
        ("--profile=robot ID=key-42-A SECRET=s3cret", "2"),
        ("--profile=robot ID=key-42-b SECRET=s3cret", "2"),
        ("--profile=robot USER=a PASS=pw", "2"),
        ("--profile=robot --username=a", "2"),
        ("--profile=robot PASS=pw", "robot client key-42-a: asked"),
        ("--profile=robot TOTP=123456", "2"),
        ("--profile=robot URL=test SECRET=s3cret", "2"),
        (
            "--profile=robot-kept SECRET=s3cret",
            "robot-kept client key-42-a: kept, else s3cret",
        ),
        ("--profile=none", "3"),
        // Two tenants, or half a word about one.
        ("PROFILE=prod URL=h USER=a PASS=pw", "2"),
        ("PROFILE= URL=h USER=a PASS=pw", "2"),
        ("PROFILE=", "2"),
        ("PROFILE= --url=h USER=a PASS=pw", "h a: pw"),
        ("PROFILE= --profile=prod", "prod root@prod: asked"),
        ("URL= PROFILE=prod", "prod root@prod: asked"),
        // The embedded tenant, which has no credentials.
        ("", "embedded"),
        ("PASS=pw", "embedded"),
        ("--profile=embedded", "embedded"),
        ("PROFILE=embedded USER=a", "embedded as a"),
        ("--profile=embedded --username=a USER=b", "embedded as a"),
        ("--profile=embedded ID=key-42-a", "2"),
        ("--profile=embedded --totp=1", "2"),
        ("--flavor=gateway", "2"),
        ("--totp=1", "2"),
        ("USER=a PASS=pw", "2"),
        ("--username=a", "2"),
        ("ID=key-42-a SECRET=s3cret", "2"),
    ] {
        assert_eq!(decided(line, None), expected, "{line}");
    }
}

#[test]
fn the_default_profile_is_a_profile_like_any_other() {
    for (line, expected) in [
        ("", "prod root@prod: asked"),
        ("PASS=pw", "prod root@prod: pw"),
        ("USER=root@prod PASS=pw", "prod root@prod: pw"),
        ("USER=audit@test PASS=pw", "2"),
        ("--username=audit@test PASS=pw", "2"),
        ("ID=key-42-a SECRET=s3cret", "2"),
        ("URL=h USER=audit@test PASS=pw", "h audit@test: pw"),
        ("--url=h USER=audit@test PASS=pw", "h audit@test: pw"),
        ("PROFILE=robot USER=root@prod PASS=pw", "2"),
        ("PROFILE=", "2"),
        ("PROFILE=embedded", "embedded"),
    ] {
        assert_eq!(decided(line, Some("prod")), expected, "{line}");
    }
}

#[test]
fn a_refusal_names_both_and_profiles_are_not_read_for_a_url() {
    let set = [(USERNAME.name, "audit@test"), (PASSWORD.name, "pw")];
    let environment = Environment::of(&set);
    let profiles = || Profiles::of(&format!("default = 'prod'\n{PROFILES}"));
    let refused = resolve(
        &AccessOptions::default(),
        Surroundings {
            environment: &environment,
            profiles: &profiles,
        },
    )
    .unwrap_err();
    for word in ["prod", "root@prod", "audit@test", "ORG42_USERNAME", "--url"] {
        assert!(refused.text().contains(word), "{}", refused.text());
    }
    let options = AccessOptions {
        url: Some("h"),
        ..AccessOptions::default()
    };
    let broken = || Err(Failure::failed("cannot read profiles"));
    assert!(
        resolve(
            &options,
            Surroundings {
                environment: &environment,
                profiles: &broken
            }
        )
        .is_ok()
    );
}

#[test]
fn addresses_are_compared_as_the_client_understands_them() {
    for (one, other, same) in [
        (
            "console.us.code42.com",
            "https://Console.us.code42.com:443/",
            true,
        ),
        ("http://127.0.0.1:4200", "http://127.0.0.1:4200/", true),
        ("http://h", "https://h", false),
        ("h:4200", "h:4201", false),
        ("h/tenant", "h/other", false),
        ("%%", "%%", true),
    ] {
        assert_eq!(same_url(one, other), same, "{one} {other}");
    }
}

#[test]
fn secrets_of_the_environment_go_to_its_tenant_alone() {
    for (line, expected) in [
        // A profile is named in the environment, and another one, or an address, beside it.
        ("PROFILE=prod PASS=pw --profile=test", "2"),
        ("PROFILE=prod TOTP=123456 --profile=test", "2"),
        (
            "PROFILE=prod TOTP=123456 --totp=1 --profile=test",
            "test audit@test: asked + 1",
        ),
        ("PROFILE=prod --profile=test", "test audit@test: asked"),
        ("PROFILE=prod USER=audit@test PASS=pw --profile=test", "2"),
        ("PROFILE=prod PASS=pw --url=t --username=audit@test", "2"),
        (
            "PROFILE=prod TOTP=123456 --url=t --username=audit@test",
            "2",
        ),
        ("PROFILE=prod --url=t --username=a", "t a: asked"),
        (
            "PROFILE=prod PASS=pw --url=PROD.example.com --username=root@prod",
            "PROD.example.com root@prod: pw",
        ),
        (
            "PROFILE=prod PASS=pw --url=prod.example.com --username=ann@prod",
            "2",
        ),
        (
            "PROFILE=prod USER=ann@prod PASS=pw --url=prod.example.com",
            "prod.example.com ann@prod: pw",
        ),
        ("PROFILE=embedded PASS=pw --url=t --username=a", "2"),
        ("PROFILE=gone PASS=pw --url=t --username=a", "2"),
        ("PROFILE=gone --url=t --username=a", "t a: asked"),
        (
            "PROFILE=prod PASS=pw --profile=kept",
            "kept root@prod: kept + kept",
        ),
        (
            "PASS=pw TOTP=123456 --profile=kept",
            "kept root@prod: kept, else pw + kept, else 123456",
        ),
        // An address is.
        ("URL=u USER=root@prod PASS=pw --url=t", "2"),
        ("URL=u PASS=pw --url=t --username=a", "2"),
        ("URL=u TOTP=123456 --url=t --username=a", "2"),
        ("URL=http://T:80/ PASS=pw --url=t --username=a", "t a: pw"),
        (
            "URL=t:443 PASS=pw --url=HTTP://t. --username=a",
            "HTTP://t. a: pw",
        ),
        ("URL=t:4200 PASS=pw --url=t --username=a", "2"),
        // API clients.
        ("URL=u ID=key-42-a SECRET=s3cret --url=t", "2"),
        ("PROFILE=prod ID=key-42-a SECRET=s3cret --url=t", "2"),
        (
            "PROFILE=prod ID=key-42-a SECRET=s3cret --profile=robot",
            "2",
        ),
        (
            "PROFILE=robot SECRET=s3cret --profile=robot-kept",
            "robot-kept client key-42-a: kept, else s3cret",
        ),
    ] {
        assert_eq!(decided(line, None), expected, "{line}");
    }
}

#[test]
fn one_tenant_is_one_however_its_address_is_written() {
    for (one, other, same) in [
        ("h", "http://H/", true),
        ("https://h:443", "http://h:80", true),
        ("h.", "h", true),
        ("h:4200", "http://h:4200/", true),
        ("h:4200", "h:4201", false),
        ("h", "h.evil", false),
        ("h/a", "h/b", false),
        ("u:p@h", "h", true),
        ("h@evil", "h", false),
    ] {
        assert_eq!(same_tenant(one, other), same, "{one} {other}");
    }
}
