//! Lives here: the simulated Kafka, complete: brokers, logs, coordinators, clients, the network between them.
//! Never here: I/O, a wall clock, floats, hash maps, a screen, or any word about stories and shells.

pub mod broker;
pub mod client;
pub mod configs;
pub mod controller;
mod coordinator;
pub mod group;
mod group_coordinator;
pub mod log;
pub mod metadata;
pub mod network;
pub mod node;
mod partition;
pub mod protocol;
pub mod server;
pub mod share;
mod share_coordinator;
mod share_partition;
pub mod trace;
pub mod wire;
pub mod world;

pub use protocol::ErrorCode;
pub use trace::{TraceEntry, TraceEvent};
pub use world::program::{Event, Program};
pub use world::{World, WorldConfig, agenda, invariants, program, safety};
