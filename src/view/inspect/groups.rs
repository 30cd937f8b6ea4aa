//! Facts of a group of each kind.

use super::super::group::{GroupBoard, GroupKind, GroupStanding, MemberCard, MemberStanding, ShareBoard, Why, board, why, words};
use super::{Action, Fact, Form, Inspection, Selection};
use crate::base::GroupId;
use crate::engine::group::{ConsumerGroupState, GroupState, ShareGroupState, StreamsGroupState};
use crate::engine::metadata::OFFSETS_TOPIC;
use crate::engine::trace::AnyGroupState;
use crate::engine::world::World;
use crate::session::ScenarioEntry;
use crate::view::parts::clients::is_service;
use crate::view::parts::commands::{self, Bootstrap, ResetTo};
use crate::view::parts::explain;

/// Members and partitions that the inspector lists.
const ROWS_MAX: usize = 50;

pub(super) fn group(world: &World, scenario: Option<&ScenarioEntry>, id: &GroupId) -> Option<Inspection> {
    let board = board(world, id)?;
    let why = why(world, id, &board.history);
    let mut facts = vec![
        Fact::new("State", board.state.word()).why(why_state(&board)),
        Fact::new("Members", board.member_count()).why(match board.kind {
            GroupKind::Share => {
                "They read partitions together, each record by one of them. There can be more members than partitions."
            }
            _ => "Each partition belongs to one member. Members beyond the number of partitions are idle.",
        }),
    ];
    facts.extend(epoch_facts(&board));
    let assignor = board.assignor.as_ref();
    facts.extend(assignor.map(|assignor| Fact::new("Assignor", assignor).why(why_assignor(board.kind, assignor))));
    if let Some(coordinator) = board.coordinator {
        let offsets_topic = world.cluster().topic(OFFSETS_TOPIC);
        let mut fact = Fact::new("Coordinator", format!("broker {coordinator}")).link(Selection::Broker(coordinator));
        fact.why = offsets_topic.map(|topic| explain::coordinator(id.as_str(), topic.partitions.len() as i32));
        facts.push(fact);
    }
    if let Some(share) = &board.share {
        facts.extend(limits(share));
    }
    for card in board.members.iter().take(ROWS_MAX) {
        let value = match card.partitions.as_slice() {
            [] if card.member_id.is_none() => card.state.word().to_owned(),
            [] if board.state.is_stable() => "idle".to_owned(),
            [] => "waits for the assignment".to_owned(),
            some => some.iter().map(|owned| owned.topic_partition.to_string()).collect::<Vec<_>>().join(", "),
        };
        let mut fact = Fact::new("Member", format!("{}: {value}", card.name)).why(why_assignment(&board, Some(card), why.as_ref()));
        fact.link = card.client.map(Selection::Consumer);
        facts.push(fact);
    }
    match &board.share {
        Some(share) => facts.extend(share_partitions(share)),
        None => facts.extend(lags(&board)),
    }
    let actions = actions(&Bootstrap::of(world), scenario, &board);
    let kind = if board.kind == GroupKind::Share { "Share group" } else { "Group" };
    Some(Inspection { kind, title: id.to_string(), facts, value: None, actions })
}

/// How the group counts its rebalances, or its assignments.
fn epoch_facts(board: &GroupBoard) -> Vec<Fact> {
    if let Some(generation) = board.generation {
        let why = "Counts the rebalances. Requests of an earlier generation are refused.";
        return vec![Fact::new("Generation", generation).why(why)];
    }
    let Some((group_epoch, assignment_epoch)) = board.epochs else { return Vec::new() };
    let members = match board.kind {
        GroupKind::Share => "Members get theirs with their next heartbeat; nobody has to give anything up first.",
        _ => "Each member goes there by its own heartbeats, and its member epoch says how far it is.",
    };
    vec![
        Fact::new("Group epoch", group_epoch)
            .why("Grows when members come or go, when what they subscribe to changes, or the topics do."),
        Fact::new("Assignment epoch", assignment_epoch)
            .why(format!("The group epoch that the coordinator has computed the target assignment for. {members}")),
    ]
}

fn limits(share: &ShareBoard) -> [Fact; 3] {
    [
        Fact::new("Deliveries at most", share.delivery_count_max).why(
            "share.delivery.count.limit: a record that was given out so often and not accepted is archived, and nobody gets it again.",
        ),
        Fact::new("Acquisition lock", words::span(share.lock_duration)).why(
            "share.record.lock.duration.ms: a member holds a record for so long. If it says nothing of it by then, the record is \
             available to all members again.",
        ),
        Fact::new("In flight at most", format!("{} records a partition", share.records_max)).why(
            "share.partition.max.record.locks: records that are given out and not done with. The leader of the partition keeps them, \
             with who holds each of them.",
        ),
    ]
}

fn share_partitions(share: &ShareBoard) -> impl Iterator<Item = Fact> {
    share.partitions.iter().take(ROWS_MAX).map(|row| {
        let lag = row.lag().map_or_else(|| "-".to_owned(), |lag| lag.to_string());
        let why = format!(
            "{} The start offset (SPSO) is the first record that is not done with: the share coordinator keeps it, in place of a \
             committed offset. The lag counts what can be read and is not done with.",
            row.summary()
        );
        let fact = Fact::new("Partition", format!("{}: {}, lag {lag}", row.topic_partition, row.readers_words())).why(why);
        fact.link(Selection::Partition(row.topic_partition.clone()))
    })
}

fn lags(board: &GroupBoard) -> impl Iterator<Item = Fact> {
    board.lags.iter().take(ROWS_MAX).map(|lag| {
        let value = lag.lag.map_or_else(|| "-".to_owned(), |lag| lag.to_string());
        let fact = Fact::new("Lag", format!("{}: {value}", lag.topic_partition));
        let fact = fact.why(explain::lag(lag.log_end_offset, lag.committed_offset));
        fact.link(Selection::Partition(lag.topic_partition.clone()))
    })
}

fn why_state(board: &GroupBoard) -> &'static str {
    let has_offsets = board.lags.iter().any(|lag| lag.committed_offset.is_some());
    let no_members = match (board.members.is_empty(), has_offsets) {
        (false, _) => {
            "It has no members yet. A new group waits group.initial.rebalance.delay.ms (3 s) for more before it gives out partitions."
        }
        (true, false) => "It has no members and no committed offsets: its coordinator will forget it soon.",
        (true, true) => "It has no members. Its committed offsets are kept for offsets.retention.minutes (7 days).",
    };
    match board.state {
        GroupStanding::NoCoordinator => {
            "The broker that coordinated it is gone, and no other broker has read yet what was written of the group."
        }
        GroupStanding::Unknown => no_members,
        GroupStanding::Is(AnyGroupState::Classic(state)) => match state {
            GroupState::Empty => no_members,
            GroupState::Stable => "All members have their partitions.",
            GroupState::PreparingRebalance => {
                "The coordinator waits until all members have joined, or their rebalance timeout is over."
            }
            GroupState::CompletingRebalance => {
                "All have joined; the coordinator waits for the assignment that the group's leader works out."
            }
            GroupState::Dead => "It is gone; its coordinator will forget it.",
        },
        GroupStanding::Is(AnyGroupState::Consumer(state)) => match state {
            ConsumerGroupState::Empty if board.members.is_empty() => no_members,
            ConsumerGroupState::Empty => "It has no members yet: the first heartbeat of one is on its way.",
            ConsumerGroupState::Assigning => {
                "The group epoch has grown, and the coordinator has not computed the target assignment for it yet."
            }
            ConsumerGroupState::Reconciling => {
                "Members are on their way to the target assignment: each first gives up what it should not have, then takes what is \
                 free. Nobody waits for all."
            }
            ConsumerGroupState::Stable => "All members have what the target assignment gives them.",
            ConsumerGroupState::Dead => "It is gone; its coordinator will forget it.",
        },
        GroupStanding::Is(AnyGroupState::Share(state)) => match state {
            ShareGroupState::Empty => "It has no members. The share coordinator still keeps where it starts in each partition.",
            ShareGroupState::Stable => "It has members. There are no rebalances: nobody has to give up a partition for another.",
        },
        GroupStanding::Is(AnyGroupState::Streams(state)) => match state {
            StreamsGroupState::Empty => no_members,
            StreamsGroupState::NotReady => "Topics that its topology needs are missing, or have other partitions than they should.",
            StreamsGroupState::Assigning => "Its members, topics or settings have changed: a target assignment is due.",
            StreamsGroupState::Reconciling => "Members are on their way to what the target assignment gives them.",
            StreamsGroupState::Stable => "All members run what the target assignment gives them.",
            StreamsGroupState::Dead => "It is gone; its coordinator will forget it.",
        },
    }
}

fn why_assignor(kind: GroupKind, assignor: &str) -> &'static str {
    match (kind, assignor) {
        (GroupKind::Consumer, "range") => {
            "The coordinator runs it: topic by topic, members in order, static ones first: each gets a run of partitions that lie \
             side by side."
        }
        (_, "range") => "Topic by topic, members in order, static ones first: each gets a run of partitions that lie side by side.",
        (_, "roundrobin") => "All partitions of all topics are dealt out one by one.",
        (_, "sticky") => "Balanced, and members keep what they had as far as that allows. All give up everything first.",
        (_, "uniform") => "The coordinator runs it: balanced, and members keep what they had as far as that allows.",
        (_, "cooperative-sticky") => {
            "As sticky, but only the partitions that move pause: two short rebalances in place of a long one."
        }
        (GroupKind::Share, _) => {
            "The coordinator runs it: each partition goes to one member or more, so that all have something to do."
        }
        _ => "The first in the members' lists that all of them know.",
    }
}

/// The rule that gave a member its partitions, with the numbers at hand. `None`: a consumer that is no member yet.
pub(super) fn why_assignment(board: &GroupBoard, card: Option<&MemberCard>, why: Option<&Why>) -> String {
    let member = card.and_then(|card| Some((card, card.member_id.as_ref()?)));
    let Some((card, id)) = member else {
        return match board.kind {
            GroupKind::Classic => "It is about to join: partitions are given out when all members have joined.",
            GroupKind::Consumer => {
                "It is about to join: its first heartbeat makes it a member, and it takes what is free without waiting for the others."
            }
            GroupKind::Share => "It is about to join: its first heartbeat makes it a member.",
        }
        .to_owned();
    };
    if card.gone {
        return match board.kind {
            GroupKind::Share => {
                "Its program is gone without a goodbye, and what it held is available again. It is counted until the session timeout \
                 is over."
            }
            _ => "Its program is gone without a goodbye: its partitions wait until the session timeout is over.",
        }
        .to_owned();
    }
    let rule = why.and_then(|why| why.members.iter().find(|(known, ..)| known == id)).map_or("", |(.., rule)| rule.as_str());
    let assignor = board.assignor.as_deref().unwrap_or_default();
    match board.kind {
        GroupKind::Classic if !board.state.is_stable() => {
            format!("The group is in {}: partitions are given out when all members have joined.", board.state.word())
        }
        GroupKind::Classic if assignor == "range" => rule.to_owned(),
        GroupKind::Classic => format!("{} {rule}", why_assignor(board.kind, assignor)).trim_end().to_owned(),
        GroupKind::Consumer | GroupKind::Share => {
            format!("{} Its place: {}. {rule}", reconciliation(board, card), card.note).trim_end().to_owned()
        }
    }
}

/// How far a member is on its way to the target assignment.
fn reconciliation(board: &GroupBoard, card: &MemberCard) -> String {
    match card.state {
        MemberStanding::GivesUp => {
            "It is to give partitions up first. Until its heartbeat says that it did, its member epoch stays as it is and it gets \
             nothing new."
                .to_owned()
        }
        MemberStanding::Waits => {
            let partitions = words::partitions(card.waits_for.iter().map(|(partition, _)| partition));
            format!("It has given up all that it should, and waits for {partitions}, which others have not given up.")
        }
        MemberStanding::Away => "A static member that has left for a while: its partitions wait for it.".to_owned(),
        MemberStanding::BehindTarget => "Its next heartbeat is answered with its part of the new target assignment.".to_owned(),
        _ if board.kind == GroupKind::Share => {
            "It reads these; others may read the same, each record goes to one of them.".to_owned()
        }
        _ => "It has all that the target assignment gives it.".to_owned(),
    }
}

fn actions(at: &Bootstrap, scenario: Option<&ScenarioEntry>, board: &GroupBoard) -> Vec<Action> {
    let group = board.group_id.as_ref();
    let mut actions = vec![Action::new("Describe", commands::describe_group(at, board.kind, group))];
    let names = board.members.iter().filter(|member| !member.gone).map(|member| member.name.as_ref());
    let (services, others): (Vec<&str>, Vec<&str>) = names.partition(|name| is_service(scenario, name));
    if let Some(first) = board.lags.first()
        && board.kind != GroupKind::Share
    {
        let topic = first.topic_partition.topic.0.clone();
        let blocks = commands::reset_offsets(at, group, &topic, None, &ResetTo::Earliest, &services);
        let form = Form::ResetOffsets { group: board.group_id.clone(), topic };
        actions.push(Action::new("Reset offsets", blocks).form(form).disabled_if(
            !others.is_empty(),
            "The group has members that run in a terminal: stop them first. Offsets can be reset only while a group is inactive.",
        ));
    }
    actions.push(
        Action::new("Delete the group", commands::delete_group(at, board.kind, group))
            .destructive()
            .disabled_if(board.member_count() > 0, "It has members: stop them first."),
    );
    actions
}
