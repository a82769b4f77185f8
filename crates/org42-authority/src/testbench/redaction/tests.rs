//! Tests of names that are secret, names that are not, and the ways in which both are written.

use serde_json::json;

use super::*;

#[test]
fn names_are_secret_by_their_words() {
    for name in [
        "pass",
        "PASS",
        "Pass",
        "smtp.pass",
        "smtp_pass",
        "smtp-pass",
        "dbPass",
        "DBPass",
        "dbpass",
        "userPass2",
        "pin",
        "PIN",
        "userPin",
        "PINCode",
        "card_pin",
        "mypin",
        "passwort",
        "Kennwort",
        "mot_de_passe",
        "motDePasse",
        "contraseña",
        "contrasen\u{303}a",
        "senha",
        "pwd",
        "dbPwd",
        "otp",
        "smsOtp",
        "code",
        "verificationCode",
        "auth_code",
        "password",
        "newPassword",
        "Passwd",
        "pass%77ord",
        "pass%2577ord",
        "pass word",
        "pass\u{200b}word",
        "ｐａｓｓ",
        "c42.proxy.password",
        "user[password]",
        "apiKey",
        "X-Api-Key",
        "registrationKey",
        "jwt",
        "access_token",
        "v3UserToken",
        "client-secret",
        "totp-auth",
        "JSESSIONID",
        "пароль",
        "密码",
        "pincode",
        "PINCODE",
        "pinnumber",
        "pinblock",
        "otpcode",
        "smscode",
        "authcode",
        "accesscode",
        "securitycode",
        "onetimecode",
        "bindpw",
        "rootpw",
        "userpw",
        "pswd",
        "passwrd",
        "passw",
        "pword",
        "passold",
        "passnew",
        "passhash",
        "pwhash",
        "authkey",
        "oauth",
        "oauth_verifier",
        "SAMLResponse",
        "assertion",
        "session",
        "sess",
        "PHPSESSID",
        "sig",
        "signature",
        "X-Amz-Signature",
        "csrf",
        "ticket",
        "refresh",
        "access_tok",
        "creds",
        "cred",
        "customKey",
        "masterKey",
        "dataKey",
        "archiveKey",
        "securityAnswer",
        "recoveryPhrase",
        "mnemonic",
        "2fa",
        "tfa",
        "nonce",
        "passwoerter",
        "parol",
        "пароля",
        "пин",
        "şifre",
        "κωδικός",
        "סיסמה",
        "암호",
        "口令",
        "暗証番号",
        "pаss",
        "pass%25252525776f",
        "p%u0061ss",
        "p&#97;ss",
    ] {
        assert!(is_secret(name), "{name}");
    }
    for name in [
        "mapping",
        "shipping",
        "pinned",
        "spinner",
        "passed",
        "bypass",
        "passive",
        "compass",
        "passenger",
        "opinion",
        "orgName",
        "notes",
        "statusCode",
        "countryCode",
        "error_code",
        "encoding",
        "codec",
        "key",
        "locked",
        "adopt",
        "optional",
        "username",
        "orgId",
        "pgSize",
        "author",
        "authority",
        "spin",
        "passes",
        "orgExtRef",
        "status",
        "pgNum",
        "spins",
        "registered",
        "creationDate",
        "classification",
        "author",
        "oath",
        "design",
        "monkey",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}

#[test]
fn what_is_secret_is_removed_wherever_it_stands() {
    let body = json!({
        "packets": [{"key": "c42.proxy.password", "value": "hunter2"}, {"key": "a", "value": "b"}],
        "pairs": [["smtp.pass", "hunter2"], ["host", "mail"]],
        "params": [{"name": "pin", "newValue": "hunter2", "locked": true}],
        "data": "{\"password\": \"hunter2\"}",
        "twice": "\"{\\\"pin\\\": \\\"hunter2\\\"}\"",
        "form": "user=a&pass=hunter2",
        "line": "smtp.pass: hunter2",
        "broken": "{\"pass\": \"hunter2",
        "address": "http://user:hunter2@proxy:3128/",
        "header": "Bearer hunter2",
        "jwt-less": "it is eyJhdXRo.hunter2.x",
        "tag": "<pass>hunter2</pass>",
        "option": "run --pass hunter2",
        "said": "my password is hunter2",
        "bar": "pass|hunter2",
        "wide": "pass：hunter2",
        "table": "user,pass\na,hunter2",
        "pem": "-----BEGIN PRIVATE KEY-----\nhunter2",
        "bare": "http://hunter2@host/",
        "login": "user:hunter2@host",
        "beside": "password hunter2",
        "keyed": {"settingKey": "smtp.pass", "value": "hunter2"},
        "labelled": {"label": "smtp.pass", "v": "hunter2"},
        "inner": {"name": "smtp.pass", "x": {"value": "hunter2"}},
        "parallel": {"keys": ["a", "smtp.pass"], "values": ["b", "hunter2"]},
        "columns": {"columns": ["a", "pass"], "rows": [["b", "hunter2"]]},
        "escaped": {"p%u0061ss": "hunter2", "p&#97;ss": "hunter2"},
        "encoded": "%7B%22password%22%3A%22hunter2%22%7D",
        "note": "the password is not here",
        "time": "12:30",
        "nested": {"Api-Key": "hunter2", "pwd": {"of": ["hunter2"]}, "pass=hunter2": 1},
    });
    let shown = shown_document(body.to_string().as_bytes());
    assert!(!shown.to_string().contains("hunter"), "{shown}");
    assert_eq!(shown["packets"][1]["value"], "b");
    assert_eq!(shown["pairs"][1], json!(["host", "mail"]));
    assert_eq!(shown["params"][0]["locked"], true);
    for kept in ["note", "time"] {
        assert_eq!(shown[kept], body[kept]);
    }
    assert_eq!(shown_document(br#""password=hunter2""#), json!(REMOVED));
    let escaped = shown_document(br#"{"pass\u0077ord": "hunter2", "\u0070in": 1234}"#);
    assert_eq!(escaped, json!({"password": REMOVED, "pin": REMOVED}));
    let twins = br#"{"key":"smtp.pass","value":"hunter2","key":"x"}"#;
    assert_eq!(shown_document(twins), json!("[47 bytes]"));
    // Not JSON: a form, a document after a byte order mark, one that is cut off.
    for text in [
        "pass=hunter2",
        "\u{feff}{\"pass\":\"hunter2\"}",
        "{\"pass\":\"hunter2",
    ] {
        let measured = format!("[{} bytes]", text.len());
        assert_eq!(shown_document(text.as_bytes()), json!(measured), "{text}");
    }
}

#[test]
fn queries_lose_their_secrets_too() {
    for query in [
        "pass=hunter2",
        "p%61ss=hunter2",
        "p%2561ss=hunter2",
        "smtp.pass=hunter2",
        "a=1;pin=hunter2",
        "key=smtp.pass&value=hunter2",
        "%7B%22pin%22:%22hunter2%22%7D",
        "filter=%7B%22pin%22:%22hunter2%22%7D",
        "key=smtp.pass&key=x&value=hunter2",
        "value=hunter2&k=smtp.pass",
        "next=%2Flogin%3Fotp%3Dhunter2",
    ] {
        let shown = Value::from(shown_query(query.as_bytes())).to_string();
        assert!(!shown.contains("hunter"), "{query}: {shown}");
    }
    let shown = Value::from(shown_query(b"q=Berlin&mapping=1&active=true"));
    assert_eq!(
        shown,
        json!({"q": "Berlin", "mapping": "1", "active": "true"})
    );
}

#[test]
fn a_body_loses_the_values_of_what_its_address_names() {
    for (path, query) in [
        ("/api/ServerSettings/c42.smtp.pass", ""),
        ("/api/ServerSettings/c42.smtp%2Epass", ""),
        ("/api/ServerSettings", "key=smtp.pass"),
        ("/api/ServerSettings", "key=smtp.pass&key=x"),
    ] {
        assert!(asks_for_secret(path, query.as_bytes()), "{path} {query}");
    }
    for (path, query) in [
        ("/api/v1/Org/2", "q=x"),
        ("/api/v3/auth/jwt", "useBody=true"),
        ("/api/ServerSettings/c42.smtp.host", ""),
    ] {
        assert!(!asks_for_secret(path, query.as_bytes()), "{path} {query}");
    }
    let shown = shown_values(br#"{"value": "hunter2", "x": [{"new": "hunter2"}], "locked": true}"#);
    let expected = json!({"value": REMOVED, "x": [{"new": REMOVED}], "locked": true});
    assert_eq!(shown, expected);
    assert_eq!(shown_values(br#""hunter2""#), REMOVED);
}

#[test]
fn paths_lose_their_secrets_too() {
    for (path, shown) in [
        ("/api/Org/2;jsessionid=hunter2", "/api/Org/2;[removed]"),
        ("/api/authToken", "/api/authToken"),
        ("/api/AuthToken/hunter2", "/api/AuthToken/[removed]"),
        (
            "/api/v1/%61uthToken/hunter2/x",
            "/api/v1/%61uthToken/[removed]",
        ),
        ("/api/v1/authToken%2Fhunter2", "/api/v1/[removed]"),
        ("/pin/1234/x", "/pin/[removed]"),
        ("/api/v3/oauth/token", "/api/v3/oauth/token"),
        ("/x/eyJh.b.c/y", "/x/[removed]/y"),
        ("/api/v1/Org/my", "/api/v1/Org/my"),
        ("/pass=1/x", "/[removed]/[removed]"),
        ("/api/v3/auth/jwt", "/api/v3/auth/jwt"),
        ("/x/a=1:pin=2/y", "/x/[removed]/[removed]"),
    ] {
        assert_eq!(shown_path(path), shown);
    }
}
