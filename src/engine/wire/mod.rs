//! Lives here: Kafka's wire types, and what is written in them: the records of coordinators and the consumer protocol.
//! Never here: what a record means to a group (that is `group/` and `share/`), and batches of records (`log/`).

mod codec;
pub mod consumer_protocol;
mod coordinator_records;

pub use codec::{Bytes, Field, Nullable, Reader, Record, Writer};
pub use coordinator_records::*;
