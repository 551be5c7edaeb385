//! A watch: looks again and again, and tells Prometheus and an orchestrator what it knows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::look::{self, Look};
use super::metrics::{Reason, State};
use crate::cli::args::{DriftArgs, Global, PlanFormat, TargetArgs};
use crate::cli::interrupt::Interrupts;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure};
use crate::plan::Drift;
use crate::text::first_of;

/// How long it waits after a first failure; twice as long after each further one, and never longer
/// than the interval.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// As many addresses as a line names.
const NAMED: usize = 5;

pub(super) async fn run(
    global: &Global,
    target: &TargetArgs,
    args: &DriftArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    if args.form.format != PlanFormat::Text {
        let failure = Failure::new(Exit::Usage, "a watch prints no document: it never ends");
        return Err(failure.with_help("read /metrics, or run `flexctl drift` without --watch"));
    }
    let listen = args.watch.listen;
    let refused = |error: std::io::Error| {
        Failure::new(Exit::Usage, format!("cannot listen on {listen}: {error}"))
            .with_help("choose another --listen; port 0 takes a free one")
    };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    streams.data(&format!("listening on http://{address}"));
    let mut interrupts = Interrupts::listen();
    let state = Arc::new(Mutex::new(State::default()));
    let server = tokio::spawn(serve(listener, Arc::clone(&state)));
    let watch = Watch { global, target, args, streams, state };
    tokio::select! {
        () = watch.go_on() => {}
        () = interrupts.next() => streams.talk(&line("stopped")),
    }
    server.abort();
    Ok(Exit::Done)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let ready = Arc::clone(&state);
    let router = Router::new()
        .route(
            "/metrics",
            get(async move || {
                let page = lock(&state).text();
                ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page)
            }),
        )
        // The API's absence is not ours: a restart would not help.
        .route("/healthz", get(async || "ok\n"))
        .route(
            "/readyz",
            get(async move || match lock(&ready).drift {
                Some(_) => (StatusCode::OK, "ready\n"),
                None => (StatusCode::SERVICE_UNAVAILABLE, "nothing was read yet\n"),
            }),
        );
    // It ends with the watch.
    let _ = axum::serve(listener, router).await;
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Watch<'a> {
    global: &'a Global,
    target: &'a TargetArgs,
    args: &'a DriftArgs,
    streams: &'a Streams,
    state: Arc<Mutex<State>>,
}

impl Watch<'_> {
    /// Looks for ever. The spec is read anew each time, and so are the credentials.
    async fn go_on(&self) {
        let interval = self.args.watch.interval;
        let mut pause = FIRST_PAUSE.min(interval);
        // What was last said, so that nothing is said twice.
        let mut said = None;
        loop {
            match self.look().await {
                Ok(news) => {
                    pause = FIRST_PAUSE.min(interval);
                    if said.is_some() || news.is_some() {
                        let known = lock(&self.state).drift.as_ref().map(told).unwrap_or_default();
                        self.streams.error(&line(&news.unwrap_or(known)));
                    }
                    said = None;
                    tokio::time::sleep(interval).await;
                }
                Err((reason, failure)) => {
                    let text = failure.in_short().join("; ");
                    if said.as_ref() != Some(&text) {
                        let known = match lock(&self.state).drift {
                            Some(_) => "; what was read before still stands",
                            None => "",
                        };
                        self.streams.error(&line(&format!("{}: {text}{known}", reason.word())));
                        said = Some(text);
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(interval);
                }
            }
        }
    }

    /// Looks once, and keeps what it finds. Says what is new.
    async fn look(&self) -> Result<Option<String>, (Reason, Failure)> {
        let known = lock(&self.state).drift.clone();
        let begin = Instant::now();
        let streams = self.streams.silent();
        let look =
            look::look(self.global, self.target, self.args.exact, known.as_ref(), &streams).await;
        let (at, took) = (Timestamp::now(), begin.elapsed());
        let mut state = lock(&self.state);
        match look {
            Ok(Look { drift, heading }) => {
                let news = match &known {
                    None => Some(format!("{heading}: {}", told(&drift))),
                    Some(known) if *known == drift => None,
                    Some(_) => Some(told(&drift)),
                };
                state.read(drift, at, took);
                Ok(news)
            }
            Err(failure) => {
                let reason = reason(failure.exit);
                state.failed(reason, at, took);
                Err((reason, failure))
            }
        }
    }
}

fn reason(exit: Exit) -> Reason {
    match exit {
        Exit::SpecErrors => Reason::Spec,
        Exit::Refused => Reason::Refused,
        Exit::Usage => Reason::Usage,
        _ => Reason::Api,
    }
}

/// `2 objects differ: queue.Sales, workflow.Inbound`.
fn told(drift: &Drift) -> String {
    let addresses = first_of(drift.objects.iter().map(|one| &one.address), NAMED);
    match drift.objects.len() {
        0 => "no drift".to_owned(),
        1 => format!("1 object differs: {addresses}"),
        several => format!("{several} objects differ: {addresses}"),
    }
}

/// A line of the log.
fn line(text: &str) -> String {
    format!("{} {}", Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"), text.replace('\n', " "))
}
