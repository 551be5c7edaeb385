//! Tests from the outside. One binary, so that it links once.

mod broken;
mod contract;
mod docs;
mod emulator;
mod expressions;
mod generate;
mod live;
mod schema;
mod tidy;
