//! Lives here: stream processing as Kafka Streams does it: topologies made of operators (`topology`), what each operator does to
//! a record (`processor`), state stores and what goes to their changelogs (`store`), the tasks that run them (`task`), and a
//! driver that runs a topology without a cluster (`driver`, Kafka's TopologyTestDriver).
//! Never here: consumers, producers and groups: those are `engine/client`.

pub mod app;
mod calendar;
pub mod driver;
mod earth;
pub mod expression;
mod json;
pub mod lists;
mod murmur3;
pub mod processor;
pub mod query;
pub mod scalar;
pub mod serde;
pub mod store;
pub mod task;
mod texts;
pub mod topology;
pub mod value;

pub use app::{StreamsApp, StreamsConfig, TaskId};
pub use driver::{Input, TestDriver};
pub use expression::{Expression, Scope};
pub use processor::{Dropped, Failure, Reason};
pub use scalar::Scalar;
pub use serde::Serde;
pub use task::{Context, Sent, Task};
pub use topology::{StreamsBuilder, Topology};
pub use value::{Record, Value};
