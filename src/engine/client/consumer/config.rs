//! Settings of a consumer.

use std::rc::Rc;

use crate::base::{BrokerId, GroupId, TopicPartition};
use crate::engine::protocol::{StreamsTopology, TaskIds};

/// `auto.offset.reset`: what to do in a partition without a valid committed offset.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AutoOffsetReset {
    Earliest,
    Latest,
    None,
    /// `by_duration:PnDTnHnMn.nS`: at the first record that is at most so old (KIP-1106).
    ByDuration {
        ms: u64,
    },
}

/// `group.protocol`: who works out the assignment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum GroupProtocol {
    /// The group's leader.
    #[default]
    Classic,
    /// The coordinator (KIP-848). Session timeout and heartbeat interval are the broker's settings then.
    Consumer,
}

/// What makes a consumer the member of a streams group (`StreamsRebalanceData`): with the consumer protocol, it tells the
/// topology in place of its topics, and is given tasks in place of partitions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsRebalanceData {
    /// The instance of the application that the member belongs to.
    pub process_id: String,
    pub topology: StreamsTopology,
}

impl StreamsRebalanceData {
    /// What active tasks read: each topic of the subtopology, the partition of the task's number.
    pub fn partitions(&self, tasks: &[TaskIds]) -> Vec<TopicPartition> {
        let mut partitions = Vec::new();
        for TaskIds { subtopology_id, partitions: numbers } in tasks {
            let subtopologies = &self.topology.subtopologies;
            let Some(subtopology) = subtopologies.iter().find(|subtopology| subtopology.subtopology_id == *subtopology_id) else {
                continue;
            };
            let repartitioned = subtopology.repartition_source_topics.iter().map(|topic| &topic.name);
            for topic in subtopology.source_topics.iter().chain(repartitioned) {
                partitions.extend(numbers.iter().map(|number| TopicPartition::new(topic.clone(), *number)));
            }
        }
        partitions
    }
}

/// Settings of a consumer, with Kafka's defaults.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConsumerConfig {
    pub client_id: String,
    /// `bootstrap.servers`; none stands for all brokers.
    pub bootstrap_servers: Vec<BrokerId>,
    pub group_id: Option<GroupId>,
    pub group_instance_id: Option<String>,
    pub group_protocol: GroupProtocol,
    pub streams: Option<Rc<StreamsRebalanceData>>,
    /// `group.remote.assignor`: the coordinator's assignor; `None` leaves it the choice.
    pub remote_assignor: Option<String>,
    pub auto_offset_reset: AutoOffsetReset,
    pub enable_auto_commit: bool,
    pub auto_commit_interval_ms: u64,
    pub max_poll_records: u32,
    pub max_poll_interval_ms: u64,
    pub session_timeout_ms: u64,
    pub heartbeat_interval_ms: u64,
    pub fetch_min_bytes: u64,
    pub fetch_max_wait_ms: u64,
    pub fetch_max_bytes: u64,
    pub max_partition_fetch_bytes: u64,
    pub metadata_max_age_ms: u64,
    pub retry_backoff_ms: u64,
    pub request_timeout_ms: u64,
    pub allow_auto_create_topics: bool,
    /// `client.rack`; empty for none.
    pub client_rack: String,
    /// `partition.assignment.strategy`: assignor names as the protocol has them, best first.
    pub assignors: Vec<String>,
}

impl ConsumerConfig {
    /// `client.rack`, where there is one.
    pub fn rack(&self) -> Option<String> {
        Some(self.client_rack.clone()).filter(|rack| !rack.is_empty())
    }
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            bootstrap_servers: Vec::new(),
            group_id: None,
            group_instance_id: None,
            group_protocol: GroupProtocol::Classic,
            streams: None,
            remote_assignor: None,
            auto_offset_reset: AutoOffsetReset::Latest,
            enable_auto_commit: true,
            auto_commit_interval_ms: 5000,
            max_poll_records: 500,
            max_poll_interval_ms: 300_000,
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 3000,
            fetch_min_bytes: 1,
            fetch_max_wait_ms: 500,
            fetch_max_bytes: 52_428_800,
            max_partition_fetch_bytes: 1_048_576,
            metadata_max_age_ms: 300_000,
            retry_backoff_ms: 100,
            request_timeout_ms: 30_000,
            allow_auto_create_topics: true,
            client_rack: String::new(),
            assignors: vec!["range".to_owned(), "cooperative-sticky".to_owned()],
        }
    }
}
