//! The program: hands the process's surroundings to [`flexctl::cli`] and exits with its code.

/// A large workspace is a million small pieces of JSON.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    flexctl::cli::main()
}
