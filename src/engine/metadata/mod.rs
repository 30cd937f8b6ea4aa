//! Lives here: what the cluster's metadata says: brokers, topics, who leads, the controllers' own quorum; and what changes it.
//! Never here: why it changes (that is `controller/`), and logs.

mod cluster;
mod internal_topics;
mod names;
pub mod quorum;
mod registration;
mod topic;

pub use cluster::{CONTROLLER, Cluster, EVERY_BROKER};
pub use internal_topics::{OFFSETS_TOPIC, STATE_TOPIC, group_partition, lives_in, state_partition};
pub use names::{check_instance_id, check_name, collides};
pub use registration::{Registration, RegistrationChange};
pub use topic::{PartitionState, Topic, TopicChange, random_uuid};
