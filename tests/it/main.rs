//! Tests from the outside. One binary, so that it links once.

mod broken;
mod checks;
mod cli;
mod contract;
mod converge;
mod docs;
mod emulator;
mod engine_delete;
mod engine_rename;
mod engine_replace;
mod expressions;
mod generate;
mod hostile;
mod live;
mod plan;
mod plan_activities;
mod plan_filters;
mod plan_guard;
mod plan_people;
mod plan_properties;
mod reading;
mod readme;
mod schema;
mod support;
mod tidy;
mod wild;
