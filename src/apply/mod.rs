//! Carries out a plan: bounded concurrency, in order of dependency, and a report of what is true.
