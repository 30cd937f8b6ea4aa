//! Lives here: what each operator does to a record, a file for each family, after the classes of Kafka Streams that
//! `topology::Operator` names.
//! Never here: where records come from and where they go: that is `task`.

mod aggregate;
mod foreign_key;
mod getter;
mod run;
mod sent;
mod session;
mod sliding;
mod stream_join;
mod suppress;
mod table;
mod table_join;
mod window;

pub use run::{Clock, Dropped, Failure, Reason, Run};
pub use sent::Sent;
