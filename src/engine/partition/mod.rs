//! Lives here: what a broker does for the partitions that it leads or follows (`ReplicaManager`, `Partition`): produce, fetch,
//! list offsets, delete records, replication.
//! Never here: what a replica is (that is `broker/`), and topics as a whole (`controller/`).

pub mod fetch;
pub mod produce;
pub mod replication;

pub use fetch::led;
pub use produce::append_own;
