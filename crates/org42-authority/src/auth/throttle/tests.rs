use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

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

/// Enters without waiting: none when it would have to.
fn enter<'a>(
    throttle: &'a Throttle,
    account: &str,
    address: IpAddr,
    clock: &ManualClock,
) -> Option<Result<Attempt<'a>, TooManyFailures>> {
    let entering = pin!(throttle.enter(account, address, clock));
    match entering.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(entered) => Some(entered),
        Poll::Pending => None,
    }
}

fn fail(
    throttle: &Throttle,
    account: &str,
    address: IpAddr,
    clock: &ManualClock,
) -> Result<Duration, TooManyFailures> {
    Ok(enter(throttle, account, address, clock)
        .unwrap()?
        .failed(clock.now()))
}

fn fail_times(
    times: usize,
    throttle: &Throttle,
    account: &str,
    address: IpAddr,
    clock: &ManualClock,
) {
    for _ in 0..times {
        fail(throttle, account, address, clock).unwrap();
    }
}

fn refused(seconds: u64) -> Result<Duration, TooManyFailures> {
    Err(TooManyFailures {
        retry_after_seconds: seconds,
    })
}

#[test]
fn ten_failures_are_answered_at_once_nine_later_and_later_and_then_none() {
    let (throttle, clock) = (Throttle::default(), clock());
    let delays: Vec<_> = (0..19)
        .map(|_| fail(&throttle, ANN, host(1), &clock).unwrap())
        .collect();
    assert!(delays[..10].iter().all(Duration::is_zero), "{delays:?}");
    assert!(delays[9..].is_sorted_by(|a, b| a < b), "{delays:?}");
    assert_eq!(delays[18], Duration::from_secs(2));
    assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(60));
}

#[test]
fn an_account_is_counted_wherever_the_guesses_come_from_and_however_it_is_written() {
    let (throttle, clock) = (Throttle::default(), clock());
    for number in 0..19 {
        let name = if number % 2 == 0 {
            "Ann@Example.COM "
        } else {
            ANN
        };
        fail(&throttle, name, host(number), &clock).unwrap();
    }
    assert_eq!(fail(&throttle, ANN, host(100), &clock), refused(60));
    assert_eq!(fail(&throttle, BOB, host(100), &clock), Ok(Duration::ZERO));
}

#[test]
fn an_address_is_counted_whatever_the_account() {
    let (throttle, clock) = (Throttle::default(), clock());
    for number in 0..19 {
        fail(&throttle, &format!("{number}@example.com"), host(1), &clock).unwrap();
    }
    assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(60));
    assert_eq!(fail(&throttle, ANN, host(2), &clock), Ok(Duration::ZERO));
}

#[test]
fn an_ipv6_address_is_its_network_and_a_mapped_one_is_ipv4() {
    let (throttle, clock) = (Throttle::default(), clock());
    for number in 0..19 {
        let address = format!("2001:db8::{number}").parse().unwrap();
        fail(&throttle, &format!("{number}@example.com"), address, &clock).unwrap();
    }
    assert_eq!(
        fail(
            &throttle,
            ANN,
            "2001:db8::ffff:1:2".parse().unwrap(),
            &clock
        ),
        refused(60)
    );
    assert_eq!(
        fail(&throttle, ANN, "2001:db8:0:1::1".parse().unwrap(), &clock),
        Ok(Duration::ZERO)
    );
    assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), host(1));
}

#[test]
fn the_minute_slides() {
    let (throttle, clock) = (Throttle::default(), clock());
    fail(&throttle, ANN, host(1), &clock).unwrap();
    clock.advance_millis(20_500);
    fail_times(18, &throttle, ANN, host(1), &clock);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(40));
    clock.advance_millis(39_499);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(1));
    clock.advance_millis(1);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(LONGEST_DELAY));
    assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(21));
    clock.advance_millis(60_000);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(Duration::ZERO));
}

#[test]
fn refusals_do_not_make_it_last_longer() {
    let (throttle, clock) = (Throttle::default(), clock());
    fail_times(19, &throttle, ANN, host(1), &clock);
    for waited in 0..60 {
        assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(60 - waited));
        clock.advance_millis(1000);
    }
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(Duration::ZERO));
}

#[test]
fn a_clock_set_back_locks_nobody_out_for_longer_than_a_minute() {
    let (throttle, clock) = (Throttle::default(), clock());
    fail_times(19, &throttle, ANN, host(1), &clock);
    clock.advance_millis(-10_000);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), refused(60));
    clock.advance_millis(-3_600_000);
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(Duration::ZERO));
}

#[test]
fn a_success_resets_account_and_address_and_no_others() {
    let (throttle, clock) = (Throttle::default(), clock());
    fail_times(9, &throttle, ANN, host(1), &clock);
    fail_times(9, &throttle, BOB, host(1), &clock);
    fail_times(9, &throttle, BOB, host(2), &clock);
    enter(&throttle, ANN, host(1), &clock)
        .unwrap()
        .unwrap()
        .succeeded();
    assert_eq!(throttle.lock().len(), 2, "of Bob and the other host");
    fail_times(10, &throttle, ANN, host(1), &clock);
    assert!(
        fail(&throttle, ANN, host(1), &clock).unwrap() > Duration::ZERO,
        "the count starts anew"
    );
    assert_eq!(
        fail(&throttle, BOB, host(3), &clock),
        Ok(LONGEST_DELAY),
        "the other account's goes on"
    );
}

#[test]
fn an_attempt_without_an_outcome_neither_counts_nor_resets() {
    let (throttle, clock) = (Throttle::default(), clock());
    for _ in 0..100 {
        drop(enter(&throttle, ANN, host(1), &clock).unwrap().unwrap());
    }
    assert!(throttle.lock().is_empty());
    fail_times(18, &throttle, ANN, host(1), &clock);
    drop(enter(&throttle, ANN, host(1), &clock).unwrap().unwrap());
    assert_eq!(fail(&throttle, ANN, host(1), &clock), Ok(LONGEST_DELAY));
}

#[test]
fn attempts_in_flight_take_up_room_until_they_are_known() {
    let (throttle, clock) = (Throttle::default(), clock());
    let mut in_flight: Vec<_> = (0..19)
        .map(|_| enter(&throttle, ANN, host(1), &clock).unwrap().unwrap())
        .collect();
    assert!(
        enter(&throttle, ANN, host(2), &clock).is_none(),
        "the account has no room"
    );
    assert!(
        enter(&throttle, BOB, host(1), &clock).is_none(),
        "the address has no room"
    );
    in_flight.pop().unwrap().failed(clock.now());
    assert!(
        enter(&throttle, ANN, host(1), &clock).is_none(),
        "a failure keeps its room"
    );
    in_flight.pop().unwrap().succeeded();
    assert!(
        enter(&throttle, ANN, host(1), &clock).is_some(),
        "a success makes room for itself and the failure"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_at_once_no_more_are_looked_at_than_one_after_another() {
    let (throttle, clock, start) = (
        Arc::new(Throttle::default()),
        Arc::new(clock()),
        Arc::new(Barrier::new(200)),
    );
    let mut guesses = JoinSet::new();
    for _ in 0..200 {
        let (throttle, clock, start) = (
            Arc::clone(&throttle),
            Arc::clone(&clock),
            Arc::clone(&start),
        );
        guesses.spawn(async move {
            start.wait().await;
            let attempt = throttle.enter(ANN, host(1), &*clock).await?;
            tokio::task::yield_now().await;
            Ok::<_, TooManyFailures>(attempt.failed(clock.now()))
        });
    }
    let (looked_at, refused): (Vec<_>, Vec<_>) = guesses
        .join_all()
        .await
        .into_iter()
        .partition(Result::is_ok);
    assert_eq!((looked_at.len(), refused.len()), (19, 181));
    assert_eq!(
        looked_at
            .iter()
            .flatten()
            .filter(|delay| delay.is_zero())
            .count(),
        10
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_right_logins_at_once_none_is_refused() {
    let (throttle, clock, start) = (
        Arc::new(Throttle::default()),
        Arc::new(clock()),
        Arc::new(Barrier::new(200)),
    );
    let mut logins = JoinSet::new();
    for _ in 0..200 {
        let (throttle, clock, start) = (
            Arc::clone(&throttle),
            Arc::clone(&clock),
            Arc::clone(&start),
        );
        logins.spawn(async move {
            start.wait().await;
            let attempt = throttle.enter(ANN, host(1), &*clock).await?;
            tokio::task::yield_now().await;
            attempt.succeeded();
            Ok::<_, TooManyFailures>(())
        });
    }
    assert!(logins.join_all().await.iter().all(Result::is_ok));
    assert!(throttle.lock().is_empty(), "nothing is kept of them");
}

#[test]
fn the_memory_is_bounded_and_keeps_what_matters_most() {
    let (throttle, clock) = (
        Throttle {
            max_keys: 100,
            ..Throttle::default()
        },
        clock(),
    );
    fail_times(19, &throttle, ANN, host(1), &clock);
    let in_flight = enter(&throttle, BOB, host(2), &clock).unwrap().unwrap();
    for number in 0..10_000_u32 {
        let address = Ipv4Addr::from(0x0a00_0000 + number).into();
        fail(&throttle, &format!("{number}@example.com"), address, &clock).unwrap();
        assert!(throttle.lock().len() <= 100);
    }
    assert_eq!(fail(&throttle, ANN, host(3), &clock), refused(60));
    in_flight.failed(clock.now());
    assert_eq!(
        throttle
            .lock()
            .values()
            .map(|record| record.in_flight)
            .sum::<usize>(),
        0
    );
}

#[test]
fn what_no_longer_counts_goes_first() {
    let (throttle, clock) = (
        Throttle {
            max_keys: 6,
            ..Throttle::default()
        },
        clock(),
    );
    fail_times(18, &throttle, ANN, host(1), &clock);
    clock.advance_millis(60_000);
    fail(&throttle, BOB, host(2), &clock).unwrap();
    fail(&throttle, "eve", host(3), &clock).unwrap();
    fail(&throttle, "dan", host(4), &clock).unwrap();
    assert_eq!(
        throttle
            .lock()
            .values()
            .map(|record| record.failures.len())
            .collect::<Vec<_>>(),
        [1; 6]
    );
}
