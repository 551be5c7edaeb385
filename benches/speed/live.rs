//! Reading and writing a contact center through the API, as the emulator serves it.

use divan::{Bencher, black_box};
use flexctl::emulator::{self, Emulator};
use flexctl::live::{self, Client, Credentials, Endpoints, HttpTransport, Scope};
use flexctl::model::Model;

use crate::center;

/// An account with this many workers, each with some 150 bytes of attributes.
fn workers(count: usize) -> Emulator {
    let emulator = center::account();
    emulator.seed(|seeder| {
        for i in 0..count {
            let attributes = format!(
                r#"{{"full_name":"Worker {i}","contact_uri":"client:worker_{i}","email":"worker.{i}@example.com","languages":["en","de"],"routing":{{"skills":["skill {}","billing"],"levels":{{"billing":{}}}}}}}"#,
                i % 100,
                i % 5
            );
            seeder.worker(&format!("worker.{i}@example.com"), &attributes);
        }
    });
    emulator
}

fn scope(nothing: &Model) -> Scope<'_> {
    Scope { workers: true, ..Scope::of(nothing) }
}

#[divan::bench(args = center::WORKERS)]
fn read_workers_in_process(bencher: Bencher, count: usize) {
    let nothing = Model::default();
    let reader = center::client(&workers(count)).reader();
    let runtime = center::runtime();
    let read = || runtime.block_on(live::read(black_box(&reader), &scope(&nothing)));
    assert_eq!(read().expect("the emulator answers").workers.len(), count);
    bencher.bench_local(read);
}

#[divan::bench(args = center::WORKERS)]
fn read_workers_over_http(bencher: Bencher, count: usize) {
    let nothing = Model::default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime with threads");
    let emulator = workers(count);
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0)))
        .expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    runtime.spawn(emulator.serve(listener, std::future::pending()));
    let endpoints = Endpoints::at(&format!("http://{address}")).expect("a loopback URL");
    let transport = HttpTransport::new(&endpoints, 4).expect("an HTTP client");
    let credentials = Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN);
    let reader = Client::new(transport, endpoints, credentials, 4).reader();
    let read = || runtime.block_on(live::read(black_box(&reader), &scope(&nothing)));
    assert_eq!(read().expect("the emulator answers").workers.len(), count);
    bencher.bench_local(read);
}

#[divan::bench(args = center::QUEUES)]
fn read_queues_and_workflows(bencher: Bencher, queues: usize) {
    let desired = center::desired(&center::spec(queues));
    let emulator = center::account();
    center::apply(&emulator, &desired);
    bencher.bench_local(|| center::read(&emulator, black_box(&desired)));
}

#[divan::bench(args = center::QUEUES, sample_count = 5)]
fn apply_a_new_center(bencher: Bencher, queues: usize) {
    let desired = center::desired(&center::spec(queues));
    bencher.with_inputs(center::account).bench_local_refs(|emulator| {
        center::apply(emulator, black_box(&desired));
    });
}
