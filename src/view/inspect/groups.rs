//! Facts of a group.

use super::super::commands::{self, Bootstrap, ResetTo};
use super::super::group::racks_matter;
use super::super::logs::{self, GroupView, MemberView};
use super::super::text;
use super::clients::is_service;
use super::{Action, Fact, Form, Inspection, Selection, explain};
use crate::base::{GroupId, SortedMap, put_in_order};
use crate::engine::controller::OFFSETS_TOPIC;
use crate::engine::world::World;
use crate::session::ScenarioEntry;

/// Members and lags that the inspector lists.
const ROWS_MAX: usize = 50;

pub(super) fn group(world: &World, scenario: Option<&ScenarioEntry>, id: &GroupId) -> Option<Inspection> {
    if !logs::groups(world).contains(id) {
        return None;
    }
    let view = logs::group_view(world, id, usize::MAX);
    let mut facts = vec![
        Fact::new("State", &view.state).why(why_state(&view)),
        Fact::new("Members", view.member_count)
            .why("Each partition belongs to one member. Members beyond the number of partitions are idle."),
    ];
    facts.extend(view.generation_id.map(|generation| {
        Fact::new("Generation", generation).why("Counts the rebalances. Requests of an earlier generation are refused.")
    }));
    facts.extend(view.protocol.as_ref().map(|protocol| Fact::new("Assignor", protocol).why(why_assignor(protocol))));
    if let Some(coordinator) = view.coordinator {
        let offsets_topic = world.cluster().topic(OFFSETS_TOPIC);
        let mut fact = Fact::new("Coordinator", format!("broker {coordinator}")).link(Selection::Broker(coordinator));
        fact.why = offsets_topic.map(|topic| explain::coordinator(id.as_str(), topic.partitions.len() as i32));
        facts.push(fact);
    }
    for member in view.members.iter().take(ROWS_MAX) {
        let value = match member.assignment.as_slice() {
            [] if member.member_id.is_none() => "joining".to_owned(),
            [] if view.state.as_ref() != "Stable" => "waits for the assignment".to_owned(),
            [] => "idle".to_owned(),
            some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let mut fact = Fact::new("Member", format!("{}: {value}", member.name)).why(why_assignment(world, &view, member));
        fact.link = member.client.map(Selection::Consumer);
        facts.push(fact);
    }
    for lag in view.lags.iter().take(ROWS_MAX) {
        let value = lag.lag.map_or_else(|| "-".to_owned(), |lag| lag.to_string());
        let fact = Fact::new("Lag", format!("{}: {value}", lag.topic_partition));
        let fact = fact.why(explain::lag(lag.log_end_offset, lag.committed_offset));
        facts.push(fact.link(Selection::Partition(lag.topic_partition.clone())));
    }
    let actions = actions(&Bootstrap::of(world), scenario, &view);
    Some(Inspection { kind: "Group", title: id.to_string(), facts, value: None, actions })
}

fn why_state(view: &GroupView) -> &'static str {
    match view.state.as_ref() {
        "Stable" => "All members have their partitions.",
        "Empty" if !view.members.is_empty() => {
            "It has no members yet. A new group waits group.initial.rebalance.delay.ms (3 s) for more before it gives out partitions."
        }
        "Empty" if view.lags.iter().all(|lag| lag.committed_offset.is_none()) => {
            "It has no members and no committed offsets: its coordinator will forget it soon."
        }
        "Empty" => "It has no members. Its committed offsets are kept for offsets.retention.minutes (7 days).",
        "Assigning" => "The coordinator is about to compute a new target assignment.",
        "Reconciling" => "Members are on their way to the target: each gives up what it should not have, then takes what is free.",
        "PreparingRebalance" => "The coordinator waits until all members have joined, or their rebalance timeout is over.",
        "CompletingRebalance" => "All have joined; the coordinator waits for the assignment that the group's leader works out.",
        _ => "It is gone; its coordinator will forget it.",
    }
}

fn why_assignor(protocol: &str) -> &'static str {
    match protocol {
        "range" => "Topic by topic, members in order, static ones first: each gets a run of partitions that lie side by side.",
        "roundrobin" => "All partitions of all topics are dealt out one by one.",
        "sticky" => "Balanced, and members keep what they had as far as that allows. All give up everything first.",
        "uniform" => "The coordinator runs it: balanced, and members keep what they had as far as that allows.",
        "cooperative-sticky" => "As sticky, but only the partitions that move pause: two short rebalances in place of a long one.",
        _ => "The first in the members' lists that all of them know.",
    }
}

/// The rule that gave a member its partitions, with the numbers at hand.
pub(super) fn why_assignment(world: &World, group: &GroupView, member: &MemberView) -> String {
    if member.member_id.is_none() {
        return "It is about to join: partitions are given out when all members have joined.".to_owned();
    }
    if group.state.as_ref() != "Stable" {
        return format!("The group is in {}: partitions are given out when all members have joined.", group.state);
    }
    if member.gone {
        return "Its program is gone without a goodbye: its partitions wait until the session timeout is over.".to_owned();
    }
    if group.protocol.as_deref() != Some("range") {
        let rule = group.protocol.as_deref().map(why_assignor).unwrap_or_default();
        return format!("{} {rule}", text::count(group.member_count as i64, "member")).trim_end().to_owned();
    }
    if racks_matter(world, &GroupId(group.group_id.clone())) {
        return "Members first get partitions that have a replica in their rack, then of what is left.".to_owned();
    }
    let mut topics: SortedMap<&str, usize> = SortedMap::new();
    for topic in &member.subscription {
        topics.insert(topic, world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len()));
    }
    let sentences = topics.iter().map(|(topic, partitions)| {
        // The assignor sorts the members that want the topic: static ones by instance id, before all others by member id.
        let key = |member: &&MemberView| {
            let instance = member.group_instance_id.clone();
            (instance.is_none(), instance, member.member_id.clone())
        };
        let mut rivals: Vec<&MemberView> = group
            .members
            .iter()
            .filter(|rival| rival.member_id.is_some() && rival.subscription.iter().any(|wanted| wanted.as_ref() == *topic))
            .collect();
        put_in_order(&mut rivals, &|one, other| key(one) < key(other));
        let place = rivals.iter().position(|rival| rival.member_id == member.member_id).unwrap_or(0);
        let order = explain::order(rivals.iter().any(|rival| rival.group_instance_id.is_some()));
        explain::range(topic, *partitions, rivals.len(), place, order)
    });
    let text = sentences.collect::<Vec<_>>().join(" ");
    if text.is_empty() { "It subscribes to no topic that exists.".to_owned() } else { text }
}

fn actions(at: &Bootstrap, scenario: Option<&ScenarioEntry>, view: &GroupView) -> Vec<Action> {
    let group = view.group_id.as_ref();
    let mut actions = vec![Action::new("Describe", commands::describe_group(at, group))];
    let services: Vec<&str> = view
        .members
        .iter()
        .filter(|member| !member.gone)
        .map(|member| member.name.as_ref())
        .filter(|name| is_service(scenario, name))
        .collect();
    let in_terminals = view.members.iter().any(|member| !member.gone && !services.contains(&member.name.as_ref()));
    if let Some(first) = view.lags.first() {
        let topic = first.topic_partition.topic.0.clone();
        let blocks = commands::reset_offsets(at, group, &topic, None, &ResetTo::Earliest, &services);
        actions
            .push(Action::new("Reset offsets", blocks).form(Form::ResetOffsets { group: view.group_id.clone(), topic }).disabled_if(
            in_terminals,
            "The group has members that run in a terminal: stop them first. Offsets can be reset only while a group is inactive.",
        ));
    }
    actions.push(
        Action::new("Delete the group", commands::delete_group(at, group))
            .destructive()
            .disabled_if(view.member_count > 0, "It has members: stop them first."),
    );
    actions
}
