//! How fast requests go out, in the in-process transport's own time.

use flexctl::apply::{self, Outcome};
use flexctl::cli::InProcess;
use flexctl::emulator::{Emulator, Fault, Faults, Options};
use flexctl::live::{Budget, Pace, Rate};
use flexctl::plan;
use futures_util::future::join_all;

use super::*;

/// An in-process transport that remembers when what was sent and what was under way.
#[derive(Clone)]
struct Timed {
    emulator: Emulator,
    inner: InProcess,
    log: Arc<Mutex<TimedLog>>,
}

#[derive(Default)]
struct TimedLog {
    /// When, and `METHOD /path?query`.
    sent: Vec<(Duration, String)>,
    under_way: usize,
    most_under_way: usize,
}

impl Timed {
    fn new(options: Options) -> Self {
        let emulator = Emulator::in_memory(options);
        Self { inner: InProcess::new(emulator.clone()), emulator, log: Arc::default() }
    }

    fn client(&self, concurrency: usize, pace: Pace) -> Client<Self> {
        let endpoints = Endpoints::at(InProcess::BASE_URL).unwrap();
        let credentials =
            Credentials::new(flexctl::emulator::ACCOUNT_SID, flexctl::emulator::AUTH_TOKEN);
        Client::paced(self.clone(), endpoints, credentials, concurrency, pace)
    }

    fn times(&self) -> Vec<Duration> {
        self.log.lock().unwrap().sent.iter().map(|(at, _)| *at).collect()
    }
}

impl Transport for Timed {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        {
            let mut log = self.log.lock().unwrap();
            log.sent.push((self.now(), line(&request)));
            log.under_way += 1;
            log.most_under_way = log.most_under_way.max(log.under_way);
        }
        let answer = self.inner.send(request).await;
        self.log.lock().unwrap().under_way -= 1;
        answer
    }

    async fn wait(&self, duration: Duration) {
        self.inner.wait(duration).await;
    }

    fn now(&self) -> Duration {
        self.inner.now()
    }
}

fn budget(rates: &[&str]) -> Budget {
    let rates = rates.iter().map(|rate| rate.parse::<Rate>().unwrap());
    rates.fold(Budget::unlimited(), Budget::with)
}

fn pace(rates: &[&str]) -> Pace {
    Pace { budget: budget(rates), ..Pace::default() }
}

fn slow(millis: u64) -> Options {
    Options { latency: Duration::from_millis(millis), ..Options::deterministic() }
}

/// Creates so many activities and queues at once.
async fn create(client: &Client<Timed>, count: usize) -> Vec<Result<live::Written, LiveError>> {
    let workspace = live::read(&client.reader(), &FLEX).await.unwrap().workspace.sid;
    let writer = client.writer();
    let creates = (0..count).map(|n| {
        let (kind, resource) = match n % 2 {
            0 => (Kind::Queue, Resource::Queue(Queue::default())),
            _ => (Kind::Activity, Resource::Activity(Activity::default())),
        };
        let (writer, workspace) = (&writer, &workspace);
        let address = Address::new(kind, format!("New {n}"));
        async move { writer.create(workspace, &address, &resource, &Sids::default()).await }
    });
    join_all(creates).await
}

const FLEX: Scope<'static> =
    Scope { workspace_name: Some("Flex Task Assignment"), workers: false, roles: false, ..SCOPE };

#[tokio::test]
async fn requests_overlap_up_to_the_budget_and_never_go_beyond() {
    let timed = Timed::new(slow(1000));
    let client = timed.client(64, pace(&["10/s"]));
    for done in create(&client, 60).await {
        done.unwrap();
    }
    let times: BTreeMap<&str, Vec<Duration>> = {
        let log = timed.log.lock().unwrap();
        log.sent.iter().fold(BTreeMap::new(), |mut times, (at, line)| {
            let class = match line {
                line if line.starts_with("GET") => "reads",
                line if line.contains("/TaskQueues") => "queues",
                _ => "writes",
            };
            times.entry(class).or_insert_with(Vec::new).push(*at);
            times
        })
    };
    assert_eq!((times["queues"].len(), times["writes"].len()), (30, 30));
    for (class, times) in &times {
        let second = Duration::from_secs(1);
        for (n, start) in times.iter().enumerate() {
            let within = times[n..].iter().take_while(|at| **at < *start + second).count();
            assert!(within <= 10, "{class}: {within} in a second, {times:?}");
        }
    }
    let writes = times["queues"][29] - times["queues"][0];
    assert!(writes <= Duration::from_millis(2_950), "{writes:?}");
    assert!(timed.log.lock().unwrap().most_under_way >= 20, "both classes overlap");
}

#[tokio::test]
async fn a_plan_takes_no_longer_than_its_requests_take_at_the_budget() {
    let rules = [CapacityRule {
        name: "everyone".into(),
        workers: "1==1".into(),
        channels: BTreeMap::from([(
            "chat".to_owned(),
            ChannelCapacity { mode: CapacityMode::Enforce(Some(3)), available: None },
        )]),
    }];
    // The channels of so many workers, and so many pages of queues.
    for (workers, queues, concurrency) in [(0, 0, 4), (0, 9000, 4), (200, 0, 4), (200, 0, 1)] {
        let timed = Timed::new(slow(50));
        timed.emulator.seed(|seeder| {
            (0..workers).for_each(|n| drop(seeder.worker(&format!("agent {n}"), "{}")));
            (0..queues).for_each(|n| drop(seeder.queue(&format!("Queue {n}"), "1==1")));
        });
        let scope = Scope { capacities: &rules, exact: true, ..FLEX };
        let client = timed.client(concurrency, pace(&["10/s"]));
        live::read(&client.reader(), &scope).await.unwrap();
        let (took, requests) = (timed.now().as_secs_f64(), timed.times().len());
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let ideal = requests as f64 / 10.0;
        assert!(took <= ideal * 1.1, "{requests} requests took {took} s");
        assert!(took >= ideal - 0.1, "{requests} requests took {took} s only");
    }
}

#[tokio::test]
async fn the_bound_on_concurrency_stays_within_a_budget() {
    let timed = Timed::new(slow(1000));
    let client = timed.client(3, pace(&["100/s"]));
    create(&client, 30).await;
    assert_eq!(timed.log.lock().unwrap().most_under_way, 3);
    // The stall of the slow answers is not made up for.
    let times = timed.times();
    assert!(times.windows(4).all(|four| four[3] - four[0] >= Duration::from_millis(900)));
}

#[tokio::test]
async fn a_class_that_was_refused_slows_down_and_comes_back_when_it_may() {
    let faults = Faults::none().at(5, Fault::TooMany { retry_after: Some(3) });
    let timed = Timed::new(Options { faults, ..slow(0) });
    let client = timed.client(8, pace(&["4/s"]));
    // Requests 0 to 4 are the reads; 5 is the first create.
    for done in create(&client, 12).await {
        done.unwrap();
    }
    let log = timed.log.lock().unwrap();
    let queues: Vec<f64> = log
        .sent
        .iter()
        .filter(|(_, line)| line.starts_with("POST") && line.contains("/TaskQueues"))
        .map(|(at, _)| at.as_secs_f64())
        .collect();
    assert_eq!(queues.len(), 7, "{queues:?}");
    assert!((queues[1] - queues[0] - 3.0).abs() < 0.01, "{queues:?}");
    assert!((queues[2] - queues[1] - 0.5).abs() < 0.01, "half as fast: {queues:?}");
    drop(log);
    assert!(client.reader().rate(live::Class::Queues) < Some(4.0));
    assert_eq!(
        client.writer().rate(live::Class::Writes),
        Some(4.0),
        "the other class knows nothing of it"
    );
}

#[tokio::test]
async fn after_the_deadline_nothing_is_sent_and_that_is_what_is_said() {
    let timed = Timed::new(slow(0));
    let deadline = Some(Duration::from_millis(2500));
    let client = timed.client(4, Pace { deadline, ..pace(&["1/s"]) });
    let error = live::read(&client.reader(), &FLEX).await.unwrap_err();
    assert!(matches!(error, LiveError::Deadline { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.starts_with("the run's deadline of 2s 500ms passed before GET /v1/Work"),
        "{text}"
    );
    assert_eq!(timed.times().len(), 3);
    assert!(timed.inner.now() <= Duration::from_millis(2500), "nobody waits for nothing");
}

#[tokio::test]
async fn what_was_refused_until_the_deadline_is_reported_as_refused() {
    let canned = Canned::new(|_, _| refused(503, 20503, "busy"));
    let endpoints = Endpoints::twilio(None, None).unwrap();
    let deadline = Some(Duration::from_millis(600));
    let pace = Pace { deadline, ..Pace::default() };
    let credentials = Credentials::new("AC1", "hush");
    let client = Client::paced(canned.clone(), endpoints, credentials, 4, pace);
    let error = live::read(&client.reader(), &SCOPE).await.unwrap_err();
    assert!(error.to_string().starts_with("busy (HTTP 503"), "{error}");
    assert_eq!(canned.waited(), [500], "the second wait would be too long");
}

#[tokio::test]
async fn an_apply_that_runs_out_of_time_skips_what_it_has_not_sent() {
    let spec = "version: 1\nworkspace: {friendly_name: Flex Task Assignment}\nqueues:\n  A: {}\n  B: {}\n  C: {}\n";
    let desired = crate::support::world::desired(spec);
    let timed = Timed::new(slow(0));
    let deadline = Some(Duration::from_millis(1500));
    let client = timed.client(4, Pace { deadline, ..pace(&["queues=1/s"]) });
    let snapshot = live::read(&client.reader(), &Scope::of(&desired)).await.unwrap();
    let plan = plan::diff(&desired, &snapshot, &plan::Options::default());
    let options = apply::Options { parallelism: 4, ..Default::default() };
    let mut sids = Sids::of(&snapshot);
    let report = apply::apply(&plan, &client.writer(), &mut sids, &options, &mut |_| {}).await;
    assert_eq!((report.totals.applied, report.totals.skipped), (2, 1));
    let Outcome::Skipped { because } = &report.results[2].outcome else { panic!("{report:?}") };
    assert!(because.starts_with("the run's deadline of 1s 500ms passed before POST"), "{because}");
}

#[tokio::test]
async fn retries_are_spread_by_chance() {
    let waits = |jitter| async move {
        let canned = Canned::new(|_, before| match before {
            0..3 => refused(429, 20429, "Too Many Requests"),
            _ => ok(json!({"sid": "WQ1"})),
        });
        let endpoints = Endpoints::twilio(None, None).unwrap();
        let pace = Pace { jitter, ..Pace::default() };
        let credentials = Credentials::new("AC1", "hush");
        let client = Client::paced(canned.clone(), endpoints, credentials, 4, pace);
        let (address, queue) = sales();
        client.writer().create("WS1", &address, &queue, &Sids::default()).await.unwrap();
        canned.waited()
    };
    assert_eq!(waits(None).await, [500, 1000, 2000]);
    let spread = waits(Some(1)).await;
    let bounds = [250..=500, 500..=1000, 1000..=2000];
    assert!(spread.iter().zip(bounds).all(|(wait, bounds)| bounds.contains(wait)), "{spread:?}");
    assert_eq!(waits(Some(1)).await, spread);
    assert_ne!(waits(Some(2)).await, spread);
}
