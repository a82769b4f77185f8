use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::http::net::proxy::Proxy;

fn knowing(secrets: &[&str]) -> Secrets {
    let known = Secrets::default();
    let secrets: Vec<SecretString> = secrets.iter().map(|text| (*text).into()).collect();
    known.learn(&secrets);
    known
}

#[test]
fn a_secret_goes_in_whichever_form_it_is_repeated() {
    let secret = r#"pä"s\w/ö🔑 rd"#;
    let known = knowing(&[secret]);
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let ascii: String = secret
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04X}"))
        .collect();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let html: String = secret
        .chars()
        .map(|c| format!("&#{};", u32::from(c)))
        .collect();
    let latin: String = secret.bytes().map(char::from).collect();
    for form in [
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        json(&json(&json(secret))),
        ascii.to_lowercase().replace("\\u", "\\\\u"),
        ascii,
        percent.replace('%', "%25"),
        percent.to_uppercase(),
        percent,
        html.clone(),
        html.replace('&', "&amp;"),
        latin.clone(),
        json(&latin),
        latin.escape_default().to_string(),
        secret.escape_default().to_string(),
        format!("{secret:?}"),
        String::from(r#"p\u00e4&quot;s\\w\/%C3%B6\ud83d\uDD11+rd"#),
        String::from(r#"p&auml;\"s%5cw%2F&#xF6;&#128273; rd"#),
        String::from(r"p\xc3\xa4\x22s\134w/\xF6\xf0\x9f\x94\x91 rd"),
        String::from("p\u{fffd}\"s\\w/\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd} rd"),
        String::from("p?\"s\\w/?? rd"),
        String::from("PÄ\"S\\W/Ö🔑 RD")
            .replace('Ä', "ä")
            .replace('Ö', "ö"),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ] {
        let shown = known.redact(&format!("before {form} after"));
        let (start, end) = (shown.find("before").unwrap(), shown.find("after").unwrap());
        let between = shown[start + 6..end].trim().trim_matches(['"', '\\']);
        assert_eq!(between, REDACTED, "{form}: {shown}");
    }
}

#[test]
fn a_text_goes_as_a_whole_where_encodings_meet() {
    let secret = "ab\"cd\\ef_77!ä€ß";
    let known = knowing(&[secret]);
    let body = format!(r#"{{"password":{secret:?}}}"#);
    let latin: Vec<u8> = "lät\"in_long".chars().map(|c| c as u8).collect();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = |each: &dyn Fn(u8) -> String, between: &str| {
        secret.bytes().map(each).collect::<Vec<_>>().join(between)
    };
    let mojibake = |text: &str| text.bytes().map(char::from).collect::<String>();
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let json4 = (0..4).fold(secret.to_owned(), |text, _| escaped(&text));
    for form in [
        r"&quot;ab\&quot;cd\\ef_77!&auml;&euro;&szlig;&quot;".to_owned(),
        "%22ab%5C%22cd%5C%5Cef%5F77%21%C3%A4%E2%82%AC%C3%9F%22".to_owned(),
        "ab&quot;cd&bsol;ef&lowbar;77&excl;&auml;&euro;&szlig;".to_owned(),
        "ab\"\"cd\\ef_77!ä€ß".to_owned(),
        "ab\"cd\\ef_77!a\u{308}€ß".to_owned(),
        "AB\"CD\\EF_77!Ä€SS".to_owned(),
        "ab\"cd\\ef_77!%E4%80%DF".to_owned(),
        r#"ab"cd\ef_77!\U000000e4\x{20ac}\u{df}"#.to_owned(),
        r#"ab"cd\ef_77!U+00E4 U+20AC U+00DF"#.to_owned(),
        "ab\"cd=5Cef=5F77!=C3=A4=E2=82=AC=C3=9F".to_owned(),
        json4.replace('ä', r"\\\\\\\\u00e4"),
        mojibake(&mojibake(secret)),
        STANDARD.encode(&body),
        STANDARD.encode(format!("x{body}")),
        STANDARD.encode(STANDARD.encode(&body)),
        STANDARD.encode(utf16),
        bytes(&|byte| format!("{byte:02x}"), " "),
        bytes(&|byte| format!("{byte:02X}"), ":"),
        bytes(&|byte| format!("0x{byte:02x}"), ", "),
        bytes(&|byte| byte.to_string(), ", "),
    ] {
        let shown = known.redact(&format!("bad: {form} after"));
        assert!(
            !shown.contains("77") && !shown.contains(&form),
            "{form}: {shown}"
        );
    }
    let known = knowing(&["lät\"in_long", "  spaces around  "]);
    for text in [STANDARD.encode(&latin), "bad: spaces&#32;around".to_owned()] {
        assert_eq!(known.redact(&text), REDACTED);
    }
}

#[test]
fn what_is_no_secret_stays() {
    let known = knowing(&["hunter22", "123456", "a.b.c"]);
    let text = r#"{"name":"ORG_DUPLICATE","description":"100% \"Ärger\" &amp; \\ a=b","orgGuid":"A9578C3D-736B-4D96-80E5-71EDD8A11EA3"}"#;
    assert_eq!(known.redact(text), text);
    assert_eq!(known.redact("hunter22hunter23"), "[redacted]hunter23");
}

#[test]
fn a_short_secret_goes_where_it_stands_for_itself() {
    let known = knowing(&["b", "\"x"]);
    let text = r#"block b, "password":"b", about:b"#;
    let shown = r#"block [redacted], "password":"[redacted]", about:[redacted]"#;
    assert_eq!(known.redact(text), shown);
    assert_eq!(known.redact("%22x &quot;x"), "[redacted] [redacted]");
}

#[test]
fn keys_and_tokens_go_by_their_looks() {
    let known = Secrets::default();
    let text =
        r#""registrationKey":"72RU-8P9S-M7KK-RHCC","t":"eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln-_x""#;
    let shown = r#""registrationKey":"[redacted]","t":"[redacted]""#;
    assert_eq!(known.redact(text), shown);
}

#[test]
fn where_a_text_is_cut_no_part_of_a_secret_is_left() {
    let known = knowing(&["correct horse battery"]);
    for before in 0..40 {
        let text = format!("{}correct horse battery staple", "x".repeat(before));
        let shown = known.start_of(&text, 20);
        let left = shown.replace(REDACTED, "").replace("[redact", "");
        assert!(!left.contains("co"), "{shown}");
        assert!(shown.len() <= 20, "{shown}");
    }
}

#[test]
fn problems_are_redacted_as_what_they_say() {
    let known = knowing(&["pä\"ss", "314159"]);
    let body = r#"[{"name":"p\u00e4\"ss","description":"not p\u00e4\\\"ss","objects":[{"p\u00e4\"ss":["pä\"ss",314159,1]}]}]"#;
    let problem = org42_types::problems_in(body).remove(0);
    let problem = known.redact_problem(problem, 100);
    assert_eq!(problem.name, REDACTED);
    assert_eq!(problem.description, "not [redacted]");
    let objects = serde_json::to_string(&problem.objects).unwrap();
    assert_eq!(objects, r#"[{"[redacted]":["[redacted]","[redacted]",1]}]"#);
}

#[test]
fn the_oldest_secrets_are_forgotten_and_used_ones_are_not() {
    let known = Secrets::default();
    let password: SecretString = "hunter22".into();
    for number in 0..200 {
        let token: SecretString = format!("token-number-{number}").into();
        known.learn([&password, &token]);
    }
    assert_eq!(
        known.redact("hunter22 token-number-199"),
        "[redacted] [redacted]"
    );
    assert_eq!(known.redact("token-number-1 x"), "token-number-1 x");
}

#[test]
fn a_text_made_to_be_searched_for_long_is_searched() {
    let known = knowing(&[&"\\".repeat(40), &"?".repeat(64), &"é".repeat(64)]);
    let text = format!("{}{}", "\\".repeat(4000), "?".repeat(4000));
    assert!(known.redact(&text).len() < text.len());
}

#[test]
fn a_proxy_s_password_is_a_secret_too() {
    let known = Secrets::default();
    let proxy = Proxy::parse("http://user:p%40ss@proxy:3128/").unwrap();
    known.learn(&proxy.secrets());
    let pair = STANDARD.encode("user:p@ss");
    let shown = known.redact(&format!("{pair} p%40ss p@ss user proxy"));
    assert_eq!(shown, "[redacted] [redacted] [redacted] user proxy");
    let open = Proxy::parse("http://proxy:3128").unwrap();
    assert!(open.secrets().is_empty());
}
