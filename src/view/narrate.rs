//! What happened, in words: sentences for the live region, marks for the timeline.

use std::rc::Rc;

use super::cluster::HostSpot;
use super::group::words;
use crate::base::{BrokerId, ClientId, SimTime, SortedMap, Span, TopicPartition};
use crate::engine::group::GroupState;
use crate::engine::network::{Host, LinkFault};
use crate::engine::trace::{AnyGroupState, GoneReason, GroupReason, ShareStep, TraceEntry, TraceEvent};
use crate::engine::world::World;
use crate::view::parts::text;

/// Most sentences at a time: a screen reader must be able to keep up.
pub const SENTENCES_MAX: usize = 4;

/// Partitions whose committed offset is told; of more, how many there are.
const MARKERS_MAX: usize = 3;

/// Entries looked at in one telling; what is older than these is skipped.
const ENTRIES_MAX: u64 = 4096;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Narration {
    pub sentences: Vec<String>,
    /// Where to go on: the trace's index after the last entry told.
    pub next: u64,
}

/// What happened from trace index `since` on, grouped, the most telling first. After a step back `since` may lie beyond
/// the trace's end: then nothing is told.
pub fn narrate(world: &World, since: u64) -> Narration {
    let trace = world.trace();
    let from = since.max(trace.end().saturating_sub(ENTRIES_MAX));
    let mut tally = Tally::default();
    for entry in trace.iter_from(from) {
        tally.add(world, &entry.event);
    }
    Narration { sentences: tally.sentences(), next: trace.end() }
}

/// What is counted before it is told.
#[derive(Default)]
struct Tally {
    /// Told one by one, in order.
    single: Vec<String>,
    said: Vec<String>,
    appended: SortedMap<TopicPartition, i64>,
    polled: SortedMap<Rc<str>, i64>,
    /// Partitions with another leader than before.
    led: SortedMap<TopicPartition, BrokerId>,
    /// The last offset of each partition, by group.
    committed: SortedMap<Rc<str>, SortedMap<TopicPartition, i64>>,
}

impl Tally {
    fn add(&mut self, world: &World, event: &TraceEvent) {
        match event {
            TraceEvent::Appended { topic_partition, record_count, .. } if !is_internal(world, topic_partition) => {
                *self.appended.get_or_default(topic_partition.clone()) += i64::from(*record_count);
            }
            TraceEvent::Polled { client, record_count } if *record_count > 0 => {
                *self.polled.get_or_default(name_of(world, *client)) += i64::from(*record_count);
            }
            TraceEvent::OffsetsCommitted { group, offsets } => {
                let known = self.committed.get_or_default(group.0.clone());
                for (topic_partition, offset) in offsets.iter() {
                    known.insert(topic_partition.clone(), offset.0);
                }
            }
            TraceEvent::LeaderElected { topic_partition, leader: Some(leader), .. } => {
                self.led.insert(topic_partition.clone(), *leader);
            }
            TraceEvent::Said { program, text } => {
                let name = world.program(*program).map_or_else(|| "A program".into(), |program| program.name.clone());
                self.said.push(format!("{name}: {text}"));
            }
            event => self.single.extend(sentence(world, event)),
        }
    }

    fn sentences(self) -> Vec<String> {
        let mut all = self.single;
        match self.led.len() {
            0..=2 => all.extend(self.led.iter().map(|(partition, leader)| format!("Broker {leader} leads {partition} now."))),
            partitions => all.push(format!("{partitions} partitions have another leader now.")),
        }
        all.extend(self.said);
        match self.appended.len() {
            0..=2 => all.extend(
                self.appended
                    .iter()
                    .map(|(partition, records)| format!("{} appended to {partition}.", text::count(*records, "record"))),
            ),
            partitions => {
                let records: i64 = self.appended.values().sum();
                all.push(format!("{} appended to {partitions} partitions.", text::count(records, "record")));
            }
        }
        match self.polled.len() {
            0..=2 => {
                all.extend(self.polled.iter().map(|(name, records)| format!("{name} read {}.", text::count(*records, "record"))))
            }
            readers => {
                let records: i64 = self.polled.values().sum();
                all.push(format!("{readers} consumers read {}.", text::count(records, "record")));
            }
        }
        all.extend(self.committed.iter().map(|(group, offsets)| marker_sentence(group, offsets)));
        if all.len() > SENTENCES_MAX {
            let more = all.len() - (SENTENCES_MAX - 1);
            all.truncate(SENTENCES_MAX - 1);
            all.push(format!("And {}.", text::count(more as i64, "other thing")));
        }
        all
    }
}

/// Where a group's markers stand now.
fn marker_sentence(group: &str, offsets: &SortedMap<TopicPartition, i64>) -> String {
    let at: Vec<String> = offsets.iter().take(MARKERS_MAX).map(|(partition, offset)| format!("{partition} at {offset}")).collect();
    match offsets.len().saturating_sub(at.len()) {
        0 => format!("Group {group} committed {}.", at.join(", ")),
        more => format!("Group {group} committed {} and {more} more.", at.join(", ")),
    }
}

/// One event of note as a sentence. `None` for what happens all the time.
fn sentence(world: &World, event: &TraceEvent) -> Option<String> {
    Some(match event {
        TraceEvent::TopicCreated { topic, partitions } => {
            format!("Topic {topic} was created with {}.", text::count(*partitions, "partition"))
        }
        TraceEvent::TopicDeleted { topic } => format!("Topic {topic} was deleted."),
        TraceEvent::PartitionsAdded { topic, partitions } => {
            format!("Topic {topic} has {} now.", text::count(*partitions, "partition"))
        }
        TraceEvent::ConfigAltered { topic } => format!("The configs of topic {topic} changed."),
        TraceEvent::ProduceRefused { topic_partition, error } => {
            format!("Records for {topic_partition} were refused: {}.", error.name())
        }
        TraceEvent::RecordsDeleted { topic_partition, log_start_offset } => {
            format!("Records of {topic_partition} below offset {log_start_offset} were deleted.")
        }
        TraceEvent::OffsetsReset { client, topic_partition, position } => {
            format!("{} has no committed offset in {topic_partition} and begins at {position}.", name_of(world, *client))
        }
        TraceEvent::GroupState { group, state, reason, .. } => group_sentence(group.as_str(), *state, reason.as_ref()),
        TraceEvent::MemberGone { group, reason, .. } => format!("A member of group {group} is gone: {}.", words::gone(reason)),
        TraceEvent::PartitionsAssigned { client, partitions } if !partitions.is_empty() => {
            format!("{} reads {} now.", name_of(world, *client), list(partitions))
        }
        TraceEvent::PartitionsLost { client, partitions } if !partitions.is_empty() => {
            format!("{} lost {}.", name_of(world, *client), list(partitions))
        }
        TraceEvent::ProgramStarted { name, .. } => format!("{name} started."),
        TraceEvent::ProgramExited { name, code: 0, .. } => format!("{name} ended."),
        TraceEvent::ProgramExited { name, code, .. } => format!("{name} ended with status {code}."),
        TraceEvent::ProgramKilled { name, .. } => format!("{name} crashed."),
        TraceEvent::ProgramSlow { program, per_record } => {
            let name = world.program(*program).map_or("A program", |program| &program.name);
            match per_record.ms() {
                0 => format!("{name} is as quick as before."),
                ms => format!("{name} takes {ms} ms for each record now."),
            }
        }
        TraceEvent::ShareRecords { group, topic_partition, first_offset, last_offset, delivery_count, what, .. } => {
            let records = match first_offset == last_offset {
                true => format!("Offset {first_offset} of {topic_partition}"),
                false => format!("Offsets {first_offset} to {last_offset} of {topic_partition}"),
            };
            match what {
                ShareStep::LockTimedOut => format!("{records}: the lock timed out, group {group} gives it out again."),
                ShareStep::Archived => format!("{records}: archived for group {group} after delivery {delivery_count}."),
                _ => return None,
            }
        }
        event => return cluster_sentence(world, event),
    })
}

/// What befalls brokers, disks and links.
fn cluster_sentence(world: &World, event: &TraceEvent) -> Option<String> {
    Some(match event {
        TraceEvent::BrokerStarted { broker } => format!("Broker {broker} starts."),
        TraceEvent::BrokerStopped { broker, crash: true } => format!("Broker {broker} crashed."),
        TraceEvent::BrokerStopped { broker, .. } => format!("Broker {broker} stopped cleanly."),
        TraceEvent::BrokerFenced { broker } => format!("The controller fenced broker {broker}: it leads nothing now."),
        TraceEvent::BrokerUnfenced { broker } => format!("Broker {broker} is back in the cluster."),
        TraceEvent::ControllerStarted { controller } => format!("Controller {controller} starts."),
        TraceEvent::ControllerStopped { controller, crash: true } => format!("Controller {controller} crashed."),
        TraceEvent::ControllerStopped { controller, .. } => format!("Controller {controller} stopped cleanly."),
        TraceEvent::ControllerLost => "No controller leads: the metadata stands still.".to_owned(),
        TraceEvent::ControllerElected { controller, epoch } => {
            format!("The controllers elected {controller} to lead, in epoch {epoch}.")
        }
        TraceEvent::BrokerFrozen { broker } => format!("Broker {broker} stands still."),
        TraceEvent::BrokerThawed { broker } => format!("Broker {broker} goes on."),
        TraceEvent::DiskWiped { broker } => format!("The disk of broker {broker} is empty."),
        TraceEvent::DiskSlow { broker, slow } if slow.0 == 0 => format!("The disk of broker {broker} is quick again."),
        TraceEvent::DiskSlow { broker, slow } => format!("Each write of broker {broker} takes {} ms longer.", slow.ms()),
        TraceEvent::LeaderElected { topic_partition, leader: None, .. } => format!("{topic_partition} has no leader."),
        TraceEvent::LinksChanged { ones, others, fault } => {
            let state = match fault {
                LinkFault { cut: true, .. } => "cut".to_owned(),
                LinkFault { slow: Span(1..), .. } => format!("{} ms slower", fault.slow.ms()),
                LinkFault { loss_percent: 1.., .. } => format!("losing {} of 100 messages", fault.loss_percent),
                _ => "sound".to_owned(),
            };
            format!("The link between {} and {} is {state}.", hosts(world, ones), hosts(world, others))
        }
        TraceEvent::LinksMended => "All links are sound.".to_owned(),
        _ => return None,
    })
}

/// At most three hosts by name.
fn hosts(world: &World, hosts: &[Host]) -> String {
    match hosts {
        some if some.len() <= 3 => some.iter().map(|host| HostSpot::of(world, host).title()).collect::<Vec<_>>().join(", "),
        many => text::count(many.len() as i64, "host"),
    }
}

fn group_sentence(group: &str, state: AnyGroupState, reason: Option<&GroupReason>) -> String {
    match (state, reason) {
        (AnyGroupState::Classic(GroupState::PreparingRebalance), Some(reason)) => {
            let reason = words::reason(reason, |member| format!("member {member}"));
            format!("Group {group} rebalances: {}.", reason.trim_end_matches('.'))
        }
        (state, _) => format!("Group {group} is {}.", state.name()),
    }
}

/// At most three partitions by name.
fn list(partitions: &[TopicPartition]) -> String {
    match partitions {
        [] => "nothing".to_owned(),
        some if some.len() <= 3 => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        many => text::count(many.len() as i64, "partition"),
    }
}

fn name_of(world: &World, client: ClientId) -> Rc<str> {
    match world.client(client).and_then(|client| world.program(client.owner)) {
        Some(program) => program.name.clone(),
        None => "A client that is gone".into(),
    }
}

fn is_internal(world: &World, partition: &TopicPartition) -> bool {
    world.cluster().topic(partition.topic.as_str()).is_some_and(|topic| topic.internal)
}

/// What a mark on the timeline is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkKind {
    /// A topic was created, changed or deleted.
    Topic,
    /// A group began to rebalance.
    Rebalance,
    /// A program was started or ended, a broker started.
    Program,
    /// A crash, an expired session, refused records, a broken link.
    Fault,
}

/// A moment of note on the timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub at: SimTime,
    /// The world's step in which it happened.
    pub step: u64,
    pub kind: MarkKind,
    pub text: String,
}

/// The marks from trace index `since` on, and where to go on. The caller keeps those that it was given before, so that a
/// long trace is not read anew at each frame.
pub fn marks(world: &World, since: u64) -> (Vec<Mark>, u64) {
    let marks = world.trace().iter_from(since).filter_map(|entry| mark(world, entry)).collect();
    (marks, world.trace().end())
}

fn mark(world: &World, entry: &TraceEntry) -> Option<Mark> {
    let kind = match &entry.event {
        TraceEvent::TopicCreated { topic, .. } if world.cluster().topic(topic.as_str()).is_some_and(|topic| topic.internal) => {
            return None;
        }
        TraceEvent::TopicCreated { .. }
        | TraceEvent::TopicDeleted { .. }
        | TraceEvent::PartitionsAdded { .. }
        | TraceEvent::ConfigAltered { .. }
        | TraceEvent::RecordsDeleted { .. } => MarkKind::Topic,
        TraceEvent::GroupState { state: AnyGroupState::Classic(GroupState::PreparingRebalance), .. } => MarkKind::Rebalance,
        TraceEvent::ProgramStarted { .. } | TraceEvent::ProgramExited { .. } => MarkKind::Program,
        // Who says goodbye leaves no mark: the rebalance that follows does.
        TraceEvent::MemberGone { reason: GoneReason::Left { .. }, .. } => return None,
        TraceEvent::ProgramKilled { .. } | TraceEvent::MemberGone { .. } | TraceEvent::ProduceRefused { .. } => MarkKind::Fault,
        TraceEvent::BrokerStarted { .. } | TraceEvent::BrokerUnfenced { .. } => MarkKind::Program,
        TraceEvent::ControllerElected { epoch, .. } if *epoch > 1 => MarkKind::Program,
        TraceEvent::ControllerStopped { .. }
        | TraceEvent::BrokerStopped { .. }
        | TraceEvent::BrokerFenced { .. }
        | TraceEvent::BrokerFrozen { .. }
        | TraceEvent::DiskWiped { .. }
        | TraceEvent::DiskSlow { .. }
        | TraceEvent::LinksChanged { .. } => MarkKind::Fault,
        _ => return None,
    };
    let text = sentence(world, &entry.event)?;
    Some(Mark { at: entry.at, step: entry.step, kind, text })
}
