//! `trace(from, max)`: what happened, as objects that say by `type` what they are.

use serde_json::{Value, json};

use super::{ROWS_MAX, ms};
use crate::base::{BrokerId, TopicPartition};
use crate::engine::network::Host;
use crate::engine::trace::{MemberStep, TraceEntry, TraceEvent};
use crate::engine::world::World;
use crate::view::group::words;

/// The trace's entries from index `from` on. The oldest ones are dropped in time: the first one's `index` says where it is.
pub fn trace(world: &World, from: u64, max: u32) -> Result<Vec<Value>, String> {
    if max > ROWS_MAX {
        return Err(format!("max is {max}: expected at most {ROWS_MAX}; ask for more in parts"));
    }
    let trace = world.trace();
    let first = from.max(trace.start());
    Ok(trace.iter_from(first).take(max as usize).zip(first..).map(|(entry, index)| object(entry, index)).collect())
}

fn object(entry: &TraceEntry, index: u64) -> Value {
    let mut object = json!({ "index": index, "at": ms(entry.at), "step": entry.step });
    let (Some(into), Value::Object(fields)) = (object.as_object_mut(), event(&entry.event)) else {
        return object;
    };
    into.extend(fields);
    object
}

fn partition(topic_partition: &TopicPartition) -> Value {
    json!({ "topic": topic_partition.topic.as_str(), "partition": topic_partition.partition })
}

fn partitions(all: &[TopicPartition]) -> Value {
    all.iter().map(partition).collect()
}

fn event(event: &TraceEvent) -> Value {
    use TraceEvent as E;
    match event {
        E::RequestSent { client, broker, name, arrives } => {
            json!({ "type": "requestSent", "client": client.0, "broker": broker.0, "name": name, "arrivesAt": ms(*arrives) })
        }
        E::ResponseSent { client, broker, arrives } => {
            json!({ "type": "responseSent", "client": client.0, "broker": broker.0, "arrivesAt": ms(*arrives) })
        }
        E::Appended { topic_partition: tp, base_offset, record_count, client } => json!({
            "type": "appended", "topic": tp.topic.as_str(), "partition": tp.partition, "baseOffset": base_offset.0,
            "recordCount": record_count, "client": client.map(|client| client.0)
        }),
        E::ProduceRefused { topic_partition: tp, error } => {
            json!({ "type": "produceRefused", "topic": tp.topic.as_str(), "partition": tp.partition, "error": error.name() })
        }
        E::HighWatermark { topic_partition: tp, high_watermark } => {
            let offset = high_watermark.0;
            json!({ "type": "highWatermark", "topic": tp.topic.as_str(), "partition": tp.partition, "highWatermark": offset })
        }
        E::RecordsDeleted { topic_partition: tp, log_start_offset } => {
            let offset = log_start_offset.0;
            json!({ "type": "recordsDeleted", "topic": tp.topic.as_str(), "partition": tp.partition, "logStartOffset": offset })
        }
        E::Polled { client, record_count } => json!({ "type": "polled", "client": client.0, "recordCount": record_count }),
        E::OffsetsReset { client, topic_partition: tp, position } => json!({
            "type": "offsetsReset", "client": client.0, "topic": tp.topic.as_str(), "partition": tp.partition,
            "position": position.0
        }),
        E::PartitionsAssigned { client, partitions: all } => {
            json!({ "type": "partitionsAssigned", "client": client.0, "partitions": partitions(all) })
        }
        E::PartitionsRevoked { client, partitions: all } => {
            json!({ "type": "partitionsRevoked", "client": client.0, "partitions": partitions(all) })
        }
        E::PartitionsLost { client, partitions: all } => {
            json!({ "type": "partitionsLost", "client": client.0, "partitions": partitions(all) })
        }
        other => wider_event(other),
    }
}

/// Events of topics, groups and programs.
fn wider_event(event: &TraceEvent) -> Value {
    use TraceEvent as E;
    match event {
        E::TopicCreated { topic, partitions } => {
            json!({ "type": "topicCreated", "topic": topic.as_str(), "partitions": partitions })
        }
        E::TopicDeleted { topic } => json!({ "type": "topicDeleted", "topic": topic.as_str() }),
        E::PartitionsAdded { topic, partitions } => {
            json!({ "type": "partitionsAdded", "topic": topic.as_str(), "partitions": partitions })
        }
        E::ConfigAltered { topic } => json!({ "type": "configAltered", "topic": topic.as_str() }),
        E::OffsetsCommitted { group, offsets } => {
            let offsets: Vec<Value> = offsets
                .iter()
                .map(|(tp, offset)| json!({ "topic": tp.topic.as_str(), "partition": tp.partition, "offset": offset.0 }))
                .collect();
            json!({ "type": "offsetsCommitted", "group": group.as_str(), "offsets": offsets })
        }
        E::GroupState { group, state, generation_id, reason } => json!({
            "type": "groupState", "group": group.as_str(), "state": state.name(), "generationId": generation_id,
            "reason": reason.as_ref().map_or(String::new(), |reason| words::reason(reason, |member| format!("member {member}")))
        }),
        E::MemberJoined { group, member, .. } => {
            json!({ "type": "memberJoined", "group": group.as_str(), "memberId": member.as_str() })
        }
        E::MemberStep { group, member, step } => {
            let step = match step {
                MemberStep::Told => "told",
                MemberStep::Rejoined => "rejoined",
                MemberStep::Reconciles { state, .. } => state.name(),
            };
            json!({ "type": "memberStep", "group": group.as_str(), "memberId": member.as_str(), "step": step })
        }
        E::MemberGone { group, member, reason } => {
            json!({ "type": "memberGone", "group": group.as_str(), "memberId": member.as_str(), "reason": words::gone(reason) })
        }
        E::ShareRecords { group, member, topic_partition: tp, first_offset, last_offset, delivery_count, what } => json!({
            "type": "shareRecords", "group": group.as_str(), "memberId": member.as_ref().map(|member| member.as_str()),
            "topic": tp.topic.as_str(), "partition": tp.partition, "firstOffset": first_offset.0, "lastOffset": last_offset.0,
            "deliveryCount": delivery_count, "what": words::share_step(*what)
        }),
        E::ProgramStarted { program, name } => json!({ "type": "programStarted", "program": program.0, "name": &**name }),
        E::ProgramExited { program, name, code } => {
            json!({ "type": "programExited", "program": program.0, "name": &**name, "exitCode": code })
        }
        E::ProgramKilled { program, name, .. } => json!({ "type": "programKilled", "program": program.0, "name": &**name }),
        E::ProgramSlow { program, per_record } => {
            json!({ "type": "programSlow", "program": program.0, "recordMs": per_record.ms() })
        }
        E::Said { program, text } => json!({ "type": "said", "program": program.0, "text": &**text }),
        other => cluster_event(other),
    }
}

/// Events of brokers, disks and links.
fn cluster_event(event: &TraceEvent) -> Value {
    use TraceEvent as E;
    let broker = |kind: &str, id: BrokerId| json!({ "type": kind, "broker": id.0 });
    match event {
        E::BrokerStarted { broker: id } => broker("brokerStarted", *id),
        E::BrokerStopped { broker, crash } => json!({ "type": "brokerStopped", "broker": broker.0, "crash": crash }),
        E::BrokerFenced { broker: id } => broker("brokerFenced", *id),
        E::BrokerUnfenced { broker: id } => broker("brokerUnfenced", *id),
        E::BrokerFrozen { broker: id } => broker("brokerFrozen", *id),
        E::BrokerThawed { broker: id } => broker("brokerThawed", *id),
        E::DiskWiped { broker: id } => broker("diskWiped", *id),
        E::DiskSlow { broker, slow } => json!({ "type": "diskSlow", "broker": broker.0, "ms": slow.ms() }),
        E::ControllerStarted { controller } => json!({ "type": "controllerStarted", "controller": controller.0 }),
        E::ControllerStopped { controller, crash } => {
            json!({ "type": "controllerStopped", "controller": controller.0, "crash": crash })
        }
        E::ControllerLost => json!({ "type": "controllerLost" }),
        E::ControllerElected { controller, epoch } => {
            json!({ "type": "controllerElected", "controller": controller.0, "epoch": epoch })
        }
        E::LeaderElected { topic_partition: tp, leader, leader_epoch } => json!({
            "type": "leaderElected", "topic": tp.topic.as_str(), "partition": tp.partition,
            "leader": leader.map(|leader| leader.0), "leaderEpoch": leader_epoch
        }),
        E::IsrChanged { topic_partition: tp, isr } => json!({
            "type": "isrChanged", "topic": tp.topic.as_str(), "partition": tp.partition,
            "isr": isr.iter().map(|broker| broker.0).collect::<Vec<_>>()
        }),
        E::LinksChanged { ones, others, fault } => json!({
            "type": "linksChanged", "ones": hosts(ones), "others": hosts(others),
            "cut": fault.cut, "slowMs": fault.slow.ms(), "lossPercent": fault.loss_percent
        }),
        E::LinksMended => json!({ "type": "linksMended" }),
        _ => json!({ "type": "other" }),
    }
}

/// Nodes by number, programs by name.
fn hosts(hosts: &[Host]) -> Vec<Value> {
    let value = |host: &Host| match host {
        Host::Node(id) => json!(id.0),
        Host::Program(name) => json!(&**name),
    };
    hosts.iter().map(value).collect()
}
