//! Lives here: stream processing as Kafka Streams does it: what flows (`values`), state stores and what goes to their changelogs
//! (`store`), topologies made of operators (`topology`), what each operator does to a record (`processor`), the tasks that run
//! them, also without a cluster (`task`), an application's instance on a cluster (`app`), and the query language (`query`).
//! Never here: consumers, producers and groups: those are `engine/client`.

pub mod app;
pub mod processor;
pub mod query;
pub mod store;
pub mod task;
pub mod topology;
pub mod values;

pub use app::{StreamsApp, StreamsConfig, TaskId};
pub use processor::{Dropped, Failure, Reason, Sent};
pub use task::Task;
pub use task::driver::{Input, TestDriver};
pub use topology::{StreamsBuilder, Topology};
pub use values::{Context, Expression, Raw, Record, Scalar, Scope, Serde, Value};
