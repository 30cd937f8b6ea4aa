//! Lives here: records, batches, segments and the log of one replica.
//! Never here: who may write to it, who reads it, and when it is acknowledged (that is `partition/`).

pub mod batch;
pub mod partition_log;
pub mod record;

pub use batch::{Batch, BatchBuilder};
pub use partition_log::{LogConfig, PartitionLog, Segment};
pub use record::{Header, RecordView};
