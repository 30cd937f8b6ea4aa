//! Lives here: what the JavaScript API gives, as plain shapes: camelCase, offsets and times as numbers, nothing as null.
//! Never here: JavaScript. An error is a sentence that says what was expected; `js/` throws it.

mod run;
mod trace;

use serde::{Serialize, Serializer};

pub use run::{RunResult, run};
pub use trace::trace;

use super::cluster::broker_state;
use super::group as group_view;
use super::logs;
use super::row::leader_replica;
use crate::base::{GroupId, Offset, SimTime, SortedMap, TopicPartition};
use crate::engine::controller::Topic;
use crate::engine::world::World;

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
        format!("there is no topic '{}': expected the name of one that exists ({known})", super::text::preview(name, 60))
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
                segments: replica.log.segments().len() as u32,
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
    group_view::groups(world).iter().map(|id| group_info(world, id)).collect()
}

pub fn group(world: &World, id: &str) -> Result<GroupInfo, String> {
    let known = group_view::groups(world);
    match known.iter().find(|group| group.as_str() == id) {
        Some(group) => Ok(group_info(world, group)),
        None => {
            let names: Vec<&str> = known.iter().map(GroupId::as_str).take(20).collect();
            let names = if names.is_empty() { "none yet".to_owned() } else { names.join(", ") };
            Err(format!("there is no group '{}': expected the id of one that exists ({names})", super::text::preview(id, 60)))
        }
    }
}

fn group_info(world: &World, id: &GroupId) -> GroupInfo {
    let r#type = group_view::type_of(world, id).to_owned();
    if let Some(board) = group_view::board(world, id).filter(|board| board.share.is_some()) {
        return share_group_info(board, r#type);
    }
    let view = logs::group_view(world, id, usize::MAX);
    let member_id = |partition: &TopicPartition| {
        let owner = view.members.iter().find(|member| member.assignment.contains(partition))?;
        owner.member_id.as_ref().map(ToString::to_string)
    };
    GroupInfo {
        group_id: id.to_string(),
        r#type,
        protocol: view.protocol.as_ref().map(ToString::to_string),
        state: view.state.to_string(),
        epoch: view.generation_id,
        coordinator: view.coordinator.map(|broker| broker.0),
        offsets: view
            .lags
            .iter()
            .map(|lag| OffsetInfo {
                topic: lag.topic_partition.topic.to_string(),
                partition: lag.topic_partition.partition,
                committed_offset: lag.committed_offset,
                log_end_offset: lag.log_end_offset,
                lag: lag.lag,
                member_id: member_id(&lag.topic_partition),
            })
            .collect(),
        members: view.members.iter().map(member_info).collect(),
    }
}

/// A share group commits no offsets.
fn share_group_info(board: group_view::GroupBoard, r#type: String) -> GroupInfo {
    let member = |member: &group_view::MemberCard| MemberInfo {
        member_id: member.member_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        instance_id: None,
        assignment: assignment(member.partitions.iter().map(|owned| &owned.topic_partition)),
    };
    let rows = board.share.iter().flat_map(|share| &share.partitions);
    GroupInfo {
        group_id: board.group_id.to_string(),
        r#type,
        protocol: board.assignor.as_ref().map(ToString::to_string),
        state: board.state.to_string(),
        epoch: board.epochs.map(|(epoch, _)| epoch),
        coordinator: board.coordinator.map(|broker| broker.0),
        members: board.members.iter().map(member).collect(),
        offsets: rows
            .map(|row| OffsetInfo {
                topic: row.topic_partition.topic.to_string(),
                partition: row.topic_partition.partition,
                committed_offset: None,
                log_end_offset: row.high_watermark.unwrap_or(0),
                lag: row.lag(),
                member_id: None,
            })
            .collect(),
    }
}

fn assignment<'p>(partitions: impl Iterator<Item = &'p TopicPartition>) -> Vec<AssignedPartition> {
    let assigned =
        |partition: &TopicPartition| AssignedPartition { topic: partition.topic.to_string(), partition: partition.partition };
    partitions.map(assigned).collect()
}

fn member_info(member: &logs::MemberView) -> MemberInfo {
    MemberInfo {
        member_id: member.member_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        instance_id: member.group_instance_id.as_ref().map(ToString::to_string),
        assignment: assignment(member.assignment.iter()),
    }
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
