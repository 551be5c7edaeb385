//! Tests from the outside. One binary, so that it links once.

mod emulator;
mod generate;
mod live;
mod schema;
mod tidy;
