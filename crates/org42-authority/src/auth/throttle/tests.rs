mod crowds;

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::clock::ManualClock;

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_millis(1_700_000_000_000).unwrap())
}

fn host(number: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, number).into()
}

/// Enters without waiting: `None` when it would have to wait for others.
fn enter<'a>(
    throttle: &'a Throttle,
    name: &str,
    address: IpAddr,
    clock: &ManualClock,
) -> Option<Result<Attempt<'a>, Braked>> {
    let entering = pin!(throttle.enter(Account::user(name), address, clock));
    match entering.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(entered) => Some(entered),
        Poll::Pending => None,
    }
}

/// Returns how long a wrong attempt has to wait, in milliseconds; or the seconds after which it may come back.
fn fail_with(
    guess: Guess,
    throttle: &Throttle,
    name: &str,
    address: IpAddr,
    clock: &ManualClock,
) -> Result<u128, u64> {
    match enter(throttle, name, address, clock).unwrap() {
        Ok(attempt) => {
            let wait = attempt.wait().as_millis();
            attempt.failed(guess, clock.now());
            Ok(wait)
        }
        Err(Braked::Failures(failures)) => Err(failures.retry_after_seconds),
        Err(Braked::Busy(_)) => panic!("too many wait"),
    }
}

fn fail(t: &Throttle, name: &str, address: IpAddr, clock: &ManualClock) -> Result<u128, u64> {
    fail_with(Guess::Secret, t, name, address, clock)
}

/// Returns how long a right attempt has to wait, in milliseconds.
fn succeed(t: &Throttle, name: &str, address: IpAddr, clock: &ManualClock) -> Result<u128, u64> {
    match enter(t, name, address, clock).unwrap() {
        Ok(attempt) => {
            let wait = attempt.wait().as_millis();
            attempt.succeeded();
            Ok(wait)
        }
        Err(Braked::Failures(failures)) => Err(failures.retry_after_seconds),
        Err(Braked::Busy(_)) => panic!("too many wait"),
    }
}

/// Fails until it is refused; returns how many attempts were looked at, and the longest of their waits.
fn exhaust(t: &Throttle, name: &str, address: IpAddr, clock: &ManualClock) -> (usize, u128) {
    let waits: Vec<_> = std::iter::from_fn(|| fail(t, name, address, clock).ok()).collect();
    (waits.len(), waits.into_iter().max().unwrap_or_default())
}

#[test]
fn ten_failures_cost_nothing_and_the_next_ones_more_and_more() {
    let (throttle, clock) = (Throttle::default(), clock());
    let waits: Vec<_> = (0..17)
        .map(|_| fail(&throttle, ANN, host(1), &clock).unwrap())
        .collect();
    assert_eq!(waits[..10], [0; 10]);
    assert_eq!(waits[10..], [150, 225, 337, 505, 757, 1135, 1702]);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Err(3));
}

#[test]
fn a_longer_wait_is_over_by_itself() {
    let (throttle, clock) = (Throttle::default(), clock());
    exhaust(&throttle, ANN, host(1), &clock);
    clock.advance_millis(2_000);
    assert_eq!(
        fail(&throttle, ANN, host(1), &clock),
        Ok(553),
        "the rest of it"
    );
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Err(4));
    assert_eq!(
        fail(&throttle, ANN, host(1), &clock),
        Err(4),
        "a refusal makes nothing longer"
    );
    clock.advance_millis(10_000);
    assert_eq!(succeed(&throttle, ANN, host(1), &clock), Ok(0));
}

/// Hours of guessing come to about one guess a minute, and the guesser is not shut out for longer than that.
#[test]
fn in_the_long_run_guesses_are_few_and_nobody_is_shut_out_for_long() {
    let (throttle, clock) = (Throttle::default(), clock());
    let mut looked_at = 0;
    for _ in 0..4 * 3600 {
        looked_at += usize::from(fail(&throttle, ANN, host(1), &clock).is_ok());
        clock.advance_millis(1000);
    }
    assert!((200..320).contains(&looked_at), "{looked_at}");
    let wait = fail(&throttle, ANN, host(1), &clock)
        .err()
        .unwrap_or_default();
    assert!(wait <= 60, "{wait}");
    clock.advance_millis(60_000);
    assert_eq!(succeed(&throttle, ANN, host(1), &clock), Ok(0));
}

#[test]
fn failures_fade() {
    let (throttle, clock) = (Throttle::default(), clock());
    exhaust(&throttle, ANN, host(1), &clock);
    clock.advance_millis(3600 * 1000);
    assert_eq!(exhaust(&throttle, ANN, host(1), &clock).0, 17);
    clock.advance_millis(3600 * 1000);
    let state = &mut *throttle.lock();
    make_room(
        &mut state.records,
        &Limits {
            records: 0,
            ..Limits::default()
        },
        clock.now(),
    );
    assert!(state.records.is_empty(), "{:?}", state.records);
}

#[test]
fn strangers_keep_nobody_out() {
    let (throttle, clock) = (Throttle::default(), clock());
    // From one address, before and after the longest wait.
    assert_eq!(exhaust(&throttle, ANN, host(1), &clock).0, 17);
    assert_eq!(succeed(&throttle, ANN, host(2), &clock), Ok(0));
    // From a hundred addresses, each as often as it may.
    for number in 100..200 {
        exhaust(&throttle, ANN, host(number), &clock);
    }
    let wait = succeed(&throttle, ANN, host(3), &clock).unwrap();
    assert!(wait <= 2000, "{wait}");
    assert_eq!(
        succeed(&throttle, ANN, host(2), &clock),
        Ok(0),
        "who is proven waits for nobody"
    );
    assert_eq!(succeed(&throttle, BOB, host(3), &clock), Ok(0));
}

/// As many guess as are looked at side by side, and as many more wait.
#[test]
fn who_has_hardly_failed_is_never_told_to_come_back_late() {
    let (throttle, clock) = (Throttle::default(), clock());
    for number in 100..130 {
        exhaust(&throttle, ANN, host(number), &clock);
    }
    clock.advance_millis(60_000);
    for number in 1..5 {
        let _ = fail(&throttle, ANN, host(number), &clock);
    }
    let try_in = |number| Box::pin(throttle.enter(Account::user(ANN), host(number), &clock));
    let context = &mut Context::from_waker(Waker::noop());
    let mut guesses: Vec<_> = (10..42).map(try_in).collect();
    let polled = guesses.iter_mut().map(|guess| guess.as_mut().poll(context));
    let polled: Vec<_> = polled.collect();
    assert_eq!(polled.iter().filter(|guess| guess.is_ready()).count(), 16);
    for (number, most) in [(60, 2), (1, 2), (100, 10)] {
        match enter(&throttle, ANN, host(number), &clock) {
            Some(Err(Braked::Failures(failures))) => {
                assert!(failures.retry_after_seconds <= most, "{failures:?}");
            }
            other => panic!("{number}: {other:?}"),
        }
    }
    drop(polled);
    assert!(
        enter(&throttle, ANN, host(60), &clock).is_some(),
        "and then it is let in"
    );
}

#[test]
fn failures_that_have_faded_are_no_slips_any_more() {
    let (throttle, clock) = (Throttle::default(), clock());
    for _ in 0..5 {
        fail(&throttle, ANN, host(1), &clock).unwrap();
    }
    clock.advance_millis(180_000);
    for number in 100..130 {
        exhaust(&throttle, ANN, host(number), &clock);
    }
    let waited = succeed(&throttle, ANN, host(1), &clock);
    assert!(waited.is_ok_and(|millis| millis <= 2_000), "{waited:?}");
}

#[test]
fn an_account_is_guessed_at_slowly_from_all_addresses_together() {
    let (throttle, clock) = (Throttle::default(), clock());
    let guesses: usize = (0..200)
        .map(|n| exhaust(&throttle, ANN, host(n), &clock).0)
        .sum();
    // Four for each address, which may be slips, and as few as from a single one beside that.
    assert!(guesses <= 4 * 200 + 35, "{guesses}");
    assert!(fail(&throttle, ANN, host(7), &clock).is_err());
}

#[test]
fn a_success_forgives_its_own_pair_and_nothing_else() {
    let (throttle, clock) = (Throttle::default(), clock());
    let mut looked_at = 0;
    for number in 0..108 {
        looked_at += usize::from(fail(&throttle, &format!("{number}"), host(1), &clock).is_ok());
        assert_eq!(succeed(&throttle, ANN, host(2), &clock), Ok(0));
        // Only the first time at this address does it wait for the failures of others there.
        let _ = succeed(&throttle, BOB, host(1), &clock);
    }
    assert_eq!(looked_at, 17);
    assert_eq!(
        succeed(&throttle, BOB, host(1), &clock),
        Ok(0),
        "proven before"
    );
    assert_eq!(
        exhaust(&throttle, BOB, host(1), &clock).0,
        17,
        "but its own failures count"
    );
    assert_eq!(succeed(&throttle, BOB, host(1), &clock), Err(3));
}

#[test]
fn failures_of_a_proven_pair_slow_nobody_else_down() {
    let (throttle, clock) = (Throttle::default(), clock());
    succeed(&throttle, ANN, host(1), &clock).unwrap();
    exhaust(&throttle, ANN, host(1), &clock);
    assert_eq!(succeed(&throttle, BOB, host(1), &clock), Ok(0));
    assert_eq!(succeed(&throttle, ANN, host(2), &clock), Ok(0));
}

#[test]
fn names_that_are_the_same_to_the_tenant_are_the_same_here() {
    let (throttle, clock) = (Throttle::default(), clock());
    // The last one is written with the sign for kelvin.
    let names = [
        "kim@example.com",
        "KIM@Example.COM ",
        "\tkim@example.com",
        "\u{212a}im@example.com",
    ];
    for name in names.iter().cycle().take(17) {
        fail(&throttle, name, host(1), &clock).unwrap();
    }
    for name in names {
        assert!(fail(&throttle, name, host(1), &clock).is_err(), "{name:?}");
    }
    assert_ne!(Account::user("x"), Account::program("x"));
    assert_ne!(Account::device("x"), Account::program("x"));
}

#[test]
fn an_ipv6_address_is_its_network_and_a_mapped_one_is_ipv4() {
    let (throttle, clock) = (Throttle::default(), clock());
    for number in 0..17 {
        let address = format!("2001:db8::{number}").parse().unwrap();
        fail(&throttle, &format!("{number}"), address, &clock).unwrap();
    }
    let same = "2001:db8::ffff:1:2".parse().unwrap();
    assert_eq!(fail(&throttle, ANN, same, &clock), Err(3));
    let next = "2001:db8:0:1::1".parse().unwrap();
    assert_eq!(fail(&throttle, ANN, next, &clock), Ok(0));
    let mapped = "::ffff:192.0.2.1".parse().unwrap();
    exhaust(&throttle, BOB, host(1), &clock);
    assert!(fail(&throttle, BOB, mapped, &clock).is_err());
}

/// There are only a million codes, and an attacker who guesses them has the password.
#[test]
fn wrong_codes_are_braked_harder_also_where_the_account_is_proven() {
    let (throttle, clock) = (Throttle::default(), clock());
    succeed(&throttle, ANN, host(1), &clock).unwrap();
    let guess = |number| fail_with(Guess::Code, &throttle, ANN, host(number), &clock);
    let at_home: Vec<_> = (0..8).map(|_| guess(1)).collect();
    assert_eq!(at_home[..5], [Ok(0); 5]);
    assert_eq!(at_home[5..], [Ok(1000), Ok(1500), Err(3)]);
    let elsewhere: Vec<_> = (2..60).map(guess).collect();
    assert_eq!(
        elsewhere.iter().filter(|guess| guess.is_ok()).count(),
        7,
        "{elsewhere:?}"
    );
    let mut looked_at = 0;
    for round in 0..24 * 360 {
        clock.advance_millis(10_000);
        let number = 2 + u8::try_from(round % 200).unwrap();
        looked_at += usize::from(guess(number).is_ok());
    }
    assert!(looked_at < 900, "in a day: {looked_at}");
}

#[test]
fn a_clock_set_back_makes_nobody_wait_for_longer() {
    let (throttle, clock) = (Throttle::default(), clock());
    exhaust(&throttle, ANN, host(1), &clock);
    clock.advance_millis(-3_600_000);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Err(3));
    clock.advance_millis(3_000);
    assert_eq!(succeed(&throttle, ANN, host(1), &clock), Ok(0));
}

#[test]
fn an_attempt_without_an_outcome_neither_counts_nor_forgives() {
    let (throttle, clock) = (Throttle::default(), clock());
    for _ in 0..100 {
        drop(enter(&throttle, ANN, host(1), &clock).unwrap().unwrap());
    }
    assert!(throttle.lock().records.is_empty());
    for _ in 0..11 {
        fail(&throttle, ANN, host(1), &clock).unwrap();
        drop(enter(&throttle, ANN, host(1), &clock).unwrap().unwrap());
    }
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(225));
}

#[test]
fn the_memory_is_bounded_and_keeps_what_matters_most() {
    let limits = Limits {
        records: 100,
        proven: 20,
        ..Limits::default()
    };
    let throttle = Throttle {
        limits,
        ..Throttle::default()
    };
    let clock = clock();
    exhaust(&throttle, ANN, host(1), &clock);
    succeed(&throttle, BOB, host(2), &clock).unwrap();
    let in_flight = enter(&throttle, BOB, host(3), &clock).unwrap().unwrap();
    for number in 0..10_000_u32 {
        let address = Ipv4Addr::from(0x0a00_0000 + number).into();
        fail(&throttle, &format!("{number}"), address, &clock).unwrap();
        // An attacker with an account can sign in to it from everywhere.
        succeed(&throttle, "eve", address, &clock).unwrap();
        assert!(throttle.lock().records.len() <= 105);
    }
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Err(3));
    assert!(throttle.lock().proven.has(Account::user(BOB), host(2)));
    in_flight.failed(Guess::Secret, clock.now());
    let in_flight: usize = throttle
        .lock()
        .records
        .values()
        .map(|record| record.in_flight)
        .sum();
    assert_eq!(in_flight, 0);
    for number in 0..30 {
        succeed(&throttle, &format!("{number}"), host(4), &clock).unwrap();
    }
    assert!(
        !throttle.lock().proven.has(Account::user(BOB), host(2)),
        "used longest ago"
    );
}

#[test]
fn forgetting_leaves_who_is_proven() {
    let (throttle, clock) = (Throttle::default(), clock());
    succeed(&throttle, BOB, host(1), &clock).unwrap();
    exhaust(&throttle, ANN, host(1), &clock);
    throttle.forget();
    assert!(throttle.lock().records.is_empty());
    assert!(throttle.lock().proven.has(Account::user(BOB), host(1)));
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(0));
}
