//! How fast the rooms are, and how their time grows with the size of a contact center.
//! `docs/performance.md` says how to run this and what came out.

mod center;
mod diff_routing;
mod expressions;
mod generate;
mod lint;
mod live;
mod plan;
mod reach;
mod routing;
mod schema;
mod spec;

/// Counts what each benchmark allocates, and how much of it at once.
#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}
