//! Lives here: what the JavaScript API gives, as plain shapes: camelCase, offsets and times as numbers, nothing as null.
//! Never here: JavaScript. An error is a sentence that says what was expected; `js/` throws it.

mod run;
mod trace;

use serde::{Serialize, Serializer};

pub use run::{RunResult, run};
pub use trace::trace;

use super::cluster::broker_state;
use super::group::{GroupBoard, Groups, MemberCard, PartitionLag};
use crate::base::{GroupId, Offset, SimTime, SortedMap, TopicPartition};
use crate::engine::metadata::Topic;
use crate::engine::world::World;
use crate::view::parts::row::leader_replica;

/// Most records or trace entries given by one call.
pub const ROWS_MAX: u32 = 10_000;

/// Bytes as text where they are UTF-8, else as they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl Bytes {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Raw(bytes.to_vec()),
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            // Becomes a Uint8Array.
            Self::Raw(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}

fn as_object<S: Serializer>(map: &SortedMap<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map)
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TopicInfo {
    pub name: String,
    pub topic_id: String,
    pub partition_count: u32,
    pub replication_factor: u32,
    /// The topic's own settings.
    #[serde(serialize_with = "as_object")]
    pub configs: SortedMap<String, String>,
    pub internal: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartitionInfo {
    pub partition: i32,
    pub leader: Option<i32>,
    pub leader_epoch: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub elr: Vec<i32>,
    pub log_start_offset: i64,
    pub high_watermark: i64,
    pub last_stable_offset: i64,
    pub log_end_offset: i64,
    pub size_bytes: u64,
    pub segments: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordInfo {
    pub offset: i64,
    pub timestamp: i64,
    pub timestamp_type: String,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<HeaderInfo>,
    pub partition: i32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct HeaderInfo {
    pub key: String,
    pub value: Option<Bytes>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupInfo {
    pub group_id: String,
    pub r#type: String,
    pub protocol: Option<String>,
    pub state: String,
    /// The generation of a classic group, the group epoch of others.
    pub epoch: Option<i32>,
    pub coordinator: Option<i32>,
    pub members: Vec<MemberInfo>,
    pub offsets: Vec<OffsetInfo>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberInfo {
    pub member_id: Option<String>,
    pub client_id: String,
    pub instance_id: Option<String>,
    pub assignment: Vec<AssignedPartition>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AssignedPartition {
    pub topic: String,
    pub partition: i32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OffsetInfo {
    pub topic: String,
    pub partition: i32,
    pub committed_offset: Option<i64>,
    pub log_end_offset: i64,
    pub lag: Option<i64>,
    pub member_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BrokerInfo {
    pub id: i32,
    pub rack: Option<String>,
    pub state: &'static str,
    pub leads: u32,
    pub replicas: u32,
    pub controller: bool,
}

/// A moment in milliseconds, with the microseconds behind the point.
pub fn ms(at: SimTime) -> f64 {
    at.0 as f64 / 1000.0
}

pub fn topics(world: &World) -> Vec<TopicInfo> {
    world
        .cluster()
        .topics()
        .map(|(name, topic)| TopicInfo {
            name: name.to_string(),
            topic_id: topic.topic_id.to_string(),
            partition_count: topic.partitions.len() as u32,
            replication_factor: topic.replication_factor() as u32,
            configs: topic.configs.clone(),
            internal: topic.internal,
        })
        .collect()
}

fn topic<'w>(world: &'w World, name: &str) -> Result<&'w Topic, String> {
    world.cluster().topic(name).ok_or_else(|| {
        let names: Vec<&str> = world.cluster().topics().map(|(name, _)| name.as_str()).take(20).collect();
        let known = if names.is_empty() { "none yet".to_owned() } else { names.join(", ") };
        format!(
            "there is no topic '{}': expected the name of one that exists ({known})",
            crate::view::parts::text::preview(name, 60)
        )
    })
}

pub fn partitions(world: &World, name: &str) -> Result<Vec<PartitionInfo>, String> {
    let ids = |brokers: &[crate::base::BrokerId]| brokers.iter().map(|id| id.0).collect();
    let states = topic(world, name)?.partitions.iter().enumerate();
    Ok(states
        .filter_map(|(at, state)| {
            let replica = leader_replica(world, &TopicPartition::new(name, at as i32))?;
            Some(PartitionInfo {
                partition: at as i32,
                leader: state.leader.map(|leader| leader.0),
                leader_epoch: state.leader_epoch,
                replicas: ids(&state.replicas),
                isr: ids(&state.isr),
                elr: ids(&state.elr),
                log_start_offset: replica.log.log_start_offset().0,
                high_watermark: replica.high_watermark.0,
                // No transaction is ever open in this version, so nothing holds it back.
                last_stable_offset: replica.high_watermark.0,
                log_end_offset: replica.log.log_end_offset().0,
                size_bytes: replica.log.size_bytes(),
                segments: replica.log.segments().count() as u32,
            })
        })
        .collect())
}

/// The records from an offset on, as a consumer could read them: below the high watermark.
pub fn records(world: &World, name: &str, partition: i32, from_offset: i64, max: u32) -> Result<Vec<RecordInfo>, String> {
    let topic = topic(world, name)?;
    let count = topic.partitions.len();
    let topic_partition = TopicPartition::new(name, partition);
    let replica = leader_replica(world, &topic_partition)
        .ok_or_else(|| format!("topic '{name}' has no partition {partition}: expected 0 to {}", count.saturating_sub(1)))?;
    if from_offset < 0 {
        return Err(format!("fromOffset is {from_offset}: expected 0 or more"));
    }
    if max > ROWS_MAX {
        return Err(format!("max is {max}: expected at most {ROWS_MAX}; ask for more in parts"));
    }
    let mut rows = Vec::new();
    if max == 0 {
        return Ok(rows);
    }
    replica.log.for_each_record(Offset(from_offset), replica.high_watermark, |record| {
        rows.push(RecordInfo {
            offset: record.offset.0,
            timestamp: record.timestamp.0,
            timestamp_type: topic.config("message.timestamp.type").to_owned(),
            key: record.key.map(Bytes::of),
            value: record.value.map(Bytes::of),
            headers: record
                .headers()
                .into_iter()
                .map(|header| HeaderInfo { key: header.key, value: header.value.as_deref().map(Bytes::of) })
                .collect(),
            partition,
        });
        rows.len() < max as usize
    });
    Ok(rows)
}

pub fn groups(world: &World) -> Vec<GroupInfo> {
    let groups = Groups::of(world);
    groups.ids().filter_map(|id| groups.board(id)).map(group_info).collect()
}

pub fn group(world: &World, id: &str) -> Result<GroupInfo, String> {
    let groups = Groups::of(world);
    let Some(board) = groups.board(&id.into()) else {
        let names: Vec<&str> = groups.ids().map(GroupId::as_str).take(20).collect();
        let names = if names.is_empty() { "none yet".to_owned() } else { names.join(", ") };
        return Err(format!(
            "there is no group '{}': expected the id of one that exists ({names})",
            crate::view::parts::text::preview(id, 60)
        ));
    };
    Ok(group_info(board))
}

fn group_info(board: GroupBoard) -> GroupInfo {
    let own =
        |member: &&MemberCard, lag: &PartitionLag| member.partitions.iter().any(|own| own.topic_partition == lag.topic_partition);
    // Of a partition of a share group there is no one owner.
    let owner = |lag: &PartitionLag| board.members.iter().filter(|_| board.share.is_none()).find(|member| own(member, lag));
    let offset = |lag: &PartitionLag| OffsetInfo {
        topic: lag.topic_partition.topic.to_string(),
        partition: lag.topic_partition.partition,
        committed_offset: lag.committed_offset,
        log_end_offset: lag.log_end_offset,
        lag: lag.lag,
        member_id: owner(lag).and_then(|member| member.member_id.as_ref()).map(ToString::to_string),
    };
    let member = |member: &MemberCard| MemberInfo {
        member_id: member.member_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        instance_id: member.instance_id.as_ref().map(ToString::to_string),
        assignment: assignment(member.partitions.iter().map(|owned| &owned.topic_partition)),
    };
    GroupInfo {
        group_id: board.group_id.to_string(),
        r#type: board.kind.word().to_owned(),
        protocol: board.assignor.as_ref().map(ToString::to_string),
        state: board.state.word().to_owned(),
        epoch: board.epochs.map(|(group_epoch, _)| group_epoch).or(board.generation),
        coordinator: board.coordinator.map(|broker| broker.0),
        offsets: board.lags.iter().map(offset).collect(),
        members: board.members.iter().map(member).collect(),
    }
}

fn assignment<'p>(partitions: impl Iterator<Item = &'p TopicPartition>) -> Vec<AssignedPartition> {
    let assigned =
        |partition: &TopicPartition| AssignedPartition { topic: partition.topic.to_string(), partition: partition.partition };
    partitions.map(assigned).collect()
}

pub fn brokers(world: &World) -> Vec<BrokerInfo> {
    let leads = |id| {
        let partitions = world.cluster().topics().flat_map(|(_, topic)| &topic.partitions);
        partitions.filter(|partition| partition.leader == Some(id)).count() as u32
    };
    world
        .brokers()
        .map(|broker| BrokerInfo {
            id: broker.id.0,
            rack: world.cluster().registrations.get(&broker.id).and_then(|registration| registration.rack.clone()),
            state: broker_state(world, broker),
            leads: leads(broker.id),
            replicas: broker.replicas.len() as u32,
            controller: world.cluster().controller == broker.id,
        })
        .collect()
}

/// The world's hash as 16 hexadecimal digits: more than a JavaScript number can hold.
pub fn hash(world: &World) -> String {
    format!("{:016x}", world.hash())
}
