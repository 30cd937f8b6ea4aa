//! ListGroups, ShareGroupDescribe and DeleteGroups, for share groups.

use super::{ShareGroup, records};
use crate::base::{BrokerId, GroupId, TopicPartition};
use crate::engine::broker::{Broker, Change, Outcome};
use crate::engine::error::ErrorCode;
use crate::engine::group::home;
use crate::engine::group::records::Record;
use crate::engine::network::RequestRef;
use crate::engine::node::NodeContext;
use crate::engine::protocol::{
    DescribedShareGroup, DescribedShareMember, ListedGroup, Response, ShareGroupDescribeRequest, ShareGroupDescribeResponse,
};
use crate::engine::share::{ShareKey, ShareWork};

/// The share groups that a broker coordinates.
pub(in crate::engine::group) fn listed(broker: &Broker) -> impl Iterator<Item = ListedGroup> {
    broker.share_groups.iter().map(|(group_id, group)| ListedGroup {
        group_id: group_id.clone(),
        protocol_type: "share".to_owned(),
        state: group.state(),
        group_type: "share",
    })
}

pub(super) fn describe(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ShareGroupDescribeRequest) -> Outcome {
    let describe_one = |group_id: &GroupId| {
        if home(cx, broker, group_id).is_none() {
            return Err((ErrorCode::NotCoordinator, ErrorCode::NotCoordinator.message().to_owned()));
        }
        match super::find(broker, group_id)? {
            Some(group) => Ok(described(&group, broker.id)),
            None => Err(super::not_found(format!("Group {group_id} not found."))),
        }
    };
    let groups = request.groups.iter().map(|group_id| (group_id.clone(), describe_one(group_id))).collect();
    Outcome::answer(from, Response::ShareGroupDescribe(ShareGroupDescribeResponse { groups }))
}

fn described(group: &ShareGroup, coordinator: BrokerId) -> DescribedShareGroup {
    let members = group.members.iter().map(|(member_id, member)| DescribedShareMember {
        member_id: member_id.clone(),
        member_epoch: member.member_epoch,
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        assignment: member.assignment.clone(),
    });
    DescribedShareGroup {
        state: group.state(),
        group_epoch: group.group_epoch,
        assignment_epoch: group.assignment_epoch,
        coordinator,
        members: members.collect(),
    }
}

/// Drops a group with all that is kept for it, and gives its tombstones; `None` when the id is no share group's.
pub(in crate::engine::group) fn delete(work: &mut ShareWork<'_>, group_id: &GroupId) -> Option<Result<Vec<Record>, ErrorCode>> {
    let group = work.broker.share_groups.get(group_id)?;
    if !group.members.is_empty() {
        return Some(Err(ErrorCode::NonEmptyGroup));
    }
    let partitions = group.initialized.iter().flat_map(|(topic, partitions)| {
        partitions.iter().map(|partition| (group_id.clone(), TopicPartition::new(topic.clone(), *partition)))
    });
    let keys: Vec<ShareKey> = partitions.collect();
    if let Some(error) = keys.iter().find_map(|key| work.keeper(key).err()) {
        return Some(Err(error));
    }
    keys.iter().for_each(|key| work.delete_state(key));
    let broker = work.broker.id;
    work.outcome.changes.push(Change::ShareGroup { broker, group_id: group_id.clone(), group: None });
    Some(Ok(records::difference(work.cx.metadata, group_id, Some(group), None)))
}
