//! Facts of a producer and of a consumer.

use super::super::group::{self, GroupBoard, GroupKind, Groups};
use super::groups::why_assignment;
use super::{Action, Fact, Form, Inspection, SeekRange, Selection};
use crate::base::{ClientId, GroupId, TopicPartition};
use crate::engine::client::consumer::MemberState;
use crate::engine::client::{AutoOffsetReset, Consumer, ConsumerConfig, GroupProtocol, ModernState};
use crate::engine::world::World;
use crate::scenario::{can_seek, rereads};
use crate::session::ScenarioEntry;
use crate::view::parts::clients::{is_service, owner_name};
use crate::view::parts::commands;
use crate::view::parts::explain;
use crate::view::parts::row::leader_replica;
use crate::view::parts::text;

pub(super) fn producer(world: &World, scenario: Option<&ScenarioEntry>, id: ClientId) -> Option<Inspection> {
    let client = world.client(id)?;
    let producer = world.producer(id)?;
    let config = producer.config();
    let name = owner_name(world, client);
    let mut facts = vec![
        Fact::new("Client id", &client.client_id),
        Fact::new("Waiting records", producer.queued_records()).why(format!(
            "Handed to the producer and not sent yet: it gathers records for linger.ms ({} ms), or until a batch has batch.size \
             ({} bytes).",
            config.linger_ms, config.batch_size
        )),
    ];
    let in_flight: Vec<String> = producer
        .in_flight_batches()
        .map(|(partition, records)| format!("{partition}: {}", text::count(records, "record")))
        .collect();
    let value = if in_flight.is_empty() { "none".to_owned() } else { in_flight.join(", ") };
    facts.push(Fact::new("In flight", value).why(format!(
        "Batches sent and not acknowledged. At most {} requests per broker are open at a time.",
        config.max_in_flight
    )));
    for (topic, partition) in producer.sticky_partitions() {
        let value = TopicPartition::new(topic.clone(), partition);
        let fact = Fact::new("Sticky partition", &value).why(explain::partition_of_null_key());
        facts.push(fact.link(Selection::Partition(value)));
    }
    facts.push(acks_fact(config.acks.number()));
    if let Some((producer_id, epoch)) = producer.identity() {
        facts.push(Fact::new("Producer id", producer_id).why(format!(
            "Epoch {epoch}. The broker gave it so that a retried batch is not written twice. A new run of the program gets a new \
             one: pressing Send twice is two records."
        )));
    }
    let actions = program_actions(scenario, &name);
    Some(Inspection { kind: "Producer", title: name.to_string(), facts, value: None, actions })
}

fn acks_fact(acks: i16) -> Fact {
    match acks {
        0 => Fact::new("acks", "0").why("It does not wait for an answer: records can be lost unseen."),
        1 => Fact::new("acks", "1").why("It waits for the leader alone: records can be lost with the leader."),
        _ => Fact::new("acks", "all").why("It waits until every replica that is in sync now has the records."),
    }
}

pub(super) fn consumer(world: &World, scenario: Option<&ScenarioEntry>, id: ClientId) -> Option<Inspection> {
    let (Some(client), Some(consumer)) = (world.client(id), world.consumer(id)) else {
        return gone(world, scenario, id);
    };
    let config = consumer.config();
    let name = owner_name(world, client);
    let mut facts = vec![Fact::new("Client id", &client.client_id)];
    let group = config.group_id.as_ref().and_then(|group| group::board(world, group));
    let member = group.as_ref().and_then(|group| group.members.iter().find(|member| member.client == Some(id)));
    match &group {
        Some(group) => {
            let link = Selection::Group(group.group_id.as_ref().into());
            facts.push(Fact::new("Group", &group.group_id).link(link));
            facts.extend(member.and_then(|member| member.member_id.as_ref()).map(|id| Fact::new("Member id", id)));
            let why = config.group_id.as_ref().and_then(|id| group::why(world, id, &group.history));
            let fact = Fact::new("Assignment", list(consumer.assignment().iter()));
            facts.push(fact.why(why_assignment(group, member, why.as_ref())));
        }
        None => facts.push(Fact::new("Group", "none").why("It was told which partitions to read, and commits nothing.")),
    }
    for partition in consumer.assignment() {
        facts.extend(partition_facts(world, consumer, &partition, group.as_ref(), is_service(scenario, &name) && rereads(&name)));
    }
    facts.push(next_poll_fact(world, consumer, group.as_ref()));
    facts.push(reset_fact(config.auto_offset_reset));
    if group.is_some() {
        facts.push(commit_fact(config.enable_auto_commit, config.auto_commit_interval_ms));
        facts.push(session_fact(config));
    }
    let mut actions = program_actions(scenario, &name);
    if let Some(partition) = consumer.assignment().first()
        && is_service(scenario, &name)
        && can_seek(&name)
    {
        let position = consumer.position(partition).map_or(0, |offset| offset.0);
        let form = Form::Seek {
            service: name.clone(),
            topic_partition: partition.clone(),
            position,
            partitions: seek_ranges(world, consumer),
            reset: reset_words(config.auto_offset_reset).0,
        };
        let seek = commands::seek_call(partition, position);
        actions.push(Action::new("Seek", commands::seek(&name, partition, position)).form(form).in_code(seek));
        actions.push(Action::new("Commit", commands::commit(&name)).in_code("consumer.commitSync()".to_owned()));
    }
    Some(Inspection { kind: "Consumer", title: name.to_string(), facts, value: None, actions })
}

fn session_fact(config: &ConsumerConfig) -> Fact {
    let crash = "If it crashes, the coordinator notices after the session timeout; until then its partitions wait.";
    match config.group_protocol {
        GroupProtocol::Classic => Fact::new("Session timeout", format!("{} ms", config.session_timeout_ms))
            .why(format!("It sends a heartbeat every {} ms. {crash}", config.heartbeat_interval_ms)),
        GroupProtocol::Consumer => Fact::new("Session timeout", "set by the coordinator").why(format!(
            "group.consumer.session.timeout.ms. Each answer to a heartbeat says when the next one is due \
             (group.consumer.heartbeat.interval.ms). {crash}"
        )),
    }
}

/// `jobs-0, jobs-1`, or `nothing`.
fn list<'p>(partitions: impl Iterator<Item = &'p TopicPartition>) -> String {
    let all: Vec<String> = partitions.map(ToString::to_string).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

/// A consumer or share consumer that crashed, as long as its coordinator has not noticed.
fn gone(world: &World, scenario: Option<&ScenarioEntry>, id: ClientId) -> Option<Inspection> {
    let gone = group::crash(world, id)?;
    let groups = Groups::of(world);
    let counts = |board: &GroupBoard| board.members.iter().any(|card| card.gone && card.member_id.as_ref() == Some(&gone.member));
    let board = groups.ids().filter_map(|id| groups.board(id)).find(counts)?;
    let card = board.members.iter().find(|card| card.member_id.as_ref() == Some(&gone.member))?;
    let id = GroupId(board.group_id.clone());
    let mut facts = vec![
        Fact::new("Program", "gone")
            .why(format!("It crashed at {}, without a goodbye: its group knows nothing of it yet.", text::clock_text(gone.at))),
        Fact::new("Group", &board.group_id).link(Selection::Group(id.clone())),
    ];
    let session = group::clocks(world, world.now(), &id, Some(&gone.member), None).0;
    let noticed = session.map(|clock| text::clock_text(world.now() + clock.left));
    if let Some(noticed) = &noticed {
        facts.push(Fact::new("Noticed", format!("at {noticed}")).why(match board.kind {
            GroupKind::Classic => {
                "Then session.timeout.ms is over since its last heartbeat: the coordinator removes it and the group rebalances."
            }
            GroupKind::Consumer => {
                "Then group.consumer.session.timeout.ms is over since its last heartbeat: the coordinator removes it, and computes a \
                 new target assignment for the others."
            }
            GroupKind::Share => "Then share.session.timeout.ms is over since its last heartbeat: the coordinator removes it.",
        }));
    }
    let partitions = list(card.partitions.iter().map(|owned| &owned.topic_partition));
    facts.push(match (board.kind, noticed) {
        (GroupKind::Share, _) => Fact::new("Partitions", partitions)
            .why("Others may read the same ones. What it held is available to them again since its connection broke."),
        (_, Some(noticed)) => Fact::new("Partitions", format!("{partitions}: nobody reads them until {noticed}"))
            .why("To the coordinator they still belong to it, so no other member is given them."),
        (_, None) => Fact::new("Partitions", partitions).why("There is no coordinator that could give them to another member."),
    });
    let runs = world.program_named(&gone.name).is_some_and(|program| program.is_running());
    let start = is_service(scenario, &gone.name) && !runs;
    let actions = if start { vec![Action::new("Start", commands::start_service(&gone.name))] } else { Vec::new() };
    Some(Inspection { kind: "Consumer", title: gone.name.to_string(), facts, value: None, actions })
}

fn partition_facts(
    world: &World,
    consumer: &Consumer,
    partition: &TopicPartition,
    group: Option<&GroupBoard>,
    rereads: bool,
) -> Option<Fact> {
    let end = leader_replica(world, partition)?.log.log_end_offset().0;
    let position = consumer.position(partition).map(|offset| offset.0);
    let committed = group.and_then(|group| group.lags.iter().find(|lag| lag.topic_partition == *partition)?.committed_offset);
    let show = |offset: Option<i64>| offset.map_or_else(|| "-".to_owned(), |offset| offset.to_string());
    let mut why = format!("Position {}: the next record that it will be given. ", show(position));
    match (group, position, committed) {
        (None, ..) => {}
        (Some(_), _, committed) if rereads => {
            why += &format!(
                "Committed {}, which this program does not go by: each time it starts it seeks to the beginning and builds up anew \
                 what it knows. ",
                show(committed)
            );
        }
        (Some(_), Some(position), Some(committed)) if position > committed => {
            why += &format!(
                "Committed {committed}: the {} in between would be read again after a crash. ",
                text::count(position - committed, "record")
            );
        }
        (Some(_), Some(position), Some(committed)) if position < committed => {
            why += &format!("Committed {committed}: it went back by a seek, which commits nothing. ");
        }
        (Some(_), _, committed) => why += &format!("Committed {}: where reading goes on after a restart. ", show(committed)),
    }
    if group.is_some() {
        why += &format!("Lag: {}", explain::lag(end, committed));
    }
    let paused = if consumer.is_paused(partition) { ", paused" } else { "" };
    let value = format!("{partition}: position {}, committed {}, log end {end}{paused}", show(position), show(committed));
    Some(Fact::new("Offsets", value).why(why.trim_end()).link(Selection::Partition(partition.clone())))
}

/// Why a poll gives nothing now, or that it would give something.
fn next_poll_fact(world: &World, consumer: &Consumer, group: Option<&GroupBoard>) -> Fact {
    let nothing = |what: &str, why: String| Fact::new("Next poll", format!("nothing: {what}")).why(why);
    let assignment = consumer.assignment();
    if assignment.is_empty() {
        return match group {
            None => nothing("no partition is assigned", "It was given no partition, and it subscribed to nothing.".to_owned()),
            Some(_) if consumer.modern_state() == Some(ModernState::Reconciling) => {
                nothing("no partition is assigned", joining_words(consumer).to_owned())
            }
            Some(_) if consumer.member_state() != MemberState::Stable => {
                nothing("it is not in the group yet", joining_words(consumer).to_owned())
            }
            Some(group) => nothing(
                "no partition is assigned",
                format!(
                    "The group has {} and each partition belongs to one of them: members beyond the number of partitions are idle.",
                    text::count(group.member_count() as i64, "member")
                ),
            ),
        };
    }
    if group.is_some() && consumer.member_state() != MemberState::Stable {
        let is_classic = consumer.modern_state().is_none();
        let what = if is_classic { "the group is rebalancing" } else { "it is not in the group" };
        return nothing(what, joining_words(consumer).to_owned());
    }
    if assignment.iter().all(|partition| consumer.is_paused(partition)) {
        let why = "Its program paused all its partitions: a poll skips them until they are resumed. It stays a member.";
        return nothing("it is paused", why.to_owned());
    }
    if assignment.iter().all(|partition| consumer.position(partition).is_none()) {
        let why = "It is asking where to begin: at the group's committed offset, else where auto.offset.reset says.";
        return nothing("it has no position yet", why.to_owned());
    }
    let waiting: i64 = assignment.iter().filter_map(|partition| unread(world, consumer, partition)).sum();
    if waiting == 0 {
        let why = "Its position equals the high watermark in every partition that it reads: it was given all that is visible.";
        return nothing("it is at the log end", why.to_owned());
    }
    let most = consumer.config().max_poll_records;
    Fact::new("Next poll", format!("up to {}", text::count(waiting.min(most.into()), "record"))).why(format!(
        "{waiting} offsets lie between its position and the high watermark; a poll returns at most max.poll.records ({most})."
    ))
}

/// Offsets between a consumer's position and the high watermark; 0 where it is paused.
fn unread(world: &World, consumer: &Consumer, partition: &TopicPartition) -> Option<i64> {
    let position = consumer.position(partition)?;
    let high_watermark = leader_replica(world, partition)?.high_watermark;
    Some(if consumer.is_paused(partition) { 0 } else { (high_watermark.0 - position.0).max(0) })
}

/// What a member of the consumer protocol waits for (KIP-848).
fn reconciling_words(state: ModernState) -> &'static str {
    match state {
        ModernState::Unsubscribed => "It is not a member: its first poll sends a heartbeat, and that makes it one.",
        ModernState::Joining => "It has sent its first heartbeat: the answer makes it a member, without waiting for the others.",
        ModernState::Reconciling => {
            "It is on its way to its target assignment: first it commits and gives up what it is to give up, then it takes what is \
             free."
        }
        ModernState::Acknowledging => "It has taken in its assignment, and its next heartbeat says so.",
        ModernState::Stable => "It is a member.",
        ModernState::Fenced => "Its coordinator has put it out: it gives up all its partitions, then joins again.",
        ModernState::Stale => {
            "Its program did not poll within max.poll.interval.ms, so it has left. It joins again with its next poll."
        }
        ModernState::Fatal => "It has failed, and does not join again.",
        ModernState::Leaving => "It leaves the group.",
    }
}

fn joining_words(consumer: &Consumer) -> &'static str {
    if let Some(state) = consumer.modern_state() {
        return reconciling_words(state);
    }
    match consumer.member_state() {
        MemberState::Unjoined => "It is not a member yet: it joins in its next poll, once it knows its coordinator.",
        MemberState::Committing => "A rebalance begins: it commits its positions before it joins again.",
        MemberState::Revoking => "A rebalance begins: its program is told which partitions it gives up.",
        MemberState::Joining => {
            "It has asked to join. The coordinator answers when all members have joined; for a new group it waits \
             group.initial.rebalance.delay.ms (3 s) for more of them."
        }
        MemberState::Syncing => "All have joined; it waits for its part of the assignment that the group's leader works out.",
        MemberState::Stable => "It is a member.",
    }
}

fn seek_ranges(world: &World, consumer: &Consumer) -> Vec<SeekRange> {
    let range = |partition: TopicPartition| {
        let replica = leader_replica(world, &partition)?;
        Some(SeekRange {
            position: consumer.position(&partition).map_or(0, |offset| offset.0),
            log_start_offset: replica.log.log_start_offset().0,
            high_watermark: replica.high_watermark.0,
            topic_partition: partition,
        })
    };
    consumer.assignment().into_iter().filter_map(range).collect()
}

/// The setting's value, and what it does.
fn reset_words(reset: AutoOffsetReset) -> (&'static str, &'static str) {
    match reset {
        AutoOffsetReset::Earliest => ("earliest", "it begins at the log start"),
        AutoOffsetReset::Latest => ("latest", "it begins at the log end: what was there before is missed"),
        AutoOffsetReset::None => ("none", "the poll fails"),
        AutoOffsetReset::ByDuration { .. } => ("by_duration", "it begins at the first record that is not too old"),
    }
}

fn reset_fact(reset: AutoOffsetReset) -> Fact {
    let (value, why) = reset_words(reset);
    Fact::new("auto.offset.reset", value)
        .why(format!("Where there is no valid committed offset, {why}. Where there is one, this setting does nothing."))
}

fn commit_fact(auto: bool, interval_ms: u64) -> Fact {
    if auto {
        Fact::new("Commits", "automatically").why(format!(
            "In a poll, every {interval_ms} ms, and on close: it commits what earlier polls returned. After a crash in between, \
             records come again."
        ))
    } else {
        Fact::new("Commits", "by the program").why("enable.auto.commit is off: the program commits when its work is done.")
    }
}

/// Stop and crash, for a running program.
pub(super) fn program_actions(scenario: Option<&ScenarioEntry>, name: &str) -> Vec<Action> {
    let stop = if is_service(scenario, name) { commands::stop_service(name) } else { commands::interrupt(name) };
    vec![Action::new("Stop", stop), Action::new("Crash", commands::kill_service(name)).destructive()]
}
