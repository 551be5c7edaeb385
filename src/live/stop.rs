//! The wish that nothing new is begun.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells a run to begin nothing new. Clones share it.
#[derive(Clone, Debug)]
pub struct Stop {
    wished: Arc<watch::Sender<bool>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { wished: Arc::new(watch::Sender::new(false)) }
    }
}

impl Stop {
    /// Wishes it, for good. Whether nobody has before.
    pub fn wish(&self) -> bool {
        !self.wished.send_replace(true)
    }

    /// Whether somebody has wished it.
    pub fn is_wished(&self) -> bool {
        *self.wished.borrow()
    }

    /// Waits until somebody wishes it.
    pub async fn wished(&self) {
        // The sender is ours, so the channel never closes.
        let _ = self.wished.subscribe().wait_for(|wished| *wished).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_hears_it_also_who_asks_late() {
        let stop = Stop::default();
        let early = stop.clone();
        let waits = tokio::spawn(async move { early.wished().await });
        assert!(!stop.is_wished());
        assert!(stop.wish() && !stop.wish());
        waits.await.unwrap();
        stop.wished().await;
        assert!(stop.is_wished());
    }
}
