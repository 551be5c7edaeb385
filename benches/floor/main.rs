//! What flexctl takes beyond the floor: the bare client that sends the same requests and reads the
//! same bytes. `docs/performance.md` says how to run this and what came out.
//!
//! Each measured thing is a process of its own, against an emulator in another one: this program
//! calls itself with the name of a part to play.

mod bare;
mod center;
mod engine;
mod serve;
mod watch;

use std::path::Path;
use std::process::{Command, Stdio};

use watch::Run;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs of each pair, one after the other, after one that does not count.
const RUNS: usize = 7;
/// The largest workspace there can be.
const QUEUES: usize = 5000;
const WORKFLOWS: usize = 200;
const WORKERS: [usize; 3] = [1000, 5000, 15_000];
/// How many objects an apply creates.
const CREATED: usize = 2000;
/// Requests in flight, flexctl's own default.
const AT_ONCE: usize = 4;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] => measure(),
        ["serve", workers, spec] => serve::serve(number(workers), spec),
        ["watch", program, ref args @ ..] => watch::watch(program, args),
        ["send", url, requests] => bare::send(url, Path::new(requests), AT_ONCE),
        ["plan", url, spec] => engine::plan(url, Path::new(spec), AT_ONCE),
        _ => panic!("this program needs no arguments"),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a part is called with numbers")
}

/// Everything, as the table of the documentation.
fn measure() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    println!("plan, nothing differs: {QUEUES} queues, {WORKFLOWS} workflows, 20 capacity rules");
    for workers in WORKERS {
        let spec = folder.path().join("flex.yaml");
        std::fs::write(&spec, center::spec(QUEUES, WORKFLOWS)).expect("a file can be written");
        let server = serve::Server::start(workers, &spec);
        let requests = folder.path().join("requests");
        bare::record(&server.url, &spec, &requests);
        compare(&format!("{workers} workers"), &server.url, &spec, &requests);
    }
    println!("\napply, {CREATED} creates");
    let spec = folder.path().join("queues.yaml");
    std::fs::write(&spec, center::queues_only(CREATED)).expect("a file can be written");
    creates(&spec, &folder.path().join("creates"));
}

/// The bare client, reading and comparing, and a whole `flexctl plan` in turn.
fn compare(name: &str, url: &str, spec: &Path, requests: &Path) {
    let spec = spec.to_str().expect("a path of ours");
    let plan = ["plan", "-f", spec, "--target", url, "--detailed-exitcode", "-q"];
    let requests = requests.to_str().expect("a path of ours");
    let (mut bare, mut engine, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let floor = watched(&this(), &["send", url, requests]);
        let ours = watched(&this(), &["plan", url, spec]);
        let process = watched(env!("CARGO_BIN_EXE_flexctl"), &plan);
        if run > 0 {
            bare.push(floor);
            engine.push(ours);
            whole.push(process);
        }
    }
    tell(&format!("{name}, from the model"), &bare, &engine);
    tell(&format!("{name}, the whole process"), &bare, &whole);
}

/// The bare client and `flexctl apply` in turn, each on an emulator of its own.
fn creates(spec: &Path, requests: &Path) {
    let spec = spec.to_str().expect("a path of ours");
    let file = requests.to_str().expect("a path of ours");
    let nothing = Path::new("-");
    let (mut bare, mut writing, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let server = serve::Server::start(0, nothing);
        bare::write_creates(&server.workspace_sid, CREATED, requests);
        let floor = watched(&this(), &["send", &server.url, file]);
        drop(server);
        let server = serve::Server::start(0, nothing);
        let target = ["-f", spec, "--target", &server.url, "-q"];
        let flexctl = |command: &[&'static str]| {
            watched(env!("CARGO_BIN_EXE_flexctl"), &[command, &target].concat())
        };
        let plan = flexctl(&["plan"]);
        let apply = flexctl(&["apply", "--auto-approve"]);
        if run > 0 {
            bare.push(floor);
            writing.push(Run { seconds: apply.seconds - plan.seconds, ..apply.clone() });
            whole.push(apply);
        }
    }
    tell("what the plan does not take", &bare, &writing);
    tell("the whole process", &bare, &whole);
}

fn this() -> String {
    let path = std::env::current_exe().expect("a running program has a path");
    path.to_str().expect("a path of ours").to_owned()
}

/// Runs a program under a watcher, which sees the memory of that process alone.
fn watched(program: &str, args: &[&str]) -> Run {
    let mut command = Command::new(this());
    command.arg("watch").arg(program).args(args).stdin(Stdio::null());
    let output = command.output().expect("this program can be started again");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = told.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| {
        panic!("{program} {args:?}: {told}{}", String::from_utf8_lossy(&output.stderr))
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn tell(name: &str, bare: &[Run], whole: &[Run]) {
    let of = |runs: &[Run], what: fn(&Run) -> f64| median(runs.iter().map(what).collect());
    let ratio = |what: fn(&Run) -> f64| {
        median(whole.iter().zip(bare).map(|(ours, floor)| what(ours) / what(floor)).collect())
    };
    let bytes = bare[0].bytes.unwrap_or_default();
    let peak = of(whole, |run| run.peak);
    println!(
        "  {name:<32} {:>4} requests {:>6.1} MB | bare {:>6.0} ms, {:>4.0} MB | flexctl {:>6.0} ms, \
         {:>4.0} MB | time x{:.2}, processor x{:.2}, memory {:.1} x bytes",
        bare[0].requests.unwrap_or_default(),
        bytes / 1e6,
        of(bare, |run| run.seconds) * 1e3,
        of(bare, |run| run.peak) / 1e6,
        of(whole, |run| run.seconds) * 1e3,
        peak / 1e6,
        ratio(|run| run.seconds),
        ratio(|run| run.processor),
        peak / bytes,
    );
}
