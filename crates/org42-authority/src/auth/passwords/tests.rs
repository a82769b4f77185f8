use super::*;

fn cheap() -> (Passwords, Entropy) {
    (
        Passwords::new(PasswordCost::Cheap, Passwords::AT_ONCE, Passwords::WAITING),
        Entropy::from_seed(42),
    )
}

#[tokio::test]
async fn only_the_password_itself_is_right() {
    let (passwords, entropy) = cheap();
    let stored = passwords
        .hash(Line::Anybody, "pass word", &entropy)
        .await
        .unwrap();
    assert!(
        passwords
            .verify(Line::Anybody, "pass word", Some(&stored))
            .await
            .unwrap()
    );
    for wrong in [
        "",
        "pass wor",
        "pass word ",
        "Pass word",
        &"pass word".repeat(200),
    ] {
        assert!(
            !passwords
                .verify(Line::Anybody, wrong, Some(&stored))
                .await
                .unwrap(),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn without_a_stored_password_none_is_right() {
    let (passwords, _) = cheap();
    for stored in [
        None,
        Some(""),
        Some("pass word"),
        Some("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        for password in ["", "pass word"] {
            assert!(
                !passwords
                    .verify(Line::Anybody, password, stored)
                    .await
                    .unwrap(),
                "{password:?} {stored:?}"
            );
        }
    }
}

#[test]
fn what_is_stored_says_how_it_was_made() {
    let entropy = Entropy::from_seed(42);
    for (cost, start) in [
        (PasswordCost::Default, "$argon2id$v=19$m=19456,t=2,p=1$"),
        (PasswordCost::Cheap, "$argon2id$v=19$m=8,t=1,p=1$"),
    ] {
        let stored = Passwords::new(cost, 1, 1)
            .hash_blocking("pass word", &entropy)
            .unwrap();
        assert!(
            stored.starts_with(start) && !stored.contains("pass word"),
            "{stored}"
        );
    }
}

#[tokio::test]
async fn a_stored_password_of_another_cost_is_still_right() {
    let (cheap, entropy) = cheap();
    let stored = Passwords::new(PasswordCost::Default, 1, 1)
        .hash_blocking("pass word", &entropy)
        .unwrap();
    assert!(
        cheap
            .verify(Line::Anybody, "pass word", Some(&stored))
            .await
            .unwrap()
    );
    assert!(
        !cheap
            .verify(Line::Anybody, "pass word!", Some(&stored))
            .await
            .unwrap()
    );
}

#[test]
fn the_salt_is_new_each_time_and_comes_from_the_entropy() {
    let (passwords, entropy) = cheap();
    let first = passwords.hash_blocking("pass word", &entropy).unwrap();
    assert_ne!(
        first,
        passwords.hash_blocking("pass word", &entropy).unwrap()
    );
    assert_eq!(
        first,
        passwords
            .hash_blocking("pass word", &Entropy::from_seed(42))
            .unwrap()
    );
}

#[tokio::test]
async fn a_password_has_8_characters_or_more() {
    let (passwords, entropy) = cheap();
    for short in ["", "1234567", "äöüäöüä"] {
        assert!(
            matches!(
                passwords.hash(Line::Anybody, short, &entropy).await,
                Err(TenantRefusal::PasswordTooShort)
            ),
            "{short:?}"
        );
    }
    for long_enough in ["12345678", "äöüäöüäö", &"x".repeat(1024)] {
        assert!(
            passwords
                .hash(Line::Anybody, long_enough, &entropy)
                .await
                .is_ok(),
            "{long_enough:?}"
        );
    }
    assert!(matches!(
        passwords.hash_blocking(&"x".repeat(1025), &entropy),
        Err(TenantRefusal::Invalid(_))
    ));
    assert!(matches!(
        passwords.hash_blocking("1234567", &entropy),
        Err(TenantRefusal::PasswordTooShort)
    ));
}

/// A hash made by another program, or by an older version of this one, is still accepted.
#[tokio::test]
async fn what_was_stored_before_is_still_right() {
    let (passwords, _) = cheap();
    let argon2 = Argon2::default();
    let made =
        argon2::PasswordHasher::hash_password_with_salt(&argon2, b"pass word", b"sixteen of bytes");
    let stored = made.unwrap().to_string();
    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{stored}"
    );
    assert!(
        passwords
            .verify(Line::Anybody, "pass word", Some(&stored))
            .await
            .unwrap()
    );
    assert!(
        !passwords
            .verify(Line::Anybody, "pass words", Some(&stored))
            .await
            .unwrap()
    );
}
