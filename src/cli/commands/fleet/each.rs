//! Many at once, told in order.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};

/// Runs `run` for each item, at most `at_once` together, and hands every result to `tell` in the
/// order of the items, as soon as all before it are there.
pub(super) async fn each<I, T, F: Future<Output = T>>(
    items: impl IntoIterator<Item = I>,
    at_once: usize,
    run: impl Fn(I) -> F,
    mut tell: impl FnMut(&T),
) -> Vec<T> {
    let mut early = BTreeMap::new();
    let mut done = Vec::new();
    let numbered = items.into_iter().enumerate().map(|(number, item)| {
        let run = run(item);
        async move { (number, run.await) }
    });
    let mut running = stream::iter(numbered).buffer_unordered(at_once.max(1));
    while let Some((number, result)) = running.next().await {
        early.insert(number, result);
        while let Some(result) = early.remove(&done.len()) {
            tell(&result);
            done.push(result);
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::each;
    use crate::cli::InProcess;
    use crate::emulator::{Emulator, Options};
    use crate::live::Transport;

    #[tokio::test]
    async fn a_slow_one_holds_up_the_telling_and_no_other() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let time = InProcess::new(Emulator::in_memory(Options::deterministic()));
        let mut told = Vec::new();
        let (running, most, time) = (&running, &most, &time);
        let run = |number: usize| async move {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            let seconds = if number == 0 { 10 } else { 1 };
            time.wait(Duration::from_secs(seconds)).await;
            running.set(running.get() - 1);
            number
        };
        let done = each(0..21, 3, run, |number| told.push(*number)).await;
        assert_eq!(done, (0..21).collect::<Vec<_>>());
        assert_eq!(told, done);
        assert_eq!((most.get(), time.now()), (3, Duration::from_secs(10)));
    }
}
