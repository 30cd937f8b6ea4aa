//! StreamsGroupHeartbeat (key 88, KIP-1071): the one request by which a member of a streams group joins, tells the topology and
//! its tasks, stays, and leaves.
//!
//! - Epoch 0 joins, and makes the group. The topology must be there, and no tasks.
//! - Later heartbeats carry only what has changed. Tasks come all three kinds at once, or not at all.
//! - Epoch -1 leaves; -2 is a static member's: it will be back.
//! - The answer has tasks when the member joins or they have changed: what the member may run now, not yet all of its target.
//! - The answer's status says what stands in the way of an assignment. The group may well go on without.
//!
//! Which partitions are at which `user_endpoint`, as interactive queries ask, is not told.

use super::ErrorCode;
use crate::base::{GroupId, MemberId, Offset, TopicName};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsGroupHeartbeatRequest {
    pub group_id: GroupId,
    /// Made up by the client, once for its lifetime.
    pub member_id: MemberId,
    pub member_epoch: i32,
    pub endpoint_information_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    /// The client's `client.id`, which the request header carries.
    pub client_id: String,
    /// `None` when it is as before. So are the other fields.
    pub rebalance_timeout_ms: Option<u64>,
    /// With epoch 0 alone.
    pub topology: Option<StreamsTopology>,
    /// What the member runs now.
    pub active_tasks: Option<Vec<TaskIds>>,
    pub standby_tasks: Option<Vec<TaskIds>>,
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// The instance of the application, which may have several members: one for each thread.
    pub process_id: Option<String>,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Option<Vec<KeyValue>>,
    /// How far each task's state is, as a sum over its changelogs.
    pub task_offsets: Option<Vec<TaskOffset>>,
    /// Where the changelogs end.
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    /// All members are to end.
    pub shutdown_application: bool,
}

/// A key and its value, of a topic's settings or a client's tags.
pub type KeyValue = (String, String);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsTopology {
    pub epoch: i32,
    pub subtopologies: Vec<Subtopology>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Subtopology {
    pub subtopology_id: String,
    pub source_topics: Vec<TopicName>,
    /// Kafka 4.4 refuses a topology that has any.
    pub source_topic_regex: Vec<String>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_sink_topics: Vec<TopicName>,
    pub repartition_source_topics: Vec<TopicInfo>,
    pub copartition_groups: Vec<CopartitionGroup>,
}

/// Topics that must have the same number of partitions, each by its place in the subtopology's list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CopartitionGroup {
    pub source_topics: Vec<i16>,
    pub source_topic_regex: Vec<i16>,
    pub repartition_source_topics: Vec<i16>,
}

/// An internal topic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TopicInfo {
    pub name: TopicName,
    /// 0: as many as the topics that it comes from. Always 0 for a changelog.
    pub partitions: i32,
    /// 0: the broker's default.
    pub replication_factor: i16,
    pub topic_configs: Vec<KeyValue>,
}

/// Tasks of a subtopology, by the partition of its sources.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TaskIds {
    pub subtopology_id: String,
    pub partitions: Vec<i32>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TaskOffset {
    pub subtopology_id: String,
    pub partition: i32,
    pub offset: Offset,
}

/// Where interactive queries reach the instance (`application.server`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamsGroupHeartbeatResponse {
    pub error: Option<(ErrorCode, String)>,
    pub member_id: MemberId,
    pub member_epoch: i32,
    /// When the coordinator wants to hear from the member again.
    pub heartbeat_interval_ms: u64,
    /// How many records a task's state may lack to count as caught up.
    pub acceptable_recovery_lag: i64,
    /// How often the member is to tell the offsets of its tasks.
    pub task_offset_interval_ms: u64,
    pub status: Vec<(StreamsStatus, String)>,
    /// What the member may run; all three are `None` when they are as before.
    pub active_tasks: Option<Vec<TaskIds>>,
    pub standby_tasks: Option<Vec<TaskIds>>,
    pub warmup_tasks: Option<Vec<TaskIds>>,
    pub endpoint_information_epoch: i32,
}

/// What a member is told of the group's state besides (`StreamsGroupHeartbeatResponse.Status`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StreamsStatus {
    StaleTopology,
    MissingSourceTopics,
    IncorrectlyPartitionedTopics,
    MissingInternalTopics,
    ShutdownApplication,
    AssignmentDelayed,
    MissingClientTags,
}

impl StreamsStatus {
    /// The number on the wire.
    pub fn code(self) -> i8 {
        self as i8
    }

    /// The name in Kafka's protocol guide.
    pub fn name(self) -> &'static str {
        match self {
            Self::StaleTopology => "STALE_TOPOLOGY",
            Self::MissingSourceTopics => "MISSING_SOURCE_TOPICS",
            Self::IncorrectlyPartitionedTopics => "INCORRECTLY_PARTITIONED_TOPICS",
            Self::MissingInternalTopics => "MISSING_INTERNAL_TOPICS",
            Self::ShutdownApplication => "SHUTDOWN_APPLICATION",
            Self::AssignmentDelayed => "ASSIGNMENT_DELAYED",
            Self::MissingClientTags => "MISSING_CLIENT_TAGS",
        }
    }
}

impl StreamsGroupHeartbeatResponse {
    pub fn refused(error: (ErrorCode, String)) -> Self {
        Self {
            error: Some(error),
            member_id: MemberId::from(""),
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            acceptable_recovery_lag: -1,
            task_offset_interval_ms: 0,
            status: Vec::new(),
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            endpoint_information_epoch: 0,
        }
    }
}
