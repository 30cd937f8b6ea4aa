//! Facts of a broker, a replica, the controller and a link, and what can be done to them.

use super::super::cluster::{Fault, HostSpot, Process, broker_faults, card, controller_faults, link, link_faults, row};
use super::super::{commands::Bootstrap, text};
use super::{Action, Fact, Inspection, Selection};
use crate::base::{BrokerId, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::metadata::{PartitionState, Topic};
use crate::engine::world::World;

impl From<&Fault> for Action {
    fn from(fault: &Fault) -> Self {
        Action {
            label: fault.label.to_owned(),
            blocks: vec![fault.block()],
            command: None,
            form: None,
            destructive: fault.destructive,
            disabled: fault.disabled.map(str::to_owned),
        }
    }
}

/// `1, 2, 3`; `none` for nothing.
pub(super) fn list(brokers: &[BrokerId]) -> String {
    match brokers {
        [] => "none".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

pub(super) fn broker(world: &World, id: BrokerId) -> Option<Inspection> {
    let Some(broker) = world.broker(id) else {
        return world.cluster().quorum.voters.contains_key(&id).then(|| controller(world, id));
    };
    let card = card(world, broker);
    let role = if card.controller { "broker, controller" } else { "broker" };
    let mut facts = vec![
        Fact::new("Process", card.state).why(process_words(world, broker, card.process)),
        Fact::new("Disk", card.disk.words()).why(if card.disk.slow_ms > 0 {
            format!("Each write takes {} ms longer. What is on the disk stays when the process ends.", card.disk.slow_ms)
        } else {
            "What is on the disk stays when the process ends, and is there when it starts again.".to_owned()
        }),
        Fact::new("Registered as", if card.fenced { "fenced" } else { "active" }).why(registration_words(world, id)),
        Fact::new("Role", role).why(if card.controller {
            "It stores records, and it leads the metadata quorum: topics are created and leaders are chosen here."
        } else {
            "It stores records, and answers the clients of the partitions that it leads."
        }),
        Fact::new("Leads", text::count(card.leads as i64, "partition")),
        Fact::new("Coordinates", text::count(card.coordinates as i64, "group"))
            .why("A group's coordinator is the leader of the partition of __consumer_offsets that the group id hashes to."),
        Fact::new("Waiting fetches", broker.parked.len()).why(
            "Consumers that are at the log end: the broker keeps their fetch until there is something to give, at most \
             fetch.max.wait.ms.",
        ),
    ];
    if !broker.delayed.is_empty() {
        facts.push(
            Fact::new("Waiting writes", broker.delayed.len())
                .why("Produce requests with acks=all: they are answered when all in-sync replicas have the records."),
        );
    }
    if let Some(rack) = world.cluster().registrations.get(&id).and_then(|registration| registration.rack.as_ref()) {
        facts.push(Fact::new("Rack", rack));
    }
    let mut actions: Vec<Action> = broker_faults(world, id).iter().map(Action::from).collect();
    actions.push(Action::new("Describe all topics", vec![format!("$ kafka-topics.sh --describe {}", Bootstrap::of(world))]));
    Some(Inspection { kind: "Broker", title: format!("Broker {id}"), facts, value: None, actions })
}

fn process_words(world: &World, broker: &Broker, process: Process) -> String {
    match process {
        Process::Running if broker.stale.is_some() => {
            "It runs, hears nothing from the controller, and goes on with what it knew. What it is told by clients it can still \
             do, as long as no in-sync replica has to agree."
                .to_owned()
        }
        Process::Running => "It runs and answers.".to_owned(),
        Process::Frozen => "The process is suspended (SIGSTOP). It keeps its memory and its connections, and answers nothing. Who \
                            has asked it waits until it thaws, or gives up."
            .to_owned(),
        Process::Starting => "The process has begun. It has to reach the controller before it serves anything.".to_owned(),
        Process::Down if world.cluster().is_active(broker.id) => {
            let (heard, timeout) = session(world, broker.id);
            format!(
                "The process is gone, and the controller does not know yet: the last heartbeat came {heard} ms ago, and it waits \
                 {timeout} ms (broker.session.timeout.ms)."
            )
        }
        Process::Down => "The process is gone. Clients are refused at once; partitions are led from elsewhere.".to_owned(),
    }
}

/// How long ago the last heartbeat came, and how long the controller waits for one, in ms.
fn session(world: &World, id: BrokerId) -> (u64, u64) {
    let heard = world.cluster().registrations.get(&id).map_or(0, |known| world.now().since(known.last_heartbeat).ms());
    (heard, world.broker_configs().broker_session_timeout.ms())
}

fn registration_words(world: &World, id: BrokerId) -> String {
    let (heard, timeout) = session(world, id);
    if !world.cluster().is_active(id) {
        return "The controller takes it for dead: it may lead nothing and be in no ISR until its next heartbeat.".to_owned();
    }
    if world.brokers().count() < 2 {
        return "A single broker is the controller itself.".to_owned();
    }
    format!("Its last heartbeat reached the controller {heard} ms ago. After {timeout} ms without one it is fenced.")
}

fn controller(world: &World, id: BrokerId) -> Inspection {
    let quorum = &world.cluster().quorum;
    let active = world.brokers().filter(|broker| world.cluster().is_active(broker.id)).count();
    let offline = world.cluster().topics().flat_map(|(_, topic)| &topic.partitions).filter(|state| state.leader.is_none()).count();
    let alone = quorum.voters.len() == 1;
    let role = match quorum.leader {
        Some(leader) if leader == id => "controller, active",
        _ if quorum.is_running(id) => "controller, stands by",
        _ => "controller, down",
    };
    let mut facts = vec![
        Fact::new("Role", if alone { "controller" } else { role }).why(
            "Controllers keep the cluster's metadata (KRaft): who lives, who leads, which replicas are in sync. They store no \
             records and answer no clients. One of them is active; the others follow its log, to take over.",
        ),
        Fact::new("Active brokers", format!("{active} of {}", world.brokers().count()))
            .why("Each broker sends a heartbeat every 2 s (broker.heartbeat.interval.ms). Who is silent too long is fenced."),
        Fact::new("Offline partitions", offline).why("Partitions without a leader: no replica that may lead lives."),
    ];
    if !alone {
        let running = quorum.voters.values().filter(|voter| voter.running).count();
        let leader = quorum.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
        facts.push(Fact::new("Leader of the quorum", leader).why(
            "It takes a majority to elect one, and to write metadata. Without one the brokers go on serving what they lead; \
             nothing is created, fenced or elected.",
        ));
        facts.push(Fact::new("Epoch of the quorum", quorum.leader_epoch).why("Each vote that is won begins the next."));
        facts.push(Fact::new("Controllers that run", format!("{running} of {}", quorum.voters.len())));
    }
    let mut actions: Vec<Action> = controller_faults(world, id).iter().map(Action::from).collect();
    let describe = format!("$ kafka-metadata-quorum.sh {} describe --status", Bootstrap::of(world));
    actions.push(Action::new("Describe the quorum", vec![describe]));
    let title = if alone { "Controller".to_owned() } else { format!("Controller {id}") };
    Inspection { kind: "Controller", title, facts, value: None, actions }
}

pub(super) fn link_of(world: &World, one: &HostSpot, other: &HostSpot) -> Option<Inspection> {
    let there = |spot: &HostSpot| match spot {
        HostSpot::Controller => true,
        HostSpot::Voter(id) => world.cluster().quorum.voters.contains_key(id),
        HostSpot::Broker(id) => world.broker(*id).is_some(),
        HostSpot::Program(name) => world.program_named(name).is_some(),
    };
    if !there(one) || !there(other) {
        return None;
    }
    let now = link(world, one, other);
    let why = match &now {
        _ if now.cut => {
            "Nothing gets through, in either direction. TCP keeps what was sent and brings it over when the link is mended; who \
             asked gives up after 30 s (request.timeout.ms)."
        }
        _ if now.slow_ms > 0 => "Each message takes so much longer, in either direction.",
        _ if now.loss_percent > 0 => {
            "Of 100 messages so many are lost once and sent again 200 ms later: TCP loses nothing, it is late."
        }
        _ => "Messages take less than a millisecond.",
    };
    let purpose = match (one, other) {
        (HostSpot::Voter(_), HostSpot::Voter(_)) => {
            "The metadata log, and votes. A leader that reaches no majority of the controllers is none any more."
        }
        (HostSpot::Controller | HostSpot::Voter(_), _) | (_, HostSpot::Controller | HostSpot::Voter(_)) => {
            "Heartbeats and changes of the metadata. A broker that is cut off here is fenced, and goes on with what it knew."
        }
        (HostSpot::Program(_), _) | (_, HostSpot::Program(_)) => "What the client writes, and what it reads.",
        _ => "Followers fetch from leaders. A follower that is cut off leaves the ISR after replica.lag.time.max.ms.",
    };
    let facts = vec![Fact::new("State", now.state()).why(why), Fact::new("Carries", purpose)];
    let actions = link_faults(world, one, other).iter().map(Action::from).collect();
    let title = format!("{} – {}", one.title(), other.title());
    Some(Inspection { kind: "Link", title, facts, value: None, actions })
}

pub(super) fn replica(world: &World, partition: &TopicPartition, id: BrokerId) -> Option<Inspection> {
    let topic = world.cluster().topic(partition.topic.as_str())?;
    let state = topic.partition(partition.partition)?;
    let row = row(world, partition, 1)?;
    let view = row.replicas.iter().find(|replica| replica.broker == id)?;
    let role = match (view.leader, view.adding, view.removing) {
        (true, ..) => "leader",
        (_, true, _) => "follower, being added",
        (_, _, true) => "follower, being removed",
        _ => "follower",
    };
    let mut facts = vec![
        Fact::new("Partition", partition).link(Selection::Partition(partition.clone())),
        Fact::new("Broker", id).link(Selection::Broker(id)),
        Fact::new("Role", role).why(leader_words(state)),
        Fact::new("In sync", if view.in_isr { "yes" } else { "no" }).why(in_sync_words(world, partition, state, id)),
    ];
    if !state.elr.is_empty() || view.in_elr {
        facts.push(Fact::new("ELR", if view.in_elr { "yes" } else { "no" }).why(elr_words(state)));
    }
    if view.on_disk {
        let behind = row.log_end_offset - view.log_end_offset;
        facts.extend([
            Fact::new("Log start", view.log_start_offset),
            Fact::new("Log end", view.log_end_offset).why(match behind {
                0 => "It has all that there is.".to_owned(),
                behind => format!("{} behind the longest log.", text::count(behind, "offset")),
            }),
            Fact::new("High watermark", view.high_watermark).why(if view.leader {
                high_watermark_words(world, partition, topic, state)
            } else {
                format!(
                    "What the leader last told it. The leader's is {}: a follower hears of it with its next fetch.",
                    row.high_watermark
                )
            }),
            Fact::new("Epoch of its last record", view.last_epoch).why(format!(
                "The leader epoch is {} now. Records of an epoch that ended earlier at the leader are truncated before it fetches.",
                state.leader_epoch
            )),
        ]);
    } else {
        facts.push(Fact::new("On disk", "nothing").why("The disk was replaced. When its broker runs, it fetches all of it anew."));
    }
    let actions = broker_faults(world, id)
        .iter()
        .map(|fault| {
            let mut action = Action::from(fault);
            action.label = format!("{} (broker {id})", action.label);
            action
        })
        .collect();
    Some(Inspection { kind: "Replica", title: format!("{partition} on broker {id}"), facts, value: None, actions })
}

/// Why this leader.
pub(super) fn leader_words(state: &PartitionState) -> String {
    let preferred = state.replicas.first();
    let Some(leader) = state.leader else {
        return format!(
            "No leader: of the ISR ({}) and the ELR ({}) no replica lives. Others may lack committed records, so none is chosen \
             while unclean.leader.election.enable is false.",
            list(&state.isr),
            list(&state.elr)
        );
    };
    let why = if state.replicas.len() == 1 {
        format!("Broker {leader} holds the only replica, so it leads.")
    } else if Some(&leader) == preferred {
        format!("Broker {leader} leads: it is the first in the list of replicas ({}), the preferred leader.", list(&state.replicas))
    } else if state.recovering {
        format!("Broker {leader} leads after an unclean election: it was not in sync, and what it lacked is lost.")
    } else {
        let preferred = preferred.map_or_else(String::new, ToString::to_string);
        format!(
            "Broker {leader} leads: when broker {preferred} (the preferred leader) was out, it was the first in the list of replicas \
             ({}) that lived and was in sync.",
            list(&state.replicas)
        )
    };
    format!("{why} Leader epoch {}: it grows with each election.", state.leader_epoch)
}

/// Why in the ISR, or why not.
fn in_sync_words(world: &World, partition: &TopicPartition, state: &PartitionState, id: BrokerId) -> String {
    let lag_max = world.broker_configs().replica_lag_time_max.ms();
    if state.isr.contains(&id) {
        return match state.leader == Some(id) {
            true => "A leader is always in its ISR.".to_owned(),
            false => format!("It had all that the leader had within the last {lag_max} ms (replica.lag.time.max.ms)."),
        };
    }
    let Some(broker) = world.broker(id) else { return String::new() };
    if !broker.running {
        return "Its broker is down, and fenced brokers are in no ISR.".to_owned();
    }
    if !world.cluster().is_active(id) {
        return "Its broker is fenced: the controller lets it in with its next heartbeat.".to_owned();
    }
    let end = broker.replica(partition).map(|replica| replica.log.log_end_offset());
    let leader = state.leader.and_then(|leader| world.broker(leader)?.replica(partition));
    match (end, leader) {
        (_, None) => "There is no leader that could take it in.".to_owned(),
        (Some(end), Some(leader)) if end < leader.high_watermark => {
            format!("Its log ends at {end}, below the high watermark {}: it is still catching up.", leader.high_watermark)
        }
        (Some(_), Some(_)) => {
            "It has not fetched up to the high watermark in this epoch, or the controller has not agreed yet.".to_owned()
        }
        (None, Some(_)) => "It has nothing of the partition yet.".to_owned(),
    }
}

pub(super) fn elr_words(state: &PartitionState) -> String {
    format!(
        "Eligible leader replicas ({}): they left the ISR when it was smaller than min.insync.replicas, so nothing was committed \
         without them. Any of them may lead without loss (KIP-966).",
        list(&state.elr)
    )
}

/// Why the high watermark stands where it does.
pub(super) fn high_watermark_words(world: &World, partition: &TopicPartition, topic: &Topic, state: &PartitionState) -> String {
    let Some(leader) = state.leader.and_then(|leader| world.broker(leader)) else {
        return "There is no leader that could move it.".to_owned();
    };
    let Some(replica) = leader.replica(partition) else { return String::new() };
    let (end, high_watermark) = (replica.log.log_end_offset(), replica.high_watermark);
    if end == high_watermark {
        return format!("All in-sync replicas have everything below offset {high_watermark}: consumers read up to there.");
    }
    let min_isr = topic.settings.min_insync_replicas;
    if state.isr.len() < min_isr.min(state.replicas.len()) {
        return format!(
            "It stands still: in sync are {} ({}), and min.insync.replicas is {min_isr}.",
            state.isr.len(),
            list(&state.isr)
        );
    }
    let position = |id: &BrokerId| {
        leader.sessions.get(id).and_then(|session| session.partitions.get(partition)).map(|state| state.log_end_offset)
    };
    let followers = state.isr.iter().filter(|id| **id != leader.id);
    let known: Vec<String> = followers
        .map(|id| match position(id) {
            Some(offset) => format!("broker {id} asked for offset {offset}"),
            None => format!("broker {id} has not fetched in this epoch"),
        })
        .collect();
    format!(
        "The leader's log ends at {end}. It moves to the lowest offset that all in-sync replicas have asked for: {}.",
        known.join(", ")
    )
}
