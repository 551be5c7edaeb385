//! Ctrl-C, and what else asks a process to end.

/// What the surroundings say. While one of these is there, they no longer end the process
/// themselves.
#[derive(Debug)]
pub(super) struct Interrupts {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
    #[cfg(windows)]
    ctrl_c: Option<tokio::signal::windows::CtrlC>,
}

impl Interrupts {
    /// Begins to listen: to Ctrl-C, and to what an orchestrator sends before it kills. Where that
    /// cannot be done they end the process as ever.
    #[cfg(unix)]
    pub(super) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self { signals: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    #[cfg(windows)]
    pub(super) fn listen() -> Self {
        Self { ctrl_c: tokio::signal::windows::ctrl_c().ok() }
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        std::future::poll_fn(|context| {
            match self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
    }

    #[cfg(windows)]
    pub(super) async fn next(&mut self) {
        match &mut self.ctrl_c {
            Some(ctrl_c) => drop(ctrl_c.recv().await),
            None => std::future::pending().await,
        }
    }
}
