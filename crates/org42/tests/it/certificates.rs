//! Which certificates of a server a client trusts with a CA bundle of its own.

use std::io;

use org42::{Client, Error, GetPage, Happened};
use rcgen::{ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd};
use rustls::ALL_VERSIONS;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::version::{TLS12, TLS13};

use crate::tls::{Shown, authority, called, serve};
use org42_test::quick;

async fn asked(host: &str, port: u16, bundle: impl Into<Vec<u8>>) -> Result<(), Error> {
    let client = Client::builder(format!("https://{host}:{port}"))
        .token_provider(|| async { Ok::<_, io::Error>("a.b.c") })
        .ca_bundle_pem(bundle)
        .retry(quick())
        .build()?;
    client.orgs().get_page(GetPage::default()).await.map(|_| ())
}

#[tokio::test]
async fn the_certificate_of_the_server_itself_is_trusted() {
    for (kind, shown, host) in [
        ("plain", Shown::own(|_| ()), "localhost"),
        ("by address", Shown::own(|_| ()), "127.0.0.1"),
        (
            "an authority's",
            Shown::own(|own| own.is_ca = authority()),
            "localhost",
        ),
        (
            "expressly not an authority's",
            Shown::own(|own| own.is_ca = IsCa::ExplicitNoCa),
            "localhost",
        ),
        (
            "a common name alone",
            Shown::own(|own| {
                own.subject_alt_names.clear();
                own.distinguished_name = called("localhost");
            }),
            "localhost",
        ),
        (
            "an address as common name",
            Shown::own(|own| {
                own.subject_alt_names.clear();
                own.distinguished_name = called("127.0.0.1");
            }),
            "127.0.0.1",
        ),
        ("of the first version", first_version(), "localhost"),
        (
            "issued, without its issuer",
            Shown::issued(authority()).0,
            "localhost",
        ),
    ] {
        for version in [&TLS12, &TLS13] {
            let port = serve(&shown, &[version]);
            let done = asked(host, port, shown.pem.clone()).await;
            assert!(done.is_ok(), "{kind}, {version:?}: {done:?}");
        }
    }
}

fn first_version() -> Shown {
    let pem = include_str!("files/first-version.pem");
    let key = include_bytes!("files/first-version.key");
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from_pem_slice(key).unwrap();
    Shown {
        chain: vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()],
        key: key.secret_pkcs8_der().to_vec(),
        pem: pem.to_owned(),
    }
}

#[tokio::test]
async fn every_form_of_a_bundle_is_read() {
    let (shown, other) = (Shown::own(|_| ()), Shown::own(|_| ()));
    let port = serve(&shown, ALL_VERSIONS);
    let utf16: Vec<u8> = format!("\u{feff}{}", shown.pem)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (form, bundle) in [
        ("DER", shown.chain[0].to_vec()),
        ("a mark", format!("\u{feff}{}", shown.pem).into()),
        ("CRLF", shown.pem.replace('\n', "\r\n").into()),
        ("text around", format!("# ours\n{}\nend", shown.pem).into()),
        ("several", format!("{}{}", other.pem, shown.pem).into()),
        ("UTF-16", utf16),
    ] {
        let done = asked("localhost", port, bundle).await;
        assert!(done.is_ok(), "{form}: {done:?}");
    }
}

#[tokio::test]
async fn nothing_else_is_trusted_and_the_check_that_failed_is_told() {
    let key = KeyPair::generate().unwrap();
    let own = Shown::own_with(&key, |_| ());
    let twin = Shown::own_with(&key, |twin| twin.not_after = date_time_ymd(2098, 1, 1));
    let thief = Shown {
        key: KeyPair::generate().unwrap().serialize_der(),
        ..Shown::own_with(&key, |_| ())
    };
    let thief_pem = thief.pem.clone();
    let (below, above) = Shown::issued(IsCa::NoCa);
    let (issued, _) = Shown::issued(authority());
    let old = Shown::own(|own| own.not_after = date_time_ymd(2020, 2, 3));
    let old_pem = old.pem.clone();
    let young = Shown::own(|own| own.not_before = date_time_ymd(2090, 2, 3));
    let young_pem = young.pem.clone();
    let client = Shown::own(|own| {
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let client_pem = client.pem.clone();
    let elsewhere = Shown::own(|own| {
        own.subject_alt_names.truncate(1);
        own.distinguished_name = called("127.0.0.1");
    });
    let elsewhere_pem = elsewhere.pem.clone();
    let nobody = "nobody who is trusted here has issued it";
    for (kind, shown, bundle, words) in [
        (
            "one with the same name and key",
            twin,
            own.pem.clone(),
            nobody,
        ),
        ("one that no authority has signed", below, above, nobody),
        (
            "an issuer that is not in the bundle",
            issued,
            own.pem,
            nobody,
        ),
        ("without its key", thief, thief_pem, "does not have its key"),
        ("an old one", old, old_pem, "expired on 2020-02-03"),
        (
            "a young one",
            young,
            young_pem,
            "not valid before 2090-02-03",
        ),
        ("a client's", client, client_pem, "not for servers"),
        // The common name does not count beside others.
        (
            "one for another name",
            elsewhere,
            elsewhere_pem,
            "it is for localhost",
        ),
    ] {
        for version in [&TLS12, &TLS13] {
            let port = serve(&shown, &[version]);
            let error = asked("127.0.0.1", port, bundle.clone()).await.unwrap_err();
            let told = error.to_string();
            assert!(
                told.contains("the certificate of 127.0.0.1 is not trusted")
                    && told.contains(words),
                "{kind}: {told}"
            );
            assert_eq!(
                told.contains("--ca-bundle"),
                words == nobody,
                "{kind}: {told}"
            );
            assert!(error.is_connect() && !error.is_transient(), "{kind}");
            assert_eq!(error.happened(), Happened::No, "{kind}");
        }
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_told_as_that() {
    // The same name with another key.
    let (old, new) = (
        Shown::own(|own| own.is_ca = authority()),
        Shown::own(|own| own.is_ca = authority()),
    );
    let port = serve(&new, ALL_VERSIONS);
    let told = asked("localhost", port, old.pem).await.unwrap_err();
    let told = told.to_string();
    assert!(told.contains("has the server renewed it?"), "{told}");
    assert!(told.contains("--ca-bundle"), "{told}");
}

#[tokio::test]
async fn a_common_name_counts_where_an_authority_has_issued_a_certificate_without_others() {
    let (issued, issuer) = Shown::issued_with(authority(), |leaf| {
        leaf.subject_alt_names.clear();
        leaf.distinguished_name = called("localhost");
    });
    let port = serve(&issued, ALL_VERSIONS);
    let done = asked("localhost", port, issuer.clone()).await;
    assert!(done.is_ok(), "{done:?}");
    let told = asked("127.0.0.1", port, issuer).await.unwrap_err();
    assert!(told.to_string().contains("it is for localhost"), "{told}");
}

#[tokio::test]
async fn one_of_the_first_version_is_told_as_that() {
    let port = serve(&first_version(), ALL_VERSIONS);
    let (_, issuer) = Shown::issued(authority());
    let told = asked("localhost", port, issuer).await.unwrap_err();
    let told = told.to_string();
    assert!(told.contains("it is of X.509 version 1"), "{told}");
    assert!(told.contains("the server's certificate itself"), "{told}");
}

#[tokio::test]
async fn an_authority_of_the_bundle_vouches_for_what_it_has_issued() {
    let (issued, issuer) = Shown::issued(authority());
    let port = serve(&issued, ALL_VERSIONS);
    let done = asked("localhost", port, issuer).await;
    assert!(done.is_ok(), "{done:?}");
}
