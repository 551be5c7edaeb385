//! The program: hands the process's surroundings to [`flexctl::cli`] and exits with its code.

fn main() -> std::process::ExitCode {
    flexctl::cli::main()
}
