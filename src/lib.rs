//! A faithful Apache Kafka, simulated. See ARCHITECTURE.md for the rooms; a room imports only those above it.

pub mod base;
pub mod engine;
#[cfg(target_arch = "wasm32")]
pub mod js;
pub mod scenario;
pub mod session;
pub mod shell;
pub mod streams;
#[cfg(target_arch = "wasm32")]
pub mod ui;
pub mod view;
