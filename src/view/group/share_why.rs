//! Why each member of a share group has what it has: the simple assignor, asked again.

use std::rc::Rc;

use super::History;
use super::why::Why;
use super::words;
use crate::base::{MemberId, TopicPartition, put_in_order, sort};
use crate::engine::group::ShareGroup;
use crate::engine::group::assignors::{TargetMember, simple};
use crate::view::parts::text::count;

/// `None` where there are no members, or nothing has been assigned yet.
pub fn why(group: &ShareGroup, history: &History) -> Option<Why> {
    if group.members.is_empty() || group.group_epoch > group.assignment_epoch {
        return None;
    }
    let none = Vec::new();
    let target_of = |member: &MemberId| group.target.get(member).unwrap_or(&none);
    let targets: Vec<TargetMember<'_>> = group
        .members
        .iter()
        .map(|(member_id, member)| TargetMember {
            member_id: member_id.clone(),
            group_instance_id: None,
            topics: &member.topics,
            previous: target_of(member_id),
        })
        .collect();
    let again = simple::assign(&group.initialized, &targets);
    let sorted = |partitions: &[TopicPartition]| {
        let mut partitions = partitions.to_vec();
        sort(&mut partitions);
        partitions
    };
    let same = group.members.keys().all(|member| {
        let said = again.get(member).map(Vec::as_slice).unwrap_or_default();
        sorted(said) == sorted(target_of(member))
    });
    let mut members: Vec<(MemberId, Rc<str>, String)> = group
        .members
        .keys()
        .map(|member| (member.clone(), history.name_of(member), of_member(group, member, target_of(member), history)))
        .collect();
    put_in_order(&mut members, &|one, other| one.1 < other.1);
    Some(Why {
        rule: format!("The coordinator ran the simple assignor for group epoch {}: {}", group.assignment_epoch, rule(group)),
        members,
        rest: Some(
            "Who has a partition does not have its records to itself: the leader gives each record to the one member that asks \
             first. So nobody has to give anything up before another begins, and there is no rebalance."
                .to_owned(),
        ),
        agrees: Some(same),
    })
}

fn rule(group: &ShareGroup) -> String {
    let mut members = group.members.values();
    let first = members.next().map(|member| &member.topics);
    if !members.all(|member| Some(&member.topics) == first) {
        return "topic by topic, each spread over the members that read it.".to_owned();
    }
    let wanted = group.initialized.iter().filter(|(topic, _)| first.is_some_and(|topics| topics.contains(*topic)));
    let partitions: usize = wanted.map(|(_, partitions)| partitions.len()).sum();
    let members = group.members.len();
    let counts = format!("{} for {}", count(partitions as i64, "partition"), count(members as i64, "member"));
    match partitions {
        0 => format!("{counts}: the share state of the topics is not made yet, so nothing can be assigned."),
        _ if partitions >= members => format!("{counts}: each partition goes to one member, as evenly as can be."),
        _ => format!(
            "{counts}: that is fewer than members, so each partition goes to as many as it takes that every member has something, \
             {} at most.",
            members.div_ceil(partitions)
        ),
    }
}

fn of_member(group: &ShareGroup, member: &MemberId, target: &[TopicPartition], history: &History) -> String {
    if target.is_empty() {
        return "It gets nothing: what it reads has no share state yet.".to_owned();
    }
    let parts: Vec<String> = target
        .iter()
        .map(|partition| {
            let others = group.target.iter().filter(|(other, target)| *other != member && target.contains(partition));
            let names = history.names_of(others.map(|(other, _)| other));
            if names.is_empty() { format!("{partition} alone") } else { format!("{partition} with {}", words::names(&names)) }
        })
        .collect();
    format!("It gets {}.", parts.join(", "))
}
