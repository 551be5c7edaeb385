//! The process dies at any request. The next run knows what was done, says what is true, and
//! finishes the work.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use flexctl::apply::journal::{
    self, Done, Entry, Intent, Journal, LastRun, Line, Run, Unwritten, VERSION, Verdict,
};
use flexctl::apply::{self, Outcome, Report};
use flexctl::emulator::{Emulator, Options, Seed};
use flexctl::live::{Budget, Sids};
use flexctl::model::{Kind, Model, Snapshot};
use flexctl::plan::{self, Action, Change, Plan};
use flexctl::spec::Settings;
use futures_util::future::{BoxFuture, Either, select};
use serde_json::Value;

use crate::support::trip::{Mishap, Trip};
use crate::support::upheaval;
use crate::support::world::{World, desired, desired_of, string, text};

/// A journal in memory.
#[derive(Default)]
struct Paper {
    text: Mutex<String>,
    /// How much of it is durable.
    durable: Mutex<usize>,
}

impl Paper {
    fn write(&self, entry: Entry) {
        let line = serde_json::to_string(&Line { at: None, entry }).expect("a line is JSON");
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) += &(line + "\n");
    }

    fn sync(&self) {
        *self.durable.lock().unwrap_or_else(PoisonError::into_inner) = self.text().len();
    }

    fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All that was written, what is left when the machine dies too, and that with a torn line.
    fn remains(&self) -> Vec<String> {
        let (text, durable) = (self.text(), *self.durable.lock().expect("nobody panicked"));
        let torn = text.len().min(durable + 30);
        let mut remains = vec![text.clone(), text[..durable].to_owned(), text[..torn].to_owned()];
        remains.dedup();
        remains
    }
}

impl Journal for Paper {
    fn intend(&self, intent: Intent) -> BoxFuture<'_, Result<(), Unwritten>> {
        self.write(Entry::Intent(intent));
        self.sync();
        Box::pin(std::future::ready(Ok(())))
    }

    fn done(&self, done: Done) {
        self.write(Entry::Outcome(done));
    }
}

/// Applies, until the process dies.
fn apply_until(
    world: &World,
    trip: &Trip,
    plan: &Plan,
    snapshot: &Snapshot,
    paper: &Paper,
) -> Option<Report> {
    paper.write(Entry::Run(Run {
        version: VERSION,
        account_sid: snapshot.account_sid.clone(),
        workspace_sid: snapshot.workspace.sid.clone(),
        changes: plan.changes.len(),
    }));
    paper.sync();
    let writer = trip.client(Budget::unlimited()).writer();
    let mut sids = Sids::of(snapshot);
    let options = apply::Options { parallelism: 4, journal: Some(paper), ..Default::default() };
    world.wait(async {
        let mut nobody = |_: apply::Event<'_>| {};
        let apply = apply::apply(plan, &writer, &mut sids, &options, &mut nobody);
        match select(Box::pin(apply), Box::pin(trip.death.wished())).await {
            Either::Left((report, _)) => Some(report),
            Either::Right(_) => None,
        }
    })
}

fn recall(world: &World, text: &str, now: &Snapshot) -> Option<LastRun> {
    let left = journal::recall(text, &now.account_sid, &now.workspace.sid).expect("it is ours");
    let reader = Trip::new(&world.emulator, None).client(Budget::unlimited()).reader();
    left.map(|left| world.wait(journal::verify(left, now, &reader)))
}

/// Every object of the store by sid, without its dates and the names of others.
fn store(world: &World) -> BTreeMap<String, Value> {
    let mut store = BTreeMap::new();
    let mut learn = |mut object: Value| {
        let object_mut = object.as_object_mut().expect("an object");
        object_mut.retain(|key, _| !key.starts_with("date_") && !key.ends_with("activity_name"));
        store.insert(string(&object["sid"]), object);
    };
    for collection in ["Activities", "TaskQueues", "Workflows", "TaskChannels", "Workers"] {
        world.list(collection).into_iter().for_each(&mut learn);
    }
    for worker in world.list("Workers") {
        let channels = format!("Workers/{}/Channels", string(&worker["sid"]));
        world.list(&channels).into_iter().for_each(&mut learn);
    }
    learn(world.ask("GET", "", &[]).1);
    store
}

fn name(object: &Value) -> &str {
    let key = if object["unique_name"].is_string() { "unique_name" } else { "friendly_name" };
    object[key].as_str().unwrap_or_default()
}

/// The live object that a change was to update.
fn object<'a>(store: &'a BTreeMap<String, Value>, change: &Change) -> Option<&'a Value> {
    let Some((worker, channel)) = change.address.worker_and_channel() else {
        return store.get(change.sid.as_ref()?);
    };
    let is_worker = |object: &&Value| object["friendly_name"] == worker;
    let worker = store.values().filter(|o| string(&o["sid"]).starts_with("WK")).find(is_worker)?;
    store.values().find(|object| {
        object["worker_sid"] == worker["sid"] && object["task_channel_unique_name"] == channel
    })
}

/// What the store says of a change that was cut off; none for what it does not say.
fn truth(
    plan: &Plan,
    change: &Change,
    before: &BTreeMap<String, Value>,
    now: &BTreeMap<String, Value>,
) -> Option<Verdict> {
    let Change { address, action, sid, .. } = change;
    let twice = plan.changes.iter().filter(|other| other.address == *address).count() > 1;
    let prefix = match address.kind {
        Kind::Activity => "WA",
        Kind::TaskChannel => "TC",
        Kind::Queue => "WQ",
        Kind::Workflow => "WW",
        Kind::Worker => "WK",
        Kind::Workspace | Kind::Capacity => "",
        Kind::Role => return None,
    };
    let mut new = now.iter().filter(|(sid, object)| {
        sid.starts_with(prefix) && name(object) == address.name && !before.contains_key(*sid)
    });
    let there = |sid: Option<&String>| sid.cloned();
    Some(match action {
        Action::Create if address.kind != Kind::Capacity => match new.next() {
            Some((sid, _)) => Verdict::Done { sid: there(Some(sid)) },
            None => Verdict::Undone { sid: None },
        },
        // A channel that came with its worker in this run has no past.
        Action::Create => return None,
        Action::Update if twice => return None,
        Action::Update => {
            let (then, now) = (object(before, change)?, object(now, change)?);
            let sid = Some(string(&now["sid"]));
            if then == now { Verdict::Undone { sid } } else { Verdict::Done { sid } }
        }
        Action::Delete => match sid.as_ref().filter(|sid| now.contains_key(*sid)) {
            Some(sid) => Verdict::Undone { sid: there(Some(sid)) },
            None => Verdict::Done { sid: None },
        },
        Action::Replace => match (new.next(), now.get(sid.as_ref()?)) {
            (Some((sid, _)), _) => Verdict::Done { sid: there(Some(sid)) },
            (None, Some(old)) if name(old).ends_with("(replaced by flexctl)") => {
                let aside = name(old).to_owned();
                Verdict::Halfway { sid: string(&old["sid"]), aside }
            }
            (None, Some(old)) => Verdict::Undone { sid: Some(string(&old["sid"])) },
            (None, None) => Verdict::Gone,
        },
    })
}

/// What is still to be done of a plan.
fn is_left(change: &Change, next: &Plan) -> bool {
    next.changes.iter().any(|other| match (&change.sid, change.action) {
        // It may have another address by now.
        (Some(sid), Action::Delete) => other.sid.as_ref() == Some(sid) && other.write.is_none(),
        _ => other.address == change.address && other.stage == change.stage,
    })
}

/// How often each name is there.
fn names(store: &BTreeMap<String, Value>) -> BTreeMap<(String, String), usize> {
    let mut names = BTreeMap::new();
    for (sid, object) in store.iter().filter(|(sid, _)| !sid.starts_with("WC")) {
        *names.entry((sid[..2].to_owned(), name(object).to_owned())).or_default() += 1;
    }
    names
}

#[derive(Debug, Default)]
struct Tally {
    crashes: usize,
    done: usize,
    undone: usize,
    halfway: usize,
}

/// Lets the process die at every request of the apply of `wanted` and looks at what the next run
/// says and does.
fn die_everywhere(
    mishap: Mishap,
    world: &dyn Fn() -> World,
    wanted: &Model,
    options: &plan::Options,
) -> Tally {
    let mut tally = Tally::default();
    // The world is the same each time, down to its sids.
    let first = world();
    let snapshot = first.read(wanted);
    let plan = plan::diff(wanted, &snapshot, options);
    assert_eq!(plan.refusals, []);
    let before = store(&first);
    for at in 0.. {
        let world = world();
        let (paper, trip) = (Paper::default(), Trip::new(&world.emulator, Some((at, mishap))));
        let report = apply_until(&world, &trip, &plan, &snapshot, &paper);
        if let Some(report) = report {
            assert!(report.is_complete(), "{report:#?}");
            break;
        }
        tally.crashes += 1;
        let here = format!("{mishap:?} at request {at}");
        let now = store(&world);
        let next = world.read(wanted);
        let left = plan::diff(wanted, &next, options);
        let applied = plan.changes.iter().filter(|change| !is_left(change, &left)).count();
        for text in paper.remains() {
            let told = recall(&world, &text, &next).expect("the run did not end");
            assert_eq!((told.runs, told.changes), (1, plan.changes.len()), "{here}");
            let mut done = told.applied;
            for fate in &told.open {
                let change = plan
                    .changes
                    .iter()
                    .find(|change| (&change.address, change.stage) == (&fate.address, fate.stage));
                let change = change.expect("it is a change of the plan");
                assert_eq!(change.action, fate.action);
                if let Some(truth) = truth(&plan, change, &before, &now) {
                    assert_eq!(fate.verdict, truth, "{here}: {fate}");
                }
                let is_done = matches!(fate.verdict, Verdict::Done { .. });
                assert_eq!(
                    is_done,
                    !is_left(change, &left),
                    "{here}: {fate}\n{}",
                    self::text(&left)
                );
                done += usize::from(is_done);
                match fate.verdict {
                    Verdict::Done { .. } => tally.done += 1,
                    Verdict::Undone { .. } => tally.undone += 1,
                    Verdict::Halfway { .. } => tally.halfway += 1,
                    // What a channel was like that came with its worker nobody knows.
                    Verdict::Other { .. } if change.address.kind == Kind::Capacity => {}
                    _ => panic!("{here}: {fate}"),
                }
            }
            assert_eq!(done, applied, "{here}\n{told}\n{}", self::text(&left));
        }
        let calm = Trip::new(&world.emulator, None);
        let report = apply_until(&world, &calm, &left, &next, &paper);
        let report = report.expect("nothing happens any more");
        assert!(report.is_complete(), "{here}: {report:#?}");
        paper.write(Entry::End(report.totals));
        let last = world.read(wanted);
        let last_plan = plan::diff(wanted, &last, options);
        assert!(last_plan.is_empty(), "{here}\n{}", self::text(&last_plan));
        for (name, count) in names(&store(&world)) {
            assert_eq!(count, 1, "{here}: {name:?}");
        }
        assert_eq!(recall(&world, &paper.text(), &last), None, "{here}");
    }
    tally
}

/// The repository's spec in the demonstration's account.
fn die_in_the_repositorys_spec(mishap: Mishap) {
    let path = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("flex.yaml");
    let (wanted, _) = desired_of(&path, &Settings::default());
    let world = || {
        let options = Options { seed: Seed::Demo, ..Options::deterministic() };
        World::with(Emulator::in_memory(Options { record_requests: false, ..options }))
    };
    let tally = die_everywhere(mishap, &world, &wanted, &plan::Options::default());
    let Tally { crashes, done, undone, halfway: _ } = tally;
    assert!(crashes > 60 && done > 60 && undone > 100, "{tally:?}");
}

#[test]
fn before_any_request_of_the_apply_of_the_repositorys_spec() {
    die_in_the_repositorys_spec(Mishap::DeathBefore);
}

#[test]
fn after_any_request_of_the_apply_of_the_repositorys_spec() {
    die_in_the_repositorys_spec(Mishap::DeathAfter);
}

#[test]
fn before_and_after_any_request_of_a_replace_a_rename_and_deletions() {
    let world = || World::of(upheaval::BEFORE);
    let options = upheaval::allowed();
    let wanted = desired(upheaval::AFTER);
    let [before, after] = [Mishap::DeathBefore, Mishap::DeathAfter]
        .map(|mishap| die_everywhere(mishap, &world, &wanted, &options));
    assert!(before.crashes > 15 && before.undone > 20, "{before:?}");
    assert!(after.crashes == before.crashes && after.done > 5, "{after:?}");
    assert!(before.halfway + after.halfway >= 2, "{before:?} {after:?}");
}

/// A journal whose disk is full after so many intents.
struct Short(Paper, Mutex<usize>);

impl Journal for Short {
    fn intend(&self, intent: Intent) -> BoxFuture<'_, Result<(), Unwritten>> {
        let mut left = self.1.lock().expect("nobody panicked");
        if *left == 0 {
            return Box::pin(std::future::ready(Err(Unwritten("no space left".to_owned()))));
        }
        *left -= 1;
        self.0.intend(intent)
    }

    fn done(&self, done: Done) {
        self.0.done(done);
    }
}

#[test]
fn what_cannot_be_written_down_is_not_made_and_the_report_says_so() {
    let wanted = desired(upheaval::AFTER);
    let options = upheaval::allowed();
    for intents in 0.. {
        let world = World::of(upheaval::BEFORE);
        let snapshot = world.read(&wanted);
        let plan = plan::diff(&wanted, &snapshot, &options);
        let trip = Trip::new(&world.emulator, None);
        let writer = trip.client(Budget::unlimited()).writer();
        let journal = Short(Paper::default(), Mutex::new(intents));
        let mut sids = Sids::of(&snapshot);
        let choices =
            apply::Options { parallelism: 4, journal: Some(&journal), ..Default::default() };
        let apply = async {
            apply::apply(&plan, &writer, &mut sids, &choices, &mut |_: apply::Event<'_>| {}).await
        };
        let report = world.wait(apply);
        assert_eq!((report.totals.failed, report.totals.unknown), (0, 0), "{report:#?}");
        if report.is_complete() {
            assert_eq!(intents, plan.changes.len());
            break;
        }
        assert!(report.totals.applied <= intents && !report.interrupted, "{report:#?}");
        let left = plan::diff(&wanted, &world.read(&wanted), &options);
        for (change, result) in plan.changes.iter().zip(&report.results) {
            let skipped = match &result.outcome {
                Outcome::Skipped { because } => {
                    let full = because == "the journal cannot be written: no space left";
                    assert!(full || because.ends_with("was skipped"), "{because}");
                    true
                }
                _ => false,
            };
            assert_eq!(skipped, is_left(change, &left), "{intents}: {result:?}");
        }
    }
}

#[test]
fn a_replace_that_the_deadline_cuts_in_two_is_told_as_it_is() {
    let wanted = desired(upheaval::AFTER);
    let options = upheaval::allowed();
    let world = World::of(upheaval::BEFORE);
    let snapshot = world.read(&wanted);
    let plan = plan::diff(&wanted, &snapshot, &options);
    let trip = Trip::new(&world.emulator, None);
    // The look and the first of two writes are in time.
    let budget = Budget::unlimited().with("writes=1/s".parse().expect("a rate"));
    let deadline = Some(std::time::Duration::from_millis(500));
    let writer = trip.client_until(budget, deadline).writer();
    let mut sids = Sids::of(&snapshot);
    let choices = apply::Options { parallelism: 1, ..Default::default() };
    let apply = async {
        apply::apply(&plan, &writer, &mut sids, &choices, &mut |_: apply::Event<'_>| {}).await
    };
    let report = world.wait(apply);
    let lunch = report.results.iter().find(|result| result.action == Action::Replace);
    let Outcome::Failed { error, .. } = &lunch.expect("it is replaced").outcome else {
        panic!("{report:#?}");
    };
    assert!(error.starts_with("the run's deadline of 500ms passed before POST"), "{error}");
    assert!(error.ends_with("; the old one is named Lunch (replaced by flexctl) now"), "{error}");
    assert!(world.find("Activities", "Lunch").is_none());
    world.converge_with(upheaval::AFTER, &options);
}
