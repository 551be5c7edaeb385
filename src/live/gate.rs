//! What all requests to one account pass: the bound on how many are under way, and the budget.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Budget, Class};

/// Lets requests through as fast as an account takes them. Clones are the same gate: whoever talks
/// to one account shares one, and their transports tell the same time.
#[derive(Clone, Debug)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    permits: Semaphore,
    budget: Mutex<Budget>,
    /// Who is the next of a class to be sent; the others stand in line.
    turns: [Semaphore; 4],
}

impl Gate {
    /// At most `concurrency` requests under way (at least one), within a budget.
    pub fn new(concurrency: usize, budget: Budget) -> Self {
        let inner = Inner {
            permits: Semaphore::new(concurrency.max(1)),
            budget: Mutex::new(budget),
            turns: Class::ALL.map(|_| Semaphore::new(1)),
        };
        Self { inner: Arc::new(inner) }
    }

    pub(super) fn budget(&self) -> MutexGuard<'_, Budget> {
        self.inner.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Being the next of a class, until it is dropped.
    pub(super) async fn turn(&self, class: Class) -> SemaphorePermit<'_> {
        acquire(&self.inner.turns[class as usize]).await
    }

    /// Being under way, until it is dropped.
    pub(super) async fn permit(&self) -> SemaphorePermit<'_> {
        acquire(&self.inner.permits).await
    }
}

async fn acquire(semaphore: &Semaphore) -> SemaphorePermit<'_> {
    semaphore.acquire().await.expect("nobody closes it")
}
