//! Lives here: the requests that read or change the cluster's metadata: topics, partitions, configs, who leads.
//! Never here: the metadata itself (that is `metadata/`), logs and groups.

pub mod brokers;
pub mod elections;
pub mod placement;
pub mod reassignment;
mod requests;
mod settings;

pub use requests::{auto_created, check_addition, check_creation, handle, make_share_state_topic};
