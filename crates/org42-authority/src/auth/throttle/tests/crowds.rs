//! Tests with many attempts at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::*;

#[test]
fn attempts_in_flight_take_up_room_until_they_are_known() {
    let (throttle, clock) = (Throttle::default(), clock());
    let enter = |name, number| enter(&throttle, name, host(number), &clock);
    let mut in_flight: Vec<_> = (0..10).map(|_| enter(ANN, 1).unwrap().unwrap()).collect();
    assert!(enter(ANN, 1).is_none(), "the pair has no room");
    assert!(enter(BOB, 1).is_none(), "the address has no room");
    assert!(enter(ANN, 2).is_some(), "there is room elsewhere");
    in_flight.pop().unwrap().failed(Guess::Secret, clock.now());
    assert!(enter(ANN, 1).is_none(), "a failure keeps its room");
    in_flight.pop().unwrap().succeeded();
    assert!(
        enter(ANN, 1).is_some(),
        "a success forgives the failure, and is proven"
    );
    assert!(enter(BOB, 1).is_some(), "and makes room for others");
    assert_eq!(throttle.lock().waiting, 0, "what was dropped waits no more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_at_once_no_more_are_looked_at_than_one_after_another() {
    let (throttle, clock, start) = (
        Arc::new(Throttle::default()),
        Arc::new(clock()),
        Arc::new(Barrier::new(200)),
    );
    let mut guesses = JoinSet::new();
    for number in 0..200_u32 {
        let (throttle, clock, start) = (throttle.clone(), clock.clone(), start.clone());
        guesses.spawn(async move {
            start.wait().await;
            let name = format!("{}", number % 3);
            let attempt = throttle
                .enter(Account::user(&name), host(1), &*clock)
                .await?;
            tokio::task::yield_now().await;
            attempt.failed(Guess::Secret, clock.now());
            Ok::<_, Braked>(())
        });
    }
    let looked_at = guesses
        .join_all()
        .await
        .iter()
        .filter(|end| end.is_ok())
        .count();
    assert!((10..=17).contains(&looked_at), "{looked_at}");
    assert_eq!(throttle.lock().waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_right_sign_ins_at_once_none_is_refused() {
    for accounts in [1, 200] {
        let (throttle, clock, start) = (
            Arc::new(Throttle::default()),
            Arc::new(clock()),
            Arc::new(Barrier::new(200)),
        );
        let mut sign_ins = JoinSet::new();
        for number in 0..200_u32 {
            let (throttle, clock, start) = (throttle.clone(), clock.clone(), start.clone());
            sign_ins.spawn(async move {
                start.wait().await;
                let name = format!("{}", number % accounts);
                let attempt = throttle
                    .enter(Account::user(&name), host(1), &*clock)
                    .await?;
                assert!(attempt.wait().is_zero());
                tokio::task::yield_now().await;
                attempt.succeeded();
                Ok::<_, Braked>(())
            });
        }
        assert!(sign_ins.join_all().await.iter().all(Result::is_ok));
        assert!(
            throttle.lock().records.is_empty(),
            "no failures are kept of them"
        );
    }
}

#[test]
fn a_crowd_that_is_too_large_is_refused() {
    let limits = Limits {
        waiting: 3,
        ..Limits::default()
    };
    let throttle = Throttle {
        limits,
        ..Throttle::default()
    };
    let clock = clock();
    let try_in = || Box::pin(throttle.enter(Account::user(ANN), host(1), &clock));
    let context = &mut Context::from_waker(Waker::noop());
    let in_flight: Vec<_> = (0..10)
        .map(|_| enter(&throttle, ANN, host(1), &clock))
        .collect();
    let mut waiting: Vec<_> = (0..3).map(|_| try_in()).collect();
    for attempt in &mut waiting {
        assert!(attempt.as_mut().poll(context).is_pending());
    }
    let refused = try_in().as_mut().poll(context);
    assert!(
        matches!(refused, Poll::Ready(Err(Braked::Busy(1..)))),
        "{refused:?}"
    );
    drop(in_flight);
    for attempt in &mut waiting {
        assert!(attempt.as_mut().poll(context).is_ready());
    }
}
